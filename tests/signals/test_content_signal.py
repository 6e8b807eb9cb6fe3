"""Content Signals: contentsignals.org, and the `use` key under test."""

from __future__ import annotations

from scrapeguard.model.exchange import Response
from scrapeguard.model.statement import ConditionKind
from tests.signals.reference import Site

PAGE = "https://site.example/page"


def site(line: str) -> Site:
    return Site(f"User-agent: *\nContent-Signal: {line}\nAllow: /\n")


def test_yes_no_and_absence_are_three_answers() -> None:
    found = site("search=yes,ai-train=no")
    assert [found.verdict(p) for p in ("search", "ai-train", "ai-input", "archive")] == [
        "allow",
        "deny",
        "silent",
        "silent",
    ]


def test_keys_and_values_are_compared_without_case_and_spaces() -> None:
    assert site(" AI-Input = YES , x=1").verdict("ai-input") == "allow"


def test_use_immediate_defeats_search_yes_and_allows_no_storing() -> None:
    found = site("search=yes, use=immediate")
    assert found.verdict("search") == "deny"
    assert found.verdict("ai-input") == "silent"
    assert found.verdict("ai-input", retain=True) == "deny"
    assert found.verdict("research") == "conditional"


def test_use_reference_asks_to_cite_and_link() -> None:
    found = site("search=yes,ai-train=no,use=reference")
    assert [found.verdict(p) for p in ("ai-input", "reuse", "search", "tdm")] == [
        "conditional",
        "deny",
        "allow",
        "deny",
    ]
    [meaning] = [m for s in found.statements("ai-input") for m in s.means if m.purpose == "ai-input"]
    assert meaning.conditions[0].kind is ConditionKind.CITE_AND_LINK


def test_use_is_a_cap_and_never_a_grant() -> None:
    assert site("use=full").verdict("ai-train") == "silent"


def test_of_a_key_written_twice_the_restrictive_value_counts() -> None:
    assert site("ai-train=yes, ai-train=no").verdict("ai-train") == "deny"
    assert site("use=full, use=reference").verdict("ai-train") == "deny"


def test_the_longest_matching_path_decides() -> None:
    found = Site("User-agent: *\nContent-Signal: ai-train=no\nContent-Signal: /open/ ai-train=yes\n")
    assert found.verdict("ai-train", url="https://site.example/open/x") == "allow"
    assert found.verdict("ai-train") == "deny"


def test_choice_a_refusal_of_a_shorter_path_stands_where_the_longer_is_silent_and_a_grant_does_not() -> None:
    found = Site("User-agent: *\nContent-Signal: ai-train=no, ai-input=yes\nContent-Signal: /blog/ search=yes\n")
    assert [found.verdict(p, url="https://site.example/blog/x") for p in ("ai-train", "ai-input", "search")] == [
        "deny",
        "silent",
        "allow",
    ]


def test_two_groups_for_everybody_merge_and_no_wins() -> None:
    found = Site(
        "User-agent: *\nContent-Signal: ai-train=yes\nDisallow: /a\n\nUser-agent: *\nContent-Signal: ai-train=no\n"
        "Disallow: /b\n"
    )
    assert found.verdict("ai-train") == "deny"


def test_choice_outside_any_group_refusals_are_heard_and_grants_are_not() -> None:
    found = Site("Content-Signal: ai-train=no, search=yes\nUser-agent: *\nAllow: /\n")
    assert found.verdict("ai-train") == "deny"
    assert found.verdict("search") == "silent"
    assert any("grants nothing" in note for note in found.signals.notes)


def test_a_comment_is_no_signal() -> None:
    assert Site("# Content-Signal: ai-train=no\nUser-agent: *\nAllow: /\n").verdict("ai-train") == "silent"


def test_the_response_field_speaks_too_and_a_no_anywhere_wins() -> None:
    assert site("ai-train=no").verdict("ai-train", Response(PAGE, headers={"Content-Signal": "ai-train=yes"})) == "deny"
    assert Site().verdict("ai-input", Response(PAGE, headers={"content-signal": "ai-input=yes"})) == "allow"
