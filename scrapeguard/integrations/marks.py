"""Which words of a quote decided: the concepts of its activities, found with the lexicons that the clauses were found with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from scrapeguard.integrations.markup import Markup, join, tag
from scrapeguard.model.statement import Activity
from scrapeguard.terms.lexicon import LONGEST, Lexicon
from scrapeguard.terms.rule import rules_for

MAX_QUOTE = 20_000
"""Characters of a quote in which words are marked; a longer one is shown plain."""

_CHUNK = re.compile(r"\S+")


class Mark(NamedTuple):
    """Characters ``start`` to ``end`` of a quote; ``activity`` is None for words of force and exception."""

    start: int
    end: int
    activity: Activity | None


class _Table(NamedTuple):
    tint: Mapping[str, str]
    activity: Mapping[str, Sequence[str]]
    force: frozenset[str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = tomllib.loads((resources.files("scrapeguard.integrations") / "marks.toml").read_text(encoding="utf-8"))
    return _Table(data["tint"], data["concepts"], frozenset(data["force"]["concepts"]))


@lru_cache(maxsize=1)
def _lexicons() -> tuple[Lexicon, ...]:
    rules = resources.files("scrapeguard.terms") / "rules"
    names = sorted(f.name.removesuffix(".toml") for f in rules.iterdir() if re.fullmatch(r"[a-z]{2}\.toml", f.name))
    return tuple(found.lexicon for name in names if (found := rules_for(name)) is not None)


def marks(quote: str, activities: Collection[Activity]) -> list[Mark]:
    """The words that carry the activities, and those that forbid, free or limit; of several languages the one with most.

    >>> quote = "You may not scrape this website."
    >>> [(quote[m.start:m.end], m.activity and m.activity.value) for m in marks(quote, [Activity.AUTOMATED_ACCESS])]
    [('may not', None), ('scrape', 'automated-access')]
    """
    if not activities or len(quote) > MAX_QUOTE:
        return []
    return max((_marked(quote, activities, lexicon) for lexicon in _lexicons()), key=len, default=[])


def _marked(quote: str, activities: Collection[Activity], lexicon: Lexicon) -> list[Mark]:
    table = _table()
    meant = {concept: a for a in reversed(Activity) if a in activities for concept in table.activity.get(a, ())}
    places = []
    words: list[str] = []
    for chunk in _CHUNK.finditer(quote):
        own = lexicon.words(chunk[0])
        words += own
        places += [chunk.span()] * len(own)
    found = []
    for position, concept in lexicon.concepts(words):
        if concept not in meant and concept not in table.force:
            continue
        last = position + _length(lexicon, words[position : position + LONGEST], concept) - 1
        start, end = places[position][0], places[last][1]
        trimmed = quote[start:end].strip(".,;:!?()[]{}\"'“”‘’«»")
        start = quote.index(trimmed, start) if trimmed else start
        found.append(Mark(start, start + len(trimmed) if trimmed else end, meant.get(concept)))
    return found


def _length(lexicon: Lexicon, words: Sequence[str], concept: str) -> int:
    """Words of the phrase that stands at the beginning of ``words`` for the concept."""
    for count in range(1, len(words)):
        if lexicon.concepts(words[:count])[:1] == [(0, concept)]:
            return count
    return max(len(words), 1)


def quoted(quote: str, activities: Collection[Activity]) -> Markup:
    """The quote with its deciding words marked; a mark's title names the activity."""
    table = _table()
    parts: list[object] = []
    done = 0
    for mark in marks(quote, activities):
        if mark.start < done:
            continue
        parts.append(quote[done : mark.start])
        tint = table.tint[mark.activity] if mark.activity else "force"
        title = mark.activity.value if mark.activity else "what forbids, frees or limits"
        parts.append(tag("mark", quote[mark.start : mark.end], cls=f"sg-m-{tint}", title=title))
        done = mark.end
    return join([*parts, quote[done:]])
