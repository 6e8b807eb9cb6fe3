"""Deciding again from an archive: equal bit for bit, whatever was asked and however it was fetched."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapeguard.cli.demo import AGENT, PURPOSES, SITES, serve_sites
from scrapeguard.decide.agreement import Agreement
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import FailureReason, FetchFailure, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.replay import Recording
from scrapeguard.testing import FrozenClock
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.requests import RequestsTransport
from scrapeguard.transport.warc import WarcTransport
from tests.transport.test_warc import write_warc

NOW = datetime(2026, 5, 4, 3, 2, 1, 654321, tzinfo=UTC)
TERMS = "<h1>Terms of Use</h1><p>You must not use robots to access our website without our written permission.</p>"
SITE: dict[str, Response | FetchFailure | bytes | str] = {
    "https://example.com/robots.txt": "User-agent: *\nDisallow: /private\nContent-Signal: ai-train=no\nCrawl-delay: 2",
    "https://example.com/": '<p>Hello.<footer><a href="/moved">Terms of Use</a></footer>',
    "https://example.com/moved": Response("https://example.com/moved", 302, {"Location": "/terms"}),
    "https://example.com/terms": Response("https://example.com/terms", 200, {"Content-Type": "text/html"}, TERMS.encode()),
    "https://example.com/ai.txt": FetchFailure("https://example.com/ai.txt", FailureReason.TIMEOUT, "no answer within 10 s"),
    "https://example.com/.well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1}]',
    "https://closed.example/robots.txt": "User-agent: *\nDisallow: /legal",
    "https://closed.example/": '<p>Hello.<footer><a href="/legal/terms">Terms of Use</a></footer>',
    "https://down.example/robots.txt": Response("https://down.example/robots.txt", 503, {"Retry-After": "120"}),
}


class Ticking(FrozenClock):
    """Every look at it takes a moment, as in life."""

    def __call__(self) -> datetime:
        self.advance(microseconds=1371)
        return self.now


def bits(decisions: list[Decision]) -> list[str]:
    return [json.dumps(d.to_dict()) for d in decisions]


def check(path: Path, live: list[Decision]) -> None:
    again = list(Recording(path).replay())
    assert bits([r.decision for r in again]) == bits(live)
    assert all(r.same for r in again)


@pytest.mark.parametrize("fetch", ["obey", "always"])
@pytest.mark.parametrize("profile", ["strict", "standard", "open"])
def test_choice_every_question_is_answered_again_bit_for_bit(tmp_path: Path, fetch: str, profile: str) -> None:
    clock, path = Ticking(NOW), tmp_path / "a.warc.gz"
    urls = ["https://example.com/a", "https://example.com/private", "https://closed.example/", "https://down.example/x"]
    site = MemoryTransport(SITE, clock)
    with Guard("examplebot/1.0", profile, transport=site, policy_fetch=fetch, clock=clock, record=path) as g:
        live = [g.allowed(url, purpose, commercial=True) for url in urls for purpose in Purpose]
    check(path, live)


def test_choice_what_the_caller_gave_is_in_the_archive(tmp_path: Path) -> None:
    clock, path = Ticking(NOW), tmp_path / "a.warc.gz"
    held = [Response("https://closed.example/legal/terms", 200, {"Content-Type": "text/html"}, TERMS.encode()),
            Response("https://closed.example/robots.txt", body="User-agent: *\nDisallow: /x", fetched_at=NOW)]
    agreement = Agreement("example.com", ["ai-train"], reference="letter of 3 May 2026")
    page = Response("https://example.com/p", 200, {"X-Robots-Tag": "noai", "Content-Type": "text/html"},
                    b'<meta name="robots" content="noindex"><link rel=license href=/l.xml><p>Hello', NOW)
    with Guard("examplebot/1.0", transport=MemoryTransport(SITE, clock), clock=clock, record=path, agreements=[agreement],
               context=False, product_token="otherbot") as guard:
        live = [guard.allowed("https://closed.example/x", "search", documents=held),
                guard.allowed("https://closed.example/x", "search"),
                guard.allowed("https://example.com/p", "ai-train"),
                *(guard.decide(page, p, retain=True, user="education", country="DE", assets={"plus:DataMining": "DMI-PROHIBITED"})
                  for p in Purpose)]
    check(path, live)


def test_rfc9309_2_4_a_site_that_was_read_again_is_read_again(tmp_path: Path) -> None:
    clock, path = Ticking(NOW), tmp_path / "a.warc.gz"
    changing: dict[str, Response | FetchFailure | bytes | str] = {"https://example.com/robots.txt": "User-agent: *\nDisallow: /a"}
    live = []
    for rule in ("/a", "/b"):
        changing["https://example.com/robots.txt"] = f"User-agent: *\nDisallow: {rule}"
        with Guard("examplebot", transport=MemoryTransport(changing, clock), clock=clock, record=path) as guard:
            live += [guard.allowed("https://example.com/a", "search"), guard.allowed("https://example.com/b", "search")]
        clock.advance(hours=25)
    assert [d.allowed for d in live] == [False, True, True, False]
    check(path, live)


def test_choice_an_answer_from_the_store_is_recorded_too(tmp_path: Path) -> None:
    clock = Ticking(NOW)
    for name in ("a.warc.gz", "b.warc.gz"):
        site = MemoryTransport(SITE, clock)
        with Guard("examplebot", transport=site, clock=clock, store=tmp_path / "s.db", record=tmp_path / name) as guard:
            live = [guard.allowed("https://example.com/a", p) for p in Purpose]
        check(tmp_path / name, live)
    assert site.requests == []


def test_choice_a_decision_from_an_archive_of_others_is_recorded_and_replayed(tmp_path: Path) -> None:
    date = "2026-05-04T03:02:01Z"
    archive = write_warc(tmp_path / "crawl.warc.gz", [
        ("https://example.com/robots.txt", date, 200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private"),
        ("https://example.com/", date, 200, {"Content-Type": "text/html"}, b'<a href="/terms">Terms of Use</a>')])
    with Guard("examplebot", transport=WarcTransport(archive), record=tmp_path / "a.warc.gz") as guard:
        live = [guard.allowed("https://example.com/private", p) for p in Purpose]
    check(tmp_path / "a.warc.gz", live)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Decision]]:
    path = tmp_path_factory.mktemp("demo") / "demo.warc.gz"
    with serve_sites() as origins:
        transport = RequestsTransport(AGENT, allow_private=True, max_delay=0.0)
        with Guard(AGENT, transport=transport, record=path) as guard:
            live = [guard.allowed(origins[name] + at, p) for name, (_, at) in SITES.items() for p in PURPOSES]
        transport.close()
    return path, live


def test_choice_the_demo_is_replayed_equal_to_the_live_decisions(demo: tuple[Path, list[Decision]]) -> None:
    check(*demo)


def test_choice_the_demos_decisions_hold_before_a_third_party(demo: tuple[Path, list[Decision]]) -> None:
    from scrapeguard.verify import verify

    path, live = demo
    found = [verify(decision, path) for decision in live]
    assert all(found), [str(f) for f in found]
    assert sum(f.quotes for f in found) > 40


def test_choice_a_question_that_was_not_asked_is_answered_from_what_was_recorded(tmp_path: Path) -> None:
    clock, path = Ticking(NOW), tmp_path / "a.warc.gz"
    with Guard("examplebot", transport=MemoryTransport(SITE, clock), clock=clock, record=path) as guard:
        guard.allowed("https://example.com/a", "search")
    found = Recording(path).decide("https://example.com/private", "archive", agent="examplebot")
    assert found.verdict == "deny"
    assert found.decided_at is not None
    unknown = Recording(path).decide("https://elsewhere.example/", "archive", agent="examplebot")
    assert unknown.incomplete
    assert not unknown.allowed


def test_choice_a_profile_from_a_file_is_in_the_archive(tmp_path: Path) -> None:
    from importlib.resources import files

    profile, path = tmp_path / "own.toml", tmp_path / "a.warc.gz"
    profile.write_text((files("scrapeguard.decide") / "profiles" / "strict.toml").read_text(encoding="utf-8"))
    with Guard("examplebot", str(profile), transport=MemoryTransport(SITE), record=path) as guard:
        live = [guard.allowed("https://example.com/a", p) for p in Purpose]
    profile.unlink()
    check(path, live)
    other = list(Recording(path).replay(profile="open"))
    assert [r.decision.profile for r in other] == ["open"] * len(live)
    assert not any(r.same for r in other)


def test_choice_an_address_cannot_write_a_field_of_its_own(tmp_path: Path) -> None:
    path, clock = tmp_path / "a.warc", Ticking(NOW)
    held = [Response("https://example.com/terms", body=TERMS, fetched_at=NOW, headers={"Content-Type": "text/html\r\nX: y"})]
    with Guard("examplebot", transport=MemoryTransport(SITE, clock), clock=clock, record=path) as guard:
        live = [guard.allowed("https://example.com/a?b=\u00e9&c d", "search", documents=held)]
    check(path, live)


def test_choice_a_request_shows_who_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    with Guard("examplebot/1.0 (+https://example.com/bot)", transport=MemoryTransport(SITE), record=path) as guard:
        guard.allowed("https://example.com/a", "search")
    assert b"GET /robots.txt HTTP/1.1\r\nUser-Agent: examplebot/1.0 (+https://example.com/bot)\r\n" in path.read_bytes()


def test_choice_a_page_that_is_a_policy_document_too_is_not_taken_for_it(tmp_path: Path) -> None:
    path, home = tmp_path / "a.warc.gz", "https://example.com/"
    with Guard("examplebot/1.0", transport=MemoryTransport(SITE, FrozenClock(NOW)), record=path) as guard:
        page = Response(home, 200, {"Content-Type": "text/html"}, b"<p>Hello, and no terms here.", NOW)
        live = [guard.decide(page, "ai-train"), guard.allowed("https://example.com/x", "ai-train")]
    check(path, live)
