"""robots.txt readers side by side on real files: parse, parse and 100 matches, warm match, memory, hostile input,
sizes.

    python benchmarks/robots.py [--files N] [--shared FOLDER] [--markdown]

Every peer gets the same files and URLs in the same run; a peer that is not installed is left out. Nothing is
remembered by URL anywhere. × is the ratio to Protego. Times are CPU time of this process, the best of several rounds,
so that other work on the machine counts little; ``total`` is over all files, ``median`` over the files' own ratios.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import os
import platform
import random
import re
import statistics
import sys
import tarfile
import time
import tracemalloc
import urllib.robotparser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

# A script's own folder comes first on the path, and this file has the name of a peer.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

AGENT = "ExampleBot"
SITE = "https://www.example.com"
PEAK_LIMIT, PARSE_LIMIT, MATCH_LIMIT = 64, 1.0, 0.1


class Peer(NamedTuple):
    """``parse`` makes a document of bytes; ``match`` answers for (document, URL)."""

    name: str
    parse: Callable[[bytes], Any]
    match: Callable[[Any, str], Any]
    parses_each_call: bool = False


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def peers() -> Iterator[Peer]:
    """scrapeguard, then every peer that can be imported; Protego first among them."""
    from scrapeguard.robots import parse_robots

    yield Peer("scrapeguard", parse_robots, lambda robots, url: robots.match(url, AGENT).rule)
    from protego import Protego

    yield Peer("Protego", lambda data: Protego.parse(_text(data)), lambda robots, url: robots.can_fetch(url, AGENT))

    def standard(data: bytes) -> urllib.robotparser.RobotFileParser:
        parser = urllib.robotparser.RobotFileParser()
        parser.parse(_text(data).splitlines())
        return parser

    yield Peer("urllib.robotparser", standard, lambda robots, url: robots.can_fetch(AGENT, url))
    for optional in (_robotspy, _google, _fast, _reppy):
        try:
            yield optional()
        except ImportError as error:
            print(f"left out: {error}")


def _robotspy() -> Peer:
    from robots import RobotsParser

    return Peer(
        "robotspy", lambda data: RobotsParser.from_string(_text(data)), lambda robots, url: robots.can_fetch(AGENT, url)
    )


def _google() -> Peer:
    from jwm.robotstxt.googlebot import RobotsMatcher

    return Peer(
        "jwm.robotstxt (Google's C++)",
        lambda data: (RobotsMatcher(), data),
        lambda pair, url: pair[0].OneAgentAllowedByRobots(pair[1], AGENT, url),
        True,
    )


def _fast() -> Peer:
    import robotstxt

    ask = robotstxt.RobotsMatcher().is_allowed
    return Peer("fast-robotstxt (C++)", _text, lambda text, url: ask(text, AGENT, url), True)


def _reppy() -> Peer:
    from reppy.robots import Robots

    return Peer(
        "reppy 0.4.14 (C++)", lambda data: Robots.parse("", _text(data)), lambda robots, url: robots.allowed(url, AGENT)
    )


def real_files(shared: Path) -> list[bytes]:
    """The distinct real files that have a User-agent line."""
    with tarfile.open(shared / "robots" / "real.tar.xz") as archive:
        bodies = [archive.extractfile(member).read() for member in archive if member.isfile()]  # type: ignore[union-attr] # files
    return [body for body in dict.fromkeys(bodies) if re.search(rb"(?im)^[ \t]*user-?agent", body)]


def urls_for(data: bytes, chance: random.Random) -> list[str]:
    """100 URLs: half from the file's own rules, half from common paths; about a third with a query or an escape."""
    values = re.findall(rb"(?im)^[ \t]*(?:dis)?allow[ \t]*:[ \t]*([/*][^\r\n#]*)", data)
    patterns = [_text(value).strip() for value in values]
    common = [
        "news",
        "2024",
        "about",
        "category",
        "product-12",
        "img",
        "caf%C3%A9",
        "search?q=a%20b&page=2",
        "index.php?id=7",
    ]
    urls = []
    for number in range(100):
        if patterns and number % 2:
            path = chance.choice(patterns).replace("*", chance.choice(["", "x", "abc/def"])).rstrip("$")
            path = quote(path + chance.choice(["", "x", "/index.html", "?a=1&b=2"]), safe="/%:?@!$&'()*+,;=~")
        else:
            path = "/".join(chance.choice(common) for _ in range(chance.randint(1, 4)))
        urls.append(SITE + (path if path.startswith("/") else "/" + path))
    return urls


def _best(work: Callable[[], Any], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


class Times(NamedTuple):
    """Seconds of one peer on one file: parse, parse and 100 matches, 100 matches on a warm document."""

    parse: float
    fresh: float
    warm: float


def measure(peer: Peer, data: bytes, urls: list[str]) -> Times:
    """The best of several rounds; enough repetitions for the clock."""
    repeat = 20 if len(data) < 20_000 and not peer.parses_each_call else 1

    def parse() -> None:
        for _ in range(repeat):
            peer.parse(data)

    def fresh() -> None:
        document = peer.parse(data)
        for url in urls:
            peer.match(document, url)

    document = peer.parse(data)

    def warm() -> None:
        for url in urls:
            peer.match(document, url)

    rounds = 2 if peer.parses_each_call else 4
    return Times(_best(parse, rounds) / repeat, _best(fresh, rounds), _best(warm, rounds))


def memory(peer: Peer, files: list[bytes]) -> float:
    """KiB a parsed file, as Python's allocator counts them; C++ peers' own memory does not show."""
    peer.parse(b"User-agent: *\nDisallow: /")
    gc.collect()
    tracemalloc.start()
    kept = [peer.parse(data) for data in files]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / 1024 / len(kept)


def speed_table(files: list[bytes], all_files: list[bytes]) -> list[list[str]]:
    """One row a peer."""
    chance = random.Random(9309)
    questions = [(data, urls_for(data, chance)) for data in files]
    found = list(peers())
    times: dict[str, list[Times]] = {peer.name: [] for peer in found}
    for data, urls in questions:  # peers take turns on each file, so that the machine's mood is shared
        for peer in found:
            times[peer.name].append(measure(peer, data, urls))
    base = times["Protego"]
    rows = [
        [
            "reader",
            "parse µs",
            "× total",
            "× median",
            "parse + 100: × total",
            "× median",
            "match µs (median)",
            "× median",
            "p95 µs",
            "memory KiB/file",
        ]
    ]
    for peer in found:
        own = times[peer.name]
        row = [peer.name]
        if peer.parses_each_call:
            row += ["each call", "", ""]
        else:
            row += [f"{1e6 * statistics.fmean(t.parse for t in own):.1f}", _total(own, base, 0), _median(own, base, 0)]
        row += [_total(own, base, 1), _median(own, base, 1)]
        per_match = sorted(t.warm * 1e4 for t in own)
        row += [
            f"{statistics.median(per_match):.2f}",
            _median(own, base, 2),
            f"{per_match[int(0.95 * len(per_match))]:.1f}",
        ]
        row += ["–" if "C++" in peer.name else f"{memory(peer, all_files):.1f}"]
        rows.append(row)
    return rows


def _total(own: list[Times], base: list[Times], at: int) -> str:
    return f"{sum(t[at] for t in own) / sum(t[at] for t in base):.3f}"


def _median(own: list[Times], base: list[Times], at: int) -> str:
    return f"{statistics.median(a[at] / b[at] for a, b in zip(own, base, strict=True)):.3f}"


KIB = 1024


def hostile() -> dict[str, tuple[bytes, str]]:
    """Files meant to hurt, each with a URL to match."""

    def many(line: Callable[[int], bytes], size: int) -> bytes:
        lines, length, number = [], 0, 0
        while length < size:
            lines.append(line(number))
            length += len(lines[-1])
            number += 1
        return b"".join(lines)

    star = b"User-agent: *\n"
    return {
        "/*a*a*a*a*a*a*b, URL of 2,000 octets": (star + b"Disallow: /*a*a*a*a*a*a*b\n", "/" + "a" * 2000),
        "134 KiB of alternating User-agent and rule": (
            many(lambda i: b"User-agent: a%d\nDisallow: /%d\n" % (i, i), 134 * KIB),
            "/x",
        ),
        "134 KiB: all User-agent lines, then all rules": (
            many(lambda i: b"User-agent: a%d\n" % i, 67 * KIB) + many(lambda i: b"Disallow: /%d\n" % i, 67 * KIB),
            "/x",
        ),
        "one group 20,000 times": (b"User-agent: *\nDisallow: /x\n" * 20_000, "/x"),
        "500 KiB of wildcard rules": (star + many(lambda i: b"Disallow: /*%d*b\n" % i, 500 * KIB), "/" + "1b" * 1000),
        "500 KiB of plain rules": (star + many(lambda i: b"Disallow: /%x\n" % i, 500 * KIB), "/abc"),
        "4 MiB of wildcard rules": (star + many(lambda i: b"Disallow: /*%d*b\n" % i, 4096 * KIB), "/" + "1b" * 1000),
        "4 MiB of plain rules": (star + many(lambda i: b"Disallow: /%x\n" % i, 4096 * KIB), "/abc"),
        "500 KiB, one pattern": (star + b"Disallow: /" + b"a *" * (166 * KIB), "/" + "a" * 2000),
        "500 KiB of carriage returns": (b"\r" * (500 * KIB), "/"),
    }


def hostile_table() -> list[list[str]]:
    """Only scrapeguard: some peers would not come back."""
    from scrapeguard.robots import parse_robots

    rows = [["file", "parse ms", "first match ms", "next match ms", "peak MiB", ""]]
    for name, (data, path) in hostile().items():
        tracemalloc.start()
        parse_robots(data).match(path, AGENT)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        parse = _best(lambda data=data: parse_robots(data), 3)  # type: ignore[misc]  # bound early on purpose
        first = _best(lambda data=data, path=path: parse_robots(data).match(path, AGENT), 3) - parse  # type: ignore[misc]  # bound early on purpose
        robots = parse_robots(data)
        robots.match(path, AGENT)
        following = _best(lambda robots=robots, path=path: robots.match(path, AGENT), 3)  # type: ignore[misc]  # bound early on purpose
        kept = parse < PARSE_LIMIT and first < MATCH_LIMIT and peak < PEAK_LIMIT
        rows.append(
            [
                name,
                f"{1e3 * parse:.1f}",
                f"{1e3 * first:.1f}",
                f"{1e3 * following:.2f}",
                f"{peak:.1f}",
                "within" if kept else "BEYOND",
            ]
        )
    return rows


def size_table() -> list[list[str]]:
    """Growth with the file: wildcard and plain rules mixed, one crawler's group."""
    from scrapeguard.robots import parse_robots

    rows = [["file KiB", "parse ms", "parse + first match ms", "µs a KiB", "next match µs"]]
    for size in (4, 8, 16, 32, 64, 128, 256, 500):
        lines = [b"User-agent: *"]
        length = 0
        while length < size * KIB:
            lines.append(
                b"Disallow: /%s%d/page%s"
                % (b"*" if len(lines) % 4 == 0 else b"", len(lines), b"$" * (len(lines) % 9 == 0))
            )
            length += len(lines[-1]) + 1
        data = b"\n".join(lines)
        parse = _best(lambda data=data: parse_robots(data), 5)  # type: ignore[misc]  # bound early on purpose
        both = _best(lambda data=data: parse_robots(data).match("/a/b/c", AGENT), 5)  # type: ignore[misc]  # bound early on purpose
        robots = parse_robots(data)
        robots.match("/a/b/c", AGENT)
        warm = _best(lambda robots=robots: [robots.match("/a/b/c", AGENT) for _ in range(10)], 5) / 10  # type: ignore[misc]  # bound early on purpose
        rows.append(
            [str(size), f"{1e3 * parse:.2f}", f"{1e3 * both:.2f}", f"{1e6 * both / size:.0f}", f"{1e6 * warm:.1f}"]
        )
    return rows


def show(rows: list[list[str]], *, markdown: bool) -> None:
    """Print a table."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells))
        if number == 0 and markdown:
            print("|" + "|".join("---" for _ in row) + "|")
    print()


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--files", type=int, default=0, help="how many of the real files to time (default: all)")
    parser.add_argument("--shared", type=Path, default=None, help="folder with robots/real.tar.xz")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    args = parser.parse_args()
    default = Path(os.environ.get("SCRAPEGUARD_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    files = real_files(args.shared or default)
    chosen = random.Random(1).sample(files, args.files) if 0 < args.files < len(files) else files
    print(
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; {len(chosen)} of {len(files)} distinct real files, 100 URLs each\n"
    )
    show(speed_table(chosen, files), markdown=args.markdown)
    show(hostile_table(), markdown=args.markdown)
    show(size_table(), markdown=args.markdown)


if __name__ == "__main__":
    main()
