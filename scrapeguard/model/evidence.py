"""Proof: which document, which place in it, which words, which bytes, and when they were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scrapeguard.model.exchange import RequestKind


class SourceState(StrEnum):
    """What became of a document that should be read. Only `READ` and `ABSENT` leave nothing open."""

    READ = "read"
    ABSENT = "absent"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    UNKNOWN_LANGUAGE = "unknown-language"

    @property
    def is_gap(self) -> bool:
        """True when the document may say something that nobody could read."""
        return self is not SourceState.READ and self is not SourceState.ABSENT


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was read, or was to be read: address, state, digest and time. Shared by all evidence drawn from it.

    ``sha256`` is the hex digest of the body after content decoding ('' when there is no body). ``note`` is a sentence for
    people: why it is absent, what was odd. ``via`` says how the address was found.
    """

    url: str
    kind: RequestKind
    state: SourceState
    status: int | None = None
    sha256: str = ""
    fetched_at: datetime | None = None
    note: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line of a text file, counted from 1."""

    line: int


@dataclass(frozen=True, slots=True)
class HeaderRef:
    """A header field; ``index`` counts the fields of that name from 0."""

    name: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of the text that ``reader`` drew from the body.

    ``text_sha256`` is the digest of that text in UTF-8; ``reader`` names the drawing code and its version, so that the text
    can be drawn again and compared.
    """

    start: int
    end: int
    text_sha256: str
    reader: str


@dataclass(frozen=True, slots=True)
class ElementRef:
    """An element of a markup document, as a short selector (``meta[name=robots]``), with its line where known."""

    selector: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class PointerRef:
    """A place in a JSON document (RFC 6901)."""

    pointer: str


Place = LineRef | HeaderRef | Span | ElementRef | PointerRef


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words, and where they stand. ``quote`` is verbatim; ``place`` is None when the whole document is meant."""

    source: Source
    quote: str = ""
    place: Place | None = None
