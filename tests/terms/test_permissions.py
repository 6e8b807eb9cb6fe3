"""Permissions and duties: read beside the bans, limited where they say so, and never a way round a ban."""

from __future__ import annotations

import pytest

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms import read_terms
from scrapeguard.terms.clause import LARGE, NARROW, PART, Clause
from scrapeguard.terms.verdict import summarise


def clauses(text: str) -> list[Clause]:
    return list(read_terms(text, content_type="text/markdown", language="en").clauses)


def test_a_permission_is_read_where_nothing_in_its_block_forbids() -> None:
    (found,) = clauses("Customers may temporarily cache the tide tables for a week.")
    assert (found.effect, found.activities) == (Effect.PERMIT, (Activity.ARCHIVING,))
    assert found.rules[0] == "en.permit.cache"


def test_a_passage_that_is_read_for_its_permission_only_never_forbids() -> None:
    for text in (
        "The articles are available under a Creative Commons licence; cache and copy them, sell the prints.",
        "Crawlers must clearly identify themselves.",
    ):
        assert {c.effect for c in clauses(text)} <= {Effect.PERMIT, Effect.REQUIRE}


@pytest.mark.parametrize(
    ("text", "exception"),
    [
        ("Researchers may scrape the public pages of the museum.", Exemption.RESEARCH),
        ("Search engines may scrape the public pages of the museum.", Exemption.SEARCH_ENGINE),
        ("Archivists may scrape the public pages of the museum.", Exemption.OTHER),
        ("You may scrape the public pages as long as you ask for few of them.", Exemption.OTHER),
        ("The interfaces (API) allow you to query the catalogue programmatically.", Exemption.API),
    ],
)
def test_a_permission_for_some_states_the_exception_that_limits_it(text: str, exception: Exemption) -> None:
    found = [c for c in clauses(text) if c.effect is Effect.PERMIT]
    assert found
    assert all(exception in c.exceptions for c in found)


def test_a_limited_permission_alone_makes_a_document_conditional_and_a_plain_one_allowed() -> None:
    assert summarise(clauses("Researchers may scrape the public pages of the museum."))["scraping"] == "conditional"
    assert summarise(clauses("You are free to crawl the public pages of the museum."))["scraping"] == "allowed"


def test_no_permission_makes_a_document_allowed_that_forbids() -> None:
    ban = "You may not use robots, scrapers or other automated means to access the site or to extract data from it."
    free = "You are free to crawl the public pages of the museum."
    assert summarise(clauses(f"{ban}\n\n{free}"))["scraping"] in {"forbidden", "conditional"}


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("You may not use robots to access the site.", LARGE),
        ("You may not create accounts by automated means.", NARROW),
        ("You may not scrape data from the API responses.", PART),
        ("You may not scrape the site or the API.", LARGE),
    ],
)
def test_how_far_a_ban_reaches(text: str, reach: str) -> None:
    found = [c for c in clauses(text) if {Activity.AUTOMATED_ACCESS, Activity.EXTRACTION} & set(c.activities)]
    assert {c.reach for c in found} == {reach}
