"""Who is bound by a clause: the subject of its sentence, then its lead-ins, then the headings."""

from __future__ import annotations

import pytest

from scrapeguard.terms import read_terms
from scrapeguard.terms.bound import PARTIES, USERS, bound_by


@pytest.mark.parametrize(
    ("sentence", "party"),
    [
        ("Developers must not resell the data.", "developers"),
        ("As a developer, you may not resell the data.", "developers"),
        ("Entwickler dürfen die Daten nicht verkaufen.", "developers"),
        ("Crawlers must obey robots.txt.", "crawlers"),
        ("Search engines may index the public pages.", "crawlers"),
        ("Advertisers shall not collect e-mail addresses.", "businesses"),
        ("Les annonceurs ne doivent pas collecter d'adresses.", "businesses"),
        ("You may not use robots.", USERS),
        ("Robots may not be used here.", USERS),
        ("Use of crawlers must stop when we say so.", USERS),
        ("Robots and scraping: you may not use any robot.", USERS),
        ("Neither we nor our advertisers will be liable.", USERS),
        ("Scraping is forbidden.", USERS),
    ],
)
def test_the_subject_of_the_sentence_is_bound(sentence: str, party: str) -> None:
    assert bound_by(sentence) == party


def test_the_innermost_lead_in_that_names_somebody_decides_before_the_heading() -> None:
    assert bound_by("sell the data", ["Developers must:", "Merchants must not:"], ["Developer terms"]) == "businesses"
    assert bound_by("sell the data", ["We are glad of developers. You must not:"], ["Rules"]) == USERS
    assert bound_by("You may not sell the data.", section=["Developer terms", "Data"]) == "developers"


def test_a_clause_says_whom_it_binds() -> None:
    text = "# API terms\n\nYou may not scrape the site.\n\n# Rules\n\nYou may not use robots to access the site."
    assert [c.binds for c in read_terms(text, content_type="text/markdown").clauses] == ["developers", USERS]
    assert USERS not in PARTIES


def test_hostile_sentences_take_no_time() -> None:
    assert bound_by("use of " * 50_000, ["a " * 100_000], ["developer terms " * 50_000]) == "developers"
