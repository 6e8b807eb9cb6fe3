"""A language's lexicon: phrases to concepts, and the force (forbidden, permitted, the company's own doing) in which a concept stands.

The scope of a negation follows ConText (Harkema et al. 2009): a trigger acts on what follows it, a few act on both sides, and the
scope ends with the passage or at the next trigger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scrapeguard.terms.words import stems

LONGEST = 4
"""Words in the longest phrase of a lexicon."""

FORBIDDEN, PERMITTED, REQUIRED, COMPANY, EXEMPT, NEUTRAL = "F", "P", "R", "C", "E", "N"

_NEAR = 3


Concept = tuple[int, str]
"""A concept and the position of its first word."""


class Hit(NamedTuple):
    """A concept at a word's position, and the force it stands in."""

    position: int
    concept: str
    force: str


class Lexicon:
    """Phrases by concept, compared by stem, longest first."""

    joins_fragments = False
    """Whether a block that breaks off in a sentence is read with the words that go on in the next one."""

    def __init__(self, concepts: Mapping[str, Iterable[str]], telling: Iterable[str]) -> None:
        self.telling = frozenset(telling)
        self.phrases: dict[str, str] = {}
        for concept, phrases in concepts.items():
            for phrase in phrases:
                self.phrases.setdefault(" ".join(stems(phrase)), concept)
        self.longest: dict[str, int] = {}
        for phrase in self.phrases:
            head, n = phrase.split(" ", 1)[0], phrase.count(" ") + 1
            self.longest[head] = max(self.longest.get(head, 0), n)

    def words(self, text: str) -> list[str]:
        """The words of ``text`` in the form in which phrases are compared."""
        return stems(text)

    def tells(self, lowered: str) -> bool:
        """A cheap first look: False when no telling concept can be in the text."""
        return True

    def telling_among(self, concepts: Sequence[Concept]) -> bool:
        """True when one of the concepts can carry an activity by itself."""
        telling = self.telling
        return any(c in telling for _, c in concepts)

    def concepts(self, words: Sequence[str]) -> list[Concept]:
        """Concepts of a passage with the position of their first word, in order; a word serves one concept."""
        found = []
        longest, phrases = self.longest, self.phrases
        i, n = 0, len(words)
        while i < n:
            k = longest.get(words[i], 0)
            while k:
                concept = phrases.get(words[i] if k == 1 else " ".join(words[i : i + k])) if i + k <= n else None
                if concept:
                    found.append((i, concept))
                    break
                k -= 1
            i += k or 1
        return found


def governing_force(concepts: Sequence[Concept]) -> str:
    """The force that introductory words («You agree not to:», «We may:») give to what they govern."""
    force = NEUTRAL
    subject = NEUTRAL
    for _, concept in concepts:
        if concept in {"company", "you", "third"}:
            subject = concept
        elif concept == "forbid" or concept == "ban":
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
