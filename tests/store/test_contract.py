"""What every store keeps to, on SQLite and on a PostgreSQL server."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from scrapeguard.errors import StoreError
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import FailureReason, FetchFailure, RequestKind, Response
from scrapeguard.model.kept import Provision, ReadSource, SiteReading, Version
from scrapeguard.model.statement import Effect, Family
from scrapeguard.store.sql import SqlStore
from scrapeguard.transport.memory import MemoryTransport

AT = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
URL = "https://example.com/terms"
AGENT = "examplebot/1.0"
SITE = {
    "https://example.com/robots.txt": "User-agent: *\nDisallow: /private\nCrawl-delay: 3\n",
    "https://example.com/": '<p>Hello to you all.<footer><a href="/terms">Terms</a></footer>',
    "https://example.com/terms": "<h1>Terms</h1><p>You must not use robots to access our website.</p>",
}


def page(body: bytes = b"<p>hello", **changes: object) -> Response:
    whole = Response(URL, 200, (("Content-Type", "text/html"), ("X-Two", "é"), ("X-Two", "b")), body, AT)
    return replace(whole, **changes)


def decisions(*paths: str) -> list[Decision]:
    guard = Guard(AGENT, transport=MemoryTransport(SITE))
    return [guard.allowed(f"https://example.com{path}", "search") for path in paths]


def reading(*provisions: Provision, at: datetime = AT, body: str = "a", software: str = "test") -> SiteReading:
    digest = hashlib.sha256(body.encode()).hexdigest()
    source = ReadSource(URL, RequestKind.TERMS, SourceState.READ, digest)
    version = Version(URL, digest, "reader/1", hashlib.sha256(f"text of {body}".encode()).hexdigest())
    until = at + timedelta(days=1)
    return SiteReading("https://example.com", "examplebot", software, at, until, (source,), (version,), provisions)


CLAUSE = Provision("terms", Family.TERMS, Effect.FORBID, "extraction", exceptions=("law",), url=URL, section="2", quote="No.")


def test_choice_a_response_comes_back_as_it_was(store: SqlStore) -> None:
    kept = page(b"\x00\xff" * 1000, truncated=True, note="odd")
    store.add_exchange(kept, kind=RequestKind.TERMS, agent=AGENT)
    assert store.newest(URL, agent=AGENT) == kept
    assert store.snapshot(kept.sha256) == kept.body


def test_choice_a_failure_comes_back_as_it_was_and_is_no_good_answer(store: SqlStore) -> None:
    good, failure = page(), FetchFailure(URL, FailureReason.TIMEOUT, "no answer", AT)
    store.add_exchange(good, kind=RequestKind.TERMS, agent=AGENT)
    store.add_exchange(failure, kind=RequestKind.TERMS, agent=AGENT)
    assert store.newest(URL, agent=AGENT) == failure
    assert store.newest_good(URL, agent=AGENT) == good


def test_choice_each_agent_has_its_own_answers(store: SqlStore) -> None:
    store.add_exchange(page(), kind=RequestKind.TERMS, agent=AGENT)
    assert store.newest(URL, agent="otherbot") is None
    assert store.newest("https://example.com/other", agent=AGENT) is None


def test_choice_equal_bodies_are_kept_once(store: SqlStore) -> None:
    for number in range(5):
        store.add_exchange(page(fetched_at=AT + timedelta(hours=number)), kind=RequestKind.TERMS, agent=AGENT)
    with store._reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM snapshots")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM exchanges")).scalar() == 5


def test_choice_a_decision_comes_back_equal_and_bit_for_bit(store: SqlStore) -> None:
    asked = decisions("/a", "/private/b", "/a")
    numbers = [store.add_decision(d) for d in asked]
    assert len(set(numbers)) == 3
    assert list(store.decisions()) == list(zip(numbers, asked, strict=True))
    assert [d.to_dict() for _, d in store.decisions()] == [d.to_dict() for d in asked]
    assert [n for n, _ in store.decisions("https://example.com/private/b")] == numbers[1:2]


def test_choice_many_decisions_are_kept_in_one_go(store: SqlStore) -> None:
    asked = [*decisions("/private/a", "/b"), *decisions("/private/a", "/c")]
    store.add_decisions([])
    store.add_decisions(asked)
    store.add_decision(asked[0])
    assert [d for _, d in store.decisions()] == [*asked, asked[0]]


@pytest.mark.parametrize("change", ["UPDATE decisions SET allowed = NOT allowed", "DELETE FROM decisions",
                                    "UPDATE overrides SET reason = 'none'", "DELETE FROM overrides"])
def test_choice_the_database_refuses_to_change_or_delete_what_is_on_record(store: SqlStore, change: str) -> None:
    decision, = decisions("/private")
    store.add_override(decision, reason="a court order", by="A. Person", at=AT)
    before = list(store.decisions()), store.overrides()
    with pytest.raises(StoreError, match="only ever added"), store._writing() as connection:
        connection.execute(text(change))
    assert (list(store.decisions()), store.overrides()) == before


@pytest.mark.service
def test_choice_the_server_refuses_to_empty_the_record(postgres: str) -> None:
    from tests.store.conftest import new_database

    store = SqlStore(new_database(postgres))
    store.add_decision(decisions("/private")[0])
    with pytest.raises(StoreError, match="only ever added"), store._writing() as connection:
        connection.execute(text("TRUNCATE decisions CASCADE"))
    store.close()


def test_choice_an_override_stands_beside_its_decision(store: SqlStore) -> None:
    kept, unkept = decisions("/private/a", "/private/b")
    number = store.add_decision(kept)
    first = store.add_override(kept, reason="permission by letter", by="A. Person", at=AT)
    second = store.add_override(unkept, reason="a test", by="B. Person", at=AT)
    assert (first.decision, first.reason, first.by, first.at) == (number, "permission by letter", "A. Person", AT)
    assert store.overrides() == [first, second]
    assert store.overrides(number) == [first]
    assert dict(store.decisions())[second.decision] == unkept


def test_choice_a_reading_that_says_the_same_is_kept_once_and_checked_later(store: SqlStore) -> None:
    texts = {reading().versions[0].text_sha256: "text of a"}
    assert store.add_reading(reading(CLAUSE), texts)
    later = reading(CLAUSE, at=AT + timedelta(days=1))
    assert not store.add_reading(later, texts)
    assert store.add_reading(reading(at=AT + timedelta(days=2), body="b"), {})
    first, second = store.readings("https://example.com", "examplebot")
    assert first == replace(reading(CLAUSE), expires_at=later.expires_at)
    assert second.provisions == ()
    assert store.snapshot(reading().versions[0].text_sha256) == b"text of a"
    assert store.readings("https://example.com", "otherbot") == []
    assert store.readings("https://other.example") == []


def test_choice_a_changed_snapshot_is_an_error_and_no_answer(store: SqlStore) -> None:
    import zlib

    digest = store.add_snapshot(b"original")
    with store._writing() as connection:
        connection.execute(text("UPDATE snapshots SET content = :c"), {"c": zlib.compress(b"tampered")})
    with pytest.raises(StoreError, match="was changed"):
        store.snapshot(digest)
    with store._writing() as connection:
        connection.execute(text("UPDATE snapshots SET content = :c"), {"c": b"garbage"})
    with pytest.raises(StoreError, match="damaged"):
        store.snapshot(digest)


def test_choice_one_owner_holds_a_claim_until_it_ends(store: SqlStore) -> None:
    assert store.claim("a", owner="x", seconds=60)
    assert not store.claim("a", owner="y", seconds=60)
    assert store.claim("b", owner="y", seconds=60)
    store.release("a", owner="y")
    assert not store.claim("a", owner="y", seconds=60)
    store.release("a", owner="x")
    assert store.claim("a", owner="y", seconds=0.05)
    time.sleep(0.1)
    assert store.claim("a", owner="z", seconds=60)


def in_threads(work: Callable[[int], object], count: int = 16) -> list[object]:
    """What ``work`` gave in each of as many threads, all let loose at once."""
    results: list[object] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except StoreError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_choice_of_16_threads_one_gets_the_claim(store: SqlStore) -> None:
    assert sum(r is True for r in in_threads(lambda n: store.claim("x", owner=str(n), seconds=60))) == 1


def test_choice_16_threads_lose_and_double_nothing(store: SqlStore) -> None:
    asked = decisions(*(f"/{n}" for n in range(16)))

    def work(number: int) -> list[int]:
        store.add_snapshot(b"shared")
        store.add_exchange(page(fetched_at=AT + timedelta(seconds=number)), kind=RequestKind.TERMS, agent=str(number))
        store.add_reading(reading(CLAUSE), {})
        return [store.add_decision(asked[number]) for _ in range(5)]

    numbers = [n for given in in_threads(work) for n in given]  # type: ignore[attr-defined] # lists, unless one failed
    assert len(set(numbers)) == 80
    assert sorted(n for n, _ in store.decisions()) == sorted(numbers)
    assert len(store.readings("https://example.com")) == 1
    assert all(store.newest(URL, agent=str(n)) for n in range(16))


def test_choice_a_store_that_is_opened_again_has_everything(store: SqlStore, url: str) -> None:
    decision, = decisions("/a")
    number = store.add_decision(decision)
    again = SqlStore(url)
    assert list(again.decisions()) == [(number, decision)]
    again.close()
