"""The three verdicts on a whole document, drawn from its clauses (the annotation guide's table)."""

from __future__ import annotations

from collections.abc import Sequence

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.clause import Clause

_HARD = {Exemption.PERMISSION, Exemption.LAW}
_PERSONS = {Activity.IDENTIFICATION, Activity.PERSONAL_DATA}
_AI = {Activity.AI_TRAINING, Activity.AI_USE}
_SCRAPING = {Activity.AUTOMATED_ACCESS, Activity.EXTRACTION}


def summarise(clauses: Sequence[Clause]) -> dict[str, str]:
    """What the document says of scraping, AI and identifying people; a ban never gives way to a permission.

    >>> summarise([])
    {'scraping': 'silent', 'ai': 'silent', 'identify': 'silent'}
    """
    sure = [c for c in clauses if not c.uncertain]
    persons = any(c.effect is Effect.FORBID and _PERSONS & set(c.activities) for c in sure)
    return {"scraping": _verdict(sure, _SCRAPING), "ai": _verdict(sure, _AI), "identify": "forbidden" if persons else "silent"}


def _verdict(clauses: Sequence[Clause], activities: set[Activity]) -> str:
    about = [c for c in clauses if activities & set(c.activities)]
    bans = [c for c in about if c.effect is Effect.FORBID]
    if bans:
        return "forbidden" if any(set(c.exceptions) <= _HARD for c in bans) else "conditional"
    if any(c.effect is Effect.REQUIRE for c in about):
        return "conditional"
    if any(c.effect is Effect.PERMIT for c in about):
        return "allowed"
    return "silent"
