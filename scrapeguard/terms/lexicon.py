"""A language's lexicon: phrases to concepts, and the force (forbidden, permitted, …) in which a concept stands.

The scope of a negation follows ConText (Harkema et al. 2009): a trigger acts on what follows it, a few act on both sides, and the
scope ends with the passage or at the next trigger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scrapeguard.terms.words import WORD, stem, stems

LONGEST = 4
"""Words in the longest phrase of a lexicon."""

FORBIDDEN, PERMITTED, REQUIRED, COMPANY, EXEMPT, NEUTRAL = "F", "P", "R", "C", "E", "N"

_IDLE = frozenset({COMPANY, NEUTRAL, PERMITTED, REQUIRED})
_STRONG, _WEAK, _LIMIT = 1, 2, 4
_BOTH = _WEAK | _LIMIT
_NEAR = 3
_MOST_KNOWN = 200_000
_TERM = r"[\W_]{0,6}[\"“][^\"”\n]{1,60}[\"”][\W_]{0,4}(?:\([^)\n]{0,80}\)[\W_]{0,4})?"
"""A term in quotation marks at the beginning of a text."""


Concept = tuple[int, str]
"""A concept and the position of its first word."""


class Hit(NamedTuple):
    """A concept at a word's position, and the force it stands in."""

    position: int
    concept: str
    force: str


class Lexicon:
    """Phrases by concept, compared by stem, longest first."""

    neutral = False
    """Whether passages are read by concepts alone, and a block that breaks off in a sentence with the words that go on."""

    title = 5
    """Words: so short a passage is a title or an item of a list, and forbids nothing by itself."""

    def __init__(
        self,
        concepts: Mapping[str, Iterable[str]],
        telling: Iterable[str],
        weak: Iterable[str] = (),
        limits: Iterable[str] = (),
        limit_words: Iterable[str] = (),
        defining: Iterable[str] = (),
    ) -> None:
        self.telling = frozenset(telling)
        self._strong = self.telling - frozenset(weak)
        self._limits = frozenset(limits)
        self.phrases: dict[str, str] = {}
        self._learn(concepts)
        self.longest: dict[str, int] = {}
        for phrase in self.phrases:
            head, n = phrase.split(" ", 1)[0], phrase.count(" ") + 1
            self.longest[head] = max(self.longest.get(head, 0), n)
        self._begins: dict[str, int] = {}
        for phrase, concept in self.phrases.items():
            sign = _STRONG if concept in self._strong else _WEAK if concept in self.telling else 0
            head = phrase.split(" ", 1)[0]
            self._begins[head] = self._begins.get(head, 0) | sign
        self._tellers = frozenset(word for word, sign in self._begins.items() if sign)
        for word in limit_words:
            self._begins[stem(word)] = self._begins.get(stem(word), 0) | _LIMIT
        self._signs: dict[str, int] = {}
        verbs = "|".join(map(re.escape, defining))
        self._defined = re.compile(rf"{_TERM}(?:{verbs})\b") if verbs else None

    def _learn(self, concepts: Mapping[str, Iterable[str]]) -> None:
        for concept, phrases in concepts.items():
            for phrase in phrases:
                self.phrases.setdefault(" ".join(stems(phrase)), concept)

    def words(self, text: str) -> list[str]:
        """The words of ``text`` in the form in which phrases are compared."""
        return stems(text)

    def tells(self, lowered: str, *, governed: bool) -> bool:
        """A cheap first look at a text in lower case: False when nothing in it can carry an activity.

        Weak concepts need a word that limits beside them, unless the text is ``governed`` by a ban.
        """
        begins, signs = self._begins, self._signs
        seen = _LIMIT if governed else 0
        for word in WORD.findall(lowered):
            sign = signs.get(word)
            if sign is None:
                if len(signs) > _MOST_KNOWN:
                    signs.clear()
                sign = signs[word] = begins.get(stem(word), 0)
            if sign:
                seen |= sign
                if seen & _STRONG or seen & _BOTH == _BOTH:
                    return True
        return False

    def defines(self, text: str) -> bool:
        """True when the text says what a term means («"Crawler" means …»): it forbids nothing, unless the term does
        («"Prohibited Conduct" means …»)."""
        found = self._defined.match(text) if self._defined else None
        return found is not None and not self._refuses(stems(found[0]))

    def may_tell(self, words: Sequence[str]) -> bool:
        """False when none of the words begins a phrase that could carry an activity: then their concepts need not be known."""
        return not self._tellers.isdisjoint(words)

    def telling_among(self, concepts: Sequence[Concept]) -> bool:
        """True when one of the concepts can carry an activity by itself."""
        telling = self.telling
        return any(c in telling for _, c in concepts)

    def is_idle(
        self, words: Sequence[str], hits: Sequence[Hit], concepts: Sequence[Concept], governing: str
    ) -> bool:
        """True when the passage only mentions weak concepts, or is a title, and nothing bans or limits what it names."""
        if governing not in _IDLE or any(c in self._limits for _, c in concepts):
            return False
        if len(words) > self.title and any(c in self._strong for _, c in concepts):
            return False
        return all(h.force in _IDLE for h in hits) and not (len(words) <= self.title and self._refuses(words))

    def _refuses(self, words: Sequence[str]) -> bool:
        """Whether a few words hold one that limits («No scraping»)."""
        return any(self._begins.get(word, 0) & _LIMIT for word in words)

    def concepts(self, words: Sequence[str]) -> list[Concept]:
        """Concepts of a passage with the position of their first word, in order; a word serves one concept."""
        found = []
        phrases, n, free = self.phrases, len(words), 0
        for i, most in enumerate(map(self.longest.get, words)):
            if most is None or i < free:
                continue
            for k in range(min(most, n - i), 0, -1):
                concept = phrases.get(words[i] if k == 1 else " ".join(words[i : i + k]))
                if concept:
                    found.append((i, concept))
                    free = i + k
                    break
        return found


def governing_force(concepts: Sequence[Concept]) -> str:
    """The force that introductory words («You agree not to:», «We may:») give to what they govern."""
    force = NEUTRAL
    subject = NEUTRAL
    for _, concept in concepts:
        if concept in {"company", "you", "third"}:
            subject = concept
        elif concept in {"forbid", "ban"}:
            if subject != "company" or concept == "ban":
                return FORBIDDEN
            force = COMPANY
        elif concept == "permit" and force == NEUTRAL:
            force = COMPANY if subject == "company" else PERMITTED
        elif concept == "require" and force == NEUTRAL and subject != "company":
            force = REQUIRED
    return force


def forces(concepts: Sequence[Concept], governing: str) -> list[Hit]:
    """Each concept with the force it stands in, given the force of the words that govern the passage."""
    banned = any(c == "ban" for _, c in concepts)
    state = FORBIDDEN if banned else governing
    subject, where = NEUTRAL, -9
    exempt = False
    hits = []
    for position, concept in concepts:
        if concept in {"company", "you", "third"}:
            subject, where = concept, position
        elif concept == "forbid":
            state = COMPANY if subject == "company" and position - where <= _NEAR else FORBIDDEN
            exempt = False
        elif concept in {"permit", "require"} and state in {NEUTRAL, PERMITTED, REQUIRED, COMPANY}:
            own = subject == "company" and position - where <= _NEAR
            state = COMPANY if own else PERMITTED if concept == "permit" else REQUIRED
        elif concept == "except":
            exempt = True
        elif concept not in {"only", "not"}:
            hits.append(Hit(position, concept, EXEMPT if exempt else state))
    return hits
