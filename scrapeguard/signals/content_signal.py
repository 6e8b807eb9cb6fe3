"""Content Signals: contentsignals.org of 2025-09-24, with the ``use`` key that Cloudflare tests since 2026-07-01.

``Content-Signal: [path] key=value, …`` in a group of robots.txt, or as a response field. Not a structured field: split at
commas, compared without case, unknown keys and values say nothing. `use` is a cap and never a grant. Border lines of ``use``
(summaries, mining, archives) are this library's reading and marked as derived in the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scrapeguard._pattern import normalise
from scrapeguard.model.evidence import Evidence, Source
from scrapeguard.model.exchange import Response
from scrapeguard.model.extension import Extension
from scrapeguard.model.ports import Voice
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Effect, Statement
from scrapeguard.signals.documents import header_evidence, line_evidence
from scrapeguard.signals.vocabulary import vocabulary
from scrapeguard.signals.voices import FixedVoice, PathRule, Said, path_rule, said, split_path

NAME = "content-signal"
_LEVELS = ("immediate", "reference", "full")
_KEYS = {"search": ("no", "yes"), "ai-input": ("no", "yes"), "ai-train": ("no", "yes"), "use": _LEVELS}
MAX_SIGNALS = 64
"""Members of one line that are read; there are four keys."""


def parse_signals(text: str) -> tuple[dict[str, str], list[str]]:
    """Key and value of each known signal; of a key written twice the restrictive value, which stands first in ``_KEYS``.

    >>> parse_signals("search=yes, AI-Train=NO, ai-train=yes, use=maybe")
    ({'search': 'yes', 'ai-train': 'no'}, ["Content-Signal: 'use=maybe' says nothing"])
    """
    found: dict[str, str] = {}
    notes: list[str] = []
    members = text.lower().split(",", MAX_SIGNALS)
    if len(members) > MAX_SIGNALS:
        notes.append(f"Content-Signal: only the first {MAX_SIGNALS} members are read")
    for member in members[:MAX_SIGNALS]:
        key, _, value = (part.strip() for part in member.partition("="))
        known = _KEYS.get(key, ())
        if value not in known:
            if member.strip():
                notes.append(f"Content-Signal: {member.strip()[:60]!r} says nothing")
        elif key not in found or known.index(value) < known.index(found[key]):
            found[key] = value
    return found, notes


class _Rule(NamedTuple):
    path: PathRule
    keys: frozenset[str]
    restrictions: tuple[tuple[str, Said], ...]


class ContentSignalVoice:
    """Lines under paths: the longest matching path decides.

    A restriction of a shorter path stands for a key of which the longer one is silent: an absent key means «neither granted
    nor restricted», so it takes no refusal back. A grant does not carry over.
    """

    __slots__ = ("_rules", "scoped")

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: -rule.path.octets))
        self.scoped = True

    def says(self, query: Query) -> Sequence[Statement]:
        """What the lines over the query's target say."""
        target = normalise(query.target)
        found: list[Statement] = []
        keys: set[str] = set()
        length = -1
        for rule in self._rules:
            if not rule.path.applies(target):
                continue
            if rule.path.octets >= length:
                length = rule.path.octets
                found += [thing.to(query) for thing in rule.path.says]
                keys |= rule.keys
            else:
                found += [thing.to(query) for key, thing in rule.restrictions if key not in keys]
        return found


def _read(text: str, evidence: Evidence, *, grants: bool = True) -> tuple[list[tuple[str, Said]], set[str], list[str]]:
    values, notes = parse_signals(text)
    words = vocabulary()
    things: list[tuple[str, Said]] = []
    for key, value in values.items():
        entry = words.get(f"content-signal/{key}={value}")
        if entry is None:  # use=full caps nothing
            continue
        if entry.effect is Effect.PERMIT and not grants:
            notes.append(f"Content-Signal: {key}={value} outside any group grants nothing")
            continue
        things.append((key, said(entry, evidence, text=f"Content-Signal {key}={value}: {entry.text}")))
    return things, set(values), notes


def _rule(record: Extension, source: Source, *, grants: bool) -> tuple[_Rule, list[str]]:
    path, text = split_path(record.value)
    things, keys, notes = _read(text, line_evidence(source, record), grants=grants)
    restrictions = tuple((k, t) for k, t in things if t.statement.effect is not Effect.PERMIT)
    return (_Rule(path_rule(path, (thing for _, thing in things)), frozenset(keys), restrictions),
            [f"line {record.line}: {note}" for note in notes])


def from_robots(records: Sequence[Extension], outside: Sequence[Extension], source: Source,
                ) -> tuple[list[Voice], list[str]]:
    """The voices of the lines in the caller's group, and of those that stand outside any group.

    A line outside any group is undefined; many sites mean the whole site by it, so its restrictions are heard and its grants
    are not.
    """
    voices: list[Voice] = []
    notes: list[str] = []
    for lines, grants in ((records, True), (outside, False)):
        rules = []
        for record in lines:
            if record.name == NAME:
                rule, odd = _rule(record, source, grants=grants)
                rules.append(rule)
                notes += odd
        if not rules:
            continue
        if all(rule.path.pattern is None for rule in rules):
            things = [thing for rule in rules for thing in rule.path.says]
            voices += [FixedVoice(things)] if things else []
        else:
            voices.append(ContentSignalVoice(rules))
    return voices, notes


def from_header(response: Response, source: Source) -> tuple[list[Voice], list[str]]:
    """The voice of the response field, one statement a field line."""
    things: list[Said] = []
    notes: list[str] = []
    for index, value in enumerate(response.header_values(NAME)[:MAX_SIGNALS]):
        found, _, odd = _read(value, header_evidence(source, NAME, index, value))
        things += [thing for _, thing in found]
        notes += odd
    return ([FixedVoice(things)] if things else []), notes
