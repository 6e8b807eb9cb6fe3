"""Archives for the tests: the real robots.txt files, the platforms' documents, small sites in our own words."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scrapeguard.model.exchange import Response

DATE = "2026-11-20T12:00:00Z"
Capture = tuple[str, int, dict[str, str], bytes]

TERMS = (
    b"<h1>Terms of Service</h1><p>By using this site you accept these terms.</p>"
    b"<p>You may not use robots or scrapers here.</p>"
)
HOME = b'<p>Welcome to our small shop.</p><footer><a href="/legal/terms">Terms of Service</a></footer>'
HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"Content-Type": "text/plain"}


def write_archive(path: Path, captures: Iterable[Capture], *, date: str = DATE, gz: bool = True) -> Path:
    """Captures as (URL, status, fields, body)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=gz)
        for url, status, fields, body in captures:
            http = StatusAndHeaders(f"{status} OK", list(fields.items()), protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date}
                )
            )
    return path


def real_robots(shared: Path, count: int) -> Iterator[Capture]:
    """The first ``count`` of the real files, each at a host of its own."""
    with tarfile.open(shared / "robots" / "real.tar.xz") as archive:
        number = 0
        for member in archive:
            if member.isfile() and number < count:
                body = archive.extractfile(member)
                assert body is not None
                yield f"https://h{number}.example/robots.txt", 200, TEXT, body.read()
                number += 1
            elif number >= count:
                return


def small_sites(count: int, *, first: int = 0) -> Iterator[Capture]:
    """Sites of three documents each; every third forbids its /private to robots, every fourth refuses AI training."""
    for number in range(first, first + count):
        origin = f"https://www.shop{number}.example"
        robots = "User-agent: *\n" + ("Disallow: /private\n" if number % 3 == 0 else "Allow: /\n")
        if number % 4 == 0:
            robots += "Content-Signal: search=yes, ai-train=no\n"
        yield f"{origin}/robots.txt", 200, TEXT, robots.encode()
        yield f"{origin}/", 200, HTML, HOME
        yield f"{origin}/legal/terms", 200, HTML, TERMS


def responses(captures: Iterable[Capture]) -> list[Response]:
    """The same in hand."""
    return [Response(url, status, tuple(fields.items()), body) for url, status, fields, body in captures]
