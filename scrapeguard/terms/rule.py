"""The rule files, one a language: read, checked with all faults named, compiled.

A rule is a conjunction over the features of a passage, so that the engine knows no language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.inflected import Inflected
from scrapeguard.terms.lexicon import Lexicon

SHARED = "shared.toml"
"""What the files of languages read by concepts have in common."""

_KEYS = {
    "id",
    "effect",
    "activities",
    "all",
    "none",
    "confidence",
    "hints",
    "exceptions",
    "examples",
    "counterexamples",
}
_NEEDED = {"id", "effect", "activities", "all", "confidence", "examples"}
_REACH = ("narrow", "wide", "part", "purpose", "whole", "interface", "beside", "output", "with_output")


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires when the passage shows one of each set of alternatives in ``all``, and ``none`` of the others.

    ``hints`` are words (lower case, compared as they stand) of which a block holds one wherever the rule can fire: a block
    with a hint is read even where nothing in it bans. ``exceptions`` are those that the clause states by the rule's own words.
    """

    id: str
    effect: Effect
    activities: tuple[Activity, ...]
    all: tuple[frozenset[str], ...]
    none: frozenset[str]
    confidence: float
    hints: tuple[str, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()

    def fires(self, own: Set[str], governing: Set[str]) -> bool:
        """True when the passage's own features and those of what governs it meet the rule (the latter begin with ``<`` or ``^``)."""
        for alternatives in self.all:
            if alternatives.isdisjoint(own) and alternatives.isdisjoint(governing):
                return False
        return self.none.isdisjoint(own) and self.none.isdisjoint(governing)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What one language's file holds.

    Beside lexicon and rules: the features that state an exception outright, those without one of which an exception is not
    believed (``cues``), those that limit a permission or a duty to some (``limits``), and those that tell how far a ban reaches.
    """

    language: str
    lexicon: Lexicon
    rules: tuple[Rule, ...]
    exceptions: Mapping[Exemption, frozenset[str]]
    cues: Mapping[Exemption, frozenset[str]]
    limits: Mapping[Exemption, frozenset[str]]
    reach: Mapping[str, frozenset[str]]

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints of all rules."""
        return tuple(dict.fromkeys(h for rule in self.rules for h in rule.hints))


def parse_rules(text: str, *, source: str) -> RuleSet:
    """The rule set in a TOML text.

    Raises `InvalidConfiguration`, which names every fault.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(source, [str(error)]) from error
    if data.get("patterns"):
        data = (
            tomllib.loads((resources.files("scrapeguard.terms") / "rules" / SHARED).read_text(encoding="utf-8")) | data
        )
    faults: list[str] = []
    concepts: dict[str, list[str]] = data.get("concepts", {})
    faults += [
        f"telling: no concept {c!r}"
        for c in (*data.get("telling", ()), *data.get("weak", ()), *data.get("limits", ()))
        if c not in concepts
    ]
    rules = [r for i, raw in enumerate(data.get("rules", ())) if (r := _rule(i, raw, concepts, faults))]
    ids = [r.id for r in rules]
    faults += [f"rule {i!r} stands twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    exceptions = _exemptions(data.get("exceptions", {}), "exceptions", faults)
    cues = _exemptions(data.get("cues", {}), "cues", faults)
    limits = _exemptions(data.get("limited", {}), "limited", faults)
    reach = {k: frozenset(v) for k, v in data.get("reach", {}).items()}
    faults += [f"reach: no list {k!r}" for k in sorted(set(_REACH) - reach.keys())]
    if faults:
        raise InvalidConfiguration(source, faults)
    return RuleSet(
        data["language"],
        (Inflected if data.get("patterns") else Lexicon)(
            concepts,
            data["telling"],
            data.get("weak", ()),
            data.get("limits", ()),
            data.get("limit_words", ()),
            data.get("defining", ()),
        ),
        tuple(rules),
        exceptions,
        cues,
        limits,
        reach,
    )


def _rule(index: int, raw: Mapping[str, Any], concepts: Mapping[str, Any], faults: list[str]) -> Rule | None:
    name = raw.get("id", f"number {index + 1}")
    found = [f"rule {name}: unknown key {k!r}" for k in raw.keys() - _KEYS]
    found += [f"rule {name}: no {k}" for k in sorted(_NEEDED - raw.keys())]
    for feature in [*(f for group in raw.get("all", ()) for f in group.split("|")), *raw.get("none", ())]:
        if "@" in feature:
            parts = feature.partition("@")[2].replace(">@", "+").replace(">", "+").split("+")
            found += [f"rule {name}: no concept {c!r}" for c in parts if c not in concepts]
    found += [f"rule {name}: no effect {raw['effect']!r}" for _ in [0] if raw.get("effect") not in set(Effect)]
    found += [f"rule {name}: no activity {a!r}" for a in raw.get("activities", ()) if a not in set(Activity)]
    found += [f"rule {name}: no exception {x!r}" for x in raw.get("exceptions", ()) if x not in set(Exemption)]
    found += [
        f"rule {name}: a ban needs no hints" for _ in [0] if raw.get("hints") and raw.get("effect") == Effect.FORBID
    ]
    faults += found
    if found:
        return None
    return Rule(
        raw["id"],
        Effect(raw["effect"]),
        tuple(Activity(a) for a in raw["activities"]),
        tuple(frozenset(group.split("|")) for group in raw["all"]),
        frozenset(raw.get("none", ())),
        float(raw["confidence"]),
        tuple(h.lower() for h in raw.get("hints", ())),
        tuple(Exemption(x) for x in raw.get("exceptions", ())),
        tuple(raw["examples"]),
        tuple(raw.get("counterexamples", ())),
    )


def _exemptions(raw: Mapping[str, Iterable[str]], where: str, faults: list[str]) -> dict[Exemption, frozenset[str]]:
    faults += [f"{where}: no exception {k!r}" for k in raw if k not in set(Exemption)]
    return {Exemption(k): frozenset(v) for k, v in raw.items() if k in set(Exemption)}


@lru_cache(maxsize=16)
def rules_for(language: str) -> RuleSet | None:
    """The rules of a language (ISO 639-1), or None when there is no file for it."""
    if not language.isalpha():
        return None
    file = resources.files("scrapeguard.terms") / "rules" / f"{language}.toml"
    return parse_rules(file.read_text(encoding="utf-8"), source=f"rules/{language}.toml") if file.is_file() else None
