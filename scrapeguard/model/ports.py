"""The seams: what the core asks of the outside, as protocols. Nothing here does anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from scrapeguard.model.exchange import Exchange, Request
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Statement


@runtime_checkable
class Transport(Protocol):
    """Answers requests. ``live`` is False for what is already held (an archive): reading that obeys no robots.txt."""

    live: bool

    def send(self, request: Request) -> Exchange:
        """One hop, no redirect followed; trouble comes back as a FetchFailure, never as an exception."""
        ...


class Clock(Protocol):
    """Tells the time; frozen in tests and replays."""

    def __call__(self) -> datetime:
        """Now, as an aware datetime in UTC."""
        ...


class SameSite(Protocol):
    """Tells whether two hosts belong to one registrable domain (public suffix list, private suffixes counted)."""

    def __call__(self, host: str, other: str) -> bool:
        """True when both have the same registrable domain."""
        ...


class Voice(Protocol):
    """A document that was read and answers for URLs of the site: the part of it that speaks to this question.

    ``scoped`` is False when it says the same for every URL and every caller, so that its answer can be kept.
    """

    scoped: bool

    def says(self, query: Query) -> Sequence[Statement]:
        """The statements that apply to the query's URL, already chosen by the signal's own precedence."""
        ...
