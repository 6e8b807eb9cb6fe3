"""What a terms document says, as Statements: one a clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from scrapeguard.model.evidence import Evidence, Source, Span
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Activity, Effect, Family, Statement
from scrapeguard.terms.bound import USERS
from scrapeguard.terms.clause import LARGE, NARROW, PART, Clause
from scrapeguard.terms.document import TermsDocument

IN_WORDS: Mapping[Activity, str] = MappingProxyType(
    {
        Activity.AUTOMATED_ACCESS: "automated access",
        Activity.EXTRACTION: "extracting content or data",
        Activity.AI_TRAINING: "training AI with the content",
        Activity.AI_USE: "using the content with AI",
        Activity.TDM: "text and data mining",
        Activity.IDENTIFICATION: "identifying people",
        Activity.PERSONAL_DATA: "collecting personal data",
        Activity.INDEXING: "indexing",
        Activity.ARCHIVING: "archiving or caching copies",
        Activity.COMMERCIAL_USE: "commercial use",
        Activity.REDISTRIBUTION: "republishing the content",
        Activity.COMPETING_USE: "use for a competing service",
        Activity.CIRCUMVENTION: "getting round protection measures",
        Activity.EXCESSIVE_LOAD: "excessive load",
    }
)
"""Activities as noun phrases."""

_FORCE = {Effect.FORBID: "forbid", Effect.PERMIT: "permit", Effect.REQUIRE: "set a condition on"}
_REACH = {LARGE: "", NARROW: " of accounts, posts, votes, messages or games only", PART: " for a part or a purpose only"}


class TermsVoice:
    """A terms document that speaks to every URL of its site (`scrapeguard.model.ports.Voice`)."""

    scoped = False

    def __init__(self, document: TermsDocument, source: Source) -> None:
        self._said = tuple(_statement(clause, document, source) for clause in document.clauses)

    def says(self, query: Query) -> Sequence[Statement]:  # noqa: ARG002 - a contract says the same of every URL
        """All its clauses."""
        return self._said


def _statement(clause: Clause, document: TermsDocument, source: Source) -> Statement:
    spans = [(clause.start, clause.end), *clause.lead_in]
    evidence = tuple(
        Evidence(source, document.text[start:end], Span(start, end, document.text_sha256, document.reader)) for start, end in spans
    )
    words = f"The terms {_FORCE[clause.effect]} {_listed([IN_WORDS[a] for a in clause.activities])}"
    words += _REACH[clause.reach] if clause.effect is Effect.FORBID else ""
    if clause.section:
        words += f" (section «{' › '.join(clause.section)[:120]}»)"
    if clause.binds != USERS:
        words += f", binding {clause.binds}"
    if clause.edition:
        words += f" for «{clause.edition}»"
    return Statement(
        "terms",
        Family.TERMS,
        clause.effect,
        words + ".",
        evidence,
        activities=clause.activities,
        exceptions=clause.exceptions,
        uncertain=clause.uncertain,
        confidence=clause.confidence,
        partial=clause.effect is Effect.FORBID and clause.reach != LARGE,
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
