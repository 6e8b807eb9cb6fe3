"""How long an answer may be used again, and what may stand in for one that failed. Pure: times come in with the answers.

robots.txt: RFC 9309 §2.4, at most 24 hours, and nothing old while the file is unreachable (§2.3.1.4). Other documents: RFC 9111,
with bounds of our own, so that a policy that changed is noticed. A failure is remembered for a short time, to spare the server;
it stays a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, RequestKind, Response
from scrapeguard.robots.availability import judge_availability

DEFAULT_AGE = timedelta(hours=24)
"""For answers that say nothing of their life: as RFC 9309 has it for robots.txt."""
MIN_AGE = timedelta(minutes=1)
"""Even what says no-store or no-cache answers for a minute: one reading of a site asks once."""
MAX_AGE = timedelta(days=7)
"""A server that says «a year» does not keep a change of its terms from us for longer than a week."""
FAILURE_AGE = timedelta(minutes=10)
"""No answer, or one that is none (401, 403, 429, 5xx), where the server names no time (RFC 9110 §10.2.3 Retry-After)."""
MAX_RETRY_AFTER = timedelta(hours=24)
"""The longest Retry-After that is believed."""
STALE_IF_ERROR = timedelta(days=7)
"""How old a good copy may be that stands in for a failure, where the server says nothing else (RFC 5861 §4)."""

_SETTLED = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414})
"""Statuses that may be kept without being told so (RFC 9110 §15.1), less those of partial content and server errors."""
_OURS = frozenset({FailureReason.NOT_SENT, FailureReason.NOT_RECORDED, FailureReason.ADDRESS_REFUSED})
"""Failures that are a refusal of our own: nothing stands in for them."""
_KEPT_OF_304 = frozenset({"content-length", "content-encoding", "content-type", "content-range", "transfer-encoding",
                          "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"})
"""Fields of a stored answer that a 304 does not update (RFC 9111 §3.2)."""


def fresh_until(exchange: Exchange, kind: RequestKind) -> datetime | None:
    """Until when the answer may be used without asking again; None where nobody knows when it came.

    >>> from datetime import UTC
    >>> came = datetime(2026, 1, 1, tzinfo=UTC)
    >>> page = Response("https://example.com/terms", 200, {"Cache-Control": "max-age=600"}, b"", came)
    >>> fresh_until(page, RequestKind.TERMS).isoformat()
    '2026-01-01T00:10:00+00:00'
    """
    if kind is RequestKind.ROBOTS:
        return judge_availability(exchange).expires_at
    if exchange.fetched_at is None:
        return None
    if isinstance(exchange, FetchFailure):
        return exchange.fetched_at + FAILURE_AGE
    return exchange.fetched_at + _life(exchange, exchange.fetched_at)


def _life(response: Response, came: datetime) -> timedelta:
    said = directives(response)
    if response.status in {401, 403, 429} or response.status >= 500:
        return max(MIN_AGE, min(_retry_after(response, came) or FAILURE_AGE, MAX_RETRY_AFTER))
    if "no-store" in said or "no-cache" in said:
        return MIN_AGE
    life = _seconds(said.get("max-age"))
    if life is None and (expires := response.header("expires")) is not None:
        ends, dated = _date(expires), _date(response.header("date"))
        life = ends - (dated or came) if ends else timedelta()  # RFC 9111 §5.3: an invalid date is in the past
    if life is None:
        life = DEFAULT_AGE if response.status in _SETTLED else MIN_AGE
    life -= _seconds(response.header("age")) or timedelta()
    return max(MIN_AGE, min(life, MAX_AGE))


def directives(response: Response) -> Mapping[str, str]:
    """The directives of Cache-Control by lower-case name; of several of one name the first (RFC 9111 §4.2.1)."""
    found: dict[str, str] = {}
    for line in response.header_values("cache-control"):
        for part in line.split(",")[:100]:
            name, _, value = part.partition("=")
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def validators(response: Response) -> tuple[tuple[str, str], ...]:
    """The fields that ask for the document only if it is another than this one (RFC 9110 §13.1)."""
    if response.status != 200 or response.truncated:
        return ()
    pairs = (("If-None-Match", response.header("etag")), ("If-Modified-Since", response.header("last-modified")))
    return tuple((name, value.strip()) for name, value in pairs if value and value.strip() and value.isprintable())


def confirmed(previous: Response, answer: Response) -> Response:
    """The kept answer after a 304: its body, the newer fields, the time of the confirmation (RFC 9111 §4.3.4)."""
    newer = [(k, v) for k, v in answer.headers if k.lower() not in _KEPT_OF_304]
    replaced = {k.lower() for k, _ in newer}
    kept = [(k, v) for k, v in previous.headers if k.lower() not in replaced]
    return replace(previous, headers=(*kept, *newer), fetched_at=answer.fetched_at, note="")


def failed(exchange: Exchange) -> bool:
    """True when the document may well be there and did not come: trouble of the network or the server."""
    if isinstance(exchange, FetchFailure):
        return exchange.reason not in _OURS
    return exchange.status == 429 or exchange.status >= 500


def stand_in(exchange: Exchange, previous: Response | None, kind: RequestKind, now: datetime) -> Exchange:
    """The last good copy in place of a failure, where its age lets it, and saying so; else the failure.

    Never for robots.txt: while it is unreachable, everything is disallowed (RFC 9309 §2.3.1.4).
    """
    if kind is RequestKind.ROBOTS or previous is None or previous.fetched_at is None or not failed(exchange):
        return exchange
    said = directives(previous)
    if not {"must-revalidate", "no-store", "no-cache"}.isdisjoint(said):
        return exchange
    allowed = _seconds(said.get("stale-if-error"))
    if now - previous.fetched_at > min(STALE_IF_ERROR if allowed is None else allowed + _life(previous, now), MAX_AGE):
        return exchange
    trouble = exchange.detail or exchange.reason.value if isinstance(exchange, FetchFailure) else f"status {exchange.status}"
    return replace(previous, note=f"an older copy, because the site does not answer now ({trouble})")


def _retry_after(response: Response, came: datetime) -> timedelta | None:
    value = response.header("retry-after")
    date = _date(value)
    return _seconds(value) if date is None else date - came


def _seconds(words: str | None) -> timedelta | None:
    words = (words or "").strip()
    return timedelta(seconds=min(int(words[:12]), 10**9)) if words.isascii() and words.isdigit() else None


def _date(words: str | None) -> datetime | None:
    """An HTTP date, or None for what is none (``0``, a date without zone, a year that does not exist)."""
    if not words or len(words) > 60:
        return None
    try:
        date = parsedate_to_datetime(words)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo is not None else None
