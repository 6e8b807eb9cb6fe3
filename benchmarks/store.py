"""10,000 sites stored and read back: bytes a site, and the time of each step.

    python benchmarks/store.py [--sites 10000] [--store FILE|URL] [--shared ../shared]

Each site has a robots.txt (real files, where the folder of real files is at hand), a home page and one of 200 terms pages of
different text, as hosts share operators; everything goes through a Guard with the store, from a site in memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scrapeguard.guard import Guard
from scrapeguard.model.exchange import Request, RequestKind
from scrapeguard.store.sql import SqlStore
from scrapeguard.transport.caching import CachingTransport
from scrapeguard.transport.memory import MemoryTransport

_PARAGRAPH = (
    "<h2>{n}. Use of part {n}</h2><p>You may read the pages of part {n} in your browser. You must not use robots, scrapers or "
    "other automated means to access part {n} without our written permission, and you may not copy what stands there into a "
    "database of your own, numbered {site}-{n}.</p>"
)


def real_robots(shared: Path) -> list[bytes]:
    """The real files, or one of our own where they are not at hand."""
    path = shared / "robots" / "real.tar.xz"
    if not path.exists():
        return [b"User-agent: *\nDisallow: /private\nCrawl-delay: 2\nSitemap: https://example.com/map.xml\n"]
    with tarfile.open(path) as archive:
        members = (archive.extractfile(m) for m in archive if m.isfile())
        return [m.read() for m in members if m is not None]


def sites(count: int, robots: list[bytes]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Origins and their documents."""
    for number in range(count):
        origin = f"https://site{number}.example"
        terms = "<h1>Terms of Use</h1>" + "".join(_PARAGRAPH.format(n=n, site=number % 200) for n in range(1, 13))
        yield origin, {
            f"{origin}/robots.txt": robots[number % len(robots)],
            f"{origin}/": f'<p>Welcome to site {number}.<footer><a href="/terms">Terms of Use</a></footer>'.encode(),
            f"{origin}/terms": terms.encode(),
        }


def spent(times: list[float]) -> str:
    """Median and 99th percentile in microseconds."""
    ordered = sorted(times)
    return f"{statistics.median(ordered) * 1e6:8.0f} µs median {ordered[int(len(ordered) * 0.99)] * 1e6:8.0f} µs p99"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=10_000)
    parser.add_argument("--store", default="")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("SCRAPEGUARD_SHARED", "../shared")))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = given.store or f"{folder}/policies.db"
        robots = real_robots(given.shared)
        print(f"{given.sites} sites, {len(robots)} different robots.txt, store {where}")
        audits: list[float] = []
        raw = 0
        for origin, documents in sites(given.sites, robots):
            raw += sum(map(len, documents.values()))
            if not audits:
                guard = Guard("examplebot/1.0", transport=MemoryTransport({}), store=where)
            inner = guard.transport
            assert isinstance(inner, CachingTransport)
            inner.transport = MemoryTransport(documents)
            begun = time.perf_counter()
            guard.allowed(f"{origin}/page", "ai-train")
            audits.append(time.perf_counter() - begun)
        print(f"site read, stored and decided   {spent(audits)}   {given.sites / sum(audits):8.0f} sites a second")
        store = guard.store
        assert isinstance(store, SqlStore)
        decision = guard.allowed(f"{origin}/page", "ai-train")
        steps = {
            "exchange read back": lambda o: store.newest(f"{o}/robots.txt", agent="examplebot/1.0"),
            "terms read back": lambda o: store.newest(f"{o}/terms", agent="examplebot/1.0"),
            "fresh answer through the cache": lambda o: inner.send(Request(f"{o}/robots.txt", RequestKind.ROBOTS)),
            "reading read back": lambda o: store.readings(o, "examplebot"),
            "decision stored": lambda _: store.add_decision(decision),
        }
        origins = [f"https://site{n * 7919 % given.sites}.example" for n in range(min(given.sites, 2000))]
        for name, step in steps.items():
            times = []
            for origin in origins:
                begun = time.perf_counter()
                step(origin)  # a robots.txt may have kept the terms from being fetched: then there is nothing to read back
                times.append(time.perf_counter() - begun)
            print(f"{name:31} {spent(times)}")
        guard.close()
        if not given.store:
            size = sum(p.stat().st_size for p in Path(folder).iterdir())
            print(f"{size / given.sites:,.0f} bytes a site on disk; {raw / given.sites:,.0f} bytes of documents a site")


if __name__ == "__main__":
    main()
