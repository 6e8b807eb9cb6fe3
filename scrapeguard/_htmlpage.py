"""What one pass over an HTML page gives: text, blocks, links, meta tags, data scripts. Types only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MAX_CHARACTERS = 5 * 1024 * 1024
"""What is read of a page after decoding. The longest known terms have about 1 MB; robots.txt readers stop at 0.5 MB."""

MAX_LINKS = 20_000
"""Links kept of one page."""


class TextBlock(NamedTuple):
    """A stretch of drawn text: ``text[start:end]``, stripped.

    ``kind`` is ``paragraph``, ``item``, ``heading``, ``cell``, ``term``, ``definition`` or ``quote``. ``level`` is the
    heading's level, or how deep in lists the block stands (0: in none). ``region`` is ``body``, ``navigation``,
    ``header`` or ``footer``. ``marker`` is the list item's own sign as a browser shows it (``•``, ``3.``, ``b.``); it
    stands before ``start``.
    """

    start: int
    end: int
    kind: str
    level: int
    region: str
    marker: str = ""


class Anchor(NamedTuple):
    """A link (``<a>``, ``<area>``): ``href`` as written, its text or label, and where it stands.

    ``position`` is the offset in the page's text of the block it stands in; ``heading`` the words of the heading above.
    """

    href: str
    text: str
    rel: tuple[str, ...]
    region: str
    position: int
    heading: str


class Meta(NamedTuple):
    """A ``<meta>``: ``name`` is its name, property or http-equiv in lower case; ``attribute`` says which of them."""

    name: str
    content: str
    attribute: str
    line: int | None


class Relation(NamedTuple):
    """A ``<link rel=…>``: relation tokens in lower case, href as written, media type in lower case."""

    rel: tuple[str, ...]
    href: str
    type: str
    line: int | None


class Script(NamedTuple):
    """The body of a ``<script>`` that holds data: JSON-LD or an RSL licence."""

    type: str
    body: str
    line: int | None


class Stretch(NamedTuple):
    """Characters of the text under an attribute: a ``lang`` of its own, or ``data-nosnippet`` (value '')."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """All that one pass over a page gives; it knows no URL.

    ``lang`` is the root's language tag; ``languages`` are stretches under another one. ``truncated`` says that the body
    was longer than `MAX_CHARACTERS`; ``notes`` are sentences on what was odd. ``noscript`` repeats what is shown
    without scripts; ``scripts_seen`` counts script elements and ``password_fields`` fields for a password.
    """

    text: str
    blocks: tuple[TextBlock, ...]
    anchors: tuple[Anchor, ...]
    metas: tuple[Meta, ...]
    relations: tuple[Relation, ...]
    scripts: tuple[Script, ...]
    base: str | None
    lang: str | None
    languages: tuple[Stretch, ...]
    nosnippet: tuple[Stretch, ...]
    title: str
    noscript: str
    scripts_seen: int
    password_fields: int
    encoding: str
    truncated: bool
    notes: tuple[str, ...]
