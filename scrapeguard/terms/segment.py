"""Blocks of a terms document: paragraphs, items, headings and cells, each with the words that govern it.

A block's ``lead_in`` is what a reader must have read to understand it: «You agree not to:» above a list, the item «in
connection with our data, to:» above its sub-items, a heading «You must not». Offsets are into the text as given.
Two linear passes: cut the text into pieces, then walk the pieces once with a stack of open list items.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from scrapeguard._html import HtmlPage, TextBlock, draw
from scrapeguard.terms.enumeration import BULLET, Marker, continues, marker_of, opens
from scrapeguard.terms.lead_in import Hold, ending, hold_of, is_member, title_forbids

if TYPE_CHECKING:
    from bs4 import Tag

Span = tuple[int, int]

_CUT = re.compile(r"\n\s*\n|\n(?=\s*(?:[\*\-•·]|\(?[a-zA-Z0-9]{1,4}[\.\)])\s)")
_ATX = re.compile(r"(#{1,6})[ \t]+\S")
_EMPTY_ATX = re.compile(r"#{1,6}[ \t]*\n\s*")
_UNDERLINE = re.compile(r"[ \t]*(=+|-+)[ \t]*")
_BOLD_ONLY = re.compile(r"(?:\*{2,3}|__)[^*_\s][^*_\n]*(?:\*{2,3}|__)")
_TABLE_RULE = re.compile(r"[ \t|:+-]{3,}")
_TITLE_SIGNS = re.compile(r"[\s\xa0*_#\\]+")
_WORD = re.compile(r"\w")
_TITLE_LENGTH = 200
_DEEPEST = 8  # lead-ins kept of a chain, the innermost; real terms have at most five
_PSEUDO_LEVEL = 7
"""Level of a heading that is only bold or in capitals: below the six that Markdown and HTML know."""


class Block(NamedTuple):
    """A paragraph, list item, heading or cell of the document: ``text[start:end]``, stripped.

    ``level`` is the heading level or the list depth (0: in no list). ``region`` labels navigation, header and footer;
    nothing is dropped. ``section`` is the trail of headings, outermost first. ``lead_in`` holds the spans of the blocks
    that govern this one, outermost first.
    """

    start: int
    end: int
    kind: str
    level: int
    region: str
    section: tuple[str, ...]
    lead_in: tuple[Span, ...]


def blocks_of_text(text: str, *, markdown: bool) -> list[Block]:
    r"""Blocks of plain text or Markdown; offsets are into ``text`` itself.

    >>> text = "# Rules\n\nYou agree not to:\n\n* scrape pages;\n* sell data."
    >>> for b in blocks_of_text(text, markdown=True):
    ...     print(b.kind, repr(text[b.start:b.end]), [text[s:e] for s, e in b.lead_in])
    heading '# Rules' []
    paragraph 'You agree not to:' []
    item '* scrape pages;' ['You agree not to:']
    item '* sell data.' ['You agree not to:']
    """
    return _govern(text, _pieces(text, markdown), nested=False)


def blocks_of_html(
    body: bytes | str | Tag, *, charset_hint: str | None = None
) -> tuple[str, list[Block], HtmlPage]:
    """Draw a page and cut it: its text, the blocks with offsets into that text, and the other facts of the page.

    >>> text, blocks, page = blocks_of_html("<p>You must not:<ol type=a><li>use bots;<li>use spiders.</ol>")
    >>> [(text[b.start:b.end], b.level, len(b.lead_in)) for b in blocks]
    [('You must not:', 0, 0), ('use bots;', 1, 1), ('use spiders.', 1, 1)]
    """
    page = draw(body, charset_hint=charset_hint)
    return page.text, blocks_of_page(page), page


def blocks_of_page(page: HtmlPage) -> list[Block]:
    """Blocks of a page that is already drawn; offsets are into ``page.text``."""
    return _govern(page.text, page.blocks, nested=True)


def _govern(text: str, pieces: Iterable[TextBlock], *, nested: bool) -> list[Block]:
    """Give each piece its place: depth in lists, heading trail, and the blocks that govern it.

    ``nested``: a piece's level counts open lists (HTML), so a paragraph of an item has the item's own level; else it is
    a column, and a paragraph of an item stands to the right of the item's marker.
    """
    walk = _Walk(text, nested)
    return [walk.take(piece) for piece in pieces]


# --- cutting ------------------------------------------------------------------------------------------------------


def _pieces(text: str, markdown: bool) -> Iterator[TextBlock]:
    for begin, end, indent in _parts(text):
        start = begin
        if markdown and text[start] == "#" and (empty := _EMPTY_ATX.match(text, start, end)):
            start = empty.end()
        line_end = _line_end(text, start, end)
        second_end = _line_end(text, min(line_end + 1, end), end)
        if markdown:
            if text[start] == "#" and (atx := _ATX.match(text, start, line_end)):
                yield TextBlock(*_strip(text, start, line_end), "heading", len(atx[1]), "body")
                if rest := _filled(text, line_end, end):
                    yield TextBlock(*rest, "paragraph", indent, "body")
                continue
            if line_end < end and line_end - start <= _TITLE_LENGTH and text[start] not in "-|" and (
                    text[start] != "*" or text[start + 1] == "*") and (
                    rule := _UNDERLINE.fullmatch(text, line_end + 1, second_end)):
                yield TextBlock(*_strip(text, start, line_end), "heading", 1 if rule[1][0] == "=" else 2, "body")
                if rest := _filled(text, second_end, end):
                    yield TextBlock(*rest, "paragraph", indent, "body")
                continue
            if line_end < end and text.find("|", start, line_end) >= 0 and (
                    _TABLE_RULE.fullmatch(text, line_end + 1, second_end)):
                yield from _cells(text, start, end)
                continue
            if text[start] == ">":
                yield TextBlock(start, end, "quote", 0, "body")
                continue
        title = line_end == end and not indent and end - start <= _TITLE_LENGTH and _is_title(text[start:end])
        yield TextBlock(start, end, "heading" if title else "paragraph", _PSEUDO_LEVEL if title else indent, "body")


def _parts(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and indentation of the units, split at blank lines and before list markers; the wordless left out."""
    begin = 0
    carried: int | None = None
    for end in (*(cut.span() for cut in _CUT.finditer(text)), (len(text), len(text))):
        start, stop = _strip(text, begin, end[0])
        begin = end[1]
        if start == stop:
            continue
        indent = _column(text, start) if carried is None else carried
        carried = None
        if _WORD.search(text, start, stop):
            yield start, stop, indent
        elif stop - start == 1:  # a marker alone between blank lines: what it marks comes next, at its depth
            carried = indent + 1


def _cells(text: str, start: int, end: int) -> Iterator[TextBlock]:
    line = start
    while line < end:
        line_end = _line_end(text, line, end)
        cell = line
        while cell <= line_end:
            cell_end = text.find("|", cell, line_end)
            cell_end = line_end if cell_end < 0 else cell_end
            if filled := _filled(text, cell, cell_end):
                yield TextBlock(*filled, "cell", 0, "body")
            cell = cell_end + 1
        line = line_end + 1


def _is_title(line: str) -> bool:
    """A line that is only bold, or in capitals, and no sentence: the headings of documents without heading marks."""
    words = line.rstrip("*_ \xa0")
    if words[-1:] in {".", ";", ",", "!"} or len(line.split()) > 15:
        return False
    if _BOLD_ONLY.fullmatch(line):
        return True
    if words[-1:] == ":":
        return False
    letters = [c for c in words if c.isalpha()]
    return len(letters) > 3 and all(c.isupper() for c in letters) and line[0] not in "[!|"


def _line_end(text: str, start: int, end: int) -> int:
    found = text.find("\n", start, end)
    return end if found < 0 else found


def _strip(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    bare = part.lstrip()
    if not bare:
        return start, start
    start += len(part) - len(bare)
    return start, start + len(bare.rstrip())


def _filled(text: str, start: int, end: int) -> Span | None:
    span = _strip(text, start, end)
    return span if _WORD.search(text, *span) else None


def _column(text: str, start: int) -> int:
    margin = text[text.rfind("\n", 0, start) + 1:start]
    return len(margin) + 3 * margin.count("\t")


# --- governing ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Item:
    """An open list item: what governs it, and what governs that which stands below it."""

    indent: int
    style: str
    value: int
    above: tuple[Span, ...]
    below: tuple[Span, ...]


def _chain(above: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    return (*above[1 - _DEEPEST:], span)


def _value(style: str, marker: Marker) -> int:
    return marker.roman if style in {"roman", "ROMAN"} else marker.value


class _Walk:
    """Reads pieces in order; remembers open lists, headings and the last lead-in."""

    def __init__(self, text: str, nested: bool) -> None:
        self._text = text
        self._nested = nested
        self._region = ""
        self._trails: dict[str, list[tuple[int, str]]] = {}
        self._trail: list[tuple[int, str]] = []
        self._section: tuple[str, ...] = ()
        self._items: list[_Item] = []
        self._list_open = False
        self._heading: tuple[Span, ...] = ()  # headings in force that forbid by themselves
        # A lead-in straight above sub-headings governs what stands under all of them; with their level.
        self._carried: tuple[int, tuple[Span, ...]] | None = None
        self._pending: tuple[Span, ...] = ()  # chain that the block just read opened
        self._hold = Hold.NONE
        self._after_heading = False
        self._last = ""  # how the unmarked list member just read ended

    def take(self, piece: TextBlock) -> Block:
        if piece.region != self._region:
            self._enter(piece.region)
        if piece.kind == "heading":
            return self._take_heading(piece)
        marker = marker_of(self._text, piece.start, piece.end) if piece.kind != "cell" else None
        if piece.marker:
            marker = marker_of(piece.marker, 0, len(piece.marker)) or Marker(BULLET, 0, 0, 0)
        elif piece.kind == "item" and marker is None:
            marker = Marker(BULLET, 0, 0, 0)
        self._after_heading = False
        if marker:
            return self._take_item(piece, marker)
        return self._take_prose(piece)

    def _enter(self, region: str) -> None:
        """A footer continues no list of the body, and the body goes on after an aside under its own headings."""
        self._trails[self._region] = self._trail
        self._region = region
        self._trail = self._trails.get(region, [])
        self._section = tuple(title for _, title in self._trail)
        self._items.clear()
        self._list_open = self._after_heading = False
        self._heading, self._carried, self._pending, self._hold, self._last = (), None, (), Hold.NONE, ""

    def _take_heading(self, piece: TextBlock) -> Block:
        text, span = self._text, (piece.start, piece.end)
        while self._trail and self._trail[-1][0] >= piece.level:
            self._trail.pop()
        block = Block(*span, "heading", piece.level, piece.region, tuple(t for _, t in self._trail), ())
        title = _TITLE_SIGNS.sub(" ", text[piece.start:piece.end]).strip()
        self._trail.append((piece.level, title))
        self._section = tuple(t for _, t in self._trail)
        if self._carried and piece.level < self._carried[0]:
            self._carried = None
        if self._pending and self._hold is Hold.STRONG and not (self._after_heading or self._last):
            outer = self._carried[1] if self._carried else ()
            inner = self._pending[len(outer):] if self._pending[:len(outer)] == outer else self._pending
            keeps = self._carried and self._carried[0] < piece.level
            self._carried = (piece.level, (*outer, *inner)[-_DEEPEST:] if keeps else inner)
        self._items.clear()
        self._list_open = False
        self._last = ""
        forbids = title_forbids(title)
        strong = title.endswith((":", "："))
        self._heading = (span,) if forbids else ()
        self._pending = (*self._base(), span) if strong and not forbids else self._base()
        self._hold = Hold.STRONG if forbids or strong else Hold.NONE
        self._after_heading = True
        return block

    def _base(self) -> tuple[Span, ...]:
        return (self._carried[1] if self._carried else ()) + self._heading

    def _take_item(self, piece: TextBlock, marker: Marker) -> Block:
        text, span, indent = self._text, (piece.start, piece.end), piece.level
        items = self._items
        opened = self._hold is not Hold.NONE
        if not self._list_open and (opened or not self._resumes(marker, indent)):
            items.clear()
        while items and items[-1].indent > indent:
            items.pop()
        below_last = self._begins_below(span, marker, indent)
        place = None if below_last else self._place(marker, indent)
        if place is not None:
            style, above = items[place].style, items[place].above
            del items[place:]
        else:
            marker = opens(marker)
            style = marker.style
            if items and items[-1].indent == indent and items[-1].style == style and not below_last:  # counts again
                items.pop()
            above = items[-1].below if items else self._pending if opened else self._base()
        hold = hold_of(text, piece.start + min(marker.length, piece.end - piece.start), piece.end)
        below = _chain(above, span) if hold else above
        items.append(_Item(indent, style, _value(style, marker), above, below))
        self._list_open = True
        self._pending, self._hold, self._last = (below, hold, "") if hold else ((), Hold.NONE, "")
        kind = "item" if piece.kind == "paragraph" else piece.kind
        return Block(*span, kind, len(items), piece.region, self._section, above)

    def _place(self, marker: Marker, indent: int) -> int | None:
        """Which open item this one follows: the one just before it in counting, else the innermost that it can follow."""
        fitting = None
        at = len(self._items) - 1
        while at >= 0 and self._items[at].indent >= indent:
            item = self._items[at]
            if item.indent == indent and continues(item.style, item.value, marker):
                if _value(item.style, marker) == item.value + 1:
                    return at
                fitting = at if fitting is None else fitting
            at -= 1
        return fitting

    def _begins_below(self, span: Span, marker: Marker, indent: int) -> bool:
        """Whether an item stands below the one just read though nothing sets it off: «1. You must not:», then «1. use bots»."""
        items = self._items
        if self._hold is not Hold.STRONG or not self._list_open or not items or items[-1].indent != indent:
            return False
        if marker.style == BULLET:
            return items[-1].style == BULLET and self._text[min(span[0] + marker.length, span[1] - 1)].islower()
        return 1 in {marker.value, marker.roman}

    def _resumes(self, marker: Marker, indent: int) -> bool:
        """A numbered list goes on after a paragraph between its items."""
        place = self._place(marker, indent) if marker.style != BULLET else None
        if place is None:
            return False
        item = self._items[place]
        return _value(item.style, marker) == item.value + 1

    def _take_prose(self, piece: TextBlock) -> Block:
        text, span = self._text, (piece.start, piece.end)
        column = piece.level + self._nested
        hold = hold_of(text, *span)
        if self._list_open and piece.level and self._items[0].indent < column:  # a further paragraph of an item
            while self._items[-1].indent >= column:
                self._items.pop()
            item = self._items[-1]
            above = item.below
            item.below = _chain(above, span) if hold is Hold.STRONG else above
            self._pending, self._hold, self._last = item.below, hold, ""
            return Block(*span, piece.kind, len(self._items), piece.region, self._section, above)
        above = self._pending
        if self._list_open and self._hold is Hold.WEAK and text[span[0]].islower():  # the item's sentence runs on
            self._hold = hold if hold is not Hold.STRONG else Hold.WEAK
            self._pending = above if hold else ()
            return Block(*span, piece.kind, len(self._items), piece.region, self._section, above)
        self._list_open = False
        if above and self._hold and is_member(text, span[0], self._last, self._hold):
            self._last = ending(text, *span)
            if hold is Hold.STRONG:
                self._pending, self._hold, self._last = _chain(above, span), hold, ""
            return Block(*span, piece.kind, 0, piece.region, self._section, above)
        above = ()
        self._pending = _chain(self._base(), span) if hold else ()
        self._hold, self._last = hold, ""
        return Block(*span, piece.kind, 0, piece.region, self._section, above)
