"""Rows of the tables and the model's values, each made out of the other."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from scrapeguard.model.decision import Decision, Outcome
from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, RequestKind, Response
from scrapeguard.model.kept import Override, Provision, ReadSource, SiteReading, Version
from scrapeguard.model.statement import Effect, Family

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime | None) -> int | None:
    """A time as whole microseconds since 1970 UTC.

    >>> micros(datetime(2026, 1, 1, tzinfo=UTC))
    1767225600000000
    """
    return None if at is None else (at - _START) // _MICROSECOND


def at_micros(number: int | None) -> datetime | None:
    """The time of `micros`."""
    return None if number is None else _START + number * _MICROSECOND


def utf8(words: str) -> bytes:
    """The bytes over which a text's digest is taken."""
    return words.encode("utf-8", "surrogatepass")


def of_exchange(exchange: Exchange) -> dict[str, Any]:
    """The columns of an exchange, but for those that only the caller knows."""
    row: dict[str, Any] = {"url": exchange.url, "fetched_at": micros(exchange.fetched_at)}
    if isinstance(exchange, FetchFailure):
        return row | {"headers": "[]", "truncated": False, "note": "", "reason": exchange.reason.value, "detail": exchange.detail}
    return row | {
        "status": exchange.status,
        "headers": json.dumps(exchange.headers),
        "truncated": exchange.truncated,
        "note": exchange.note,
    }


def exchange_of(row: RowMapping, body: bytes) -> Exchange:
    """The exchange that a row and a body make."""
    at = at_micros(row["fetched_at"])
    if row["status"] is None:
        return FetchFailure(row["url"], FailureReason(row["reason"]), row["detail"] or "", at)
    pairs = tuple((name, value) for name, value in json.loads(row["headers"]))
    return Response(row["url"], row["status"], pairs, body, at, truncated=row["truncated"], note=row["note"])


def of_decision(decision: Decision) -> dict[str, Any]:
    """The columns of a Decision, but for its outcome."""
    return {
        "url": decision.url,
        "purpose": decision.purpose.value,
        "verdict": decision.verdict.value,
        "allowed": decision.allowed,
        "product_token": decision.product_token,
        "decided_at": micros(decision.decided_at),
        "expires_at": micros(decision.expires_at),
    }


_OF_THE_QUESTION = ("url", "decided_at", "expires_at")


def outcome_bytes(decision: Decision) -> bytes:
    """What Decisions of one outcome share, as JSON."""
    whole = decision.to_dict()
    return utf8(json.dumps({k: v for k, v in whole.items() if k not in _OF_THE_QUESTION}, sort_keys=True))


def outcome_of(content: bytes) -> Outcome:
    """The outcome that `outcome_bytes` wrote."""
    data = json.loads(content) | {"url": "", "decided_at": None, "expires_at": None}
    return Decision.from_dict(data).outcome


def decision_of(row: RowMapping, outcome: Outcome) -> Decision:
    """The Decision of a row."""
    return Decision(row["url"], outcome, at_micros(row["decided_at"]), at_micros(row["expires_at"]))


def override_of(row: RowMapping) -> Override:
    """The override of a row."""
    return Override(row["id"], row["decision_id"], row["reason"], row["by"], _START + row["at"] * _MICROSECOND)


def content_of(reading: SiteReading) -> bytes:
    """A reading without its times, as JSON."""
    data = {
        "software": reading.software,
        "sources": [s._asdict() for s in reading.sources],
        "versions": [v._asdict() for v in reading.versions],
        "provisions": [p._asdict() for p in reading.provisions],
    }
    return utf8(json.dumps(data, sort_keys=True))


def reading_of(row: RowMapping, content: bytes) -> SiteReading:
    """The reading of a row and its content."""
    data = json.loads(content)
    return SiteReading(
        authority=row["authority"],
        product_token=row["product_token"],
        software=data["software"],
        read_at=_START + row["read_at"] * _MICROSECOND,
        expires_at=at_micros(row["expires_at"]),
        sources=tuple(
            ReadSource(s["url"], RequestKind(s["kind"]), SourceState(s["state"]), s["sha256"], s["note"]) for s in data["sources"]
        ),
        versions=tuple(Version(**v) for v in data["versions"]),
        provisions=tuple(
            Provision(**p | {"family": Family(p["family"]), "effect": Effect(p["effect"]), "exceptions": tuple(p["exceptions"])})
            for p in data["provisions"]
        ),
    )


def digest_of(reading: SiteReading) -> str:
    """The digest of what counts as a change: texts and provisions, and what became of each document.

    The bytes of pages don't count: a home page differs from one minute to the next.
    """
    drawn = {v.url: v.text_sha256 for v in reading.versions}
    pages = {RequestKind.HOME, RequestKind.TERMS}
    sources = sorted(
        (s.url, s.kind, s.state, drawn.get(s.url, "") if s.kind in pages else s.sha256) for s in reading.sources
    )
    said = sorted(p for p in reading.provisions)
    return hashlib.sha256(utf8(json.dumps([reading.software, sources, said]))).hexdigest()
