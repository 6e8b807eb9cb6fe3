"""Clauses as statements: one a clause, with the words, their place and what governs them as evidence."""

from __future__ import annotations

from scrapeguard.model.evidence import Source, SourceState, Span
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Activity, Effect, Family
from scrapeguard.terms import read_terms
from scrapeguard.terms.statements import TermsVoice

TEXT = "# Rules\n\nYou agree not to:\n\n* use robots or scrapers to extract data from the site;\n* be rude."


def test_each_clause_is_a_statement_with_quote_and_lead_in_as_evidence() -> None:
    document = read_terms(TEXT, content_type="text/markdown")
    source = Source("https://example.com/terms", RequestKind.TERMS, SourceState.READ)
    voice = TermsVoice(document, source)
    said = voice.says(Query("https://example.com/", "/", Purpose.ACCESS, "examplebot"))
    assert not voice.scoped
    assert len(said) == len(document.clauses) > 0
    statement = said[0]
    assert statement.family is Family.TERMS
    assert statement.effect is Effect.FORBID
    assert {Activity.AUTOMATED_ACCESS, Activity.EXTRACTION} <= {a for s in said for a in s.activities}
    quote, lead_in = statement.evidence[:2]
    assert quote.quote == document.clauses[0].quote
    assert lead_in.quote == "You agree not to:"
    for evidence in statement.evidence:
        assert isinstance(evidence.place, Span)
        assert evidence.place.text_sha256 == document.text_sha256
        assert document.text[evidence.place.start : evidence.place.end] == evidence.quote


def test_a_ban_that_names_a_part_says_so_and_a_clause_says_whom_it_binds() -> None:
    source = Source("https://example.com/terms", RequestKind.TERMS, SourceState.READ)
    query = Query("https://example.com/", "/", Purpose.ACCESS, "examplebot")
    for text, partial, words in (
        ("You may not create accounts by automated means.", True, "of accounts, posts, votes, messages or games only"),
        ("You may not use robots to access the site.", False, "The terms forbid automated access."),
        ("Developers may not use robots to access the site.", False, ", binding developers."),
        ("Search engines may index the public pages.", False, "The terms permit indexing, binding crawlers."),
    ):
        document = read_terms(text, content_type="text/markdown", language="en")
        said = TermsVoice(document, source).says(query)
        assert any(words in s.text and s.partial is partial for s in said), [s.text for s in said]
