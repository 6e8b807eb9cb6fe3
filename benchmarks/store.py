"""10,000 sites stored and read back: bytes a site, and the time of each step.

    python benchmarks/store.py [--sites 10000] [--store FILE|URL] [--shared ../shared]

Each site has a robots.txt (real files in turn, where the folder of real files is at hand), a home page of its own, one of 200
terms pages, the answers of the well-known files, what was read of it all, and one Decision. 50 sites are audited before the
clock starts; their readings and Decisions serve the others under their own names, since it is the store that is measured.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scrapeguard.guard import Guard
from scrapeguard.model.exchange import Request, RequestKind, Response
from scrapeguard.provisions import reading_of
from scrapeguard.store.sql import SqlStore
from scrapeguard.transport.caching import CachingTransport
from scrapeguard.transport.memory import EPOCH, MemoryTransport

AGENT = "examplebot/1.0"
TEMPLATES, TERMS = 50, 200
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


def documents(number: int, robots: list[bytes]) -> dict[str, tuple[RequestKind, int, bytes]]:
    """The documents of a site by path: kind, status, body."""
    terms = "<h1>Terms of Use</h1>" + "".join(_PARAGRAPH.format(n=n, site=number % TERMS) for n in range(1, 13))
    home = f'<p>Welcome to site {number}.<footer><a href="/terms">Terms of Use</a></footer>'
    return {
        "/robots.txt": (RequestKind.ROBOTS, 200, robots[number % len(robots)]),
        "/": (RequestKind.HOME, 200, home.encode()),
        "/terms": (RequestKind.TERMS, 200, terms.encode()),
        "/.well-known/tdmrep.json": (RequestKind.TDMREP, 404, b""),
        "/trust.txt": (RequestKind.TRUST_TXT, 404, b""),
        "/ai.txt": (RequestKind.AI_TXT, 404, b""),
    }


def timed(name: str, count: int, step: Callable[[int], object]) -> float:
    """Run a step for each number, print median and 99th percentile, return the seconds in all."""
    times = []
    for number in range(count):
        begun = time.perf_counter()
        step(number)
        times.append(time.perf_counter() - begun)
    ordered = sorted(times)
    median, p99 = statistics.median(ordered) * 1e6, ordered[int(count * 0.99)] * 1e6
    print(f"{name:42} {median:8.0f} µs median {p99:8.0f} µs p99", flush=True)
    return sum(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=10_000)
    parser.add_argument("--store", default="")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("SCRAPEGUARD_SHARED", "../shared")))
    given = parser.parse_args()
    robots = real_robots(given.shared)
    audited = []
    for number in range(TEMPLATES):
        origin = f"https://site{number}.example"
        site = {origin + path: Response(origin + path, status, (), body)
                for path, (_, status, body) in documents(number, robots).items()}
        guard = Guard(AGENT, transport=MemoryTransport(site), policy_fetch="always")
        decision = guard.allowed(f"{origin}/page", "ai-train")
        audited.append((*reading_of(guard.site(origin), read_at=EPOCH), decision))
    with tempfile.TemporaryDirectory() as folder:
        where = given.store or f"{folder}/policies.db"
        print(f"{given.sites} sites, {len(robots)} different robots.txt, store {where}, load {os.getloadavg()[0]:.1f}")
        store = SqlStore(where)
        fields = (("Content-Type", "text/html; charset=utf-8"), ("ETag", '"5f2c-61a"'), ("Cache-Control", "max-age=86400"))
        raw = 0

        def origin_of(number: int) -> str:
            return f"https://site{number}.example"

        def add(number: int) -> None:
            nonlocal raw
            for path, (kind, status, body) in documents(number, robots).items():
                raw += len(body)
                answer = Response(origin_of(number) + path, status, fields, body, EPOCH)
                store.add_exchange(answer, kind=kind, agent=AGENT)

        def read_site(number: int) -> None:
            reading, texts, _ = audited[number % TEMPLATES]
            store.add_reading(replace(reading, authority=origin_of(number)), texts)

        def decide(number: int) -> None:
            decision = audited[number % TEMPLATES][2]
            store.add_decision(replace(decision, url=f"{origin_of(number)}/page"))

        spent = timed("site stored: six answers", given.sites, add)
        spent += timed("site stored: what was read of it", given.sites, read_site)
        spent += timed("site stored: one Decision", given.sites, decide)
        print(f"{given.sites / spent:.0f} sites a second stored, one process, one thread")
        cached = CachingTransport(MemoryTransport({}), store, agent=AGENT, clock=lambda: EPOCH)
        order = [n * 7919 % given.sites for n in range(given.sites)]
        timed("robots.txt read back", given.sites, lambda n: store.newest(origin_of(order[n]) + "/robots.txt", agent=AGENT))
        timed("terms read back", given.sites, lambda n: store.newest(origin_of(order[n]) + "/terms", agent=AGENT))
        timed("fresh answer through CachingTransport", given.sites,
              lambda n: cached.send(Request(origin_of(order[n]) + "/robots.txt", RequestKind.ROBOTS)))
        timed("reading read back", given.sites, lambda n: store.readings(origin_of(order[n]), "examplebot"))
        begun = time.perf_counter()
        count = sum(1 for _ in store.decisions())
        print(f"{count} Decisions read back: {(time.perf_counter() - begun) / count * 1e6:.0f} µs each")
        store.close()
        print(f"{raw / given.sites:,.0f} bytes of documents a site")
        if not given.store:
            size = sum(p.stat().st_size for p in Path(folder).iterdir())
            print(f"{size / given.sites:,.0f} bytes a site on disk")


if __name__ == "__main__":
    main()
