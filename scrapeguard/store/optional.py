"""A store that one can do without: what fails is logged once and shown, and deciding goes on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from scrapeguard.errors import StoreError
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, RequestKind, Response
from scrapeguard.model.kept import Override, SiteReading
from scrapeguard.model.ports import Store

_T = TypeVar("_T")
_log = logging.getLogger("scrapeguard.store")

REST = 60.0
"""Seconds for which a store that failed is left alone: one that only fails after a long wait would hold everybody up each time."""


class OptionalStore:
    """Another store, whose failures come back as «nothing kept». ``error`` is the first of them, None while all is well;
    ``failures`` counts what was asked of the store in vain.

    Only `add_override` still raises: who says on record that they go ahead must know whether the record was made.
    """

    def __init__(self, where: str | Path | Store) -> None:
        self.error: StoreError | None = None
        self.failures = 0
        self._rest_until = 0.0
        self._store: Store | None = None
        self._lock = threading.Lock()
        try:
            from scrapeguard.store import open_store  # noqa: PLC0415 - the package imports this module

            self._store = open_store(where)
        except StoreError as error:
            self._failed(error)

    def _failed(self, error: StoreError) -> None:
        with self._lock:
            self.failures += 1
            self._rest_until = time.monotonic() + REST
            if self.error is None:
                self.error = error
                _log.warning("going on without the store: %s", error)

    def _try(self, work: Callable[[Store], _T], otherwise: _T) -> _T:
        if self._store is None or time.monotonic() < self._rest_until:
            with self._lock:
                self.failures += 1
            return otherwise
        try:
            return work(self._store)
        except StoreError as error:
            self._failed(error)
            return otherwise

    def add_exchange(self, exchange: Exchange, *, kind: RequestKind, agent: str) -> None:
        """Keep an answer, if that can be done."""
        self._try(lambda s: s.add_exchange(exchange, kind=kind, agent=agent), None)

    def newest(self, url: str, *, agent: str) -> Exchange | None:
        """The last answer kept; None where nobody can tell."""
        return self._try(lambda s: s.newest(url, agent=agent), None)

    def newest_good(self, url: str, *, agent: str) -> Response | None:
        """The last good answer kept; None where nobody can tell."""
        return self._try(lambda s: s.newest_good(url, agent=agent), None)

    def add_snapshot(self, content: bytes) -> str:
        """Keep bytes, if that can be done; '' where not."""
        return self._try(lambda s: s.add_snapshot(content), "")

    def snapshot(self, sha256: str) -> bytes | None:
        """The bytes with this digest, or None."""
        return self._try(lambda s: s.snapshot(sha256), None)

    def claim(self, name: str, *, owner: str, seconds: float) -> bool:
        """Without the store everybody does the work."""
        return self._try(lambda s: s.claim(name, owner=owner, seconds=seconds), True)

    def release(self, name: str, *, owner: str) -> None:
        """Give a claim back."""
        self._try(lambda s: s.release(name, owner=owner), None)

    def add_reading(self, reading: SiteReading, texts: Mapping[str, str]) -> bool:
        """Keep a reading, if that can be done."""
        return self._try(lambda s: s.add_reading(reading, texts), False)

    def readings(self, authority: str, product_token: str | None = None) -> Sequence[SiteReading]:
        """The readings kept, or none."""
        return self._try(lambda s: s.readings(authority, product_token), ())

    def add_decision(self, decision: Decision) -> int:
        """Keep a Decision, if that can be done; 0 where not."""
        return self._try(lambda s: s.add_decision(decision), 0)

    def add_decisions(self, decisions: Sequence[Decision]) -> None:
        """Keep Decisions, if that can be done."""
        self._try(lambda s: s.add_decisions(decisions), None)

    def decisions(self, url: str | None = None) -> Iterator[tuple[int, Decision]]:
        """The Decisions kept, or none."""
        none: list[tuple[int, Decision]] = []
        yield from self._try(lambda s: list(s.decisions(url)), none)

    def add_override(self, decision: Decision, *, reason: str, by: str, at: datetime) -> Override:
        """Keep an override. Raises `StoreError`."""
        if self._store is None:
            raise self.error or StoreError("there is no store to keep the override in")
        return self._store.add_override(decision, reason=reason, by=by, at=at)

    def overrides(self, decision: int | None = None) -> Sequence[Override]:
        """The overrides kept, or none."""
        return self._try(lambda s: s.overrides(decision), ())

    def close(self) -> None:
        """Give connections back."""
        if self._store is not None:
            self._store.close()
