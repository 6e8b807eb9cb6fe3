"""How long a warm `guard.allowed(url, purpose)` takes, with evidence, and how much memory a Decision holds.

    python benchmarks/decide.py [--sites 100] [--urls 100000]

Sites are synthetic: each has a robots.txt of 20 to 60 rules (a fifth with wildcards), a Content-Signal, and terms of 40
paragraphs in our own words. Every site is audited once before the clock starts; then URLs of all sites are asked in turn,
each once, so that no answer is cached by URL. Medians of five rounds.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import sys
import time
import tracemalloc

from scrapeguard.guard import Guard
from scrapeguard.model.exchange import Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.transport.memory import MemoryTransport

CLAUSES = (
    "You may not use robots or scrapers to access the service without our written permission.",
    "You must not collect the personal data of other users.",
    "Do not use the content to train artificial intelligence.",
    "You may not republish our articles.",
    "You shall not impose an unreasonable load on our servers.",
)


def make_sites(count: int, rng: random.Random) -> dict[str, Response]:
    """Documents of ``count`` sites by URL."""
    site: dict[str, Response] = {}
    for n in range(count):
        origin = f"https://site{n}.example"
        rules = [f"Disallow: /dir{i}/{'*.php$' if i % 5 == 0 else ''}" for i in range(rng.randint(20, 60))]
        robots = "\n".join(["User-agent: *", "Crawl-delay: 2", "Content-Signal: search=yes, ai-train=no", *rules])
        chosen = rng.sample(CLAUSES, 3)
        terms = (
            "<h1>Terms of Service</h1>"
            + "".join(f"<p>{c}</p>" for c in chosen)
            + "<p>We wish you a pleasant stay.</p>" * 37
        )
        html = (("Content-Type", "text/html"),)
        site[f"{origin}/robots.txt"] = Response(f"{origin}/robots.txt", body=robots.encode())
        site[f"{origin}/"] = Response(
            f"{origin}/", headers=html, body=b'<p>Hello.<footer><a href="/terms">Terms of Service</a></footer>'
        )
        site[f"{origin}/terms"] = Response(f"{origin}/terms", headers=html, body=terms.encode())
    return site


def make_urls(sites: int, count: int, rng: random.Random) -> list[str]:
    """URLs over all sites, a third with a query, a tenth with escapes."""
    urls = []
    for n in range(count):
        path = f"/dir{rng.randint(0, 80)}/page{n}" + (".php" if n % 7 == 0 else "")
        if n % 3 == 0:
            path += f"?id={n}&q=a"
        if n % 10 == 0:
            path += "%20x"
        urls.append(f"https://site{n % sites}.example{path}")
    return urls


def main() -> None:
    """Print one line a purpose and one for memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=100)
    parser.add_argument("--urls", type=int, default=100_000)
    options = parser.parse_args()
    rng = random.Random(7)
    guard = Guard("examplebot/1.0", transport=MemoryTransport(make_sites(options.sites, rng)))
    urls = make_urls(options.sites, options.urls, rng)
    for url in urls[: options.sites]:
        guard.site(url)
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.sites} sites, {options.urls} URLs")
    for purpose in (Purpose.SEARCH, Purpose.AI_TRAIN, Purpose.IDENTIFICATION):
        rounds = []
        for _ in range(5):
            start = time.perf_counter()
            for url in urls:
                guard.allowed(url, purpose)
            rounds.append(time.perf_counter() - start)
        seconds = statistics.median(rounds)
        singles = []
        for url in urls[:20_000]:
            start = time.perf_counter_ns()
            guard.allowed(url, purpose)
            singles.append(time.perf_counter_ns() - start)
        print(f"{purpose:15s} {options.urls / seconds:10,.0f}/s   median {statistics.median(singles) / 1000:6.2f} µs")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [guard.allowed(url, Purpose.AI_TRAIN) for url in urls[:10_000]]
    held = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    print(
        f"memory          {held:10,.0f} B a Decision beyond shared evidence ({sys.getsizeof(kept[0])} B the object itself)"
    )


if __name__ == "__main__":
    main()
