"""What the model sees of a passage: its words, short runs of them, its concepts in their order and force, and what governs it.

Names of features: plain words are the passage's own (``data min``), ``@robot`` a concept, ``@use>@robot`` concepts in that order,
``F@robot`` a concept under a ban (P permitted, R required, C the company's own doing, E in an exception), ``<…`` what stands in
the lead-in, ``^…`` what stands in the heading.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from scrapeguard.terms.lexicon import FORBIDDEN, NEUTRAL, Concept, Hit, Lexicon, governing_force

_REACH = 14
_NEIGHBOURS = 8
_LEAD_WORDS = 40
_HEAD_WORDS = 12
_BLOCK_WORDS = 2000


class Context(NamedTuple):
    """What governs a passage: the features it adds, the force it gives, the concepts in it."""

    features: frozenset[str]
    force: str
    concepts: frozenset[str]


NOTHING = Context(frozenset(), NEUTRAL, frozenset())
"""No context."""


def context_of(lexicon: Lexicon, lead_in: str, heading: str) -> Context:
    """The context that a block's lead-in and heading make for all its passages."""
    words = lexicon.words(lead_in)
    concepts = lexicon.concepts(words)
    head = lexicon.words(heading)[:_HEAD_WORDS]
    force = governing_force(concepts)
    found = _lead_features(words[-_LEAD_WORDS:], concepts)
    found.update("^" + w for w in head)
    found.update("^@" + c for _, c in lexicon.concepts(head))
    found.add("<" + force)
    return Context(frozenset(found), force, frozenset(c for _, c in concepts))


def banned(context: Context) -> Context:
    """The context, under a ban that stands behind the passage."""
    return context._replace(features=context.features - {"<" + context.force} | {"<" + FORBIDDEN}, force=FORBIDDEN)


def within(lexicon: Lexicon, outer: Context, intro: str) -> Context:
    """The context of a part of a sentence: what introduces it there, inside the block's own context."""
    words = lexicon.words(intro)
    concepts = lexicon.concepts(words)
    force = governing_force(concepts)
    found = _lead_features(words[-_LEAD_WORDS:], concepts)
    return Context(
        outer.features | found, outer.force if force == NEUTRAL else force, outer.concepts | {c for _, c in concepts}
    )


def _lead_features(words: Sequence[str], concepts: Sequence[Concept]) -> set[str]:
    found = {"<" + w for w in words}
    found.update("<" + a + " " + b for a, b in pairwise(words))
    found.update("<@" + c for _, c in concepts)
    return found


def passage_features(words: Sequence[str], concepts: Sequence[Concept], hits: Sequence[Hit]) -> set[str]:
    """Features of the passage itself: stems alone and in pairs, concepts alone, in pairs and in threes, with their force."""
    found = set(words)
    found.update(a + " " + b for a, b in pairwise(words))
    names = ["@" + c for _, c in concepts]
    found.update(names)
    found.update(a + ">" + b + ">" + c for a, b, c in zip(names, names[1:], names[2:], strict=False))
    for i, (at, a) in enumerate(concepts):
        for to, b in concepts[i + 1 : i + 1 + _NEIGHBOURS]:
            if to - at > _REACH:
                break
            if a != b:
                found.add("@" + a + ">@" + b)
    for i, (at, a, force) in enumerate(hits):
        found.add(force + "@" + a)
        for to, b, other in hits[i + 1 : i + 1 + _NEIGHBOURS]:
            if to - at > _REACH:
                break
            if force == other and a != b:
                found.add(force + "@" + (a + "+" + b if a < b else b + "+" + a))
    return found


def block_features(words: Sequence[str]) -> set[str]:
    """Features of a whole block: runs of one to three stems."""
    words = words[:_BLOCK_WORDS]
    found = set(words)
    found.update(a + " " + b for a, b in pairwise(words))
    found.update(a + " " + b + " " + c for a, b, c in zip(words, words[1:], words[2:], strict=False))
    return found
