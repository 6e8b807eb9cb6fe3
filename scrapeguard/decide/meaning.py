"""From an activity to purposes: what a clause means for one purpose, by the table in ``purposes.toml``.

A machine-readable signal arrives with its meanings resolved; a clause of a contract does not, because what it means depends
on the caller (commercial or not) and on the exceptions that it states.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.purpose import USE_PURPOSES, Purpose
from scrapeguard.model.statement import (
    Activity,
    Condition,
    ConditionKind,
    Effect,
    Exemption,
    Meaning,
    Statement,
    Verdict,
)

_GROUPS: Mapping[str, tuple[Purpose, ...]] = {"every": tuple(Purpose), "use": USE_PURPOSES}
_WEIGHT = {Verdict.DENY: 4, Verdict.CONDITIONAL: 2, Verdict.ALLOW: 1, Verdict.SILENT: 0}

IN_WORDS: Mapping[str, str] = {
    "permission": "prior permission",
    "api": "use of the interface (API) that the site provides for it",
    "robots-txt": "obedience to robots.txt",
    "search-engine": "being a search engine",
    "personal": "personal, non-commercial use only",
    "research": "being a research organisation that mines for scientific research",
    "consent": "the consent of the persons concerned",
    "non-commercial": "non-commercial use",
    "law": "what the law allows in spite of the clause",
    "other": "what the quoted words require",
}
"""Conditions as noun phrases: «only with …»."""


@cache
def table() -> Mapping[str, Any]:
    """``purposes.toml``, checked: raises `InvalidConfiguration` naming every unknown word at once."""
    resource = files("scrapeguard.decide") / "purposes.toml"
    data = tomllib.loads(resource.read_text(encoding="utf-8"))
    faults = [
        f"{where}: {word!r} is no purpose"
        for where, words in _purpose_lists(data)
        for word in words
        if word not in _GROUPS and word not in set(Purpose)
    ]
    faults += [f"forbid.{a}: no such activity" for a in data["forbid"] if a not in set(Activity)]
    faults += [f"forbid.{a}: missing" for a in Activity if a not in data["forbid"]]
    faults += [f"permit.{a}: no such activity" for a in data["permit"] if a not in set(Activity)]
    faults += [f"exception.{e}: no such exception" for e in data["exception"] if e not in set(Exemption)]
    if faults:
        raise InvalidConfiguration(resource.name, faults)
    return data


def _purpose_lists(data: Mapping[str, Any], where: str = "") -> Iterable[tuple[str, list[str]]]:
    for key, value in data.items():
        place = f"{where}.{key}" if where else key
        if isinstance(value, dict):
            yield from _purpose_lists(value, place)
        elif isinstance(value, list):
            yield place, value


def _names(row: Mapping[str, Any], key: str, purpose: Purpose) -> bool:
    return any(purpose == word or purpose in _GROUPS.get(word, ()) for word in row.get(key, ()))


def meaning(statement: Statement, purpose: Purpose, *, commercial: bool | None) -> Meaning | None:
    """What the statement says for the purpose, the most restrictive of its activities; None when it says nothing."""
    if not statement.activities:
        for said in statement.means:
            if said.purpose == purpose:
                return said
        return None
    found = [
        m
        for activity in statement.activities
        if (m := _of_activity(statement, activity, purpose, commercial)) is not None
    ]
    return max(found, key=lambda m: (_WEIGHT[m.verdict], m.direct), default=None)


def breadth(statement: Statement, purpose: Purpose) -> int:
    """For how many purposes the statement speaks directly where it speaks of this one: the fewer, the more it is about it."""
    if not statement.activities:
        return len(statement.means)
    rows = [table()["forbid"][a] for a in statement.activities]
    return min(
        (sum(_names(row, "direct", p) for p in Purpose) for row in rows if _names(row, "direct", purpose)), default=99
    )


def obligations(statement: Statement) -> tuple[Condition, ...]:
    """What the statement asks of every use: its own conditions, and clauses on load or on protection measures."""
    if not statement.activities or statement.effect is not Effect.FORBID:
        return statement.conditions
    rows = [table()["forbid"][a] for a in statement.activities]
    kinds = [ConditionKind(row["obligation"]) for row in rows if "obligation" in row]
    return statement.conditions + tuple(Condition(k, statement.text, evidence=statement.evidence) for k in kinds)


def _of_activity(statement: Statement, activity: Activity, purpose: Purpose, commercial: bool | None) -> Meaning | None:
    if statement.effect is Effect.FORBID:
        row = table()["forbid"][activity]
        plain = _forbidden(statement, row, purpose, commercial)
        said = plain and _softened(statement, plain, commercial)
        return _in_part(statement, said) if said and statement.partial and row.get("in-part") else said
    return _permitted(statement, activity, purpose, commercial)


def _forbidden(
    statement: Statement, row: Mapping[str, Any], purpose: Purpose, commercial: bool | None
) -> Meaning | None:
    if _names(row, "direct", purpose) or (commercial and _names(row, "direct-commercial", purpose)):
        return Meaning(purpose, Verdict.DENY)
    if _names(row, "derived", purpose):
        return Meaning(purpose, Verdict.DENY, direct=False)
    if _names(row, "conditional", purpose) or (commercial is None and _names(row, "conditional-unknown", purpose)):
        return _conditional(statement, purpose, row["condition"], direct=False)
    return None


def _conditional(statement: Statement, purpose: Purpose, word: str, *, direct: bool) -> Meaning:
    condition = Condition(ConditionKind(word), f"Only with {IN_WORDS[word]}.", evidence=statement.evidence[:1])
    return Meaning(purpose, Verdict.CONDITIONAL, direct, (condition,))


def _in_part(statement: Statement, said: Meaning) -> Meaning:
    """What a ban comes to that names a part only: where that part ends, a person must see."""
    if said.verdict is not Verdict.DENY:
        return said
    outside = "Only outside the part that the quoted words close: a person must see where it ends."
    condition = Condition(ConditionKind.OTHER, outside, evidence=statement.evidence[:1])
    return said._replace(verdict=Verdict.CONDITIONAL, conditions=(condition,))


def lifted_by(statement: Statement, purpose: Purpose) -> list[str]:
    """The exceptions of a ban that let the purpose through, and those that limit them, as noun phrases."""
    rows = {e.value: table()["exception"].get(e.value, {}) for e in statement.exceptions}
    lifting = {word for word, row in rows.items() if _names(row, "permits", purpose)}
    return [IN_WORDS[word] for word, row in rows.items() if word in lifting or row.get("unless-with") in lifting]


def _softened(statement: Statement, plain: Meaning, commercial: bool | None) -> Meaning | None:
    """The prohibition after its exceptions: the one that frees the purpose most decides."""
    purpose, result = plain.purpose, plain
    for exception in statement.exceptions:
        row = table()["exception"].get(exception.value, {})
        if _names(row, "permits", purpose):
            return Meaning(purpose, Verdict.ALLOW)
        if row.get("unless-with") in statement.exceptions:
            continue
        if _names(row, "frees", purpose) or (commercial is False and _names(row, "frees-non-commercial", purpose)):
            return None
        if _names(row, "conditional", purpose) or (commercial is None and _names(row, "conditional-unknown", purpose)):
            result = _conditional(statement, purpose, exception.value, direct=plain.direct)
    return result


_LIMITS = (Exemption.PERMISSION, Exemption.API, Exemption.RESEARCH, Exemption.CONSENT, Exemption.OTHER)


def _permitted(statement: Statement, activity: Activity, purpose: Purpose, commercial: bool | None) -> Meaning | None:
    """A permission or a duty; what it is limited to (only by API, only for research) stays a condition."""
    if statement.uncertain:
        return None
    limits = set(statement.exceptions)
    purposes = table()["permit"].get(activity.value, [])
    if Exemption.SEARCH_ENGINE in limits and activity in {
        Activity.AUTOMATED_ACCESS,
        Activity.EXTRACTION,
        Activity.INDEXING,
    }:
        purposes = [Purpose.SEARCH.value]
    if purpose not in purposes:
        return None
    open_limits = [
        e.value for e in _LIMITS if e in limits and not (e is Exemption.RESEARCH and purpose is Purpose.RESEARCH)
    ]
    if Exemption.PERSONAL in limits and commercial is not False:
        open_limits.append(Exemption.PERSONAL.value)
    if statement.effect is Effect.REQUIRE and Exemption.ROBOTS_TXT not in limits and not open_limits:
        open_limits.append(Exemption.OTHER.value)
    if not open_limits:
        return Meaning(purpose, Verdict.ALLOW)
    conditions = tuple(
        c for word in open_limits for c in _conditional(statement, purpose, word, direct=True).conditions
    )
    return Meaning(purpose, Verdict.CONDITIONAL, True, conditions)
