"""From blocks to clauses: each telling passage is scored by rules and model, and what passes a threshold becomes a clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.clause import Clause
from scrapeguard.terms.edition import edition_of
from scrapeguard.terms.features import Context
from scrapeguard.terms.model import Head, Model, model_for
from scrapeguard.terms.passage import Passage
from scrapeguard.terms.reading import BlockReader, Read, lead_in_spans
from scrapeguard.terms.rule import Rule, RuleSet, rules_for
from scrapeguard.terms.segment import Block

SHORTEST = 12
"""Characters of the shortest quote: fewer are no clause."""

CERTAIN = 0.5
"""A rule with at least this confidence reports; one with less makes its clause uncertain."""


class Finding(NamedTuple):
    """A passage said to do something to one activity."""

    passage: Passage
    activity: Activity
    effect: Effect
    exceptions: tuple[Exemption, ...]
    confidence: float
    uncertain: bool
    rules: tuple[str, ...]


class Extractor:
    """Extracts clauses in one language, with its rules and its model."""

    def __init__(self, rules: RuleSet, model: Model) -> None:
        self.rules = rules
        self.model = model
        self._claims: list[tuple[int, Head, Effect, Activity]] = []
        self._exceptions: list[tuple[int, Exemption]] = []
        for i, head in enumerate(model.heads):
            kind, _, name = head.name.partition(":")
            if kind == "except":
                self._exceptions.append((i, Exemption(name)))
            else:
                self._claims.append((i, head, Effect(kind), Activity(name)))

    def clauses(self, text: str, blocks: Sequence[Block]) -> list[Clause]:
        """All clauses of the document, in the order of its text."""
        reader = BlockReader(self.rules.lexicon, text)
        bases: dict[int, tuple[Context, list[float]]] = {}
        found: list[Clause] = []
        for block in blocks:
            findings = [f for read in reader.read(block) for f in self._findings(read, bases)]
            if findings:
                found += _clauses(text, block, findings)
        return found

    def _findings(self, read: Read, bases: dict[int, tuple[Context, list[float]]]) -> Iterator[Finding]:
        context = read.context
        known = bases.get(id(context))
        if known is None:  # the context is kept beside its scores, so that its id stays its own
            base = self.model.biases()
            self.model.add(base, context.features)
            bases[id(context)] = known = (context, base)
        scores = list(known[1])
        own = read.features()
        self.model.add(scores, own)
        shown: Set[str] | None = None
        said: set[tuple[Effect, Activity]] = set()
        for rule, activity in self._fired(own, context):
            index = next((i for i, _, e, a in self._claims if e is rule.effect and a is activity), None)
            likely = self.model.heads[index].probability(scores[index]) if index is not None else 0.0
            shown = shown or own | context.features
            confidence = max(rule.confidence, likely)
            said.add((rule.effect, activity))
            yield Finding(read.passage, activity, rule.effect, self._exempt(scores, shown, activity), confidence,
                          confidence < CERTAIN, (rule.id, *self._why(index, shown, 2)))
        for index, head, effect, activity in self._claims:
            score = scores[index]
            if score < head.lower or (effect, activity) in said:
                continue
            shown = shown or own | context.features
            yield Finding(read.passage, activity, effect, self._exempt(scores, shown, activity), head.probability(score),
                          score < head.upper, self._why(index, shown, 4))

    def _fired(self, own: Set[str], context: Context) -> Iterator[tuple[Rule, Activity]]:
        for rule in self.rules.rules:
            if rule.fires(own, context.features):
                for activity in rule.activities:
                    yield rule, activity

    def _why(self, index: int | None, shown: Set[str], most: int) -> tuple[str, ...]:
        if index is None:
            return ()
        return tuple(f"{self.rules.language}.w:{f}" for f in self.model.strongest(index, shown, most=most))

    def _exempt(self, scores: Sequence[float], shown: Set[str], activity: Activity) -> tuple[Exemption, ...]:
        """The exceptions that the passage states for the activity."""
        extra = dict(self.model.weights.get("=" + activity.value, ()))
        stated = []
        for index, exemption in self._exceptions:
            outright = self.rules.exceptions.get(exemption)
            cues = self.rules.cues.get(exemption)
            if (outright and not outright.isdisjoint(shown)) or (
                scores[index] + extra.get(index, 0.0) >= 0 and (not cues or not cues.isdisjoint(shown))
            ):
                stated.append(exemption)
        return tuple(stated)


def _clauses(text: str, block: Block, findings: Sequence[Finding]) -> Iterator[Clause]:
    """One clause for what a passage says with the same effect and exceptions; what is sure elsewhere in the block needs no doubt."""
    sure = {(f.activity, f.effect) for f in findings if not f.uncertain}
    groups: defaultdict[tuple[int, int, Effect, bool, tuple[Exemption, ...]], list[Finding]] = defaultdict(list)
    for f in findings:
        if f.passage.end - f.passage.start >= SHORTEST and not (f.uncertain and (f.activity, f.effect) in sure):
            groups[f.passage.start, f.passage.end, f.effect, f.uncertain, f.exceptions].append(f)
    edition = edition_of(block.section)
    for (start, end, effect, uncertain, exceptions), same in groups.items():
        yield Clause(
            start, end, text[start:end], tuple(f.activity for f in same), effect, exceptions, block.section,
            tuple(dict.fromkeys(r for f in same for r in f.rules)), round(min(f.confidence for f in same), 4), uncertain,
            tuple(lead_in_spans(block, same[0].passage)), edition,
        )


@lru_cache(maxsize=16)
def extractor_for(language: str) -> Extractor | None:
    """The extractor of a language (ISO 639-1), or None when the library has no rules for it."""
    rules, model = rules_for(language), model_for(language)
    return Extractor(rules, model) if rules and model else None
