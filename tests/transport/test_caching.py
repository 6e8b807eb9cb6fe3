"""Answers from the store while they are fresh: RFC 9309 §2.4 for robots.txt, RFC 9111 and RFC 5861 for the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapeguard.guard import Guard
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.store.sql import SqlStore
from scrapeguard.testing import FrozenClock
from scrapeguard.transport.caching import CachingTransport
from scrapeguard.transport.freshness import MAX_AGE, MIN_AGE, fresh_until, stand_in

NOW = datetime(2026, 5, 4, tzinfo=UTC)
ROBOTS = Request("https://example.com/robots.txt", RequestKind.ROBOTS)
TERMS = Request("https://example.com/terms", RequestKind.TERMS)


class Site:
    """A site whose next answer can be set: ``status``, ``fields``, ``body``; or ``failure``. It knows validators."""

    live = True

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.status, self.body = 200, b"hello"
        self.fields: dict[str, str] = {}
        self.failure: FailureReason | None = None
        self.asked: list[Request] = []

    def send(self, request: Request) -> Exchange:
        self.asked.append(request)
        if self.failure:
            return FetchFailure(request.url, self.failure, "trouble", self.clock())
        given = dict(request.validators)
        same = (self.fields.get("ETag"), self.fields.get("Last-Modified"))
        if given and (given.get("If-None-Match"), given.get("If-Modified-Since")) == same:
            fields = {"Cache-Control": "max-age=7200", "Content-Type": "nonsense", "Content-Length": "0"}
            return Response(request.url, 304, fields, b"", self.clock())
        return Response(request.url, self.status, self.fields, self.body, self.clock())


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def site(clock: FrozenClock) -> Site:
    return Site(clock)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore(tmp_path / "policies.db")
    yield opened
    opened.close()


@pytest.fixture
def cached(site: Site, store: SqlStore, clock: FrozenClock) -> CachingTransport:
    return CachingTransport(site, store, agent="examplebot/1.0", clock=clock)


def body(exchange: Exchange) -> bytes:
    assert isinstance(exchange, Response)
    return exchange.body


def test_rfc9309_2_4_robots_is_asked_for_once_in_24_hours(site: Site, cached: CachingTransport, clock: FrozenClock) -> None:
    site.fields = {"Cache-Control": "max-age=31536000"}
    for _ in range(3):
        assert body(cached.send(ROBOTS)) == b"hello"
    clock.advance(hours=23, minutes=59)
    cached.send(ROBOTS)
    assert len(site.asked) == 1
    clock.advance(minutes=1)
    cached.send(ROBOTS)
    assert len(site.asked) == 2


def test_rfc9309_2_3_1_4_no_old_robots_speaks_while_it_is_unreachable(
    site: Site, cached: CachingTransport, clock: FrozenClock
) -> None:
    cached.send(ROBOTS)
    clock.advance(hours=25)
    site.failure = FailureReason.TIMEOUT
    assert isinstance(cached.send(ROBOTS), FetchFailure)
    site.failure, site.status = None, 503
    clock.advance(hours=2)
    answer = cached.send(ROBOTS)
    assert isinstance(answer, Response)
    assert answer.status == 503


def test_rfc9309_2_3_1_4_a_failure_is_remembered_and_stays_a_denial(store: SqlStore, clock: FrozenClock) -> None:
    site = Site(clock)
    site.failure = FailureReason.CONNECT
    for _ in range(2):  # a second process finds the failure in the store
        guard = Guard("examplebot/1.0", transport=site, store=store, clock=clock)
        decision = guard.allowed("https://example.com/p", "search")
        assert not decision.allowed
        assert decision.verdict.value == "deny"
    assert [r.url for r in site.asked].count(ROBOTS.url) == 1
    clock.advance(hours=1, minutes=1)
    Guard("examplebot/1.0", transport=site, store=store, clock=clock).allowed("https://example.com/p", "search")
    assert [r.url for r in site.asked].count(ROBOTS.url) == 2


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({"Cache-Control": "max-age=600"}, 10),
        ({"Cache-Control": "Public, MAX-AGE=\"600\""}, 10),
        ({"Cache-Control": "max-age=600", "Age": "300"}, 5),
        ({"Cache-Control": "s-maxage=5, max-age=600"}, 10),
        ({"Cache-Control": "max-age=0"}, 1),
        ({"Cache-Control": "no-store"}, 1),
        ({"Cache-Control": "no-cache, max-age=600"}, 1),
        ({"Expires": format_datetime(NOW + timedelta(minutes=30), usegmt=True)}, 30),
        ({"Expires": format_datetime(NOW + timedelta(hours=2), usegmt=True),
          "Date": format_datetime(NOW + timedelta(hours=1), usegmt=True)}, 60),
        ({"Expires": "0"}, 1),
        ({"Expires": format_datetime(NOW + timedelta(hours=9), usegmt=True), "Cache-Control": "max-age=120"}, 2),
        ({"Cache-Control": "max-age=999999999999999999"}, MAX_AGE.total_seconds() / 60),
        ({"Cache-Control": "max-age=many"}, 24 * 60),
        ({}, 24 * 60),
    ],
)
def test_rfc9111_4_2_the_life_of_a_document(fields: dict[str, str], minutes: float) -> None:
    page = Response(TERMS.url, 200, fields, b"", NOW)
    assert fresh_until(page, RequestKind.TERMS) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("status", "fields", "minutes"),
    [
        (404, {}, 24 * 60),
        (301, {}, 24 * 60),
        (302, {}, 1),
        (403, {}, 10),
        (403, {"Cache-Control": "max-age=86400"}, 10),
        (500, {}, 10),
        (503, {"Retry-After": "1800"}, 30),
        (429, {"Retry-After": format_datetime(NOW + timedelta(minutes=45), usegmt=True)}, 45),
        (429, {"Retry-After": "99999999"}, 24 * 60),
    ],
)
def test_choice_what_is_no_answer_is_remembered_for_a_short_time(status: int, fields: dict[str, str], minutes: float) -> None:
    assert fresh_until(Response(TERMS.url, status, fields, b"", NOW), RequestKind.TERMS) == NOW + timedelta(minutes=minutes)


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Expires", "Date", "Age", "Retry-After"]), st.text(max_size=60)),
       st.integers(100, 599), st.sampled_from(list(RequestKind)))
def test_design_2_8_no_header_field_breaks_it(fields: dict[str, str], status: int, kind: RequestKind) -> None:
    page = Response(TERMS.url, status, fields, b"", NOW)
    until = fresh_until(page, kind)
    assert until is not None
    assert NOW + MIN_AGE <= until <= NOW + MAX_AGE
    stand_in(FetchFailure(TERMS.url, FailureReason.DNS, "", NOW), page, kind, NOW)


@pytest.mark.parametrize("request_", [ROBOTS, TERMS])
@pytest.mark.parametrize(
    "validator", [{"ETag": 'W/"a"'}, {"Last-Modified": "Mon, 04 May 2026 00:00:00 GMT"},
                  {"ETag": '"b"', "Last-Modified": "Mon, 04 May 2026 00:00:00 GMT"}],
)
def test_rfc9111_4_3_what_has_not_changed_is_confirmed_without_a_body(
    site: Site, cached: CachingTransport, clock: FrozenClock, request_: Request, validator: dict[str, str]
) -> None:
    site.fields = {"Content-Type": "text/html", **validator}
    cached.send(request_)
    clock.advance(hours=25)
    found = cached.send(request_)
    assert isinstance(found, Response)
    assert (found.status, found.body, found.fetched_at) == (200, b"hello", clock())
    assert found.header("content-type") == "text/html"
    assert found.header("cache-control") == "max-age=7200"
    assert len(site.asked) == 2
    clock.advance(hours=1)
    cached.send(request_)
    assert len(site.asked) == 2  # the 304 gave it new life
    site.fields = {**{name: value.replace("a", "c").replace("b", "c") for name, value in validator.items()}, "ETag": '"new"'}
    site.body = b"new"
    clock.advance(hours=25)
    assert body(cached.send(request_)) == b"new"


def test_choice_a_304_that_was_not_asked_for_is_a_failure(site: Site, cached: CachingTransport) -> None:
    site.status = 304
    found = cached.send(TERMS)
    assert isinstance(found, FetchFailure)
    assert "304" in found.detail


def test_rfc5861_4_an_older_copy_stands_in_and_says_so(site: Site, cached: CachingTransport, clock: FrozenClock) -> None:
    cached.send(TERMS)
    for number, (failure, status) in enumerate([(FailureReason.TIMEOUT, 200), (None, 503), (None, 429)], 1):
        clock.advance(hours=25)
        site.failure, site.status, site.body = failure, status, b"busy"
        for _ in range(2):
            found = cached.send(TERMS)
            assert isinstance(found, Response)
            assert (found.status, found.body, found.fetched_at) == (200, b"hello", NOW)
            assert "older copy" in found.note
        assert len(site.asked) == 1 + number
    clock.advance(days=7)
    found = cached.send(TERMS)
    assert isinstance(found, Response)
    assert found.status == 429


@pytest.mark.parametrize(
    ("directive", "hours", "stands"),
    [("max-age=3600, stale-if-error=7200", 2, True), ("max-age=3600, stale-if-error=7200", 4, False),
     ("max-age=3600, must-revalidate", 2, False), ("no-store", 1, False), ("max-age=60", 100, True)],
)
def test_rfc5861_4_the_server_says_how_old_a_copy_may_be(
    site: Site, cached: CachingTransport, clock: FrozenClock, directive: str, hours: int, stands: bool
) -> None:
    site.fields = {"Cache-Control": directive}
    cached.send(TERMS)
    clock.advance(hours=hours)
    site.failure = FailureReason.DNS
    assert isinstance(cached.send(TERMS), Response) is stands


@pytest.mark.parametrize("reason", [FailureReason.NOT_SENT, FailureReason.ADDRESS_REFUSED])
def test_choice_nothing_stands_in_for_a_refusal_of_our_own(
    site: Site, cached: CachingTransport, clock: FrozenClock, reason: FailureReason
) -> None:
    cached.send(TERMS)
    clock.advance(hours=25)
    site.failure = reason
    assert isinstance(cached.send(TERMS), FetchFailure)


def test_choice_a_refusal_by_the_server_is_its_answer(site: Site, cached: CachingTransport, clock: FrozenClock) -> None:
    cached.send(TERMS)
    clock.advance(hours=25)
    site.status = 403
    found = cached.send(TERMS)
    assert isinstance(found, Response)
    assert found.status == 403


def test_design_2_5_the_evidence_says_that_an_older_copy_spoke(store: SqlStore) -> None:
    clock = FrozenClock(NOW)
    page = b"<h1>Terms of Use</h1><p>You must not use robots to access our website.</p><p>You may not train AI on it.</p>"

    class Live(Site):
        def send(self, request: Request) -> Exchange:
            if request.url.endswith("/terms"):
                self.fields, self.body, self.status = {"Content-Type": "text/html"}, page, 200
                return super().send(request)
            known = {"/robots.txt": b"User-agent: *\nAllow: /", "/": b'<p>Hi<footer><a href="/terms">Terms of Use</a></footer>'}
            answer = known.get(request.url.removeprefix("https://example.com"))
            return Response(request.url, 200 if answer else 404, (), answer or b"", self.clock())

    site = Live(clock)
    first = Guard("examplebot", transport=site, store=store, clock=clock).allowed("https://example.com/p", "ai-train")
    clock.advance(hours=30)
    site.failure = FailureReason.TIMEOUT
    second = Guard("examplebot", transport=site, store=store, clock=clock).allowed("https://example.com/p", "ai-train")
    assert (first.verdict, second.verdict) == ("deny", "deny")
    notes = {e.source.note for r in second.reasons for e in r.statement.evidence if e.source.kind is RequestKind.TERMS}
    assert any("older copy" in note for note in notes)


def test_choice_16_threads_fetch_a_document_once(store: SqlStore, clock: FrozenClock) -> None:
    gate = threading.Event()

    class Slow(Site):
        def send(self, request: Request) -> Exchange:
            gate.wait(5)
            return super().send(request)

    site = Slow(clock)
    cached = CachingTransport(site, store, agent="examplebot", clock=clock)
    found: list[Exchange] = []
    threads = [threading.Thread(target=lambda: found.append(cached.send(ROBOTS))) for _ in range(16)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert len(site.asked) == 1
    assert [body(f) for f in found] == [b"hello"] * 16
    assert cached._flights == {}


def test_choice_a_claim_left_by_a_dead_process_ends(store: SqlStore, site: Site, clock: FrozenClock) -> None:
    cached = CachingTransport(site, store, agent="examplebot", clock=clock)
    assert store.claim(f"examplebot\n{ROBOTS.url}", owner="dead", seconds=0.2)
    assert body(cached.send(ROBOTS)) == b"hello"
    assert len(site.asked) == 1
