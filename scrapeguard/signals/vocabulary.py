"""What each value of each signal means: the data file, read once, every fault of it named at once.

The table is `vocabulary.toml`; the readers look entries up by ``signal/value`` and never write a verdict themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.evidence import Evidence
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Family, Meaning, Statement, Verdict

_VERDICTS = {
    f"{verdict}{suffix}": (verdict, not suffix)
    for verdict in (Verdict.ALLOW, Verdict.CONDITIONAL, Verdict.DENY)
    for suffix in ("", "-derived")
}
_ENTRY_KEYS = {"id", "effect", "text", "example", "source", "retained", "conditions", *_VERDICTS}
_RSL_KEYS = {"namespace", "covers", "covers-derived", "retained", "legacy", "users", "payments", "unlicensed", "eu"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of one signal. ``means`` holds always, ``retained`` instead of it when the content is stored."""

    id: str
    effect: Effect
    text: str
    means: tuple[Meaning, ...]
    retained: tuple[Meaning, ...]
    example: str
    source: str

    @property
    def signal(self) -> str:
        """The channel: what stands before the slash."""
        return self.id.partition("/")[0]

    def statement(self, *evidence: Evidence, retained: bool = False, text: str = "",
                  conditions: Sequence[Condition] = ()) -> Statement:
        """The entry as a `Statement`. ``conditions``, where given, replace the entry's own on each conditional meaning."""
        means = self.retained if retained else self.means
        if conditions:
            means = tuple(m._replace(conditions=tuple(conditions)) if m.verdict is Verdict.CONDITIONAL else m
                          for m in means)
        return Statement(self.signal, Family.SIGNALS, self.effect, text or self.text, evidence, means)


@dataclass(frozen=True, slots=True)
class RslWords:
    """The words of RSL 1.0 and what they cover (see the comments in ``vocabulary.toml``)."""

    namespace: str
    covers: Mapping[str, frozenset[Purpose]]
    covers_derived: Mapping[str, frozenset[Purpose]]
    retained: Mapping[Purpose, frozenset[str]]
    legacy: Mapping[str, str]
    users: frozenset[str]
    payments: Mapping[str, tuple[ConditionKind, str]]
    unlicensed: tuple[Meaning, ...]
    eu: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All entries by id, and the words of RSL."""

    version: str
    entries: Mapping[str, Entry]
    rsl: RslWords

    def get(self, id: str, token: str = "") -> Entry | None:  # noqa: A002 - the table's own word
        """The entry ``id``, or the one written for the crawler ``token``; None where the signal has no such value."""
        return self.entries.get(f"{id}@{token.lower()}") or self.entries.get(id)

    def __getitem__(self, id: str) -> Entry:  # noqa: A002 - the table's own word
        return self.entries[id]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with the library.

    >>> [m.verdict.value for m in vocabulary()["content-usage/train-ai=n"].means]
    ['deny']
    """
    return parse_vocabulary(files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))


def parse_vocabulary(text: str, *, source: str = "vocabulary.toml") -> Vocabulary:
    """Read a vocabulary file.

    Raises `InvalidConfiguration` with all its faults.

    >>> parse_vocabulary('version = "1"\\n[[entry]]\\nid = "x/y"\\ndeny = ["everything"]')
    Traceback (most recent call last):
    ...
    scrapeguard.errors.InvalidConfiguration: vocabulary.toml: entry x/y: 'effect' is missing; entry x/y: 'text' is missing; \
entry x/y: 'example' is missing; entry x/y: 'source' is missing; entry x/y: deny: 'everything' is no purpose; \
the table [rsl] is missing
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(source, [f"is no TOML: {error}"]) from None
    faults: list[str] = []
    entries: dict[str, Entry] = {}
    faults += [f"unknown key {k!r}" for k in data if k not in {"version", "entry", "rsl"}]
    if not isinstance(data.get("version"), str):
        faults.append("'version' must be a string")
    rows = data.get("entry", [])
    if not isinstance(rows, list):
        faults.append("'entry' must be an array of tables")
        rows = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            faults.append(f"entry {number} is no table")
            continue
        name = row.get("id")
        if not isinstance(name, str) or name.count("/") != 1 or not all(name.split("/")):
            faults.append(f"entry {number}: 'id' must be written signal/value, not {name!r}")
            continue
        if name in entries:
            faults.append(f"entry {name} stands twice")
        found = [f"entry {name}: {fault}" for fault in _entry_faults(row)]
        faults += found
        if not found:
            entries[name] = _entry(row)
    words = data.get("rsl")
    if not isinstance(words, dict):
        faults.append("the table [rsl] is missing")
    else:
        faults += [f"[rsl]: {fault}" for fault in _rsl_faults(words)]
    if faults or not isinstance(words, dict):
        raise InvalidConfiguration(source, faults)
    return Vocabulary(data["version"], MappingProxyType(entries), _rsl(words))


def _entry_faults(row: Mapping[str, Any]) -> Iterator[str]:
    for key in row:
        if key not in _ENTRY_KEYS:
            yield f"unknown key {key!r}"
    for key in ("effect", "text", "example", "source"):
        if key not in row:
            yield f"{key!r} is missing"
        elif not isinstance(row[key], str):
            yield f"{key!r} must be a string"
    if isinstance(row.get("effect"), str) and row["effect"] not in {e.value for e in Effect}:
        yield f"effect {row['effect']!r} is none of {', '.join(e.value for e in Effect)}"
    yield from _verdict_faults({k: v for k, v in row.items() if k in _VERDICTS})
    retained = row.get("retained", {})
    if not isinstance(retained, dict):
        yield "'retained' must be a table"
    else:
        yield from (f"retained: unknown key {key!r}" for key in retained if key not in _VERDICTS)
        yield from (f"retained: {fault}" for fault in _verdict_faults(
            {k: v for k, v in retained.items() if k in _VERDICTS}))
    yield from (f"conditions: {fault}" for fault in _condition_faults(row.get("conditions", [])))
    if any(k.startswith("conditional") for k in row) and not row.get("conditions"):
        yield "a conditional verdict needs 'conditions' that say what would meet it"


def _verdict_faults(row: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for key, names in row.items():
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            yield f"{key} must be an array of purposes"
            continue
        for name in names:
            if name != "*" and name not in {p.value for p in Purpose}:
                yield f"{key}: {name!r} is no purpose"
            if name in seen:
                yield f"{name!r} has two verdicts"
            seen.add(name)


def _condition_faults(rows: object) -> Iterator[str]:
    if not isinstance(rows, list):
        yield "must be an array of tables"
        return
    for row in rows:
        if not isinstance(row, dict) or set(row) != {"kind", "text"} or not isinstance(row["text"], str):
            yield "each needs a kind and a text"
        elif row["kind"] not in {k.value for k in ConditionKind}:
            yield f"{row['kind']!r} is no kind of condition"


def _rsl_faults(words: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"unknown key {key!r}" for key in sorted(set(words) - _RSL_KEYS))
    yield from (f"{key!r} is missing" for key in sorted(_RSL_KEYS - set(words)))
    for key in ("covers", "covers-derived"):
        table = words.get(key, {})
        if not isinstance(table, dict):
            yield f"{key} must be a table"
            continue
        for token, names in table.items():
            yield from (f"{key}.{token}: {fault}" for fault in _verdict_faults({"purposes": names}))
    known = words.get("covers", {})
    for key in ("retained", "legacy", "payments", "unlicensed"):
        if not isinstance(words.get(key, {}), dict):
            yield f"{key} must be a table"
            return
    for purpose, tokens in words.get("retained", {}).items():
        yield from (f"retained: {t!r} is no usage token" for t in tokens if t not in known)
        if purpose not in {p.value for p in Purpose}:
            yield f"retained: {purpose!r} is no purpose"
    yield from (f"legacy: {t!r} is no usage token" for t in words.get("legacy", {}).values() if t not in known)
    for kind, value in words.get("payments", {}).items():
        if not isinstance(value, list) or len(value) != 2 or value[0] not in {k.value for k in ConditionKind}:
            yield f"payments.{kind} must be [kind of condition, text]"
    yield from (f"unlicensed: unknown key {k!r}" for k in words.get("unlicensed", {}) if k not in _VERDICTS)
    yield from _verdict_faults({k: v for k, v in words.get("unlicensed", {}).items() if k in _VERDICTS})


def _conditions(rows: Sequence[Mapping[str, str]]) -> tuple[Condition, ...]:
    return tuple(Condition(ConditionKind(row["kind"]), row["text"]) for row in rows)


def _meanings(row: Mapping[str, Any], conditions: tuple[Condition, ...]) -> tuple[Meaning, ...]:
    return tuple(
        Meaning(purpose, verdict, direct, conditions if verdict is Verdict.CONDITIONAL else ())
        for key, (verdict, direct) in _VERDICTS.items()
        for name in row.get(key, ())
        for purpose in (tuple(Purpose) if name == "*" else (Purpose(name),))
    )


def _entry(row: Mapping[str, Any]) -> Entry:
    conditions = _conditions(row.get("conditions", ()))
    means = _meanings(row, conditions)
    added = _meanings(row.get("retained", {}), conditions)
    named = {m.purpose for m in added}
    retained = (*(m for m in means if m.purpose not in named), *added) if added else means
    return Entry(row["id"], Effect(row["effect"]), row["text"], means, retained, row["example"], row["source"])


def _rsl(words: Mapping[str, Any]) -> RslWords:
    def purposes(table: Mapping[str, Sequence[str]]) -> Mapping[str, frozenset[Purpose]]:
        return MappingProxyType({t: frozenset(Purpose(n) for n in names) for t, names in table.items()})

    return RslWords(
        words["namespace"], purposes(words["covers"]), purposes(words["covers-derived"]),
        MappingProxyType({Purpose(p): frozenset(tokens) for p, tokens in words["retained"].items()}),
        MappingProxyType(dict(words["legacy"])), frozenset(words["users"]),
        MappingProxyType({k: (ConditionKind(v[0]), v[1]) for k, v in words["payments"].items()}),
        _meanings(words["unlicensed"], ()), frozenset(words["eu"]))
