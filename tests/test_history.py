"""What changed between two readings: provisions, not bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scrapeguard.errors import StoreError
from scrapeguard.guard import Guard
from scrapeguard.history import Change, ChangeKind, changes_in, compare
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import FailureReason, FetchFailure, Response
from scrapeguard.model.kept import SiteReading
from scrapeguard.plan import SiteAudit
from scrapeguard.provisions import reading_of
from scrapeguard.store.sql import SqlStore
from scrapeguard.testing import EPOCH, FrozenClock
from scrapeguard.transport.memory import MemoryTransport

URL = "https://example.com"
Content = Response | FetchFailure | bytes | str
ROBOTS = "User-agent: *\nDisallow: /private\nAllow: /private/open\n\nUser-agent: otherbot\nDisallow: /\n"
ACCESS = "You must not use robots or scrapers to access our website."
TRAIN = "You may not use our content to train artificial intelligence models."
FACES = "You must not collect information that identifies other users, such as their names or faces."


def terms(*sections: tuple[str, str]) -> bytes:
    body = "".join(f"<h2>{n}. {title}</h2><p>{words}</p>" for n, (title, words) in enumerate(sections, 1))
    return f"<html lang=en><h1>Terms of Use</h1><p>These terms of use bind all visitors of our website.</p>{body}".encode()


BASE = terms(("Access", ACCESS), ("People", FACES))


def read(robots: Content = ROBOTS, page: Content = BASE, *, day: int = 0, **more: Content) -> SiteReading:
    """The site as read on that day; ``more`` are further documents by path, with ``__`` for a slash."""
    clock = FrozenClock(EPOCH + timedelta(days=day))
    site: dict[str, Content] = {f"{URL}/robots.txt": robots, f"{URL}/terms": page}
    site[f"{URL}/"] = '<p>Welcome to all of you.<footer><a href="/terms">Terms of Use</a></footer>'
    site |= {URL + path.replace("__", "/"): content for path, content in more.items()}
    audit = SiteAudit(URL, "examplebot", same_site=lambda a, b: a == b)
    transport = MemoryTransport(site, clock)
    while requests := audit.pending():
        for request in requests:
            audit.receive(request, transport.send(request))
    return reading_of(audit.policy(), read_at=clock())[0]


def alarms(changes: tuple[Change, ...]) -> list[str]:
    return [c.text for c in changes if c.alarm]


def test_choice_a_clause_that_was_added_is_named_with_its_section() -> None:
    after = read(page=terms(("Access", ACCESS), ("Machines", TRAIN), ("People", FACES)), day=1)
    changes = compare(read(), after)
    added = [c for c in changes if c.alarm]
    assert {c.kind for c in added} == {ChangeKind.ADDED}
    assert any("a clause forbidding ai-training was added in section «" in c.text and "Machines" in c.text for c in added)
    assert all(c.at - c.since == timedelta(days=1) for c in added)
    assert any(c.after is not None and c.after.quote == TRAIN for c in added)


def test_choice_a_clause_that_was_removed_is_named() -> None:
    found = alarms(compare(read(), read(page=terms(("Access", ACCESS)), day=1)))
    assert any("identification was removed" in text for text in found)
    assert not any("automated-access" in text for text in found)


@pytest.mark.parametrize(
    "page",
    [
        terms(("People", FACES), ("Access", ACCESS)),
        terms(("Who may come", ACCESS), ("Faces and names", FACES)),
        terms(("Access", ACCESS.replace("our website", "our  web\u00adsite")), ("People", FACES)),
        BASE.replace(b"<p>", b"<p class=x>").replace(b"bind all visitors", b"bind every visitor"),
        BASE.replace(b"<h1>", b"<!-- 2026 --><h1 data-nonce=7>"),
        terms(("Access", ACCESS), ("People", FACES), ("Access again", ACCESS)),
    ],
    ids=["moved", "renamed", "spelt", "redrawn", "other bytes", "said twice"],
)
def test_choice_what_changes_no_meaning_is_no_alarm(page: bytes) -> None:
    changes = compare(read(), read(page=page, day=1))
    assert alarms(changes) == []


def test_choice_moved_text_is_told_without_alarm() -> None:
    changes = compare(read(), read(page=terms(("People", FACES), ("Access", ACCESS)), day=1))
    assert {c.kind for c in changes} == {ChangeKind.MOVED}
    reworded = compare(read(), read(page=terms(("Access", ACCESS.replace("our website", "this website")), ("People", FACES)), day=1))
    assert ChangeKind.REWORDED in {c.kind for c in reworded}
    assert alarms(reworded) == []


def test_choice_an_exception_that_came_is_an_altered_clause() -> None:
    page = terms(("Access", ACCESS[:-1] + " without our prior written permission."), ("People", FACES))
    changes = compare(read(), read(page=page, day=1))
    altered = [c for c in changes if c.kind is ChangeKind.ALTERED and c.alarm]
    assert any("now excepts" in c.text and "permission" in c.text for c in altered)
    back = compare(read(page=page), read(day=1))
    assert any("no longer excepts" in text for text in alarms(back))


def test_choice_a_rule_of_robots_that_came_or_went_is_named_with_its_crawler() -> None:
    after = read(ROBOTS.replace("Disallow: /private\n", "Disallow: /secret\n"), day=1)
    assert sorted(alarms(compare(read(), after))) == [
        "the rule «Disallow: /private» for '*' was removed",
        "the rule «Disallow: /secret» for '*' was added",
    ]
    freed = read(ROBOTS.replace("otherbot\nDisallow: /\n", "otherbot\nDisallow:\n"), day=1)
    assert sorted(alarms(compare(read(), freed))) == [
        "a group without rules for 'otherbot' was added",
        "the rule «Disallow: /» for 'otherbot' was removed",
    ]


@pytest.mark.parametrize(
    "robots",
    [
        "# new\n\n" + ROBOTS,
        ROBOTS.replace("Disallow: /private\nAllow: /private/open", "allow:/private/open\nDISALLOW : /private # why"),
        "User-agent: otherbot\nDisallow: /\n\nUser-agent: *\nAllow: /private/open\n\nUser-agent: *\nDisallow: /private\n",
        ROBOTS.replace("/private/open", "/privat%65/open") + "Sitemap: https://example.com/map.xml\n",
    ],
    ids=["lines moved", "spelt otherwise", "groups split", "escaped"],
)
def test_rfc9309_2_2_the_same_rules_otherwise_written_are_no_change(robots: str) -> None:
    assert compare(read(), read(robots, day=1)) == ()


def test_choice_a_signal_that_came_is_named() -> None:
    after = read(ROBOTS.replace("Disallow: /private\n", "Disallow: /private\nContent-Signal: search=yes, ai-train=no\n"), day=1)
    assert alarms(compare(read(), after)) == ["the content-signal «search=yes» for '*' was added in https://example.com/robots.txt",
                                             "the content-signal «ai-train=no» for '*' was added in https://example.com/robots.txt"]
    turned = read(ROBOTS.replace("Disallow: /private\n", "Disallow: /private\nContent-Signal: ai-train=no,search=yes\n"), day=2)
    assert compare(after, turned) == ()


def test_choice_a_reservation_is_told_with_its_path_and_purpose() -> None:
    rule = '[{"location": "%s", "tdm-reservation": 1}]'
    before = read(**{"__.well-known__tdmrep.json": rule % "/"})
    everywhere = alarms(compare(read(), read(day=1, **{"__.well-known__tdmrep.json": rule % "/"})))
    assert any("tdm: deny" in text for text in everywhere)
    below = alarms(compare(before, read(day=1, **{"__.well-known__tdmrep.json": rule % "/blog/"})))
    assert any("tdm: deny" in text and "was removed" in text for text in below)
    assert any("'/blog/'" in text and "was added" in text for text in below)


GONE = FetchFailure(f"{URL}/terms", FailureReason.TIMEOUT, "no answer")


def test_design_2_5_terms_that_cannot_be_read_are_no_removal() -> None:
    lost = read(page=GONE, day=1)
    changes = compare(read(), lost)
    assert [c.kind for c in changes if c.alarm] == [ChangeKind.STATE]
    assert "can no longer be read" in changes[0].text
    assert alarms(changes_in([read(), lost, read(day=2)])) == [changes[0].text]
    both = changes_in([read(), lost, read(page=terms(("Access", ACCESS)), day=2)])
    assert any("identification was removed" in text for text in alarms(both))
    assert not any("was added" in c.text for c in both)


@pytest.mark.parametrize(
    "robots", [FetchFailure(f"{URL}/robots.txt", FailureReason.DNS, "x"), Response(f"{URL}/robots.txt", 503)]
)
def test_design_2_5_a_site_that_is_down_has_not_changed_its_terms(robots: Content) -> None:
    changes = changes_in([read(), read(robots, day=1), read(day=2)])
    assert {c.kind for c in changes} == {ChangeKind.STATE}
    assert len([c for c in changes if c.alarm]) >= 1


def test_choice_terms_that_moved_to_another_address_are_the_same_terms() -> None:
    home = '<p>Welcome to all of you.<footer><a href="/legal">Terms of Use</a></footer>'
    moved = read(page=Response(f"{URL}/terms", 404), day=1, __=home, __legal=BASE)
    changes = compare(read(), moved)
    assert alarms(changes) == []
    assert {c.kind for c in changes} == {ChangeKind.MOVED}


def test_choice_another_version_of_the_library_is_no_change_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    first = read()
    older = replace(first, software="0.0.1", provisions=first.provisions[:2])
    assert compare(older, read(day=1)) == ()
    changed = read(page=terms(("Access", ACCESS)), day=1)
    texts = alarms(compare(replace(first, software="0.0.1"), changed))
    assert any("identification was removed" in text for text in texts)


# --- through the Guard and its store ---


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "policies.db"


def ask(where: Path, day: int, site: dict[str, Content]) -> tuple[Guard, Decision]:
    clock = FrozenClock(EPOCH + timedelta(days=day))
    guard = Guard("examplebot", transport=MemoryTransport(site, clock), store=where, clock=clock)
    return guard, guard.allowed(f"{URL}/p", "ai-train")


def test_choice_guard_changes_tells_what_changed_since_the_store_knows_the_site(where: Path) -> None:
    home = '<p>Welcome to all of you.<footer><a href="/terms">Terms of Use</a></footer>'
    site: dict[str, Content] = {f"{URL}/robots.txt": ROBOTS, f"{URL}/": home, f"{URL}/terms": BASE}
    guard, _ = ask(where, 0, site)
    assert guard.changes(URL) == ()
    guard.close()
    site[f"{URL}/terms"] = terms(("Access", ACCESS), ("People", FACES), ("Machines", TRAIN))
    guard, decision = ask(where, 2, site)
    found = guard.changes(f"{URL}/anything")
    assert any("ai-training was added" in c.text for c in found)
    assert found[0].to_dict()["at"].startswith("2026-01-03")
    override = guard.override(decision, reason="licence of 3 May 2026", by="A. Person")
    assert override.at == EPOCH + timedelta(days=2)
    assert guard.store is not None
    assert guard.store.overrides() == [override]
    assert dict(guard.store.decisions())[override.decision] == decision
    guard.close()
    store = SqlStore(where)
    assert len(store.readings(URL)) == 2
    text = store.readings(URL)[1].versions[0].text_sha256
    assert TRAIN.encode() in (store.snapshot(text) or b"")
    store.close()


def test_choice_an_override_needs_a_store_a_reason_and_a_name(where: Path, tmp_path: Path) -> None:
    plain = Guard("examplebot", transport=MemoryTransport({}))
    decision = plain.allowed(URL, "ai-train")
    with pytest.raises(ValueError, match="store="):
        plain.override(decision, reason="x", by="y")
    with pytest.raises(ValueError, match="store="):
        plain.changes(URL)
    with Guard("examplebot", transport=MemoryTransport({}), record=tmp_path / "a.warc.gz") as recording:
        with pytest.raises(ValueError, match="store="):
            recording.override(decision, reason="x", by="y")
        with pytest.raises(ValueError, match="store="):
            recording.changes(URL)
    with Guard("examplebot", transport=MemoryTransport({}), store=where) as guard:
        for reason, by in ((" ", "A. Person"), ("because", "")):
            with pytest.raises(ValueError, match="why and who"):
                guard.override(decision, reason=reason, by=by)
        assert guard.store is not None
        assert guard.store.overrides() == []


def test_choice_decisions_can_be_left_out_of_the_store(where: Path) -> None:
    with Guard("examplebot", transport=MemoryTransport({}), store=where, keep_decisions=False) as guard:
        guard.allowed(URL, "search")
        assert guard.store is not None
        assert list(guard.store.decisions()) == []
        assert len(guard.store.readings(URL)) == 1


def test_choice_a_store_that_cannot_be_opened_closes_the_archive(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Guard("examplebot", transport=MemoryTransport({}), store=tmp_path / "no" / "s.db", record=tmp_path / "a.warc.gz")
