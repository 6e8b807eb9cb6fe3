"""The shapes in which signals answer: always the same, or by the longest matching path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scrapeguard._pattern import Pattern, compile_pattern, normalise
from scrapeguard.model.evidence import Evidence, Source
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Effect, Family, Statement
from scrapeguard.signals.documents import MAX_NOTES
from scrapeguard.signals.vocabulary import Entry


class Said(NamedTuple):
    """One thing said: the statement as it stands, and as it stands when the content is stored."""

    statement: Statement
    retained: Statement

    def to(self, query: Query) -> Statement:
        """The one that answers ``query``."""
        return self.retained if query.retain else self.statement


def said(entry: Entry, *evidence: Evidence, text: str = "") -> Said:
    """An entry of the vocabulary, said at a place."""
    plain = entry.statement(*evidence, text=text)
    return Said(plain, plain if entry.retained == entry.means
                else entry.statement(*evidence, text=text, retained=True))


class FixedVoice:
    """Says the same for every URL and every caller, except where storing makes a difference."""

    __slots__ = ("_plain", "_retained", "scoped")

    def __init__(self, things: Iterable[Said]) -> None:
        things = tuple(things)
        self._plain = tuple(s.statement for s in things)
        self._retained = tuple(s.retained for s in things)
        self.scoped = self._plain != self._retained

    def says(self, query: Query) -> Sequence[Statement]:
        """All of it."""
        return self._retained if query.retain else self._plain


class Notes:
    """What was seen and not understood: sentences that say nothing for any purpose and show in a Decision all the same."""

    def __init__(self, source: Source | None) -> None:
        self._source = source
        self._found: dict[str, Statement] = {}

    def add(self, signal: str, *sentences: str) -> None:
        """Add sentences about a signal, up to `MAX_NOTES` in all."""
        for text in sentences:
            if len(self._found) >= MAX_NOTES:
                return
            evidence = (Evidence(self._source),) if self._source else ()
            self._found.setdefault(text, Statement(signal, Family.SIGNALS, Effect.REQUIRE, text, evidence))

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences."""
        return tuple(self._found)

    def voices(self) -> list[FixedVoice]:
        """A voice that shows them, if there are any."""
        return [FixedVoice(Said(s, s) for s in self._found.values())] if self._found else []


class PathRule(NamedTuple):
    """What is said under a path; without a pattern, everywhere. ``octets`` measures how narrow it is."""

    pattern: Pattern | None
    octets: int
    says: tuple[Said, ...]

    def applies(self, target: str) -> bool:
        """Whether a normalised target lies under it."""
        return self.pattern is None or self.pattern.matches(target)


class LongestPathVoice:
    """The rule with the longest matching path speaks; rules of equal length speak together, the combination is restrictive.

    AIPREF attach §3.1; RFC 9309 §2.2.2 measures length in octets.
    """

    __slots__ = ("_rules", "scoped")

    def __init__(self, rules: Iterable[PathRule]) -> None:
        # Narrowest first: the first that applies settles the length.
        self._rules = tuple(sorted(rules, key=lambda rule: -rule.octets))
        self.scoped = True

    def says(self, query: Query) -> Sequence[Statement]:
        """What the narrowest rules over the query's target say."""
        target = normalise(query.target)
        found: list[Statement] = []
        length = -1
        for rule in self._rules:
            if rule.octets < length:
                break
            if rule.applies(target):
                length = rule.octets
                found += [thing.to(query) for thing in rule.says]
        return found


def split_path(value: str) -> tuple[str, str]:
    """The path in front of a usage record, '' where there is none, and the rest (AIPREF attach §3.2).

    >>> split_path("/blog/ train-ai=n"), split_path("*.pdf train-ai=n")
    (('/blog/', 'train-ai=n'), ('', '*.pdf train-ai=n'))
    """
    if not value.startswith("/"):
        return "", value
    path, *rest = value.replace("\t", " ").split(" ", 1)
    return path, rest[0].strip() if rest else ""


def path_rule(path: str, says: Iterable[Said]) -> PathRule:
    """A rule under ``path`` as written; '' is everywhere and shorter than every path."""
    pattern = compile_pattern(path) if path else None
    return PathRule(pattern, pattern.octets if pattern else 0, tuple(says))


class PathVoice:
    """Every rule whose path matches speaks."""

    __slots__ = ("_rules", "scoped")

    def __init__(self, rules: Iterable[PathRule]) -> None:
        self._rules = tuple(rules)
        self.scoped = True

    def says(self, query: Query) -> Sequence[Statement]:
        """What all rules over the query's target say."""
        target = normalise(query.target)
        return [thing.to(query) for rule in self._rules if rule.applies(target) for thing in rule.says]
