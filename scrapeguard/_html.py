"""HTML drawn as text: blocks with exact offsets, links, meta tags and scripts, in one pass."""

from __future__ import annotations

from typing import NamedTuple


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
