"""`scrapeguard check`: verdicts on the real platforms, exit statuses, and errors of one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrapeguard.model.decision import Decision
from scrapeguard.model.evidence import Span
from tests.real_sites import TERMS
from tests.serving import serving

Run = Callable[..., Any]
URLS = {name: f"https://www.{name}.com/{'watch?v=x' if name == 'youtube' else 'someone'}" for name in TERMS}
USES = ("ai-input", "ai-train", "tdm", "research", "archive", "reuse", "personal-data", "identification")


def decide(run: Run, name: str, purpose: str, archive: str) -> tuple[Decision, int]:
    ran = run("check", URLS[name], "-p", purpose, "--agent", "examplebot", "--warc", archive, "--json")
    return Decision.from_dict(json.loads(ran.out)), ran.status


def denials(decision: Decision) -> set[str]:
    return {r.statement.signal for r in decision.reasons if r.verdict.value == "deny"}


def test_platform_youtube_frees_search_engines_that_follow_robots(run: Run, sites: str) -> None:
    decision, status = decide(run, "youtube", "search", sites)
    assert (decision.allowed, status) == (True, 0)


@pytest.mark.parametrize("purpose", ["ai-train", "identification"])
def test_platform_youtube_refuses_training_and_identification(run: Run, sites: str, purpose: str) -> None:
    decision, status = decide(run, "youtube", purpose, sites)
    assert (decision.verdict.value, status) == ("deny", 1)


def test_platform_youtube_identification_rests_on_both_clauses(run: Run, sites: str, shared: Path) -> None:
    decision, _ = decide(run, "youtube", "identification", sites)
    text = (shared / "sites" / "youtube.com" / "terms.md").read_text(encoding="utf-8")
    activities = set()
    for reason in decision.reasons:
        if reason.statement.signal == "terms":
            activities |= set(reason.statement.activities)
            for evidence in reason.statement.evidence:
                assert isinstance(evidence.place, Span)
                assert text[evidence.place.start : evidence.place.end] == evidence.quote
    assert {"identification", "automated-access"} <= activities


@pytest.mark.parametrize("purpose", ["search", "ai-train", "identification"])
@pytest.mark.parametrize("name", ["facebook", "instagram", "linkedin"])
def test_platform_refused_by_robots_and_by_terms_both_shown(run: Run, sites: str, name: str, purpose: str) -> None:
    decision, status = decide(run, name, purpose, sites)
    assert (decision.verdict.value, status) == ("deny", 1)
    assert {"robots", "terms"} <= denials(decision)
    assert decision.reasons[0].statement.signal == "robots"


@pytest.mark.parametrize("purpose", ["ai-train", "identification"])
def test_platform_twitter_refused_by_terms(run: Run, sites: str, purpose: str) -> None:
    decision, status = decide(run, "twitter", purpose, sites)
    assert (decision.verdict.value, status) == ("deny", 1)
    assert "terms" in denials(decision)


@pytest.mark.parametrize("purpose", USES)
@pytest.mark.parametrize("name", TERMS)
def test_rule_5_without_the_terms_no_use_is_allowed_and_the_page_is_named(
    run: Run, robots_only: str, name: str, purpose: str
) -> None:
    decision, status = decide(run, name, purpose, robots_only)
    assert status == 1
    assert not decision.allowed
    assert decision.incomplete
    assert any(gap.url == TERMS[name] for gap in decision.gaps)
    assert TERMS[name] in str(decision)


def test_choice_text_shows_verdict_quotes_offsets_and_what_would_change_it(run: Run, sites: str) -> None:
    ran = run("check", URLS["youtube"], "--warc", sites, "--purpose", "identification")
    assert ran.status == 1
    for words in ("verdict deny", "characters", "sha256", "What would change the answer", "5(1)(e)", "Clearview"):
        assert words in ran.out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["check", "not a url", "-p", "search"], "no absolute URL"),
        (["check", "https://", "-p", "search"], "names no host"),
        (["check", "ftp://example.com/", "-p", "search"], "'ftp'"),
        (["check", "https://u:p@example.com/", "-p", "search"], "user information"),
        (["check", "https://example.com\\@evil.example/", "-p", "search"], "backslash"),
        (["check", "https://example.com/", "-p", "ai-trian"], "did you mean 'ai-train'"),
        (["check", "https://example.com/"], "--purpose"),
        (["check", "-p", "search"], "URL"),
        (["check", "https://example.com/", "-p", "search", "--profile", "strikt"], "did you mean 'strict'"),
        (["check", "https://example.com/", "-p", "search", "--warc", "/nowhere.warc"], "cannot be opened"),
        (["check", "https://example.com/", "-p", "search", "--document", "terms.html"], "URL=FILE"),
        (["check", "https://example.com/", "-p", "search", "--document", "https://example.com/t=/nowhere"], "/nowhere"),
        (["check", "https://example.com/", "-p", "search", "--agent", " "], "names no crawler"),
        (["chekc", "https://example.com/"], "did you mean 'check'"),
    ],
)
def test_choice_what_cannot_be_answered_is_one_line_and_status_2(run: Run, args: list[str], says: str) -> None:
    ran = run(*args)
    assert ran.status == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == ""


def test_choice_several_urls_the_worst_status_wins(run: Run, sites: str) -> None:
    ran = run(
        "check", URLS["youtube"], URLS["facebook"], "-p", "search", "--warc", sites, "--agent", "examplebot", "--json"
    )
    assert ran.status == 1
    assert [json.loads(line)["allowed"] for line in ran.out.splitlines()] == [True, False]
    assert run("check", URLS["youtube"], "x", "-p", "search", "--warc", sites, "--agent", "examplebot").status == 2


def test_design_2_4_a_document_in_hand_is_read_over_real_http(run: Run, tmp_path: Path) -> None:
    terms = tmp_path / "terms.html"
    terms.write_text("<h1>Terms of Service</h1><p>You must not use robots or scrapers to access this website.</p>")
    with serving(
        {"/robots.txt": "User-agent: *\nDisallow: /legal", "/": '<p>Hi<footer><a href="/legal/t">Terms</a>'}
    ) as site:
        blocked = run("check", site.origin + "/p", "-p", "research", "--allow-private", "--json")
        held = run(
            "check",
            site.origin + "/p",
            "-p",
            "research",
            "--allow-private",
            "--json",
            "--document",
            f"{site.origin}/legal/t={terms}",
        )
        read = run("check", site.origin + "/p", "-p", "research", "--allow-private", "--policy-fetch", "always")
    found = Decision.from_dict(json.loads(blocked.out))
    assert found.incomplete
    assert [g.url for g in found.gaps] == [site.origin + "/legal/t"]
    assert Decision.from_dict(json.loads(held.out)).verdict.value == "deny"
    assert read.status == 1  # the home page names terms, and they answer 404: what they say is not known
    assert f"{site.origin}/legal/t (unreachable)" in read.out


def test_choice_an_empty_file_in_hand_is_no_permission(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "terms.html"
    empty.write_bytes(b"")
    with serving({"/robots.txt": "User-agent: *\nDisallow: /legal", "/": "<p>Hi"}) as site:
        ran = run(
            "check",
            site.origin + "/p",
            "-p",
            "research",
            "--allow-private",
            "--json",
            "--document",
            f"{site.origin}/legal/t={empty}",
        )
    found = Decision.from_dict(json.loads(ran.out))
    assert not found.allowed
    assert found.incomplete
