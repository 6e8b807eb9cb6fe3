"""The five platforms whose terms everybody asks about. No text of theirs stands here: clauses are named by words at offsets."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms import Clause, TermsDocument, read_terms

ACCESS = {Activity.AUTOMATED_ACCESS, Activity.EXTRACTION}


def read(shared: Path, site: str) -> TermsDocument:
    text = (shared / "sites" / site / "terms.md").read_text(encoding="utf-8")
    doc = read_terms(text, content_type="text/markdown")
    assert doc.text == text
    assert all(text[c.start : c.end] == c.quote for c in doc.clauses)
    return doc


def bans(doc: TermsDocument, words: str) -> list[Clause]:
    """Bans whose quote holds the words."""
    return [c for c in doc.clauses if c.effect is Effect.FORBID and not c.uncertain and words in c.quote]


def test_youtube_access_is_banned_but_for_search_engines_that_follow_robots_txt(shared: Path) -> None:
    (clause,) = bans(read(shared, "youtube.com"), "automated means (such as")
    assert set(clause.activities) >= {Activity.AUTOMATED_ACCESS}
    assert set(clause.exceptions) == {
        Exemption.SEARCH_ENGINE,
        Exemption.ROBOTS_TXT,
        Exemption.PERMISSION,
        Exemption.LAW,
    }
    assert clause.lead_in


def test_youtube_identification_is_banned_in_a_clause_of_its_own(shared: Path) -> None:
    doc = read(shared, "youtube.com")
    (clause,) = bans(doc, "might identify a person")
    assert {Activity.IDENTIFICATION, Activity.PERSONAL_DATA} <= set(clause.activities)
    assert Exemption.CONSENT in clause.exceptions
    assert not ACCESS & set(clause.activities)
    assert doc.summary() == {"scraping": "conditional", "ai": "silent", "identify": "forbidden"}


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("facebook.com", "using automated means"),
        ("instagram.com", "in an automated way"),
        ("linkedin.com", "to scrape or copy the Services"),
        ("twitter.com", "currently available, published interfaces"),
    ],
)
def test_the_platform_bans_automated_access_with_at_most_permission_api_or_law(
    shared: Path, site: str, words: str
) -> None:
    clauses = bans(read(shared, site), words)
    assert clauses
    assert any(set(c.activities) >= ACCESS for c in clauses) or site == "twitter.com"
    for clause in clauses:
        assert Activity.AUTOMATED_ACCESS in clause.activities
        assert set(clause.exceptions) <= {Exemption.PERMISSION, Exemption.LAW, Exemption.API}


@pytest.mark.parametrize("site", ["facebook.com", "instagram.com", "linkedin.com"])
def test_the_platform_verdict_on_scraping_is_forbidden(shared: Path, site: str) -> None:
    assert read(shared, site).summary()["scraping"] == "forbidden"


def test_x_bans_crawling_and_scraping_with_permission_as_the_only_exception(shared: Path) -> None:
    clauses = bans(read(shared, "twitter.com"), "(NOTE: crawling or scraping")
    assert clauses
    for clause in clauses:
        assert set(clause.activities) >= ACCESS
        assert clause.exceptions == (Exemption.PERMISSION,)
