"""A lexicon for languages that inflect, elide and compound: phrases of patterns, and triggers in two parts.

A word of a phrase is whole (``robot``), an opening (``extrai*``) or a part of a compound (``*datenbank*``). A phrase may have
a gap, ``darf … nicht``: its parts stand in that order, other words may stand between them. A phrase under ``ban+permission``
says both («bedarf … Zustimmung»). Text and phrases are compared without case and accents; an apostrophe divides words
(``l'extraction``), and so does a capital inside a word, which is how words run together when text comes out of a PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scrapeguard.terms.lexicon import Concept, Lexicon

GAP = "…"
_REACH = 16
"""Words that may stand in a gap."""

_MOST = 1 << 15
_WORD = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "œ": "oe", "æ": "ae", "Œ": "Oe", "’": "'", "\xad": ""}
)
_ACCENT = re.compile("[\u0300-\u036f]+")


def folded(text: str) -> list[str]:
    """The words of a text without case and accents, in order.

    >>> folded("L’extraction ou l'œuvre: réutilisée"), folded("derWeiterverkauf")
    (['l', 'extraction', 'ou', 'l', 'oeuvre', 'reutilisee'], ['der', 'weiterverkauf'])
    """
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text.translate(_LETTERS)))
    return _WORD.findall(_GLUED.sub(" ", text).lower())


class _Node:
    """A place in the tree of phrases: what ends here, what goes on after a gap, what comes next."""

    __slots__ = ("concept", "gaps", "next")

    def __init__(self) -> None:
        self.concept = ""
        self.gaps: dict[str, _Node] = {}
        self.next: dict[str, _Node] = {}


class _Found(NamedTuple):
    length: int
    precision: int
    concept: str
    other: tuple[int, int]
    """The words after a gap that the phrase took, from and to."""


class Inflected(Lexicon):
    """Phrases by concept, compared word by word; the longest phrase wins, then the one whose patterns say most."""

    neutral = True
    title = 0  # such a language says a ban in few words

    def _learn(self, concepts: Mapping[str, Iterable[str]]) -> None:
        self._root = _Node()
        self._keys: set[str] = set()
        self._parts: list[str] = []
        self._matches: dict[str, tuple[tuple[str, int], ...]] = {}
        for concept, phrases in concepts.items():
            for phrase in phrases:
                self._add(concept, phrase)

    def _add(self, concept: str, phrase: str) -> None:
        first, *rest = phrase.split(GAP)
        node = self._walk(self._root, first)
        for part in rest:
            node = self._walk(node.gaps.setdefault(part, _Node()), part)
        node.concept = node.concept or concept

    def _walk(self, node: _Node, phrase: str) -> _Node:
        """The node at the end of a phrase, made where it was not there."""
        for word in phrase.split():
            core = "-".join(folded(word.strip("*")))
            key = ("*" if word[0] == "*" else "") + core + ("*" if word[-1] == "*" else "")
            if key[0] == "*" and key not in self._keys:
                self._parts.append(key)
            self._keys.add(key)
            node = node.next.setdefault(key, _Node())
        return node

    def tells(self, lowered: str, *, governed: bool) -> bool:
        """True unless the text is empty: whether it tells anything shows only in its concepts."""
        return governed or bool(lowered)

    def may_tell(self, words: Sequence[str]) -> bool:
        """True unless there are none: whether they tell anything shows only in their concepts."""
        return bool(words)

    def words(self, text: str) -> list[str]:
        """The words of ``text``, folded."""
        return folded(text)

    def _patterns(self, word: str) -> tuple[tuple[str, int], ...]:
        """The patterns of the lexicon that a word meets, each with how much of it they say."""
        found = self._matches.get(word)
        if found is None:
            met = [(word, len(word) + 1)] if word in self._keys else []
            met += [(word[:n] + "*", n) for n in range(len(word), 0, -1) if word[:n] + "*" in self._keys]
            met += [(p, len(p) - 2) for p in self._parts if p.strip("*") in word]
            found = tuple(met)
            if len(self._matches) < _MOST:
                self._matches[word] = found
        return found

    def concepts(self, words: Sequence[str]) -> list[Concept]:
        """Concepts of a passage with the position of their first word, in order; a word serves one phrase."""
        found: list[Concept] = []
        taken: set[int] = set()
        met = [self._patterns(w) for w in words]
        i = 0
        while i < len(words):
            best = self._best(self._root, met, i, i, 0) if met[i] and i not in taken else None
            if best:
                found += [(i, concept) for concept in best.concept.split("+")]
                taken.update(range(*best.other))
            i += best.length if best else 1
        return found

    def _best(
        self, node: _Node, met: Sequence[tuple[tuple[str, int], ...]], start: int, at: int, precision: int
    ) -> _Found | None:
        """The best phrase that begins at ``start`` and has come to ``at`` and ``node``."""
        best = _Found(at - start, precision, node.concept, (0, 0)) if node.concept else None
        for tail in node.gaps.values():
            for j in range(at, min(at + _REACH + 1, len(met))):
                other = self._best(tail, met, j, j, 0) if met[j] else None
                if other:
                    whole = _Found(at - start, precision + other.precision, other.concept, (j, j + other.length))
                    best = max(best, whole) if best else whole
                    break
        if at < len(met):
            for key, said in met[at]:
                after = node.next.get(key)
                longer = self._best(after, met, start, at + 1, precision + said) if after else None
                if longer:
                    best = max(best, longer) if best else longer
        return best
