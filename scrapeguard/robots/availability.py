"""What the answer to a request for robots.txt means (RFC 9309 §2.3.1), and until when (§2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Response
from scrapeguard.robots.parser import MAX_BYTES

MAX_REDIRECTS = 5
"""RFC 9309 §2.3.1.2: a crawler SHOULD follow at least five, also to other authorities. Google follows as many."""

MAX_AGE = timedelta(hours=24)
"""RFC 9309 §2.4: a copy SHOULD NOT be used for longer, unless the file is unreachable."""

MIN_AGE = timedelta(minutes=1)
"""The shortest life of a copy, whatever Cache-Control says: asking again for every page would be a load of its own."""

RETRY_AFTER = timedelta(hours=1)
"""When an unreachable file is asked for again, where the server names no time."""

LONG_UNREACHABLE = timedelta(days=30)
"""RFC 9309 §2.3.1.4's «reasonably long period of time (for example, 30 days)»."""


class RobotsState(StrEnum):
    """The three outcomes of RFC 9309 §2.3.1."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class AvailabilityOptions:
    """Where RFC 9309 leaves a choice. The defaults keep to it, and stay closed where it says MAY.

    ``forbidden_is_closed``: 401 and 403 close the site, as libraries before RFC 9309 had it. ``use_previous``: while
    the file is unreachable, the last good copy speaks, for as long as `LONG_UNREACHABLE`. ``open_after_30_days``: a
    file unreachable for that long counts as unavailable (the RFC's MAY).
    """

    forbidden_is_closed: bool = False
    use_previous: bool = False
    open_after_30_days: bool = False


_DEFAULT = AvailabilityOptions()


@dataclass(frozen=True, slots=True)
class Availability:
    """The outcome. ``copy`` is the response whose body is to be parsed, None where there is none; ``reason`` a
    sentence for people; ``expires_at`` when to ask again, None where nobody said when the answer came."""

    state: RobotsState
    reason: str
    expires_at: datetime | None = None
    copy: Response | None = None


def judge_availability(
    exchange: Exchange,
    *,
    previous: Response | None = None,
    unreachable_since: datetime | None = None,
    options: AvailabilityOptions | None = None,
) -> Availability:
    """What the last answer means; redirects were followed before, so that a 3xx here is one beyond the limit.

    ``previous`` is the last good copy, ``unreachable_since`` when the file was first found unreachable.

    >>> found = judge_availability(Response("https://example.com/robots.txt", 503))
    >>> found.state.value, found.reason
    ('unreachable', 'robots.txt answered 503: unreachable, complete disallow is assumed (RFC 9309 §2.3.1.4)')
    >>> judge_availability(Response("https://example.com/robots.txt", 404)).state.value
    'unavailable'
    """
    options = options or _DEFAULT
    past = _Past(previous, unreachable_since, options)
    at = exchange.fetched_at
    if isinstance(exchange, FetchFailure):
        return _unreachable(_failure(exchange), at, past)
    status = exchange.status
    answered = f"robots.txt answered {status}"
    if status == 304 and previous is not None:
        return Availability(RobotsState.AVAILABLE, "robots.txt has not changed (304)", _fresh_until(exchange), previous)
    if 200 <= status < 300:
        # A body cut at the reader's own limit or beyond is whole as far as it counts.
        if exchange.truncated and len(exchange.body) < MAX_BYTES:
            return _unreachable("robots.txt came incomplete", at, past)
        return Availability(RobotsState.AVAILABLE, f"robots.txt was read ({status})", _fresh_until(exchange), exchange)
    if status == 429 or not 300 <= status < 500:
        wait = exchange.header("retry-after")
        return _unreachable(answered, at, past, wait)
    until = _fresh_until(exchange)
    if status in {401, 403} and options.forbidden_is_closed:
        return Availability(RobotsState.UNREACHABLE, f"{answered}, which is read as a closed site here", until)
    section = "2.3.1.3"
    if status < 400:
        answered, section = f"{answered} after {MAX_REDIRECTS} redirects", "2.3.1.2"
    reason = f"{answered}: unavailable, nothing is disallowed (RFC 9309 §{section})"
    return Availability(RobotsState.UNAVAILABLE, reason, until)


def _failure(failure: FetchFailure) -> str:
    if failure.reason is FailureReason.NOT_RECORDED:
        return "robots.txt is not among what was recorded"
    return f"robots.txt could not be fetched ({failure.reason}{': ' + failure.detail if failure.detail else ''})"


class _Past(NamedTuple):
    """What is known from before, and what to make of it."""

    previous: Response | None
    since: datetime | None
    options: AvailabilityOptions


def _unreachable(what: str, at: datetime | None, past: _Past, wait: str | None = None) -> Availability:
    """RFC 9309 §2.3.1.4: «the crawler MUST assume complete disallow»; after a long time it MAY choose otherwise."""
    previous, since, options = past
    again = None if at is None else at + _clamped(_seconds(wait), RETRY_AFTER)
    age = at - previous.fetched_at if at and previous and previous.fetched_at else None
    if options.use_previous and previous is not None and age is not None and age <= LONG_UNREACHABLE:
        reason = f"{what}: unreachable, the copy of {previous.fetched_at:%Y-%m-%d %H:%M} still speaks (RFC 9309 §2.4)"
        return Availability(RobotsState.UNREACHABLE, reason, again, previous)
    if options.open_after_30_days and at and since and at - since >= LONG_UNREACHABLE:
        days = (at - since).days
        reason = f"{what}, for {days} days now: taken as unavailable, nothing is disallowed (RFC 9309 §2.3.1.4)"
        return Availability(RobotsState.UNAVAILABLE, reason, again)
    reason = f"{what}: unreachable, complete disallow is assumed (RFC 9309 §2.3.1.4)"
    return Availability(RobotsState.UNREACHABLE, reason, again)


def _fresh_until(response: Response) -> datetime | None:
    """RFC 9309 §2.4 with RFC 9111: max-age (less Age) may shorten the 24 hours, never lengthen them."""
    if response.fetched_at is None:
        return None
    control = response.header_values("cache-control")
    if not control:
        return response.fetched_at + MAX_AGE
    directives = [part.strip().lower() for line in control for part in line.split(",")]
    if "no-store" in directives or "no-cache" in directives:
        return response.fetched_at + MIN_AGE
    ages = [_seconds(part.partition("=")[2].strip('"')) for part in directives if part.startswith("max-age=")]
    life = min((age for age in ages if age is not None), default=None)
    if life is not None:
        life -= _seconds(response.header("age")) or timedelta()
    return response.fetched_at + _clamped(life, MAX_AGE)


def _clamped(life: timedelta | None, default: timedelta) -> timedelta:
    return default if life is None else max(MIN_AGE, min(life, MAX_AGE))


def _seconds(text: str | None) -> timedelta | None:
    text = (text or "").strip()
    return timedelta(seconds=min(int(text[:12]), 10**9)) if text.isascii() and text.isdigit() else None
