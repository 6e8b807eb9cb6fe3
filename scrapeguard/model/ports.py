"""The seams: what the core asks of the outside, as protocols. Nothing here does anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, Request, RequestKind, Response
from scrapeguard.model.kept import Override, SiteReading
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


class Store(Protocol):
    """Keeps what was fetched, read, decided and overridden. Every method raises `StoreError` where that cannot be done.

    Decisions and overrides are only ever added. What a method has returned from is kept, even if the process dies then.
    """

    def add_exchange(self, exchange: Exchange, *, kind: RequestKind, agent: str) -> None:
        """Keep an answer of the network, as ``agent`` got it."""
        ...

    def newest(self, url: str, *, agent: str) -> Exchange | None:
        """The last answer kept for a URL."""
        ...

    def newest_good(self, url: str, *, agent: str) -> Response | None:
        """The last answer with a status of 2xx."""
        ...

    def add_snapshot(self, content: bytes) -> str:
        """Keep bytes under their SHA-256, which is returned."""
        ...

    def snapshot(self, sha256: str) -> bytes | None:
        """The bytes with this digest."""
        ...

    def claim(self, name: str, *, owner: str, seconds: float) -> bool:
        """Take a piece of work that only one of all processes shall do; False while somebody else has it.

        A claim ends with `release`, or after ``seconds``, so that a process that died keeps nobody waiting for long.
        """
        ...

    def release(self, name: str, *, owner: str) -> None:
        """Give a claim back; nothing happens where ``owner`` does not hold it."""
        ...

    def add_reading(self, reading: SiteReading, texts: Mapping[str, str]) -> bool:
        """Keep what a site said, with the drawn texts by their SHA-256; False when it is what the last reading said."""
        ...

    def readings(self, authority: str, product_token: str | None = None) -> Sequence[SiteReading]:
        """The readings of a site in the order of time; those that repeat the one before are not kept."""
        ...

    def add_decision(self, decision: Decision) -> int:
        """Keep a Decision for good; returns its number."""
        ...

    def add_decisions(self, decisions: Sequence[Decision]) -> None:
        """Keep many Decisions for good, all of them or none: far cheaper than one by one."""
        ...

    def decisions(self, url: str | None = None) -> Iterator[tuple[int, Decision]]:
        """The Decisions kept, with their numbers, in the order of keeping."""
        ...

    def add_override(self, decision: Decision, *, reason: str, by: str, at: datetime) -> Override:
        """Keep for good that somebody went ahead against a Decision, which is kept too where it was not."""
        ...

    def overrides(self, decision: int | None = None) -> Sequence[Override]:
        """The overrides kept, of one Decision or of all."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
