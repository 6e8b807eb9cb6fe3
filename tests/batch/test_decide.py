"""decide_batch: the same answers as a Guard's on the same documents, and robust columns."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from scrapeguard.batch import DECISIONS, DOCUMENTS, Questions, decide_batch, decide_sorted, documents_batch
from scrapeguard.batch.archive import read_archive
from scrapeguard.batch.columns import Document, read_documents
from scrapeguard.batch.sites import with_sites
from scrapeguard.decide.profile import load_profile, parse_profile
from scrapeguard.errors import UnknownPurpose
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import RequestKind, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.transport.warc import WarcTransport
from tests.batch.archives import HTML, TERMS, TEXT, real_robots, responses, small_sites, write_archive
from tests.real_sites import write_sites

AGENT = "examplebot/1.0"


def held(path: Path) -> Any:
    with path.open("rb") as stream:
        return documents_batch(list(read_archive(stream, path.name)))


def said_by(decision: Decision) -> dict[str, Any]:
    """What a row must say of a Decision."""
    outcome = decision.outcome
    reasons = [
        (
            r.statement.signal,
            r.verdict.value,
            r.direct,
            r.decisive,
            r.text,
            [(e.source.url, e.source.sha256, e.quote) for e in r.statement.evidence],
        )
        for r in (*outcome.reasons, *outcome.advisory)
    ]
    return {
        "verdict": outcome.verdict.value,
        "allowed": outcome.allowed,
        "why": outcome.why,
        "signal": outcome.signal,
        "incomplete": outcome.incomplete,
        "reasons": reasons,
        "conditions": [c.text for c in outcome.conditions],
        "remedies": list(outcome.remedies),
    }


def said_in(row: dict[str, Any]) -> dict[str, Any]:
    reasons = [
        (
            r["signal"],
            r["verdict"],
            r["direct"],
            r["decisive"],
            r["text"],
            [(e["url"], e["sha256"], e["quote"]) for e in r["evidence"]],
        )
        for r in row["reasons"]
    ]
    kept = ("verdict", "allowed", "why", "signal", "incomplete", "remedies")
    return {**{k: row[k] for k in kept}, "reasons": reasons, "conditions": [c["text"] for c in row["conditions"]]}


def printable(value: Any) -> Any:
    """Lone surrogates stand for bytes that were no UTF-8; Arrow has U+FFFD there, one for each."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {k: printable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(printable(v) for v in value)
    return value


def assert_as_guard(path: Path, *, purposes: Iterable[Purpose], probes: Iterable[RequestKind] = ()) -> int:
    guard = Guard(AGENT, transport=WarcTransport(path), probes=tuple(probes), context=False)
    rows = decide_batch(held(path), list(purposes), agent=AGENT).to_pylist()
    for row in rows:
        assert said_in(row) == printable(said_by(guard.allowed(row["url"], row["purpose"]))), row["url"]
    return len(rows)


def test_choice_real_platforms_get_the_answers_of_a_guard(shared: Path, tmp_path: Path) -> None:
    assert assert_as_guard(write_sites(shared, tmp_path / "sites.warc.gz"), purposes=Purpose) >= 50


def test_choice_real_robots_files_get_the_answers_of_a_guard(shared: Path, tmp_path: Path) -> None:
    path = write_archive(tmp_path / "robots.warc.gz", real_robots(shared, 400))
    assert assert_as_guard(path, purposes=[Purpose.SEARCH, Purpose.AI_TRAIN]) == 800


def test_choice_well_known_files_are_asked_for_where_the_batch_has_them(tmp_path: Path) -> None:
    captures = [
        *small_sites(1),
        (
            "https://www.shop0.example/.well-known/tdmrep.json",
            200,
            {"Content-Type": "application/json"},
            b'[{"location": "/", "tdm-reservation": 1}]',
        ),
    ]
    path = write_archive(tmp_path / "a.warc.gz", captures)
    assert assert_as_guard(path, purposes=Purpose, probes=[RequestKind.TDMREP]) == 10
    row = decide_batch(held(path), ["tdm"], agent=AGENT).to_pylist()[0]
    assert "tdmrep" in row["signals_seen"]
    assert row["by_signals"] == "deny"
    assert row["incomplete"] is False


def test_choice_without_a_home_page_terms_in_hand_are_read_as_given() -> None:
    robots = Response("https://example.com/robots.txt", headers=TEXT, body=b"User-agent: *\nDisallow:")
    terms = Document("https://example.com/odd/place", "terms", 200, tuple(HTML.items()), TERMS, None, False)
    row = decide_batch(documents_batch([robots, terms]), ["ai-train"], agent=AGENT).to_pylist()[0]
    assert (row["verdict"], row["by_terms"], row["incomplete"], row["languages"]) == ("deny", "deny", False, ["en"])


def test_choice_what_is_not_in_the_batch_leaves_the_answer_incomplete() -> None:
    robots = Response("https://example.com/robots.txt", headers=TEXT, body=b"User-agent: *\nDisallow:")
    row = decide_batch(documents_batch([robots]), ["ai-train"], agent=AGENT).to_pylist()[0]
    assert (row["verdict"], row["allowed"], row["incomplete"], row["by_terms"]) == ("silent", False, True, "unread")
    assert [s["state"] for s in row["sources"]] == ["read", "unreachable"]


def test_choice_a_page_is_judged_with_its_own_headers(tmp_path: Path) -> None:
    page = Document(
        "https://www.shop1.example/p",
        "page",
        200,
        (("X-Robots-Tag", "noai"), *HTML.items()),
        b"<p>Hello</p>",
        None,
        False,
    )
    batch = documents_batch([*responses(small_sites(1, first=1)), page])
    (row,) = decide_batch(batch, ["ai-train"], agent=AGENT).to_pylist()
    assert (row["url"], row["page_read"]) == ("https://www.shop1.example/p", True)
    assert "robots-meta" in row["signals_seen"]
    guard = Guard(
        AGENT,
        transport=WarcTransport(write_archive(tmp_path / "a.warc.gz", small_sites(1, first=1))),
        probes=(),
        context=False,
    )
    expected = guard.decide(Response(page.url, 200, page.headers, page.body), "ai-train")
    assert said_in(row) == printable(said_by(expected))


def test_choice_the_latest_capture_counts_in_whatever_order_they_come() -> None:
    old = Response(
        "https://example.com/robots.txt",
        headers=TEXT,
        body=b"User-agent: *\nDisallow: /",
        fetched_at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    new = Response(
        "https://example.com/robots.txt", headers=TEXT, body=b"", fetched_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    for order in ([old, new], [new, old]):
        (row,) = decide_batch(documents_batch(order), ["access"], agent=AGENT).to_pylist()
        assert (row["verdict"], row["decided_at"]) == ("allow", new.fetched_at)


def test_choice_what_is_no_url_becomes_a_row_that_says_so() -> None:
    batch = pa.RecordBatch.from_pydict(
        {"url": ["not a url", "https://example.com/robots.txt"], "kind": [None, "nonsense"]}
    )
    rows = decide_batch(batch, ["search"], agent=AGENT).to_pylist()
    assert [(r["url"], r["verdict"], r["allowed"], bool(r["error"])) for r in rows] == [
        ("not a url", None, False, True),
        ("https://example.com/robots.txt", None, False, True),
    ]


def test_choice_a_robots_txt_that_never_came_closes_the_site() -> None:
    batch = pa.RecordBatch.from_pydict({"url": ["https://example.com/robots.txt"]})
    (row,) = decide_batch(batch, ["access"], agent=AGENT).to_pylist()
    assert (row["verdict"], row["by_robots"], row["incomplete"]) == ("deny", "deny", True)


def test_choice_only_url_must_be_there_and_types_are_cast() -> None:
    batch = pa.RecordBatch.from_pydict(
        {
            "url": ["https://example.com/robots.txt"],
            "status": pa.array([200], pa.int64()),
            "body": pa.array(["User-agent: *\nDisallow: /"], pa.string()),
        }
    )
    assert decide_batch(batch, ["access"]).column("verdict").to_pylist() == ["deny"]
    assert decide_batch(pa.Table.from_batches([batch]), ["access"]).column("verdict").to_pylist() == ["deny"]
    with pytest.raises(ValueError, match="no column 'url'"):
        decide_batch(batch.drop_columns(["url"]))
    with pytest.raises(ValueError, match="column 'status'"):
        decide_batch(pa.RecordBatch.from_pydict({"url": ["https://example.com/"], "status": ["soon"]}))
    with pytest.raises(UnknownPurpose):
        decide_batch(batch, ["world-domination"])


def test_choice_documents_come_back_from_their_columns() -> None:
    rows = [
        Document(
            "https://example.com/a",
            "terms",
            200,
            (("A", "1"), ("a", "2")),
            b"\x00\xff",
            datetime(2026, 1, 1, tzinfo=UTC),
            True,
        ),
        Document("https://example.com/b", None, None, (), b"", None, False),
        Document("https://example.com/c", "page", 404, (("X", "ü"),), b"x", None, False),
    ]
    batch = documents_batch(rows)
    assert batch.schema.equals(DOCUMENTS, check_metadata=True)
    assert read_documents(batch) == rows
    assert read_documents(batch.slice(1)) == rows[1:]
    assert read_documents(pa.Table.from_batches([batch, batch.slice(2)])) == [*rows, rows[2]]


def test_choice_a_stream_sorted_by_site_gives_the_same_rows_however_it_is_cut() -> None:
    documents = responses(small_sites(7))
    whole = decide_batch(documents_batch(documents), ["ai-train", "search"], agent=AGENT)
    assert whole.schema.equals(DECISIONS, check_metadata=True)
    sited = pa.Table.from_batches([with_sites(documents_batch(documents))]).sort_by("site")
    for size in (1, 2, 5, 1000):
        stream = decide_sorted(
            sited.to_batches(max_chunksize=size), Questions(["ai-train", "search"], agent=AGENT), rows=4
        )
        assert sorted(map(str, pa.Table.from_batches(stream).to_pylist())) == sorted(map(str, whole.to_pylist()))


def test_choice_every_column_says_what_it_holds() -> None:
    for schema in (DOCUMENTS, DECISIONS):
        assert all(field.metadata and field.metadata[b"about"] for field in schema)


def test_choice_questions_travel_to_other_processes(shared: Path) -> None:
    strict = parse_profile(load_profile("strict").text, "mine")
    asked = pickle.loads(pickle.dumps(Questions(["scraping"], agent=AGENT, profile=strict)))
    assert (asked.purposes, asked.product_token, asked.profile) == ((Purpose.ACCESS,), "examplebot", strict)
