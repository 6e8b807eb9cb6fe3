"""The three verdicts on a whole document, drawn from its clauses (the annotation guide's table)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.clause import AI, NARROW, PART, READING, Clause

_PERSONS = {Activity.IDENTIFICATION, Activity.PERSONAL_DATA}
_HARD = {Exemption.PERMISSION, Exemption.LAW}
_OPENS = {Exemption.SEARCH_ENGINE, Exemption.ROBOTS_TXT, Exemption.RESEARCH}
"""Exceptions that free some crawlers by themselves: beside one of them, a plain ban elsewhere does not close the whole."""


def summarise(clauses: Sequence[Clause]) -> dict[str, str]:
    """What the document says of scraping, AI and identifying people.

    Doubtful clauses forbid reading or identifying only where it is more likely than not that one of them is right, and forbid
    nothing else. Where a doubtful one stands, nothing is called allowed.

    >>> summarise([])
    {'scraping': 'silent', 'ai': 'silent', 'identify': 'silent'}
    """
    persons = _counting([c for c in clauses if c.effect is Effect.FORBID and _PERSONS & set(c.activities)])
    return {"scraping": _scraping(clauses), "ai": _ai(clauses), "identify": "forbidden" if persons else "silent"}


def _counting(bans: Sequence[Clause]) -> Sequence[Clause]:
    """The certain ones; without any, the doubtful ones where 1 − Π(1 − confidence) reaches one half."""
    certain = [c for c in bans if not c.uncertain]
    return certain or (bans if prod(1 - c.confidence for c in bans) <= 0.5 else [])


def _scraping(clauses: Sequence[Clause]) -> str:
    about = [c for c in clauses if READING & set(c.activities)]
    bans = _counting([c for c in about if c.effect is Effect.FORBID and c.reach != NARROW])
    freed = _sure(about, Effect.PERMIT)
    if any(_OPENS & set(c.exceptions) for c in bans):
        return "conditional"
    if any(set(c.exceptions) <= _HARD and c.reach != PART for c in bans):
        return "conditional" if freed else "forbidden"
    if bans or _sure(about, Effect.REQUIRE):
        return "conditional"
    return _freed(about)


def _ai(clauses: Sequence[Clause]) -> str:
    about = [c for c in clauses if AI & set(c.activities)]
    bans = [c for c in about if c.effect is Effect.FORBID and not c.uncertain]
    if any(set(c.exceptions) <= _HARD and c.reach != PART and Activity.COMPETING_USE not in c.activities for c in bans):
        return "forbidden"
    if bans or _sure(about, Effect.REQUIRE):
        return "conditional"
    return _freed(about)


def _freed(clauses: Sequence[Clause]) -> str:
    """What permissions come to where nothing certain forbids: a limited one is a condition, and a doubt takes any away."""
    permits = [c for c in clauses if c.effect is Effect.PERMIT and not c.uncertain]
    if not permits or _any_ban(clauses):
        return "silent"
    return "allowed" if any(not c.exceptions for c in permits) else "conditional"


def _sure(clauses: Sequence[Clause], effect: Effect) -> bool:
    return any(c.effect is effect and not c.uncertain for c in clauses)


def _any_ban(clauses: Sequence[Clause]) -> bool:
    return any(c.effect is Effect.FORBID for c in clauses)
