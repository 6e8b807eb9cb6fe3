"""W3C TDM Reservation Protocol (Community Group Final Report; specification text of 2024-12-14).

Places, later ones superseding earlier ones and absence never resetting: ``/.well-known/tdmrep.json`` (the first rule of the
sequence whose location matches), the response fields, the HTML meta elements. ``tdm-reservation`` is 1 or 0, anything else is a
protocol error and counts as unset. Reservation leaves search indexing alone, which robots.txt governs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from scrapeguard._pattern import Pattern, compile_pattern, normalise
from scrapeguard._url import join
from scrapeguard.model.evidence import Evidence, PointerRef, SourceState
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Condition, Statement
from scrapeguard.signals.documents import Document, legible, quoted
from scrapeguard.signals.tdm_policy import TdmPolicy
from scrapeguard.signals.vocabulary import vocabulary

FIELD = "tdm-reservation"
POLICY = "tdm-policy"
MAX_RULES = 10_000
"""Rules of a file that are read. The first match decides, so that what follows can only matter where none of these matches."""


class Rule(NamedTuple):
    """One rule of ``tdmrep.json``."""

    pattern: Pattern
    reserved: bool
    policy: str
    evidence: Evidence


class TdmFile(NamedTuple):
    """The rules of a file in their sequence."""

    rules: tuple[Rule, ...]

    def first(self, target: str) -> Rule | None:
        """The first rule whose location matches a normalised target."""
        return next((rule for rule in self.rules if rule.pattern.matches(target)), None)

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies named by reserving rules, each once, in order."""
        return tuple(dict.fromkeys(r.policy for r in self.rules if r.reserved and r.policy))


class Property(NamedTuple):
    """One property set by a header field or a meta element."""

    value: str
    evidence: Evidence


Place = tuple[Sequence[Property], Sequence[Property]]
"""Reservations and policies of one place; places are given in their order: header, HTML, the file's own metadata."""


def parse_tdmrep(document: Document) -> tuple[TdmFile, Document]:
    """Read ``/.well-known/tdmrep.json``, element by element, so that a long or cut file still says what it can say.

    What is no rule is left out with a note; no array at all is as if absent. A file that could not be read to its end is a
    gap, since a later rule might have matched.
    """
    rules: list[Rule] = []
    notes: list[str] = []
    text = document.text
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    if text[at:at + 1] != "[":
        return TdmFile(()), document.noted("is no JSON array", state=SourceState.ABSENT)
    at = _skip(text, at + 1)
    number = 0
    complete = text[at:at + 1] == "]"
    while not complete:
        start = at
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            # A broken file counts as absent, a file that was cut does not: its rest is unknown.
            if document.cut:
                notes.append(f"cut within rule {number}")
                break
            return TdmFile(()), document.noted(f"is no JSON (rule {number})", state=SourceState.ABSENT)
        rule = _rule(value, text[start:at], number, document, notes)
        if rule:
            rules.append(rule)
        number += 1
        at = _skip(text, at)
        if text[at:at + 1] == "]":
            complete = True
        elif number >= MAX_RULES:
            notes.append(f"more than {MAX_RULES} rules; the rest was not read")
            break
        elif text[at:at + 1] == ",":
            at = _skip(text, at + 1)
        elif document.cut:
            break
        else:
            return TdmFile(()), document.noted(f"is no JSON (after rule {number - 1})", state=SourceState.ABSENT)
    return TdmFile(tuple(rules)), document.noted(*notes, state=None if complete else SourceState.UNREADABLE)


def _skip(text: str, at: int) -> int:
    while text[at:at + 1] in {" ", "\t", "\n", "\r"}:
        at += 1
    return at


def _rule(value: Any, raw: str, number: int, document: Document, notes: list[str]) -> Rule | None:
    if not isinstance(value, dict):
        notes.append(f"rule {number} is no object and is left out")
        return None
    reserved = _reservation(value.get(FIELD))
    location = value.get("location")
    pattern = compile_pattern(location) if isinstance(location, str) else None
    if pattern is None or reserved is None:
        notes.append(f"rule {number} has no {'location' if pattern is None else FIELD} that can be read and is left out")
        return None
    named = value.get(POLICY)
    policy = join(document.source.url, legible(named, 2000)) if isinstance(named, str) and reserved else None
    return Rule(pattern, reserved, policy or "", quoted(document.source, raw, PointerRef(f"/{number}")))


def _reservation(value: object) -> bool | None:
    """1 or 0, also as a string; anything else is unset.

    >>> _reservation(1), _reservation("0"), _reservation(True), _reservation("yes")
    (True, False, None, None)
    """
    if isinstance(value, str):
        value = value.strip()
        return {"1": True, "0": False}.get(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return True if value == 1 else False if value == 0 else None
    return None


class TdmVoice:
    """File, header fields and meta elements of one page, or of a site where only the file is known."""

    __slots__ = ("_file", "_memo", "_places", "_policies", "scoped")

    def __init__(self, file: TdmFile, policies: Mapping[str, TdmPolicy], places: Sequence[Place] = ()) -> None:
        self._file = file
        self._policies = policies
        self._places = tuple(places)
        self._memo: dict[tuple[object, ...], tuple[Statement, ...]] = {}
        first = file.rules[0] if file.rules else None
        everywhere = first is None or first.pattern.text in {"/", "/*", "*"}
        self.scoped = not everywhere or any(p.has_targets for p in policies.values())

    def says(self, query: Query) -> Sequence[Statement]:
        """What stands after all places were heard."""
        rule = self._file.first(normalise(query.target))
        reserved, address, evidence = self._state(rule)
        if reserved is None:
            return ()
        policy = self._policies.get(address) if reserved and address else None
        covering = policy.covering(query.url) if policy else ()
        key = (id(rule), covering)
        if key not in self._memo:
            if len(self._memo) > MAX_RULES:
                self._memo.clear()
            self._memo[key] = (_statement(address, policy, covering, evidence) if reserved else _free(evidence),)
        return self._memo[key]

    def _state(self, rule: Rule | None) -> tuple[bool | None, str, list[Evidence]]:
        """Reservation, policy and evidence after the file's rule and every later place; absence resets nothing."""
        reserved, policy = (rule.reserved, rule.policy) if rule else (None, "")
        evidence = [rule.evidence] if rule else []
        for reservations, policies in self._places:
            # Several values at one place: the restrictive one.
            said = [(value, p.evidence) for p in reservations if (value := _reservation(p.value)) is not None]
            if said:
                reserved = any(value for value, _ in said)
                evidence = [e for value, e in said if value is reserved]
            for named in policies[:1]:
                if (found := join(named.evidence.source.url, named.value)) is not None:
                    policy = found
                    evidence.append(named.evidence)
        return reserved, policy, evidence


def _free(evidence: Sequence[Evidence]) -> Statement:
    entry = vocabulary()["tdmrep/0"]
    return entry.statement(*evidence, text=f"tdm-reservation 0: {entry.text}")


def _statement(address: str, policy: TdmPolicy | None, covering: tuple[int, ...], evidence: Sequence[Evidence],
               ) -> Statement:
    words = vocabulary()
    if policy is None or not policy.is_usable:
        entry, research = words["tdmrep/1"], words["tdmrep/research-reserved"]
        about = f"; its policy {address[:200]} gives no conditions that a machine can read" if address else ""
        text = f"tdm-reservation 1: {entry.text}{about}"
        conditions: tuple[Condition, ...] = ()
        proof: tuple[Evidence, ...] = (policy.evidence,) if policy and policy.evidence else ()
    else:
        answer = policy.answer(covering)
        entry = words[{"deny": "tdmrep/1", "duty": "tdmrep/1+duty", "free": "tdmrep/1+free"}[answer.mining]]
        research = words[f"tdmrep/research-{'permitted' if answer.research else 'reserved'}"]
        text = f"tdm-reservation 1: {answer.told or entry.text}"
        conditions, proof = answer.conditions, answer.evidence
    mining, study = entry.statement(*evidence, *proof, text=text, conditions=conditions), research.statement()
    return replace(mining, means=(*mining.means, *study.means))


def policies_named(places: Sequence[Place]) -> list[str]:
    """The policies that header fields and meta elements name, resolved."""
    found = [join(p.evidence.source.url, p.value) for _, policies in places for p in policies[:1]]
    return [url for url in dict.fromkeys(found) if url]
