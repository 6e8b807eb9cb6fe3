"""Archives as a transport, and the equality of what every transport gives."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.exchange import FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.transport.warc import WarcTransport

Capture = tuple[str, str, int, dict[str, str], bytes]


def write_warc(path: Path, captures: list[Capture], *, gz: bool = True) -> Path:
    """Captures as (URL, WARC-Date, status, fields, body)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=gz)
        for url, date, status, fields, body in captures:
            http = StatusAndHeaders(f"{status} OK", list(fields.items()), protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date}
                )
            )
    return path


@pytest.mark.parametrize("gz", [True, False])
def test_choice_the_latest_capture_answers(tmp_path: Path, gz: bool) -> None:
    path = write_warc(
        tmp_path / "a.warc",
        [
            ("https://example.com/terms", "2026-01-02T00:00:00Z", 200, {"Content-Type": "text/html"}, b"new"),
            ("https://example.com/terms", "2026-01-01T00:00:00Z", 200, {}, b"old"),
            ("https://example.com/gone", "2026-01-01T00:00:00Z", 404, {}, b""),
        ],
        gz=gz,
    )
    archive = WarcTransport(path)
    found = archive.send(Request("https://example.com/terms", RequestKind.TERMS))
    assert isinstance(found, Response)
    assert (found.body, found.held, found.fetched_at) == (b"new", True, datetime(2026, 1, 2, tzinfo=UTC))
    assert found.header("content-type") == "text/html"
    gone = archive.send(Request("https://example.com/gone", RequestKind.TERMS))
    assert isinstance(gone, Response)
    assert gone.status == 404
    assert archive.latest == datetime(2026, 1, 2, tzinfo=UTC)


def test_choice_what_is_not_in_the_archive_is_a_failure_that_says_so(tmp_path: Path) -> None:
    archive = WarcTransport(write_warc(tmp_path / "a.warc.gz", []))
    found = archive.send(Request("https://example.com/", RequestKind.HOME))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.NOT_RECORDED


def test_choice_a_file_that_is_no_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScrapeguardError, match="cannot be opened"):
        WarcTransport(tmp_path / "missing.warc")
    (tmp_path / "x.warc").write_bytes(b"<html>no archive")
    with pytest.raises(ScrapeguardError, match="no readable WARC"):
        WarcTransport(tmp_path / "x.warc")
