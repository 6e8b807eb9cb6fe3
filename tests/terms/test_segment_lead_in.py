"""What governs a block: lead-ins of lists of all shapes, headings that forbid, and where their force ends."""

from __future__ import annotations

import pytest

from scrapeguard.terms.enumeration import continues, marker_of
from scrapeguard.terms.lead_in import title_forbids
from scrapeguard.terms.segment import Block, blocks_of_html, blocks_of_text


def governed(text: str, blocks: list[Block]) -> dict[str, list[str]]:
    """The last words of each block, with those of the blocks that govern it."""
    return {last_word(text[b.start:b.end]): [last_word(text[s:e]) for s, e in b.lead_in] for b in blocks}


def last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1]


def of(text: str) -> dict[str, list[str]]:
    return governed(text, blocks_of_text(text, markdown=True))


@pytest.mark.parametrize("items", [
    "* use bots;\n* use spiders;", "- use bots;\n- use spiders;", "1. use bots;\n2. use spiders;",
    "(a) use bots;\n(b) use spiders;", "a) use bots;\nb) use spiders;", "(i) use bots;\n(ii) use spiders;",
    "use bots;\n\nuse spiders;", "• use bots;\n\n• use spiders;", "use bots;\n\nor use spiders;",
    "Use bots;\n\nUse spiders;", "\\- use bots;\n\n* use spiders;",
])
def test_a_lead_in_governs_the_list_below_whatever_its_marks(items: str) -> None:
    got = of(f"You agree not to:\n\n{items}")
    assert got["bots;"] == got["spiders;"] == ["to:"]


def test_the_force_of_a_lead_in_ends_with_the_list() -> None:
    got = of("You must not:\n\n* use bots;\n* use spiders.\n\nWe may close accounts.\n\n* Other matter one.")
    assert got["spiders."] == ["not:"]
    assert got["accounts."] == got["one."] == []


def test_paragraphs_after_a_sentence_that_is_complete_are_not_governed() -> None:
    got = of("You must not:\n\nuse bots;\n\nuse spiders.\n\nWe answer mail.")
    assert got["spiders."] == ["not:"]
    assert got["mail."] == []


def test_nested_lists_are_governed_by_every_level_above() -> None:
    got = of("You agree:\n\n1. not to:\n    a. use bots;\n    b. use tools that:\n        * crawl;\n        * mine.\n2. to pay.")
    assert got["bots;"] == ["agree:", "to:"]
    assert got["mine."] == ["agree:", "to:", "that:"]
    assert got["pay."] == ["agree:"]


def test_nesting_is_seen_by_the_change_of_marks_where_nothing_is_indented() -> None:
    got = of("3. You agree not to:\n\n(a) use bots;\n\n(b) take:\n\n(i) names;\n\n(ii) faces;\n\n(c) resell.\n\n4. We agree.")
    assert got["faces;"] == ["to:", "take:"]
    assert got["resell."] == ["to:"]
    assert got["agree."] == []


def test_a_numbered_list_resumes_after_a_paragraph_between_its_items() -> None:
    got = of("You must not:\n\n(a) use bots;\n\nThis also binds guests.\n\n(b) use spiders.")
    assert got["spiders."] == ["not:"]


def test_a_further_paragraph_of_an_item_stays_in_it() -> None:
    got = of("You must not:\n\n* use bots.\n\n    Not even slow ones.\n\n* use spiders.")
    assert got["ones."] == ["not:"]
    assert got["spiders."] == ["not:"]


def test_a_full_stop_is_a_lead_in_when_it_says_the_following() -> None:
    assert of("You may not do any of the following.\n\n* Use bots.")["bots."] == ["following."]
    assert of("We like order.\n\n* Use forms.")["forms."] == []


def test_a_lead_in_without_a_sign_governs_what_completes_it() -> None:
    got = of("You may not, without our written consent\n\n* use bots\n* use spiders")
    assert got["spiders"] == ["consent"]


@pytest.mark.parametrize("heading", ["## Prohibited conduct", "**You must not**", "### What you can’t do", "## Verbotene Nutzung",
                                     "## Utilisations interdites", "## Zakazane działania"])
def test_a_heading_that_forbids_governs_lists_and_the_paragraph_below(heading: str) -> None:
    got = of(f"{heading}\n\n* use bots\n* use spiders")
    assert got["spiders"] == [last_word(heading)]
    assert of(f"{heading}\n\nUse of bots.\n\n## Fees\n\n* pay")["bots."] == [last_word(heading)]
    assert of(f"{heading}\n\nUse of bots.\n\n## Fees\n\n* pay")["pay"] == []


def test_a_heading_and_a_lead_in_both_govern() -> None:
    assert of("## Restrictions\n\nYou shall not:\n\n* use bots")["bots"] == ["Restrictions", "not:"]


def test_a_lead_in_above_sub_headings_governs_what_stands_under_each() -> None:
    got = of("## Conduct\n\nYou must not do these things:\n\n### Automation\n\n* use bots\n\n### Data\n\n* mine\n\n"
             "## Fees\n\n* pay")
    assert got["bots"] == got["mine"] == ["things:"]
    assert got["pay"] == []


def test_a_title_that_ends_in_a_colon_reaches_only_to_the_next_title() -> None:
    got = of("**Post to:**\n\nSome Street 1\n\n**Call:**\n\nAny time")
    assert got["time"] == ["**Call:**"]


def test_html_lists_are_governed_as_their_depth_says() -> None:
    text, blocks, _ = blocks_of_html(
        "<p>You must not:</p><ul><li>use bots:<ol type=i><li>fast<li>slow</ol><p>of any kind<li>resell</ul><p>We may.</p>")
    got = governed(text, blocks)
    assert got["slow"] == ["not:", "bots:"]
    assert got["resell"] == ["not:"]
    assert got["may."] == []


def test_html_paragraphs_with_typed_marks_are_a_list_too() -> None:
    text, blocks, _ = blocks_of_html("<p>You must not:</p><p>(a) use bots;</p><p>(b) take names.</p><p>We may.</p>")
    got = governed(text, blocks)
    assert got["names."] == ["not:"]
    assert got["may."] == []


def test_a_footer_list_is_not_governed_by_the_body() -> None:
    text, blocks, _ = blocks_of_html("<p>You must not:</p><footer><ul><li>About<li>Jobs</ul></footer>")
    assert governed(text, blocks)["Jobs"] == []


@pytest.mark.parametrize(("before", "value", "marker", "follows"), [
    ("lower", 8, "(i) x", True), ("roman", 1, "(ii) x", True), ("lower", 2, "(i) x", False), ("number", 3, "4. x", True),
    ("roman", 4, "v. x", True), ("UPPER", 8, "I. x", True), ("bullet", 0, "* x", True), ("decimal2", 1, "3.2 x", True),
    ("decimal2", 1, "4. x", False), ("lower", 21, "v) x", True), ("roman", 9, "x. x", True), ("bullet", 0, "1. x", False),
])
def test_which_enumeration_a_marker_continues(before: str, value: int, marker: str, follows: bool) -> None:
    found = marker_of(marker, 0, len(marker))
    assert found is not None
    assert continues(before, value, found) is follows


@pytest.mark.parametrize("words", [
    "Inc. makes bots", "e.g. a bot", "I agree", "2024 was good", "(see below) x", "*bold* word", "-x"])
def test_what_is_no_marker(words: str) -> None:
    assert marker_of(words, 0, len(words)) is None


def test_titles_that_forbid_are_told_from_others() -> None:
    assert all(map(title_forbids, ["Restrictions", "Don'ts", "Things you may not do", "Usos prohibidos", "Verboden gebruik",
                                   "Divieti"]))
    assert not any(map(title_forbids, ["Fees", "Your rights", "Contact", "Notices", "Haftung"]))


def test_a_list_that_begins_again_below_its_own_lead_in_is_nested() -> None:
    got = of("1. You may look, but not:\n\n1. copy;\n\n2. mirror.\n\n2. We may end it.\n\n3. Pay.")
    assert got["copy;"] == got["mirror."] == ["not:"]
    assert got["it."] == got["Pay."] == []


def test_bullets_below_a_bullet_that_ends_in_a_colon_are_governed_by_it() -> None:
    got = of("* You must not:\n* use bots;\n* use spiders.")
    assert got["spiders."] == ["not:"]


def test_a_list_that_begins_below_a_numbered_clause_does_not_continue_the_clauses() -> None:
    got = of("5. Rights.\n\n5.2 You may not:\n\n1. copy;\n\n2. mirror.\n\n6. Fees.")
    assert got["copy;"] == got["mirror."] == ["not:"]
    assert got["Fees."] == []
