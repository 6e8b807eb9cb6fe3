"""AIPREF: draft-ietf-aipref-attach-05, draft-ietf-aipref-vocab-07."""

from __future__ import annotations

import pytest

from scrapeguard.model.evidence import HeaderRef, LineRef
from scrapeguard.model.exchange import Response
from scrapeguard.signals.structured_fields import Malformed, Token, parse_dictionary
from tests.signals.reference import Site

PAGE = "https://site.example/page"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a=1, b=n", ["a", "b"]),
        ("a", ["a"]),
        ("a;x=1;y, b=?0", ["a", "b"]),
        ('a=(1 2);q, b=:aGk=:, c=@1, d=%"x%c3%a9"', ["a", "b", "c", "d"]),
        ("*a.b-c_d*=tok/en:x", ["*a.b-c_d*"]),
        ("a=1 \t,\t b=2", ["a", "b"]),
        ("", []),
    ],
)
def test_rfc9651_4_2_2_a_dictionary_is_parsed(text: str, keys: list[str]) -> None:
    assert list(parse_dictionary(text)) == keys


@pytest.mark.parametrize(
    "text",
    [
        "Train-AI=n",
        "train-ai=n,",
        "train-ai=n train-ai=y",
        "train-ai = n",
        "train-ai=",
        "=n",
        'a="x',
        "a=(1",
        "a=1.2345",
        "a=?2",
        "a;=1",
        ",a",
        "a,,b",
        "a=ü",
        "*.pdf train-ai=n",
    ],
)
def test_rfc9651_4_2_2_what_is_no_dictionary_fails_as_a_whole(text: str) -> None:
    with pytest.raises(Malformed):
        parse_dictionary(text)


def test_rfc9651_4_2_2_of_a_repeated_key_the_last_value_counts() -> None:
    assert parse_dictionary("a=n, a=y")["a"].value == Token("y")


@pytest.mark.parametrize("value", ['"n"', "?0", "N", "0", "(n)", "no"])
def test_vocab_4_only_the_tokens_y_and_n_count(value: str) -> None:
    site = Site()
    assert site.verdict("ai-train", Response(PAGE, headers={"Content-Usage": f"train-ai={value}"})) == "silent"


def test_attach_3_1_the_longest_path_replaces_the_shorter_rules_completely() -> None:
    site = Site("User-agent: *\nContent-Usage: train-ai=n, search=n\nContent-Usage: /blog/ train-ai=y\n")
    assert site.verdict("ai-train", url="https://site.example/blog/x") == "allow"
    assert site.verdict("search", url="https://site.example/blog/x") == "silent"
    assert site.verdict("search", url=PAGE) == "deny"


def test_attach_3_1_a_longer_rule_that_does_not_parse_replaces_too() -> None:
    site = Site("User-agent: *\nContent-Usage: train-ai=y\nContent-Usage: /b/ Train-AI=y\n")
    assert site.verdict("ai-train", url="https://site.example/b/x") == "silent"
    assert any("line 3" in note for note in site.signals.notes)


def test_attach_3_1_the_same_path_twice_is_combined_restrictively() -> None:
    site = Site("User-agent: *\nContent-Usage: /a train-ai=y\nContent-Usage: /a train-ai=n\n")
    assert site.verdict("ai-train", url="https://site.example/a") == "deny"


def test_vocab_5_1_header_and_robots_are_two_statements_and_any_n_wins() -> None:
    site = Site("User-agent: *\nContent-Usage: train-ai=n\n")
    assert site.verdict("ai-train", Response(PAGE, headers={"Content-Usage": "train-ai=y"})) == "deny"


def test_attach_2_a_field_of_an_error_or_redirect_says_nothing_of_the_page() -> None:
    for status in (301, 404, 500):
        assert Site().verdict("ai-train", Response(PAGE, status, {"Content-Usage": "train-ai=y"})) == "silent"


def test_vocab_2_2_labels_of_earlier_drafts_are_unknown() -> None:
    site = Site("User-agent: *\nContent-Usage: bots=n, genai=n, ai-use=n\n")
    assert site.verdict("ai-train") == "silent"
    assert len(site.signals.notes) == 3


def test_a_rule_outside_any_group_says_nothing_and_is_noted() -> None:
    site = Site("Content-Usage: train-ai=y\nUser-agent: *\nAllow: /\n")
    assert site.verdict("ai-train") == "silent"
    assert "line 1" in site.signals.notes[0]


def test_evidence_is_the_value_and_its_line_or_field() -> None:
    site = Site("User-agent: *\nContent-Usage: train-ai=n # thanks\n")
    [statement] = site.statements("ai-train")
    assert statement.evidence[0].quote == "train-ai=n"
    assert statement.evidence[0].place == LineRef(2)
    header = Response(PAGE, headers=[("content-usage", "search=y"), ("Content-Usage", "train-ai=n")])
    said = Site().statements("ai-train", header)
    assert [e.place for e in said[0].evidence] == [HeaderRef("content-usage", 0), HeaderRef("content-usage", 1)]


def test_the_answer_of_pathless_rules_depends_on_no_url() -> None:
    assert not Site("User-agent: *\nContent-Usage: train-ai=n\n").signals.voices[0].scoped
    assert Site("User-agent: *\nContent-Usage: /a train-ai=n\n").signals.voices[0].scoped
