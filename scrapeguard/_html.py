"""HTML drawn as text: blocks with exact offsets, links, meta tags and scripts, in one pass.

The only module that touches lxml or Beautiful Soup. lxml's target interface hands over each tag as it is read, so no
tree is built: the time is linear and the depth unbounded. See `scrapeguard._drawing` for what is drawn.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from scrapeguard._drawing import Drawing
from scrapeguard._htmlpage import (
    MAX_CHARACTERS,
    MAX_LINKS,
    Anchor,
    HtmlPage,
    Meta,
    Relation,
    Script,
    Stretch,
    TextBlock,
)

if TYPE_CHECKING:
    from bs4 import Tag

__all__ = ["MAX_CHARACTERS", "MAX_LINKS", "READER", "Anchor", "HtmlPage", "Meta", "Relation", "Script", "Stretch",
           "TextBlock", "draw"]

READER = "scrapeguard-html/1"
"""Name and version of this drawing: the same body and the same reader give the same text."""


def draw(body: bytes | str | Tag, *, charset_hint: str | None = None) -> HtmlPage:
    """Draw a page. Never raises for what the page holds.

    ``body`` may be bytes, text, or a Beautiful Soup that the caller already has. ``charset_hint`` is the charset of the
    Content-Type header.

    >>> page = draw("<h1>Rules</h1><p>You agree not to:<ul><li>scrape <b>pages</b><li>sell data</ul>")
    >>> print(page.text)
    Rules
    <BLANKLINE>
    You agree not to:
    <BLANKLINE>
    • scrape pages
    <BLANKLINE>
    • sell data
    >>> [(b.kind, page.text[b.start:b.end]) for b in page.blocks][2]
    ('item', 'scrape pages')
    """
    from lxml.etree import HTMLParser, ParserError, XMLSyntaxError  # noqa: PLC0415 - lxml is loaded when a page is drawn

    text, encoding, notes = _text_of(body, charset_hint)
    truncated = len(text) > MAX_CHARACTERS
    if truncated:
        text = text[:MAX_CHARACTERS]
        notes.append(f"only the first {MAX_CHARACTERS} characters were read")
    text = text.replace("\x00", "\ufffd")
    target = Drawing(_lines_of(text))
    # The stub wants methods that take bytes as well; lxml calls them with text.
    parser = HTMLParser(target=cast("Any", target), encoding="utf-8", huge_tree=True, recover=True)
    try:
        parser.feed(text.encode("utf-8", "replace"))
        parser.close()
    except (XMLSyntaxError, ParserError) as error:  # an empty document, or one past libxml2's own limits
        if text.strip():
            notes.append(f"the markup could not be read to its end: {error}")
    return target.page(encoding, truncated, notes)


# --- decoding ----------------------------------------------------------------------------------

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# WHATWG Encoding §4.2: labels that browsers read as a larger set than their name says.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
          "shift_jis": "cp932", "euc_kr": "cp949", "iso8859-11": "cp874", "tis-620": "cp874", "big5": "big5hkscs"}
# The encodings of the WHATWG standard, by Python's names; others (utf-7, idna, hex) are no charset of a page.
_TEXT_CODECS = frozenset(
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949", "cp866",
     "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp874", *(f"cp125{n}" for n in range(9)),
     *(f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16))})
_SAMPLE = 1 << 16


def _text_of(body: bytes | str | Tag, hint: str | None) -> tuple[str, str, list[str]]:
    """Text, encoding, notes: by byte order mark, header, meta (WHATWG HTML §13.2.3.2), then by the bytes themselves."""
    if isinstance(body, str):
        return body.removeprefix("\ufeff"), "", []
    if not isinstance(body, bytes | bytearray | memoryview):
        return body.decode(), str(getattr(body, "original_encoding", None) or ""), []
    from bs4.dammit import EncodingDetector  # noqa: PLC0415 - loaded when bytes are decoded

    data = bytes(body[: 4 * MAX_CHARACTERS + 4])
    notes: list[str] = []
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark):].decode(name, "replace"), name, notes
    declared = EncodingDetector.find_declared_encoding(data[:_SAMPLE], is_html=True)
    for label, source in ((hint, "the header"), (declared, "the page")):
        if not label:
            continue
        codec = _codec(label, from_page=source == "the page")
        if codec is None:
            notes.append(f"{source} names the charset {label[:40]!r}, which does not exist")
            continue
        decoded = data.decode(codec, "replace")
        if "\ufffd" in decoded:
            notes.append(f"some bytes are no {codec}")
        return decoded, codec, notes
    try:
        return data.decode("utf-8"), "utf-8", notes
    except UnicodeDecodeError:
        codec = _guess(data[:_SAMPLE], EncodingDetector(data[:_SAMPLE], is_html=True).encodings)
    notes.append(f"no charset is declared; {codec} was guessed")
    return data.decode(codec, "replace"), codec, notes


def _guess(sample: bytes, labels: Iterable[str | None]) -> str:
    for label in labels:
        codec = _codec(label or "", from_page=False)
        if codec:
            try:
                sample.decode(codec)
            except UnicodeDecodeError:
                continue
            return codec
    return "cp1252"


def _codec(label: str, *, from_page: bool) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None
    if from_page and name.startswith("utf-16"):  # a meta tag that could be read as ASCII is none
        return "utf-8"
    name = _WIDER.get(name, name)
    return name if name in _TEXT_CODECS else None


_PLACES = re.compile(r"<(?:!--|(meta|link|script)(?=[\s/>]))", re.IGNORECASE)


def _lines_of(text: str) -> dict[str, list[int]]:
    """Lines of the meta, link and script tags in source order, which event parsers do not tell; comments skipped."""
    lines: dict[str, list[int]] = {"meta": [], "link": [], "script": []}
    at = counted = 0
    line = 1
    while found := _PLACES.search(text, at):
        if not found[1]:
            at = text.find("-->", found.end())
            if at < 0:
                break
            continue
        line += text.count("\n", counted, found.start())
        counted = at = found.start()
        lines[found[1].lower()].append(line)
        at = found.end()
        if found[1].lower() == "script":
            at = text.find("</", found.end())
            if at < 0:
                break
    return lines
