"""What a model for any language sees of a passage: its concepts, their force, and what governs it, but none of its words.

Names of features: ``@robot`` a concept, ``F@robot`` a concept under a ban (P permitted, R required, C the company's own doing,
E in an exception), ``F@collect+robot`` two under the same force, ``F@use>robot`` two that follow closely, ``@use>robot`` two that
follow at all, ``F%reproduce2`` that two concepts of a class stand under it, ``only&content`` a word that limits beside a concept,
``<…`` what stands in the lead-in, ``^…`` what stands in the heading, ``!ban`` the kind of words that forbid,
``!permission`` words that ban what has no permission.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from scrapeguard.terms.lexicon import COMPANY, EXEMPT, FORBIDDEN, NEUTRAL, PERMITTED, REQUIRED, Concept, Hit

_CLASSES = {
    "reproduce": ("copy", "publish", "sell", "derive"),
    "take": ("scrape", "harvest", "extract", "collect", "mine", "reuse", "systematic"),
    "machine": ("robot", "scrape", "mine"),
    "people": ("pii", "username", "person", "identify"),
    "learn": ("ai", "train", "model"),
    "matter": ("content", "site"),
    "harm": ("circumvent", "load", "bad", "measure"),
    "other": ("ugc", "privacy", "spam", "software", "bad", "register"),
}
"""Concepts of which one can stand for another."""

_CLASS_OF = {
    c: tuple(k for k, members in _CLASSES.items() if c in members) for members in _CLASSES.values() for c in members
}
_MANY = 3
_REACH = 24
_NEIGHBOURS = 16
_CLOSE = 6
_KINDS = {"others": "pii"}
"""Concepts that are a kind of another, which the model sees in their place; rules may ask for either."""
_MODIFIERS = {"only", "except", "permit", "require", "company", "you", "third"}
_CUES = {"forbid", "ban", "permit", "require", "only", "except", "company", "you", "not"}


_GRANTS = {"permission", "law", "attribution"}
_NEAR = 3


def scoped(concepts: Sequence[Concept], governing: str) -> list[Hit]:
    """Each concept with the force it stands in, where verbs may stand last and a ban bears on the whole passage.

    An exception goes to the end of the passage or to the next word that forbids or allows; one that opens the passage goes no
    further than what it names («sauf accord écrit, la copie est interdite»).
    """
    banned = any(c == "ban" for _, c in concepts)
    state = FORBIDDEN if banned else governing
    subject, where = NEUTRAL, -9
    exempt = opening = granted = False
    hits: list[Hit] = []
    for position, concept in concepts:
        if granted and concept not in _GRANTS:
            exempt = opening = granted = False
        if concept in {"company", "you", "third"}:
            subject, where = concept, position
        elif concept == "forbid":
            state = COMPANY if subject == "company" and position - where <= _NEAR else FORBIDDEN
            exempt = opening = False
        elif concept == "ban":
            exempt = opening = False
        elif concept in {"permit", "require"} and state in {NEUTRAL, PERMITTED, REQUIRED, COMPANY}:
            own = subject == "company" and position - where <= _NEAR
            state = COMPANY if own else PERMITTED if concept == "permit" else REQUIRED
        elif concept == "except":
            exempt, opening = True, not hits
        elif concept not in {"only", "not"}:
            hits.append(Hit(position, concept, EXEMPT if exempt else state))
            granted = opening and concept in _GRANTS
    return hits


def neutral_features(concepts: Sequence[Concept], hits: Sequence[Hit]) -> set[str]:
    """Features of a passage; its `Context` holds those of what governs it."""
    found = {"!" + c for _, c in concepts if c in _CUES}
    found.update(f"{h.force}@{h.concept}" for h in hits if h.concept in _KINDS)
    concepts = [(at, _KINDS.get(c, c)) for at, c in concepts]
    hits = [h._replace(concept=_KINDS.get(h.concept, h.concept)) for h in hits]
    classes: Counter[tuple[str, str]] = Counter()
    for force, concept in {(h.force, h.concept) for h in hits if h.concept not in _CUES}:
        found.add("@" + concept)
        found.add(force + "@" + concept)
        classes.update((force, k) for k in _CLASS_OF.get(concept, ()))
    for (force, k), n in classes.items():
        found.update(f"{force}%{k}{i}" for i in range(1, min(n, _MANY) + 1))
    of_force: dict[str, list[str]] = {}
    for force, k in classes:
        of_force.setdefault(force, []).append(k)
    for force, names in of_force.items():
        found.update(f"{force}%{a}+{b}" for a in names for b in names if a < b)
    for i, (at, a, force) in enumerate(hits):
        for to, b, other in hits[i + 1 : i + 1 + _NEIGHBOURS]:
            if to - at > _REACH:
                break
            if force == other and a != b and a not in _CUES and b not in _CUES:
                found.add(f"{force}@{a}+{b}" if a < b else f"{force}@{b}+{a}")
        if (after := hits[i + 1 : i + 2]) and after[0].position - at <= _CLOSE:
            found.add(f"{force}@{a}>{after[0].concept}")
    found.update(f"@{a}>{b}" for (_, a), (_, b) in pairwise(concepts))
    found.update("!" + b for (at, _), (to, b) in pairwise(concepts) if at == to)
    for cue in {c for _, c in concepts} & _MODIFIERS:
        found.update(f"{cue}&{h.concept}" for h in hits)
    return found
