"""From blocks to clauses: each telling passage is scored, and what passes a threshold becomes a clause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.clause import Clause
from scrapeguard.terms.features import Context
from scrapeguard.terms.lexicon import Lexicon
from scrapeguard.terms.model import Head, Model, model_for
from scrapeguard.terms.passage import Passage
from scrapeguard.terms.reading import BlockReader, lead_in_spans
from scrapeguard.terms.rule import lexicon_for
from scrapeguard.terms.segment import Block

SHORTEST = 12
"""Characters of the shortest quote: fewer are no clause."""


class _Finding(NamedTuple):
    passage: Passage
    activity: Activity
    effect: Effect
    exceptions: tuple[Exemption, ...]
    confidence: float
    uncertain: bool
    rules: tuple[str, ...]


class Extractor:
    """Extracts clauses in one language."""

    def __init__(self, language: str, lexicon: Lexicon, model: Model) -> None:
        self.language = language
        self.lexicon = lexicon
        self.model = model
        self._claims: list[tuple[int, Head, Effect, Activity]] = []
        self._exceptions: list[tuple[int, Head, Exemption]] = []
        for i, head in enumerate(model.heads):
            kind, _, name = head.name.partition(":")
            if kind == "except":
                self._exceptions.append((i, head, Exemption(name)))
            else:
                self._claims.append((i, head, Effect(kind), Activity(name)))

    def clauses(self, text: str, blocks: Sequence[Block]) -> list[Clause]:
        """All clauses of the document, in the order of its text."""
        reader = BlockReader(self.lexicon, text, blocks)
        partial: dict[int, tuple[Context, list[float]]] = {}
        found: list[Clause] = []
        for block in blocks:
            found += self._of_block(text, block, reader, partial)
        return found

    def _of_block(
        self, text: str, block: Block, reader: BlockReader, partial: dict[int, tuple[Context, list[float]]]
    ) -> Iterator[Clause]:
        findings: list[_Finding] = []
        for read in reader.read(block):
            context = read.context
            known = partial.get(id(context))
            if known is None:
                base = self.model.biases()
                self.model.add(base, context.features)
                partial[id(context)] = known = (context, base)
            scores = list(known[1])
            own = read.features()
            self.model.add(scores, own)
            for index, head, effect, activity in self._claims:
                score = scores[index]
                if score < head.lower:
                    continue
                exceptions = tuple(x for i, h, x in self._exceptions if scores[i] >= h.upper)
                why = tuple(f"{self.language}.w:{f}" for f in self.model.strongest(index, own | context.features))
                findings.append(_Finding(read.passage, activity, effect, exceptions, head.probability(score),
                                         score < head.upper, why))
        groups: defaultdict[tuple[int, int, Effect, bool, tuple[Exemption, ...]], list[_Finding]] = defaultdict(list)
        for f in findings:
            groups[f.passage.start, f.passage.end, f.effect, f.uncertain, f.exceptions].append(f)
        for (start, end, effect, uncertain, exceptions), same in groups.items():
            if end - start < SHORTEST:
                continue
            yield Clause(
                start, end, text[start:end], tuple(f.activity for f in same), effect, exceptions, block.section,
                tuple(dict.fromkeys(r for f in same for r in f.rules)), round(min(f.confidence for f in same), 4), uncertain,
                tuple(lead_in_spans(block, same[0].passage)),
            )


@lru_cache(maxsize=16)
def extractor_for(language: str) -> Extractor | None:
    """The extractor of a language (ISO 639-1), or None when the library has no rules for it."""
    lexicon, model = lexicon_for(language), model_for(language)
    return Extractor(language, lexicon, model) if lexicon and model else None
