"""Bytes to groups (RFC 9309 §2.2).

The file is cleaned once and kept. Parsing finds the User-agent lines and where a group's rules end; the rules
themselves are read when a crawler they are for is first asked about, because most files name many crawlers and are
asked about one.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from scrapeguard.robots.document import RobotsTxt
from scrapeguard.robots.product_token import file_token, short_file_token
from scrapeguard.robots.records import grammar
from scrapeguard.robots.rules import Run

MAX_BYTES = 500 * 1024
"""How much of a file is read: RFC 9309 §2.5 asks a crawler to take at least 500 KiB, and Google takes exactly that."""

_SHORT = 40  # octets: tokens are remembered, since all sites name the same crawlers

_TAG = re.compile(rb"<[^<>\n]*+>")
_BOM_BYTES = b"\xef\xbb\xbf\xff\xfe"


class Cleaned(NamedTuple):
    """The file's text as parsed, and what had to be done to get it; ``html`` is the text with its tags."""

    text: bytes
    bom: bool = False
    cut: bool = False
    nul: bool = False
    utf16: bool = False
    html: bytes | None = None


def parse_robots(data: bytes | str) -> RobotsTxt:
    """Read a robots.txt. Never raises for what the file holds: what was odd stands in `RobotsTxt.notes`.

    >>> robots = parse_robots(b"User-agent: ExampleBot\\nDisallow: /private\\nAllow: /private/open")
    >>> robots.allowed("https://example.com/private/x", "examplebot")
    False
    >>> match = robots.match("/private/open/x", "ExampleBot/1.0")
    >>> match.allowed, match.rule.line, match.rule.pattern
    (True, 3, '/private/open')
    """
    cleaned = clean(data)
    body = b"\n" + cleaned.text + b"\n"
    return RobotsTxt(body, _runs(body), cleaned)


class RobotsFeed:
    """Takes a robots.txt as it comes in, and no more of it than counts.

    >>> feed = RobotsFeed()
    >>> for chunk in (b"User-agent: *\\nDis", b"allow: /x"):
    ...     feed.feed(chunk)
    >>> feed.close().allowed("/x", "examplebot"), feed.full
    (False, False)
    """

    def __init__(self) -> None:
        self._data = bytearray()

    @property
    def full(self) -> bool:
        """True when nothing that follows can count: the rest need not be fetched."""
        return len(self._data) > MAX_BYTES

    def feed(self, data: bytes) -> None:
        """The next bytes; what lies beyond the limit is dropped."""
        self._data += data[:max(0, MAX_BYTES + 1 - len(self._data))]

    def close(self) -> RobotsTxt:
        """The document."""
        return parse_robots(bytes(self._data))


def clean(data: bytes | str) -> Cleaned:
    """Cut at the limit, byte order mark off, line ends made line feeds, NUL out, tags out of HTML.

    A line that the limit cut is dropped: half a pattern would be another rule.
    """
    utf16 = False
    cut = len(data) > MAX_BYTES
    if isinstance(data, str):
        try:
            text = data[:MAX_BYTES].encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            text = data[:MAX_BYTES].encode("utf-8", "replace")
    else:
        text = bytes(data[:MAX_BYTES])
        if text[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} and b"\0" in text:
            utf16 = True
            text = text.decode("utf-16", "replace").encode("utf-8", "replace")
    if len(text) > MAX_BYTES:
        cut = True
        text = text[:MAX_BYTES]
    size = len(text)
    # Google's parser also skips the beginning of a mark; a file that begins so otherwise has no first line to lose.
    text = text.lstrip(_BOM_BYTES)
    bom = len(text) != size
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    nul = b"\0" in text
    if nul:
        text = text.replace(b"\0", b"")
        text = text.lstrip(_BOM_BYTES)
    if cut and not text.endswith(b"\n"):
        text = text[:text.rfind(b"\n") + 1]
    if text.lstrip()[:1] == b"<":
        return Cleaned(_TAG.sub(b"", text), bom, cut, nul, utf16, text)
    return Cleaned(text, bom, cut, nul, utf16)


def _runs(body: bytes) -> list[Run]:
    """The groups as runs of User-agent lines, each with the part of the body that its rules stand in.

    Only a rule ends a run (RFC 9309 §2.2, production ``group``; §2.2.4: other records must not interfere with it).
    """
    language = grammar()
    has_rule = language.rule.search
    runs: list[Run] = []
    tokens: list[str] = []
    start = end = 0
    for line in language.agent.finditer(body):
        at = line.start()
        if tokens and at != end and has_rule(body, end, at + 1):
            runs.append(Run(tuple(tokens), start, at))
            tokens = []
        if not tokens:
            start = at
        value = line[1]
        tokens.append(short_file_token(value) if len(value) < _SHORT else file_token(value))
        end = line.end()
    if tokens:
        runs.append(Run(tuple(tokens), start, len(body) - 1))
    return runs
