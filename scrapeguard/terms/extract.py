"""From blocks to clauses: each telling passage is scored by rules and model, and what passes a threshold becomes a clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.bound import bound_by
from scrapeguard.terms.clause import AI, LARGE, NARROW, PART, READING, Clause
from scrapeguard.terms.edition import edition_of
from scrapeguard.terms.features import Context
from scrapeguard.terms.model import Head, Model, add, model_for, share, strongest
from scrapeguard.terms.passage import Passage
from scrapeguard.terms.reading import BlockReader, Read, lead_in_spans
from scrapeguard.terms.rule import Rule, RuleSet, rules_for
from scrapeguard.terms.segment import Block

SHORTEST = 12
"""Characters of the shortest quote: fewer are no clause."""

CONCEPTS = "concepts"
"""The model of languages that have no word weights of their own."""

_WHY = 4
_TRUST = 0.6
"""Share of a rule's word in the confidence, the model's being the rest."""

_REACHABLE = 0.8
"""How far below its threshold a score may lie for the words of the whole block to be asked."""

CERTAIN = 0.5
"""A rule with at least this confidence reports; one with less makes its clause uncertain."""


_Sums = dict[int, tuple[Context, list[float], float]]
"""Sums of weights and squared length of a context's features, kept since many passages share one."""


class Finding(NamedTuple):
    """A passage said to do something to one activity."""

    passage: Passage
    activity: Activity
    effect: Effect
    exceptions: tuple[Exemption, ...]
    confidence: float
    uncertain: bool
    rules: tuple[str, ...]
    reach: str


class Extractor:
    """Extracts clauses in one language, with its rules and its model."""

    def __init__(self, rules: RuleSet, model: Model) -> None:
        self.rules = rules
        self.model = model
        self._claims = [(i, h, *_claim(h)) for i, h in enumerate(model.claims)]
        self._index = {(effect, activity): i for i, _, effect, activity in self._claims}
        self._exemptions = [Exemption(h.name.partition(":")[2]) for h in model.exceptions]
        self._biases = [h.bias for h in model.claims]
        self._freeing = tuple(r for r in rules.rules if r.effect is not Effect.FORBID)

    def clauses(self, text: str, blocks: Sequence[Block]) -> list[Clause]:
        """All clauses of the document, in the order of its text."""
        reader = BlockReader(self.rules.lexicon, text, blocks, hints=self.rules.hints)
        sums: _Sums = {}
        found: list[Clause] = []
        for block in blocks:
            reads = list(reader.read(block))
            if not reads:
                continue
            shown = [read.features() for read in reads]
            scores = [
                [] if read.idle else self._scores(read.context, own, sums)
                for read, own in zip(reads, shown, strict=True)
            ]
            if self.model.block_weights and any(map(self._reachable, scores)):
                beside = [0.0] * len(self._biases)
                part = share(add(beside, self.model.block_weights, reader.whole(block)))
                scores = [of and [s + part * b for s, b in zip(of, beside, strict=True)] for of in scores]
            findings = [f for each in zip(reads, shown, scores, strict=True) for f in self._findings(*each)]
            if findings:
                found += _clauses(text, block, findings)
        return found

    def _scores(self, context: Context, own: Set[str], sums: _Sums) -> list[float]:
        """The scores of a passage, one a head."""
        known = sums.get(id(context))
        if known is None:  # the context is kept beside its sums, so that its id stays its own
            base = [0.0] * len(self._biases)
            length = add(base, self.model.claim_weights, context.features)
            sums[id(context)] = known = (context, base, length)
        scores = list(known[1])
        part = share(known[2] + add(scores, self.model.claim_weights, own))
        return [bias + part * s for bias, s in zip(self._biases, scores, strict=True)]

    def _reachable(self, scores: Sequence[float]) -> bool:
        return bool(scores) and any(s >= h.lower - _REACHABLE for s, h in zip(scores, self.model.claims, strict=True))

    def _findings(self, read: Read, own: Set[str], scores: Sequence[float]) -> Iterator[Finding]:
        """What a passage says; an idle one has no ``scores``, and only rules that free or oblige speak to it."""
        context = read.context
        said: dict[tuple[Effect, Activity], tuple[float, bool, Rule | None]] = {}
        if scores:
            for i, head, effect, activity in (c for c in self._claims if scores[c[0]] >= c[1].lower):
                said[effect, activity] = (head.probability(scores[i]), scores[i] < head.upper, None)
        for rule in self._freeing if read.idle else self.rules.rules:
            if rule.fires(own, context.features):
                for activity in rule.activities:
                    index = self._index.get((rule.effect, activity))
                    likely = (
                        self.model.claims[index].probability(scores[index]) if index is not None and scores else None
                    )
                    confidence = rule.confidence if likely is None else _trusted(rule.confidence, likely)
                    said[rule.effect, activity] = (confidence, confidence < CERTAIN, rule)
        if not said:
            return
        shown = own | context.features
        stated = [h.bias for h in self.model.exceptions]
        add(stated, self.model.exception_weights, shown)
        for (effect, activity), (confidence, uncertain, by) in said.items():
            why = (*((by.id,) if by else ()), *self._why(effect, activity, shown))
            exceptions = (*self._exempt(stated, shown, activity), *(by.exceptions if by else ()))
            if effect is Effect.FORBID:
                reach = self._reach(own, activity)
            else:
                reach = LARGE
                exceptions += tuple(x for x, cues in self.rules.limits.items() if not cues.isdisjoint(own))
            exceptions = tuple(dict.fromkeys(exceptions))
            yield Finding(read.passage, activity, effect, exceptions, confidence, uncertain, why, reach)

    def _reach(self, own: Set[str], activity: Activity) -> str:
        reach = self.rules.reach
        if activity in AI:
            return PART if not reach["output"].isdisjoint(own) and reach["with_output"].isdisjoint(own) else LARGE
        if activity not in READING:
            return LARGE
        if not reach["interface"].isdisjoint(own) and reach["beside"].isdisjoint(own):
            return PART
        if (
            activity is Activity.AUTOMATED_ACCESS
            and not reach["narrow"].isdisjoint(own)
            and reach["wide"].isdisjoint(own)
        ):
            return NARROW
        purpose = reach["part"] if activity is Activity.EXTRACTION else reach["purpose"]
        return PART if not purpose.isdisjoint(own) and reach["whole"].isdisjoint(own) else LARGE

    def _why(self, effect: Effect, activity: Activity, shown: Set[str]) -> list[str]:
        index = self._index.get((effect, activity))
        if index is None:
            return []
        return [f"{self.rules.language}.w:{f}" for f in strongest(self.model.claim_weights, index, shown, most=_WHY)]

    def _exempt(self, stated: Sequence[float], shown: Set[str], activity: Activity) -> tuple[Exemption, ...]:
        """The exceptions that the passage states for the activity: outright, or by the model's word where a cue stands."""
        own = self.model.exception_weights.get("=" + activity.value)
        extra = dict(own.weights) if own else {}
        outright, cues = self.rules.exceptions, self.rules.cues
        return tuple(
            x
            for i, x in enumerate(self._exemptions)
            if (x in outright and not outright[x].isdisjoint(shown))
            or (stated[i] + extra.get(i, 0.0) >= 0 and (x not in cues or not cues[x].isdisjoint(shown)))
        )


def _trusted(rule: float, model: float) -> float:
    """A rule's confidence and the model's together; a model that is surer prevails."""
    return max(model, _TRUST * rule + (1 - _TRUST) * model)


def _claim(head: Head) -> tuple[Effect, Activity]:
    effect, _, activity = head.name.partition(":")
    return Effect(effect), Activity(activity)


def _clauses(text: str, block: Block, findings: Sequence[Finding]) -> Iterator[Clause]:
    """One clause for what a passage says with one effect and the same exceptions; what is sure in the block is not doubted."""
    sure = {(f.activity, f.effect) for f in findings if not f.uncertain}
    groups: defaultdict[tuple[int, int, Effect, bool, tuple[Exemption, ...]], list[Finding]] = defaultdict(list)
    for f in findings:
        if f.passage.end - f.passage.start >= SHORTEST and not (f.uncertain and (f.activity, f.effect) in sure):
            groups[f.passage.start, f.passage.end, f.effect, f.uncertain, f.exceptions].append(f)
    edition = edition_of(block.section)
    for (start, end, effect, uncertain, exceptions), same in groups.items():
        spans = tuple(lead_in_spans(block, same[0].passage))
        yield Clause(
            start,
            end,
            text[start:end],
            tuple(f.activity for f in same),
            effect,
            exceptions,
            block.section,
            tuple(dict.fromkeys(r for f in same for r in f.rules)),
            round(sum(f.confidence for f in same) / len(same), 4),
            uncertain,
            spans,
            edition,
            bound_by(text[start:end], [text[s:e] for s, e in spans], block.section),
            _farthest([f.reach for f in same if f.activity in READING | AI]),
        )


def _farthest(reaches: Sequence[str]) -> str:
    return LARGE if LARGE in reaches or not reaches else reaches[0]


@lru_cache(maxsize=16)
def extractor_for(language: str) -> Extractor | None:
    """The extractor of a language (ISO 639-1), or None when the library has no rules for it."""
    rules, model = rules_for(language), model_for(language) or model_for(CONCEPTS)
    return Extractor(rules, model) if rules and model else None
