"""What governs a passage of English terms: lead-ins that are long, lines broken in mid-sentence, definitions, sanctions."""

from __future__ import annotations

import pytest

from scrapeguard.terms.lexicon import COMPANY, FORBIDDEN, forces, governing_force
from scrapeguard.terms.reading import BlockReader, Read
from scrapeguard.terms.rule import rules_for
from scrapeguard.terms.segment import blocks_of_text
from scrapeguard.terms.words import stems

RULES = rules_for("en")
assert RULES is not None


def reads(text: str) -> list[Read]:
    assert RULES is not None
    blocks = blocks_of_text(text, markdown=True)
    reader = BlockReader(RULES.lexicon, text, blocks)
    return [read for block in blocks for read in reader.read(block)]


def force_of(text: str, concept: str) -> set[str]:
    return {h.force for read in reads(text) for h in read.hits if h.concept == concept}


def test_a_ban_governs_the_line_that_a_broken_sentence_goes_on_in() -> None:
    text = (
        "You agree that at no time and under no pretext you will not look at or copy the pages of the almanac by\n\n"
        "scripts, crawlers or scrapers of any kind.\n"
    )
    assert force_of(text, "robot") == {FORBIDDEN}


def test_a_new_sentence_is_not_governed_by_the_line_before_it() -> None:
    text = "You will not copy the pages.\n\nScripts make our pages lively.\n"
    assert FORBIDDEN not in force_of(text, "robot")


def test_a_lead_in_of_one_long_sentence_is_read_from_its_beginning() -> None:
    things = ", ".join(["any text", "any picture", "any sound", "any file that you find on any page of ours"] * 5)
    assert 300 < len(things) < 650
    assert force_of(f"You may not copy {things}, for the purpose of:\n\n* scraping the almanac\n", "scrape") == {
        FORBIDDEN
    }


@pytest.mark.parametrize(
    "text",
    [
        '"Crawler" means a script that scrapes pages.',
        "“**Robot**” (or bot) refers to an automated device that extracts data, whether forbidden or not.",
    ],
)
def test_a_definition_forbids_nothing(text: str) -> None:
    assert all(read.idle for read in reads(text))


def test_what_a_forbidden_thing_is_said_to_mean_is_read() -> None:
    text = '"Prohibited Conduct" means scraping or crawling these pages with a robot.'
    assert [read.idle for read in reads(text)] == [False]
    assert force_of(text, "scrape") == {FORBIDDEN}


def test_a_quoted_word_that_opens_a_ban_is_no_definition() -> None:
    assert [read.idle for read in reads('"Scraping" of these pages is prohibited.')] == [False]


@pytest.mark.parametrize(
    "words",
    [
        "We do not allow scraping",
        "We don't permit crawling of the shop",
        "We may suspend or terminate accounts for scraping",
    ],
)
def test_what_the_company_does_not_allow_or_punishes_is_forbidden(words: str) -> None:
    assert RULES is not None
    found = RULES.lexicon.concepts(stems(words))
    assert {h.force for h in forces(found, "N") if h.concept == "scrape"} == {FORBIDDEN}


def test_a_lead_in_that_threatens_a_sanction_forbids() -> None:
    assert RULES is not None
    of = lambda words: governing_force(RULES.lexicon.concepts(stems(words)))  # noqa: E731 - two uses, one line
    assert of("We may suspend or terminate your account if you do this:") == FORBIDDEN
    assert of("We may:") == COMPANY
