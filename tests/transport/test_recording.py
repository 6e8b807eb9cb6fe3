"""Exchanges as WARC records: what is written is read back as it was, by this library and by warcio."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.exchange import FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.transport import recording
from scrapeguard.transport.archive import DamagedArchive, PlayedTransport, read_records
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.recording import RecordingTransport, WarcRecorder, recordable
from scrapeguard.transport.warc import WarcTransport

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
REQUEST = Request("https://example.com/terms", RequestKind.TERMS)


def recorded(path: Path, *exchanges: Response | FetchFailure) -> Path:
    recorder = WarcRecorder(path)
    for exchange in exchanges:
        recorder.add_exchange(Request(exchange.url, RequestKind.TERMS), exchange, agent="examplebot/1.0")
    recorder.close()
    return path


def page(body: bytes = b"<p>hello", **fields: str) -> Response:
    return Response(REQUEST.url, 200, tuple(fields.items()), body, AT)


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_choice_an_answer_is_played_as_it_was_recorded(tmp_path: Path, name: str) -> None:
    kept = Response(REQUEST.url, 203, (("Content-Type", "text/html; charset=x"), ("X-Two", "a"), ("x-two", "é☃")),
                    b"\x1f\x8b\r\n\r\nbody\x00", AT, truncated=True, note="odd")
    path = recorded(tmp_path / name, kept)
    played = PlayedTransport(list(read_records(path)), until=99, live=True)
    assert played.send(REQUEST) == kept
    found = WarcTransport(path).send(REQUEST)
    assert isinstance(found, Response)
    assert (found.body, found.headers, found.status, found.truncated) == (kept.body, kept.headers, 203, True)


def test_choice_fields_of_the_wire_do_not_decode_the_body_again(tmp_path: Path) -> None:
    kept = Response(REQUEST.url, 200, (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("content-length", "7")),
                    b"plain text", AT)
    path = recorded(tmp_path / "a.warc.gz", kept)
    assert PlayedTransport(list(read_records(path)), until=99, live=True).send(REQUEST) == kept
    with path.open("rb") as stream:
        bodies = [r.content_stream().read() for r in ArchiveIterator(stream) if r.rec_type == "response"]
    assert bodies == [b"plain text"]


def test_choice_a_failure_is_played_as_it_was_recorded(tmp_path: Path) -> None:
    kept = FetchFailure(REQUEST.url, FailureReason.TLS, "TLS failed: «é»", AT)
    path = recorded(tmp_path / "a.warc.gz", kept)
    assert PlayedTransport(list(read_records(path)), until=99, live=True).send(REQUEST) == kept


_TOKENS = st.text("ABCdef-019!#$%&'*+.^_`|~", min_size=1, max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=st.lists(st.tuples(_TOKENS, st.text(max_size=40)), max_size=6), body=st.binary(max_size=200),
       status=st.integers(100, 599))
def test_choice_any_head_that_can_be_recorded_comes_back(
    tmp_path: Path, headers: list[tuple[str, str]], body: bytes, status: int
) -> None:
    kept = recordable(Response(REQUEST.url, status, tuple(headers), body, AT))
    (tmp_path / "a.warc").unlink(missing_ok=True)
    path = recorded(tmp_path / "a.warc", kept)
    played = PlayedTransport(list(read_records(path)), until=99, live=True).send(REQUEST)
    assert isinstance(played, Response)
    assert (played.status, played.body) == (status, body)
    assert [(n.lower(), v) for n, v in played.headers] == [(n.lower(), v) for n, v in kept.headers]


def test_warc_1_1_the_archive_is_in_order_for_other_tools(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.warc.gz", page(ETag="é"), page(b""), FetchFailure(REQUEST.url, FailureReason.DNS, "x", AT))
    with path.open("rb") as stream:
        kinds = []
        records = ArchiveIterator(stream, check_digests="raise")
        for record in records:
            kinds.append(record.rec_type)
            record.content_stream().read()
            assert record.rec_headers.get_header("WARC-Block-Digest").startswith("sha256:")
            assert record.digest_checker.passed is not False
    assert kinds == ["warcinfo", "response", "request", "response", "request", "metadata"]
    first = list(read_records(path))[1]
    assert first.fields["warc-date"] == "2026-05-04T03:02:01.123456Z"
    assert list(read_records(path))[2].fields["warc-concurrent-to"] == first.id


def test_choice_the_recorder_gives_on_what_the_record_says() -> None:
    odd = Response("https://example.com/", 200, (("Good", " a\r\nEvil: b \0"), ("Bad name", "x"), ("", "y")), b"", AT)
    assert recordable(odd).headers == (("Good", "a Evil: b"),)


def test_choice_an_answer_without_a_time_gets_one(tmp_path: Path) -> None:
    class Timeless:
        live = True

        def send(self, request: Request) -> Response:
            return Response(request.url, 200, (), b"x")

    recorder = WarcRecorder(tmp_path / "a.warc.gz")
    zone = timezone(timedelta(hours=2))
    transport = RecordingTransport(Timeless(), recorder, clock=lambda: AT.astimezone(zone))
    live = transport.send(REQUEST)
    recorder.close()
    assert live.fetched_at == AT
    assert PlayedTransport(list(read_records(recorder.path)), until=99, live=True).send(REQUEST) == live


def test_choice_the_last_answer_before_the_question_counts(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.warc.gz", page(b"first"), page(b"second"))
    records = list(read_records(path))
    bodies = []
    for until in range(len(records) + 1):
        answer = PlayedTransport(records, until=until, live=True).send(REQUEST)
        bodies.append(answer.body if isinstance(answer, Response) else answer.reason)
    assert bodies == ["not-recorded", "not-recorded", b"first", b"first", b"second", b"second"]


def test_choice_an_archive_is_continued(tmp_path: Path) -> None:
    recorded(tmp_path / "a.warc.gz", page(b"first"))
    path = recorded(tmp_path / "a.warc.gz", page(b"second"))
    assert [r.kind for r in read_records(path)] == ["warcinfo", "response", "request", "response", "request"]


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_choice_a_file_that_breaks_off_is_not_continued(tmp_path: Path, name: str) -> None:
    path = recorded(tmp_path / name, page())
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ScrapeguardError, match=r"breaks off|damaged"):
        WarcRecorder(path)
    path.write_bytes(b"no archive at all")
    with pytest.raises(ScrapeguardError, match="no WARC"):
        WarcRecorder(path)
    with pytest.raises(ScrapeguardError, match="give another path"):
        WarcRecorder(tmp_path / "none" / name)


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_design_2_8_no_cut_and_no_byte_breaks_the_reading(tmp_path: Path, name: str) -> None:
    path = recorded(tmp_path / name, page())
    whole = path.read_bytes()
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut] + b"\xff" + whole[cut + 1 :])
        try:
            for record in read_records(path):
                if record.is_exchange:
                    record.exchange()
        except DamagedArchive:
            pass


def test_choice_threads_write_whole_records(tmp_path: Path) -> None:
    recorder = WarcRecorder(tmp_path / "a.warc.gz")
    site = MemoryTransport({f"https://example.com/{n}": f"{n}" * 500 for n in range(40)})
    transport = RecordingTransport(site, recorder)

    def work(start: int) -> None:
        for n in range(start, 40, 8):
            transport.send(Request(f"https://example.com/{n}", RequestKind.PAGE))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    records = list(read_records(recorder.path))
    assert len(records) == 81
    assert {r.exchange().body for r in records if r.kind == "response"} == {f"{n}".encode() * 500 for n in range(40)}  # type: ignore[union-attr] # responses


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_choice_a_disk_that_is_full_leaves_whole_records(tmp_path: Path, name: str) -> None:
    code = f"""
import os
import resource
from scrapeguard.errors import ScrapeguardError
from scrapeguard.transport.recording import WarcRecorder
from tests.transport.test_recording import page
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
recorder = WarcRecorder({str(tmp_path / name)!r})
kept = 0
try:
    while True:
        recorder.add_held(page(os.urandom(15_000)))
        kept += 1
except ScrapeguardError as error:
    print(kept, error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    kept, _, said = ran.stdout.partition(" ")
    assert "free some space" in said
    assert len([r for r in read_records(tmp_path / name) if r.kind == "response"]) == int(kept) > 3
    WarcRecorder(tmp_path / name).close()


def test_choice_a_document_given_is_recorded_again_only_where_it_came_otherwise(tmp_path: Path) -> None:
    recorder = WarcRecorder(tmp_path / "a.warc")
    fetched = recorder.add_exchange(REQUEST, page(), agent="examplebot/1.0")
    assert recorder.add_held(page()) == fetched
    later, marked = replace(page(), fetched_at=AT + timedelta(hours=1)), page(**{"X-Robots-Tag": "noai"})
    numbers = [recorder.add_held(each) for each in (later, marked, later, marked)]
    recorder.close()
    assert numbers[:2] == numbers[2:]
    assert len({fetched, *numbers}) == 3
    records = [r for r in read_records(tmp_path / "a.warc") if r.is_exchange]
    assert [r.is_given for r in records] == [False, True, True]
    # A page that somebody asked about is no answer to a request for the document that was fetched before it.
    assert PlayedTransport(records, until=99, live=True).send(REQUEST) == page()
    assert PlayedTransport(records[1:], until=99, live=True).send(REQUEST) == marked


def test_choice_a_body_longer_than_a_record_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_BODY", 4)
    assert (recordable(page(b"12345")).body, recordable(page(b"12345")).truncated) == (b"1234", True)
    assert recordable(page(b"1234")) == page(b"1234")
