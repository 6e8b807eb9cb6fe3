"""ai.txt, trust.txt, llms.txt and the odd records of robots.txt."""

from __future__ import annotations

import pytest

from scrapeguard.model.evidence import LineRef, SourceState
from scrapeguard.model.exchange import RequestKind, Response
from scrapeguard.signals import fixed_probes
from tests.signals.reference import Site

AI = "User-Agent: *\nDisallow: /\nAllow: *.txt\n\nUser-agent: OtherBot\nDisallow:\n"


@pytest.mark.parametrize(("path", "agent", "expected"), [
    ("/a.txt", "ExampleBot", "allow"), ("/a.jpg", "ExampleBot", "deny"), ("/a.jpg", "OtherBot", "silent"),
])
def test_ai_txt_is_matched_as_robots_txt(path: str, agent: str, expected: str) -> None:
    assert Site(None, {"/ai.txt": AI}, agent=agent).verdict("ai-train", url=f"https://site.example{path}") == expected


def test_ai_txt_extends_a_refusal_to_mining_and_no_permission() -> None:
    found = Site(None, {"/ai.txt": AI})
    assert found.verdict("tdm", url="https://site.example/a.jpg") == "deny"
    assert found.verdict("tdm", url="https://site.example/a.txt") == "silent"
    assert found.verdict("search", url="https://site.example/a.jpg") == "silent"


@pytest.mark.parametrize("body", ["<!doctype html><p>User-agent: *\nDisallow: /", "Disallow: /\n", "", "# nothing", "a=b"])
def test_an_ai_txt_without_a_user_agent_line_counts_as_absent(body: str) -> None:
    found = Site(None, {"/ai.txt": body})
    assert found.verdict("ai-train") == "silent"
    assert next(s for s in found.signals.sources if s.kind is RequestKind.AI_TXT).state is SourceState.ABSENT


def test_ai_txt_too_long_to_read_is_a_gap_and_no_permission() -> None:
    body = "User-agent: *\nAllow: /\n" + "# filler\n" * 150_000
    found = Site(None, {"/ai.txt": body})
    assert found.verdict("ai-train") == "silent"
    assert next(s for s in found.signals.sources if s.kind is RequestKind.AI_TXT).state is SourceState.UNREADABLE
    rules = "User-agent: *\n" + "Allow: /\n" * 30_000
    found = Site(None, {"/ai.txt": rules})
    assert found.verdict("ai-train") == "silent"


@pytest.mark.parametrize(("body", "expected"), [
    ("datatrainingallowed=no", "deny"), ("member=https://x.example\nDataTrainingAllowed = YES # ok", "allow"),
    ("datatrainingallowed=maybe", "silent"), ("datatrainingallowed=yes\ndatatrainingallowed=no", "silent"),
    ("datatrainingallowed=yes\ndatatrainingallowed=yes", "silent"), ("#datatrainingallowed=no", "silent"),
    ("datatrainingallowed", "silent"), ("<html>datatrainingallowed=yes", "silent"), ("", "silent"),
])
def test_trust_txt_has_one_field_and_two_values(body: str, expected: str) -> None:
    found = Site(None, {"/trust.txt": body})
    assert found.verdict("ai-train") == expected
    assert found.verdict("ai-input") == "silent"


def test_the_second_address_of_trust_txt_counts_only_without_the_first() -> None:
    second = "/.well-known/trust.txt"
    assert Site(None, {second: "datatrainingallowed=yes"}).verdict("ai-train") == "allow"
    assert Site(None, {"/trust.txt": "<html>", second: "datatrainingallowed=no"}).verdict("ai-train") == "deny"
    assert Site(None, {"/trust.txt": "member=x", second: "datatrainingallowed=yes"}).verdict("ai-train") == "silent"
    unreachable = Site(None, {"/trust.txt": Response("https://site.example/trust.txt", 500),
                              second: "datatrainingallowed=yes"})
    assert unreachable.verdict("ai-train") == "silent"


def test_trust_txt_evidence_is_the_line() -> None:
    [statement] = Site(None, {"/trust.txt": "a=b\ndatatrainingallowed=no\n"}).statements("ai-train")
    assert (statement.evidence[0].quote, statement.evidence[0].place) == ("datatrainingallowed=no", LineRef(2))


def test_at_most_four_fixed_probes_and_the_caller_chooses() -> None:
    assert len(fixed_probes("https://site.example")) == 3  # the second address of trust.txt is asked for when the first is absent
    assert [r.url for r in fixed_probes("https://site.example", kinds=[RequestKind.TDMREP])] == [
        "https://site.example/.well-known/tdmrep.json"]


@pytest.mark.parametrize("path", ["/llms.txt", "/docs/llms-full.txt", "/agents.md", "/.well-known/agent-card.json"])
def test_descriptions_for_models_are_recognised_and_say_nothing(path: str) -> None:
    response = Response(f"https://site.example{path}", body=b"# Site\n> you may train on this\n")
    [statement] = Site().statements("ai-train", response)
    assert not statement.means
    assert "states no permission" in statement.text


def test_noindex_in_robots_txt_is_read_for_its_path_and_group() -> None:
    found = Site("User-agent: *\nNoindex: /a\nDisallowAITraining: /b\nAllowAITraining: /\n")
    assert found.verdict("search", url="https://site.example/a/1") == "deny"
    assert found.verdict("search", url="https://site.example/c") == "silent"
    assert found.verdict("ai-train", url="https://site.example/b") == "deny"
    assert found.verdict("ai-train", url="https://site.example/c") == "silent"
    assert any("AllowAITraining" in note for note in found.signals.notes)


def test_host_and_the_like_say_nothing() -> None:
    records = "Host: site.example\nClean-param: a&b\nSitemap: https://site.example/s.xml\nNoindex:\n"
    assert not Site(f"User-agent: *\n{records}").signals.voices


def test_a_record_that_cannot_be_read_shows_and_says_nothing() -> None:
    [statement] = Site("User-agent: *\nNoindex: a\n").statements("search")
    assert not statement.means
    assert "line 2" in statement.text
