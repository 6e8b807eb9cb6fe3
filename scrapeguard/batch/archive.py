"""Documents out of WARC files (ISO 28500), as Common Crawl and others publish them.

FastWARC reads where it is installed (the ``fast`` extra), else warcio; both only cut the file into records, so that the
results are the same: what is in a record is read here.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from scrapeguard._url import parse_url
from scrapeguard.batch.columns import BROKEN, Document
from scrapeguard.errors import InvalidUrl, ScrapeguardError
from scrapeguard.model.exchange import RequestKind
from scrapeguard.read import kind_of, probe_paths
from scrapeguard.terms.kind import DocumentKind
from scrapeguard.terms.known import known_elsewhere
from scrapeguard.terms.naming import named_by_path
from scrapeguard.transport.warc import BODY_LIMIT

READERS = ("fastwarc", "warcio")
"""Packages that cut a file into records, the faster first."""

_HEAD_LIMIT = 256 * 1024


class BrokenArchive(ScrapeguardError):
    """The file ends or breaks off within a record; the records before it were given."""


class _Block(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Record(NamedTuple):
    """A record as it stands in the file: ``block`` is the HTTP message of a response, the content of a resource."""

    url: str
    date: str
    http: bool
    media_type: str
    truncated: bool
    length: int
    block: _Block


def documents_of(path: str, *, reader: str | None = None, pages: bool = False) -> Iterator[Document]:
    """The same of a file by its path or address (``s3://…``, ``hdfs://…``); where it breaks off, the last document says so."""
    try:
        with _opened(path) as stream:
            yield from read_archive(stream, path, reader=reader, pages=pages)
    except BrokenArchive as error:
        yield Document(path, BROKEN, None, (), str(error).encode(), None, False)


def _opened(path: str) -> BinaryIO:
    if "://" not in path:
        return Path(path).open("rb")
    import pyarrow.fs as pafs  # noqa: PLC0415 - only for addresses

    system, place = pafs.FileSystem.from_uri(path)
    stream: BinaryIO = system.open_input_stream(place, compression=None)
    return stream


def read_archive(stream: BinaryIO, name: str, *, reader: str | None = None, pages: bool = False) -> Iterator[Document]:
    """The policy documents among the ``response`` and ``resource`` records of a WARC, compressed or not.

    Kept are robots.txt, well-known files, home pages, and what its address names as terms or a licence; with ``pages``
    every other page of status 200 as well, as kind ``page``. ``name`` stands in errors. ``reader`` is one of `READERS` (default:
    the first that is installed). Raises `BrokenArchive` where the file cannot be read further.
    """
    cut = _fastwarc if (reader or _installed()) == "fastwarc" else _warcio
    for record in cut(stream, name):
        kind = _wanted(record.url, pages=pages)
        if kind is None:
            continue
        document = _document(record, kind or None, name)
        if kind != RequestKind.PAGE or document.status == 200:
            yield document


@cache
def _installed() -> str:
    return next(name for name in READERS if find_spec(name))


def _wanted(url: str, *, pages: bool) -> str | None:
    """The kind under which a record is kept, '' where the address alone tells it; None where it is passed over."""
    if url.endswith("/robots.txt") and url.count("/") == 3:
        return ""
    try:
        parsed = parse_url(url)
    except InvalidUrl:
        return None
    if kind_of(str(parsed)) is not RequestKind.TERMS:
        return ""
    path = parsed.target.partition("?")[0]
    if path in probe_paths():
        return RequestKind.TERMS.value
    if known_elsewhere(str(parsed)) or _names_policy(parsed.target):
        return ""
    return RequestKind.PAGE.value if pages else None


def _names_policy(target: str) -> bool:
    lower = target.lower()
    if lower.endswith(".xml"):
        return "licen" in lower or "rsl" in lower
    return any(kind is not DocumentKind.PRIVACY for kind in named_by_path(target)) or "tdm" in lower


def _document(record: _Record, kind: str | None, name: str) -> Document:
    date = _time(record.date)
    wanted = min(record.length, BODY_LIMIT + _HEAD_LIMIT)
    block = record.block.read(wanted)
    if len(block) < wanted:
        raise _broken(name, EOFError(f"the record of {record.url} ends early"))
    try:
        status, headers, body = _message(block) if record.http else (200, (("Content-Type", record.media_type),), block)
    except (ValueError, OSError, zlib.error):
        return Document(record.url, kind, None, (), b"", date, False)
    cut = record.truncated or len(body) > BODY_LIMIT
    return Document(record.url, kind, status, headers, body[:BODY_LIMIT], date, cut)


def _message(block: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Status, header fields and body of an HTTP message. Raises ValueError where it is none."""
    head, blank, body = block.partition(b"\r\n\r\n")
    if not blank:
        head, blank, body = block.partition(b"\n\n")
    lines = head.split(b"\n")
    protocol, _, rest = lines[0].partition(b" ")
    if not protocol.startswith(b"HTTP/"):
        raise ValueError("no status line")
    fields: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1] = fields[-1][0], f"{fields[-1][1]} {_text(line)}"
            continue
        name, colon, value = line.partition(b":")
        if colon:
            fields.append((_text(name), _text(value)))
    codings = {k.lower(): v.lower() for k, v in fields if k.lower() in {"content-encoding", "transfer-encoding"}}
    return int(rest[:3]), tuple(fields), _decoded(body, codings) if codings else body


def _text(raw: bytes) -> str:
    raw = raw.strip()
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _decoded(body: bytes, codings: dict[str, str]) -> bytes:
    """Transfer and content coding undone, for archives that keep messages as they went over the wire."""
    from warcio.bufferedreaders import BufferedReader, ChunkedDataReader  # noqa: PLC0415 - few archives need it

    coding = codings.get("content-encoding")
    coding = coding if coding in BufferedReader.get_supported_decompressors() else None
    stream = io.BytesIO(body)
    if codings.get("transfer-encoding") == "chunked":
        return _all(ChunkedDataReader(stream, decomp_type=coding))
    return _all(BufferedReader(stream, decomp_type=coding)) if coding else body


def _all(stream: _Block) -> bytes:
    """What warcio's readers give, a piece at a time, up to the limit."""
    pieces, size = [], 0
    while size <= BODY_LIMIT and (piece := stream.read(65_536)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _warcio(stream: BinaryIO, name: str) -> Iterator[_Record]:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - one of two readers
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415 - one of two readers

    try:
        for record in ArchiveIterator(stream, no_record_parse=True):
            if record.rec_type in {"response", "resource"}:
                head = record.rec_headers.get_header
                media_type = head("Content-Type") or ""
                yield _Record(
                    _address(head("WARC-Target-URI")),
                    head("WARC-Date") or "",
                    _is_http(record.rec_type, media_type),
                    media_type,
                    bool(head("WARC-Truncated")),
                    int(head("Content-Length") or 0),
                    record.raw_stream,
                )
    except (ArchiveLoadFailed, OSError, EOFError, zlib.error, ValueError) as error:
        raise _broken(name, error) from error


def _fastwarc(stream: BinaryIO, name: str) -> Iterator[_Record]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra

    wanted = WarcRecordType.response | WarcRecordType.resource
    try:
        for record in ArchiveIterator(stream, record_types=wanted, parse_http=False):
            head = record.headers.get
            media_type = head("Content-Type") or ""
            yield _Record(
                _address(head("WARC-Target-URI")),
                head("WARC-Date") or "",
                _is_http("response" if record.record_type == WarcRecordType.response else "resource", media_type),
                media_type,
                bool(head("WARC-Truncated")),
                record.content_length,
                record.reader,
            )
    except (OSError, EOFError, ValueError) as error:
        raise _broken(name, error) from error


def _address(written: str | None) -> str:
    """WARC 1.0 files may write the address in angle brackets."""
    return (written or "").strip("<>")


def _is_http(kind: str, media_type: str) -> bool:
    return kind == "response" and not media_type.startswith("text/dns")


def _broken(name: str, error: BaseException) -> BrokenArchive:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return BrokenArchive(f"{name}: cannot be read further ({first}); records before that were used")
