"""A polite pace: one request an authority at a time, with the delay it asks for, and none while it asks to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MAX_DELAY = 30.0
"""Seconds waited at most for one request's turn (Nutch's ``fetcher.max.crawl.delay``): a longer Crawl-delay counts as this."""

RETRY_AFTER_CAP = 3_600.0
"""Seconds that a Retry-After holds at most: a mistaken or hostile one does not silence a site for ever."""

_KEPT = 10_000


class Deferred(Exception):
    """The authority asked to be left alone for longer than a request waits; ``seconds`` are left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the server asked to wait; {seconds:.0f} s of that are left")


class _Authority:
    __slots__ = ("last", "lock", "not_before", "users")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.last = float("-inf")
        self.not_before = float("-inf")


class Politeness:
    """Gives out turns, for all threads of one transport.

    ``min_delay`` is kept where an authority asks for none; ``max_delay`` caps what is waited. ``now`` and ``sleep``
    are for tests.

    >>> politeness = Politeness()
    >>> with politeness.turn("https://example.com", delay=2):
    ...     pass  # one request; the next turn of this authority comes 2 s after its end
    """

    def __init__(
        self,
        *,
        min_delay: float = 0.0,
        max_delay: float = MAX_DELAY,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._min_delay = min_delay
        self.max_delay = max_delay
        self._now = now
        self._sleep = sleep
        self._authorities: dict[str, _Authority] = {}
        self._sweep_at = _KEPT
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, authority: str, *, delay: float = 0.0) -> Iterator[None]:
        """Wait until the authority is free and ``delay`` seconds have gone since its last request. Raises `Deferred`."""
        with self._lock:
            state = self._authorities.setdefault(authority, _Authority())
            state.users += 1
        try:
            with state.lock:
                self._wait(state, min(max(delay, self._min_delay), self.max_delay))
                try:
                    yield
                finally:
                    state.last = self._now()
        finally:
            with self._lock:
                state.users -= 1
                if len(self._authorities) > self._sweep_at:
                    self._forget_idle()

    def pause(self, authority: str, seconds: float) -> None:
        """The authority asked for no request for ``seconds``, of which at most `RETRY_AFTER_CAP` count."""
        with self._lock:
            state = self._authorities.setdefault(authority, _Authority())
            state.not_before = max(state.not_before, self._now() + min(seconds, RETRY_AFTER_CAP))

    def _wait(self, state: _Authority, delay: float) -> None:
        asked = state.not_before - self._now()
        if asked > self.max_delay:
            raise Deferred(asked)
        wait = max(asked, state.last + delay - self._now())
        if wait > 0:
            self._sleep(wait)

    def _forget_idle(self) -> None:
        now = self._now()
        for name, state in list(self._authorities.items()):
            if not state.users and now > max(state.not_before, state.last + self.max_delay):
                del self._authorities[name]
        self._sweep_at = max(_KEPT, 2 * len(self._authorities))
