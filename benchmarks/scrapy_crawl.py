"""Throughput of a Scrapy crawl with the add-on against the same crawl with Scrapy's own robots.txt middleware and Protego.

A server process answers for a number of authorities, one loopback port each; two crawls of the same pages alternate, each in
a process of its own. Time runs from the spider's start to its end, so that reading the sites counts. On a busy machine the
second figure, pages for each second of the crawler's CPU, is the steadier one.

    python benchmarks/scrapy_crawl.py --pages 5000 --sites 20 --rounds 5
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: /closed/{n}/\nAllow: /closed/{n}/open$\n" for n in range(40))
ROBOTS += "Disallow: /*?session=\nDisallow: /search\n"
TERMS = "<!DOCTYPE html><title>Terms</title><h1>Terms of Service</h1>" + "".join(
    f"<h2>{n}. Use</h2><p>You may read what we publish, number {n}, and tell others where you found it.</p>" for n in range(1, 30)
)
HEAD = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Page {n}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="Page {n} of many">'
    '<meta property="og:title" content="Page {n}"><link rel="canonical" href="/page/{n}"><link rel="stylesheet" href="/s.css">'
    '<script src="/app.js" defer></script></head><body>'
    '<nav><a href="/">Home</a> <a href="/about" rel="nofollow">About</a></nav><main>'
)
PARAGRAPH = "<p>A river rises in the hills, runs through the town and reaches the sea; <a href='/page/{m}'>more of it</a>.</p>"
FOOT = '</main><footer><a href="/terms">Terms of Service</a></footer></body></html>'

SPIDER = """
import json, time
import scrapy

class Pages(scrapy.Spider):
    name = "pages"
    async def start(self):
        self.begun = time.monotonic(), time.process_time()
        for n in range(int(self.pages)):
            yield scrapy.Request(f"{self.origins.split(',')[n % int(self.sites)]}/page/{n}")
    def parse(self, response):
        yield {"url": response.url, "title": response.css("title::text").get()}
    def closed(self, reason):
        taken = {"seconds": time.monotonic() - self.begun[0], "cpu": time.process_time() - self.begun[1]}
        with open(self.out, "w") as out:
            json.dump(self.crawler.stats.get_stats() | taken, out, default=str)
"""


def page(n: int, size: int) -> bytes:
    """A page of about ``size`` octets."""
    head, foot = HEAD.replace("{n}", str(n)), FOOT
    body = "".join(PARAGRAPH.replace("{m}", str(n + m)) for m in range(max(1, (size - len(head) - len(foot)) // len(PARAGRAPH))))
    return (head + body + foot).encode()


class Site(asyncio.Protocol):
    """As little server as HTTP/1.1 allows, so that the crawler is what is measured."""

    size = 8192

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.pending = b""

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while b"\r\n\r\n" in self.pending:
            request, _, self.pending = self.pending.partition(b"\r\n\r\n")
            self.transport.write(answer(request.split(b" ", 2)[1].decode(), self.size))


def answer(path: str, size: int) -> bytes:
    status, kind, body = "200 OK", "text/html; charset=utf-8", b""
    if path == "/robots.txt":
        kind, body = "text/plain", ROBOTS.encode()
    elif path == "/terms":
        body = TERMS.encode()
    elif path == "/" or path.startswith("/page/"):
        body = page(int(path.rpartition("/")[2] or 0), size)
    else:
        status, body = "404 Not Found", b"nothing here"
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nServer: bench\r\nCache-Control: max-age=3600\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def serve(sites: int, size: int, ready: Connection) -> None:
    async def run() -> None:
        Site.size = size
        loop = asyncio.get_running_loop()
        servers = [await loop.create_server(Site, "127.0.0.1", 0) for _ in range(sites)]
        ready.send([f"http://127.0.0.1:{s.sockets[0].getsockname()[1]}" for s in servers])
        await asyncio.gather(*(s.serve_forever() for s in servers))

    asyncio.run(run())


def crawl(arm: str, origins: list[str], pages: int, folder: Path, *, keep: bool) -> dict[str, float]:
    """The stats of one crawl."""
    out = folder / "stats.json"
    settings = {"ROBOTSTXT_OBEY": "True", "LOG_LEVEL": "WARNING", "USER_AGENT": "examplebot/1.0",
                "TELNETCONSOLE_ENABLED": "False", "CONCURRENT_REQUESTS": "32", "CONCURRENT_REQUESTS_PER_DOMAIN": "32"}
    if arm == "scrapeguard":
        settings |= {"ADDONS": '{"scrapeguard.integrations.scrapy.Addon": 300}', "SCRAPEGUARD_PURPOSE": "ai-train"}
        if keep:
            kept = Path(tempfile.mkdtemp(dir=folder))
            settings |= {"SCRAPEGUARD_STORE": str(kept / "policies.db"), "SCRAPEGUARD_RECORD": str(kept / "a.warc.gz")}
    command = [sys.executable, "-m", "scrapy", "runspider", str(folder / "spider.py")]
    arguments = {"pages": str(pages), "sites": str(len(origins)), "origins": ",".join(origins), "out": str(out)}
    for flag, values in (("-s", settings), ("-a", arguments)):
        for name, value in values.items():
            command += [flag, f"{name}={value}"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    stats: dict[str, float] = json.loads(out.read_text())
    return stats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--size", type=int, default=8192, help="octets of a page")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="the add-on keeps a new store and a new archive in each crawl")
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(options.sites, options.size, there), daemon=True)
    server.start()
    origins = here.recv()
    rates: dict[str, list[float]] = {"protego": [], "scrapeguard": []}
    labours: dict[str, list[float]] = {"protego": [], "scrapeguard": []}
    print(
        f"Scrapy {version('scrapy')}, Protego {version('protego')}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; {options.pages} pages of {options.size} octets, {options.sites} authorities"
        + (", with store and archive" if options.keep else "")
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spider.py").write_text(SPIDER)
        for number in range(options.rounds):
            for arm in ("protego", "scrapeguard") if number % 2 == 0 else ("scrapeguard", "protego"):
                stats = crawl(arm, origins, options.pages, folder, keep=options.keep)
                if stats["item_scraped_count"] != options.pages:
                    sys.exit(f"{arm}: {stats['item_scraped_count']} pages of {options.pages}")
                rates[arm].append(options.pages / stats["seconds"])
                labours[arm].append(options.pages / stats["cpu"])
            print(f"round {number + 1}: {_pair(rates, -1)} pages/s; {_pair(labours, -1)} pages a second of the crawler's CPU")
    server.terminate()
    for unit, measured in (("pages/s", rates), ("pages a CPU second", labours)):
        pairs = [own / other for own, other in zip(measured["scrapeguard"], measured["protego"], strict=True)]
        medians = [statistics.median(measured[arm]) for arm in ("protego", "scrapeguard")]
        print(
            f"median: protego {medians[0]:.0f}, scrapeguard {medians[1]:.0f} {unit}; "
            f"of pairs {statistics.median(pairs):.1%} (lowest {min(pairs):.1%}, highest {max(pairs):.1%})"
        )


def _pair(measured: dict[str, list[float]], number: int) -> str:
    other, own = measured["protego"][number], measured["scrapeguard"][number]
    return f"{other:.0f} and {own:.0f} ({own / other:.1%})"


if __name__ == "__main__":
    main()
