"""Public helpers for tests of code that uses this library: a site in memory, a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scrapeguard.transport.memory import EPOCH, MemoryTransport

__all__ = ["EPOCH", "FrozenClock", "MemoryTransport"]


class FrozenClock:
    """Tells the time it was given until it is moved.

    >>> clock = FrozenClock()
    >>> clock.advance(hours=25)
    >>> clock().isoformat()
    '2026-01-02T01:00:00+00:00'
    """

    def __init__(self, now: datetime = EPOCH) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        """The time it stands at."""
        return self.now

    def advance(self, **amount: float) -> None:
        """Move forward by a `datetime.timedelta` of these keywords."""
        self.now += timedelta(**amount)
