"""A fetched policy file before any reader sees it: is it there, can it be read, what does it say about itself.

404 and 410 are an absence. Everything else that brings no text is a gap: unlike a robots.txt (RFC 9309 §2.3.1.3), a policy file
that answers 403 may say something. Markup where a text or JSON file should be is an absence too: many servers answer any path
with their application's shell and status 200.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from scrapeguard.model.evidence import Evidence, HeaderRef, LineRef, Place, Source, SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, RequestKind, Response
from scrapeguard.model.extension import Extension

MAX_DOCUMENT = 1_048_576
"""Octets of a policy file that are read: twice what RFC 9309 §2.5 asks for robots.txt, ample for every file seen."""

MAX_QUOTE = 500
"""Characters of a quote; longer ones are cut at the end, so that a quote stays verbatim."""

_ABSENT = {404, 410}
_REFUSED = {401, 402, 403, 407, 451}


class Document(NamedTuple):
    """A policy file: its `Source`, its text ('' unless the state is ``read``), and whether the text is cut."""

    source: Source
    text: str = ""
    body: bytes = b""
    cut: bool = False

    @property
    def is_read(self) -> bool:
        """True when there is a text to read."""
        return self.source.state is SourceState.READ

    def noted(self, *notes: str, state: SourceState | None = None) -> Document:
        """The same with ``notes`` added to its source, and another state where given."""
        note = "; ".join(n for n in (self.source.note, *notes[:MAX_NOTES]) if n)
        return self._replace(source=replace(self.source, state=state or self.source.state, note=note))


MAX_NOTES = 20
"""Notes kept of one document: enough to see what is wrong with it."""


def open_document(url: str, kind: RequestKind, exchange: Exchange, *, via: str = "", markup: bool = False) -> Document:
    """Judge the answer to a request for a policy file. ``markup`` says that the file itself may begin with ``<``."""
    if isinstance(exchange, FetchFailure):
        state = SourceState.BLOCKED if exchange.reason is FailureReason.NOT_SENT else SourceState.UNREACHABLE
        note = exchange.detail or exchange.reason.value
        return Document(Source(url, kind, state, fetched_at=exchange.fetched_at, note=note, via=via))

    def source(state: SourceState, note: str = "") -> Source:
        note = "; ".join(n for n in (note, exchange.note) if n)
        return Source(url, kind, state, exchange.status, exchange.sha256 if exchange.body else "", exchange.fetched_at,
                      note, via)

    status = exchange.status
    if status in _ABSENT:
        return Document(source(SourceState.ABSENT))
    if not 200 <= status < 300:
        state = SourceState.BLOCKED if status in _REFUSED else SourceState.UNREACHABLE
        return Document(source(state, f"answered with status {status}"))
    body = exchange.body[:MAX_DOCUMENT]
    cut = exchange.truncated or len(exchange.body) > MAX_DOCUMENT
    text = body.decode("utf-8-sig", "replace")
    if not markup and text.lstrip()[:1] == "<":
        return Document(source(SourceState.ABSENT, "a page of markup stands where the file should be"))
    return Document(source(SourceState.READ, f"cut after {len(body)} octets" if cut else ""), text, body, cut)


def legible(text: str, limit: int = MAX_QUOTE) -> str:
    """Text from a JSON document within bounds, without the lone surrogates its escapes can spell, which nothing can print.

    >>> legible("a\\ud800")
    'a?'
    """
    return text[:limit].encode("utf-8", "replace").decode()


def quoted(source: Source, text: str, place: Place | None) -> Evidence:
    """Evidence with its quote within bounds."""
    return Evidence(source, legible(text), place)


def line_evidence(source: Source, record: Extension) -> Evidence:
    """A record of robots.txt as evidence: the value, verbatim, and its line."""
    return quoted(source, record.value, LineRef(record.line))


def header_evidence(source: Source, name: str, index: int, value: str) -> Evidence:
    """A header field as evidence."""
    return quoted(source, value, HeaderRef(name, index))


def page_source(response: Response, *, state: SourceState = SourceState.READ, note: str = "") -> Source:
    """The source that stands for a fetched page."""
    return Source(response.url, RequestKind.PAGE, state, response.status, response.sha256 if response.body else "",
                  response.fetched_at, note)
