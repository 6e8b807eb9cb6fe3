"""A block read with a language's lexicon: its passages, their concepts and force, and the features of each.

Extraction and training both read blocks here, so that the model sees at run time what it was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from scrapeguard.terms.features import NOTHING, Context, banned, block_features, context_of, passage_features, within
from scrapeguard.terms.lead_in import ending
from scrapeguard.terms.lexicon import FORBIDDEN, Concept, Hit, Lexicon, forces
from scrapeguard.terms.neutral import neutral_features, scoped
from scrapeguard.terms.passage import Passage, passages
from scrapeguard.terms.segment import Block
from scrapeguard.terms.speaker import Speaker

_FRAGMENTS = 4
_STOPS = ".;:!?"
_STOP = re.compile(r"[.;!?](?=\s|$)")
_LINE = 60
_BARE = 80
_LEAD_INS = 3
_LEAD_CHARACTERS, _LEAD_SENTENCE = 300, 700


Span = tuple[int, int]


class Read(NamedTuple):
    """A passage that may say something about automated use."""

    passage: Passage
    words: list[str]
    concepts: list[Concept]
    hits: list[Hit]
    context: Context
    neutral: bool = False
    """Whether the model that reads on knows concepts only."""
    idle: bool = False
    """Whether nothing in it can forbid: it is read only for what it may permit or require."""

    def features(self) -> set[str]:
        """What the passage itself shows, without its context."""
        if self.neutral:
            return neutral_features(self.concepts, self.hits)
        return passage_features(self.words, self.concepts, self.hits)


class BlockReader:
    """Reads the blocks of one document. Contexts are kept, since the items of a list share theirs.

    With ``hints`` (lower case) the passages that hold one of them are read too where nothing bans.
    """

    def __init__(self, lexicon: Lexicon, text: str, blocks: Sequence[Block] = (), *, hints: Sequence[str] = ()) -> None:
        self._lexicon = lexicon
        lowered = text.lower() if hints else ""
        self._hints = [h for h in hints if h in lowered]
        self._rest = rests(text, blocks)
        self._begun = openings(text, blocks)
        self._text = text
        self._speaker = None if lexicon.neutral else Speaker(text)
        self._outer = self._inherited(blocks)
        self._introduced: tuple[tuple[int, int], Context] = ((-1, -1), NOTHING)
        self._contexts: dict[tuple[tuple[tuple[int, int], ...], tuple[str, ...]], Context] = {}

    def context(self, block: Block) -> Context:
        """What governs the block: its innermost lead-ins and its heading."""
        key = (block.lead_in, block.section)
        found = self._contexts.get(key)
        if found is None:
            chain = (*self._outer.get(block.lead_in[0], ()), *block.lead_in) if block.lead_in else ()
            lead_in = self._said(" \n ".join(self._end_of(*span) for span in chain[-_LEAD_INS:]))
            found = context_of(self._lexicon, lead_in, block.section[-1] if block.section else "")
            self._contexts[key] = found
        return found

    def _said(self, text: str) -> str:
        """The text, with «we» for the company's name where that is a subject."""
        return self._speaker.said(text) if self._speaker else text

    def _end_of(self, start: int, end: int) -> str:
        """The last words of a lead-in; a long last sentence whole, since what forbids stands at its beginning."""
        begin = max(start, end - _LEAD_CHARACTERS)
        sentence = self._text.rfind(". ", max(start, end - _LEAD_SENTENCE), begin)
        if sentence < 0 and end - start <= _LEAD_SENTENCE:
            return self._text[start:end]
        return self._text[begin if sentence < 0 else sentence + 2 : end]

    def _within(self, outer: Context, intro: tuple[int, int]) -> Context:
        """The parts of a sentence share what introduces them."""
        known, context = self._introduced
        if known != intro:
            context = within(self._lexicon, outer, self._said(self._text[slice(*intro)]))
            self._introduced = intro, context
        return context

    def whole(self, block: Block) -> set[str]:
        """What the block shows as a whole, with what governs it."""
        words = self._lexicon.words(self._text[block.start : block.end])
        return block_features(words) | self.context(block).features

    def _concepts(self, span: Span) -> list[Concept]:
        return self._lexicon.concepts(self._lexicon.words(self._text[slice(*span)]))

    def _inherited(self, blocks: Sequence[Block]) -> dict[Span, tuple[Span, ...]]:
        """What governs a lead-in that names nothing («This includes:»): what governed the block that it goes on with."""
        leading = {b.lead_in[0] for b in blocks if b.lead_in}
        found: dict[Span, tuple[Span, ...]] = {}
        for before, block in pairwise(blocks):
            span = (block.start, block.end)
            goes_on = span in leading and before.lead_in and before.section == block.section
            if goes_on and span[1] - span[0] <= _BARE and not self._concepts(span):
                found[span] = (*found.get(before.lead_in[0], ()), *before.lead_in)
        return found

    def read(self, block: Block) -> Iterator[Read]:
        """The block's passages that hold a telling concept or a hint, in order."""
        lexicon, text = self._lexicon, self._text
        governed = bool(block.lead_in) and self.context(block).force == FORBIDDEN
        lowered = text[block.start : block.end].lower()
        tells = lexicon.tells(lowered, governed=governed)
        hinted = self._hints_at(lowered)
        if not tells and not hinted:
            return
        outer = self.context(block)
        for passage in passages(text, block.start, block.end):
            own = text[passage.start : passage.end]
            hint = hinted and self._hints_at(own.lower())
            if not tells and not hint:
                continue
            words = lexicon.words(self._said(own))
            if not hint and not lexicon.may_tell(words):
                continue
            concepts = lexicon.concepts(words)
            telling = tells and lexicon.telling_among(concepts)
            if not telling and not hint:
                continue
            context = outer if passage.intro is None else self._within(outer, passage.intro)
            begun = self._begun.get(block.start) if passage.start == block.start else None
            if begun:
                context = within(lexicon, context, text[slice(*begun)])
            rest = self._rest.get(block.start) if passage.end >= block.end else None
            if rest and any(c == "ban" for _, c in self._concepts(rest)):
                context = banned(context)
            hits = (scoped if lexicon.neutral else forces)(concepts, context.force)
            idle = not telling or lexicon.is_idle(words, hits, concepts, context.force) or lexicon.defines(own)
            if hint or not idle:
                yield Read(passage, words, concepts, hits, context, lexicon.neutral, idle)

    def _hints_at(self, lowered: str) -> bool:
        return any(map(lowered.__contains__, self._hints))


def rests(text: str, blocks: Sequence[Block]) -> dict[int, Span]:
    """Where the sentence goes on, by the start of each block that breaks off in its middle, as the lines of a PDF do."""
    found: dict[int, Span] = {}
    for i, block in enumerate(blocks):
        end = block.end
        for before, after in pairwise(blocks[i : i + 1 + _FRAGMENTS]):
            if text[end - 1] in _STOPS or not _runs_on(text, before, after):
                break
            stop = _STOP.search(text, after.start, after.end)
            end = stop.end() if stop else after.end
            found[block.start] = (block.end, end)
    return found


def openings(text: str, blocks: Sequence[Block]) -> dict[int, Span]:
    """Where the sentence began, by the start of each block that begins in its middle."""
    found: dict[int, Span] = {}
    first = 0
    for i, (before, after) in enumerate(pairwise(blocks)):
        if not _runs_on(text, before, after):
            first = i + 1
            continue
        first = max(first, i + 1 - _FRAGMENTS)
        begin = blocks[first].start
        for stop in _STOP.finditer(text, begin, before.end):
            begin = stop.end()
        if text[begin : before.end].strip():
            found[after.start] = (begin, before.end)
    return found


def _runs_on(text: str, before: Block, after: Block) -> bool:
    """Whether a sentence that ``before`` breaks off goes on in ``after``."""
    if "heading" in {before.kind, after.kind} or text[before.end - 1] in _STOPS:
        return False
    if text[after.start].islower():
        return after.kind != "item" or text[after.start + 1 : after.start + 2].isalpha()
    return (
        after.kind != "item"
        and before.end - before.start >= _LINE
        and (ending(text, before.start, before.end) == "joined" or text[before.end - 1].islower())
        and "\n" not in text[before.start : before.end]
    )


def lead_in_spans(block: Block, passage: Passage) -> Sequence[tuple[int, int]]:
    """The spans that a reader needs to understand the passage: the block's lead-ins, then the words that introduce it."""
    return (*block.lead_in, *((passage.intro,) if passage.intro else ()))
