"""Another transport's answers, kept in a store and used again while they are fresh; each document asked for once at a time.

Among threads a lock a document sees to that, among processes a claim in the store: whoever comes second waits and finds the
answer. What a fresh answer is says `scrapeguard.transport.freshness`.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import Clock, Store, Transport
from scrapeguard.transport.freshness import confirmed, failed, fresh_until, stand_in, validators

CLAIM = 90.0
"""Seconds after which another process may take over: three times the budget of a whole document, and the site's delays."""
_POLL = (0.01, 0.25)
"""Seconds between looks at what another process is fetching: at first, and at most."""


class Cache:
    """What ``store`` answers, and what it is given to keep; without sending anything itself.

    ``agent`` is the User-Agent with which documents are asked for: a site may answer each crawler differently. ``clock`` tells
    the time by which freshness is judged (default: the system's). Every method raises `StoreError` where the store fails.
    """

    def __init__(self, store: Store, *, agent: str, clock: Clock | None = None) -> None:
        self._store = store
        self._agent = agent
        self._clock: Clock = clock or (lambda: datetime.now(UTC))
        self._owner = f"{uuid.uuid4()}"

    def kept(self, request: Request) -> Exchange | None:
        """What the store may answer, now."""
        newest = self._store.newest(request.url, agent=self._agent)
        if newest is None:
            return None
        now, until = self._clock(), fresh_until(newest, request.kind)
        if until is None or now >= until:
            return None
        return self._best(newest, request, now)

    def asking(self, request: Request) -> Generator[Request | float, Exchange | None, Exchange]:
        """The steps to an answer that is not kept: a number is of seconds to wait, a Request is to be sent, its answer given back.

        The answer returned is the one given, kept by now, or the one that another process fetched meanwhile.
        """
        claim, pause = f"{self._agent}\n{request.url}", _POLL[0]
        while not self._store.claim(claim, owner=self._owner, seconds=CLAIM + 2 * request.delay):
            yield pause
            pause = min(2 * pause, _POLL[1])
            kept = self.kept(request)
            if kept is not None:
                return kept
        try:
            # Whoever had the claim before may have left the answer.
            kept = self.kept(request)
            if kept is not None:
                return kept
            previous = self._store.newest_good(request.url, agent=self._agent)
            fields = validators(previous) if previous is not None else ()
            answer = yield replace(request, validators=fields) if fields else request
            if answer is None:
                raise TypeError("a request was sent, and its answer is wanted")
            return self._keep(request, answer, previous if fields else None)
        finally:
            self._store.release(claim, owner=self._owner)

    def _keep(self, request: Request, answer: Exchange, asked_about: Response | None) -> Exchange:
        now = self._clock()
        if answer.fetched_at is None:
            answer = replace(answer, fetched_at=now)
        if isinstance(answer, Response) and answer.status == 304:
            if asked_about is None:
                said = "status 304, which was not asked for"
                answer = FetchFailure(request.url, FailureReason.PROTOCOL, said, answer.fetched_at)
            else:
                answer = confirmed(asked_about, answer)
        self._store.add_exchange(answer, kind=request.kind, agent=self._agent)
        return self._best(answer, request, now)

    def _best(self, exchange: Exchange, request: Request, now: datetime) -> Exchange:
        if request.kind is RequestKind.ROBOTS or not failed(exchange):
            return exchange
        return stand_in(exchange, self._store.newest_good(request.url, agent=self._agent), request.kind, now)


class CachingTransport:
    """Answers from ``store`` what is fresh there, else asks ``transport`` and keeps the answer (see `Cache`).

    >>> import tempfile
    >>> from scrapeguard.store import open_store
    >>> from scrapeguard.transport.memory import EPOCH, MemoryTransport
    >>> site = MemoryTransport({"https://example.com/robots.txt": "User-agent: *"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = open_store(f"{folder}/policies.db")
    ...     cached = CachingTransport(site, store, agent="examplebot/1.0", clock=lambda: EPOCH)
    ...     for _ in range(3):
    ...         answer = cached.send(Request("https://example.com/robots.txt", RequestKind.ROBOTS))
    ...     store.close()
    >>> answer.body, len(site.requests)
    (b'User-agent: *', 1)
    """

    live = True

    def __init__(self, transport: Transport, store: Store, *, agent: str, clock: Clock | None = None) -> None:
        self.transport = transport
        self._cache = Cache(store, agent=agent, clock=clock)
        self._lock = threading.Lock()
        self._flights: dict[str, tuple[threading.Lock, list[None]]] = {}

    def send(self, request: Request) -> Exchange:
        """The kept answer while it is fresh, else a new one. Raises `StoreError` where the store fails and is not optional."""
        kept = self._cache.kept(request)
        if kept is not None:
            return kept
        with self._alone(request.url), closing(self._cache.asking(request)) as steps:
            answer: Exchange | None = None
            while True:
                try:
                    step = steps.send(answer)
                except StopIteration as end:
                    return cast("Exchange", end.value)
                if isinstance(step, Request):
                    answer = self.transport.send(step)
                else:
                    time.sleep(step)

    @contextmanager
    def _alone(self, url: str) -> Iterator[None]:
        """One thread a document; the entry goes with the last that waits."""
        with self._lock:
            lock, waiting = self._flights.setdefault(url, (threading.Lock(), []))
            waiting.append(None)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                waiting.pop()
                if not waiting:
                    del self._flights[url]
