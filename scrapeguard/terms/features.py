"""What the model sees of a passage: its words, short runs of them, its concepts in their order and force, and what governs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scrapeguard.terms.lexicon import Lexicon, forces, governing_force, Hit, NEUTRAL
from scrapeguard.terms.words import stems

_REACH = 14
_LEAD_WORDS = 40
_HEAD_WORDS = 12


class Context(NamedTuple):
    """What governs a passage: the features it adds, and its force."""

    features: frozenset[str]
    force: str
    concepts: frozenset[str]


def context_of(lexicon: Lexicon, lead_in: str, heading: str) -> Context:
    words = stems(lead_in)
    concepts = lexicon.concepts(words)
    tail = words[-_LEAD_WORDS:]
    force = governing_force(concepts)
    f = {"<" + w for w in tail}
    f.update("<" + a + " " + b for a, b in zip(tail, tail[1:], strict=False))
    f.update("<@" + c for _, c in concepts)
    head = stems(heading)[:_HEAD_WORDS]
    f.update("^" + w for w in head)
    f.update("^@" + c for _, c in lexicon.concepts(head))
    f.add("<" + force)
    return Context(frozenset(f), force, frozenset(c for _, c in concepts))


def passage_features(lexicon: Lexicon, words: Sequence[str], hits: Sequence[Hit], raw: Sequence[tuple[int, str]]) -> set[str]:
    f = set(words)
    two = [a + " " + b for a, b in zip(words, words[1:], strict=False)]
    f.update(two)
    f.update(a + " " + b for a, b in zip(two, words[2:], strict=False))
    names = [c for _, c in raw]
    f.update("@" + c for c in names)
    f.update("@" + a + ">" + b + ">" + c for a, b, c in zip(names, names[1:], names[2:], strict=False))
    for i, (at, a) in enumerate(raw):
        for to, b in raw[i + 1 : i + 9]:
            if to - at > _REACH:
                break
            if a != b:
                f.add("@" + a + ">" + b)
    for i, (at, a, force) in enumerate(hits):
        f.add(force + "@" + a)
        for to, b, other in hits[i + 1 : i + 9]:
            if to - at > _REACH:
                break
            if force == other and a != b:
                f.add(force + "@" + (a + "+" + b if a < b else b + "+" + a))
    return f
