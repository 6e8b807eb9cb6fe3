"""Signals as a user of the library meets them: conflicts named, gaps shown, unknown words noted, named documents fetched."""

from __future__ import annotations

from typing import Any

from scrapeguard import Decision, Guard, MemoryTransport, Response
from scrapeguard.model.exchange import FailureReason, FetchFailure

ORIGIN = "https://site.example"
PAGE = f"{ORIGIN}/page"
RSL = '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>{}</license></content></rsl>'


def decide(purpose: str, files: dict[str, Any], response: Response | None = None, **context: Any) -> Decision:
    transport = MemoryTransport({ORIGIN + path: body for path, body in files.items()})
    return Guard("examplebot", transport=transport).decide(response or Response(PAGE), purpose, **context)


def test_a_conflict_names_both_sides_and_is_no_yes() -> None:
    files = {"/robots.txt": "User-agent: *\nContent-Signal: ai-input=yes\n",
             "/.well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1}]'}
    decision = decide("ai-input", files)
    assert (decision.verdict, decision.signal, bool(decision)) == ("conditional", "conflict", False)
    assert {(r.statement.signal, r.verdict.value, r.direct) for r in decision.reasons} == {
        ("content-signal", "allow", True), ("tdmrep", "deny", False)}


def test_every_signal_that_objects_is_among_the_reasons() -> None:
    files = {"/robots.txt": "User-agent: *\nContent-Usage: train-ai=n\n", "/trust.txt": "datatrainingallowed=no"}
    decision = decide("ai-train", files, Response(PAGE, 200, {"X-Robots-Tag": "noai"}))
    assert {r.statement.signal for r in decision.reasons} == {"content-usage", "trust-txt", "robots-meta"}
    assert all(r.statement.evidence[0].quote for r in decision.reasons)


def test_an_unknown_word_shows_in_the_decision_and_says_nothing() -> None:
    decision = decide("ai-train", {"/robots.txt": "User-agent: *\nContent-Usage: ai-use=n\n"})
    assert decision.verdict == "silent"
    assert any("ai-use=n" in s.text for s in decision.unspoken)


def test_a_well_known_file_that_cannot_be_read_leaves_the_decision_incomplete() -> None:
    url = f"{ORIGIN}/.well-known/tdmrep.json"
    for answer in (FetchFailure(url, FailureReason.TIMEOUT), Response(url, 503), Response(url, 403)):
        decision = decide("tdm", {"/robots.txt": "", "/.well-known/tdmrep.json": answer})
        assert decision.incomplete
        assert not decision
        assert url in {g.url for g in decision.gaps}


def test_a_document_that_the_page_names_is_fetched_under_robots_txt() -> None:
    page = Response(PAGE, 200, {"Link": '</l.xml>; rel="license"; type="application/rsl+xml"'})
    files = {"/robots.txt": "", "/l.xml": RSL.format('<permits type="usage">ai-train</permits>')}
    assert decide("ai-train", files, page).verdict == "allow"
    closed = files | {"/robots.txt": "User-agent: *\nDisallow: /l.xml\n"}
    decision = decide("ai-train", closed, page)
    assert decision.verdict == "deny"
    assert "unlicensed" in decision.reasons[0].text


def test_status_and_country_of_the_operator_reach_the_licence() -> None:
    licence = RSL.format('<permits type="usage">ai-train</permits><permits type="user">education</permits>'
                         '<permits type="geo">EU</permits>')
    files = {"/robots.txt": f"License: {ORIGIN}/l.xml\nUser-agent: *\nAllow: /\n", "/l.xml": licence}
    assert decide("ai-train", files).verdict == "conditional"
    assert decide("ai-train", files, user="education", country="DE").verdict == "allow"
    assert decide("ai-train", files, user="commercial", country="DE").verdict == "deny"
    assert decide("ai-train", files, user="education", country="US").verdict == "deny"


def test_obligations_come_with_a_yes() -> None:
    page = Response(PAGE, 200, {"X-Robots-Tag": "nofollow, notranslate"})
    decision = decide("search", {"/robots.txt": ""}, page)
    assert decision
    assert {c.kind.value for c in decision.conditions} >= {"no-follow", "no-translate"}


def test_a_decision_with_signals_survives_json() -> None:
    files = {"/robots.txt": f"License: {ORIGIN}/l.xml\nUser-agent: *\nContent-Signal: use=reference\n",
             "/l.xml": RSL.format('<permits type="usage">search</permits><payment type="crawl"/>'),
             "/.well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1}]'}
    page = Response(PAGE, 402, {"crawler-price": "USD 1"})
    for purpose in ("access", "search", "ai-train"):
        decision = decide(purpose, files, page, assets={"plus:DataMining": "DMI-PROHIBITED"})
        assert Decision.from_dict(decision.to_dict()) == decision
