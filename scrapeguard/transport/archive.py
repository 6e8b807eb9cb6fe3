"""A WARC file read strictly, record by record and to the last byte: for replay and for checking, where nothing may be skipped.

`scrapeguard.transport.warc` is for archives of any origin, where the reading should be lenient.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request
from scrapeguard.transport.warc import response_of

MAX_RECORD = 64 * 1024 * 1024
"""Bytes of one record, decompressed: a document has 5 MiB at most."""
_MAX_HEAD = 256 * 1024


class DamagedArchive(ScrapeguardError):
    """The file is no WARC, or breaks off, or a record cannot be read; the message says which."""


class Record(NamedTuple):
    """One record: its number in the file from 0, its WARC fields by lower-case name, and its block."""

    number: int
    fields: dict[str, str]
    block: bytes

    @property
    def kind(self) -> str:
        """The WARC-Type."""
        return self.fields.get("warc-type", "")

    @property
    def url(self) -> str:
        """The WARC-Target-URI."""
        return self.fields.get("warc-target-uri", "").strip("<>")

    @property
    def id(self) -> str:
        """The WARC-Record-ID."""
        return self.fields.get("warc-record-id", "")

    @property
    def at(self) -> datetime | None:
        """The WARC-Date."""
        if self.fields.get("scrapeguard-undated"):
            return None
        try:
            return datetime.fromisoformat(self.fields.get("warc-date", "")).astimezone(UTC)
        except ValueError:
            return None

    @property
    def holds(self) -> str:
        """What a metadata record of ours holds: ``failure``, ``question``, or ''."""
        return self.fields.get("scrapeguard-record", "") if self.kind == "metadata" else ""

    @property
    def content(self) -> Any:
        """The JSON of such a record. Raises `DamagedArchive`."""
        try:
            return json.loads(self.block)
        except ValueError as error:
            raise DamagedArchive(f"record {self.number} ({self.kind} of {self.url}) holds no JSON: {error}") from error

    @property
    def is_given(self) -> bool:
        """True for a document that the caller gave and nobody fetched for the reading of a site."""
        return "scrapeguard-given" in self.fields

    @property
    def is_exchange(self) -> bool:
        """True for what answers a request."""
        return self.kind in {"response", "resource"} or self.holds == "failure"

    def exchange(self) -> Exchange:
        """The answer that was recorded. Raises `DamagedArchive` for a failure that is none."""
        if self.holds == "failure":
            content = self.content
            try:
                return FetchFailure(self.url, FailureReason(content["reason"]), str(content["detail"]), self.at)
            except (KeyError, TypeError, ValueError) as error:
                raise DamagedArchive(f"record {self.number} (failure of {self.url}): {error}") from error
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - it undoes the codings of others' archives

        head = "".join(f"{k}: {v}\r\n" for k, v in self.fields.items())
        whole = b"WARC/1.1\r\n" + head.encode() + b"\r\n" + self.block + b"\r\n\r\n"
        try:
            parsed = next(iter(ArchiveIterator(io.BytesIO(whole))))
            return response_of(self.url, parsed, self.at, limit=MAX_RECORD)
        except Exception as error:  # warcio raises whatever a damaged head leads it to
            raise DamagedArchive(f"record {self.number} ({self.kind} of {self.url}) cannot be read: {error}") from error


def read_records(path: str | Path) -> Iterator[Record]:
    """The records of a WARC file, plain or compressed. Raises `DamagedArchive`, also in the middle of the file."""
    path = Path(path)
    try:
        with path.open("rb") as stream:
            compressed = stream.peek(2)[:2] == b"\x1f\x8b"
            found = _from_members(stream, path) if compressed else _from_plain(stream, path)
            for number, (fields, block) in enumerate(found):
                yield Record(number, fields, block)
    except OSError as error:
        raise DamagedArchive(f"{path}: cannot be read: {error.strerror or error}; give the path of a WARC file") from error


def check_whole(path: Path) -> None:
    """Raise `DamagedArchive` unless the file ends where a record ends."""
    for _ in read_records(path):
        pass


def _from_plain(stream: BinaryIO, path: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    while True:
        head = _head(stream, path)
        if head is None:
            return
        yield _rest(head, stream, path)


def _from_members(stream: BinaryIO, path: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    left = b""
    while True:
        left = left or stream.read(65_536)
        if not left:
            return
        inflate = zlib.decompressobj(31)
        member = io.BytesIO()
        while not inflate.eof:
            chunk = left or stream.read(65_536)
            left = b""
            if not chunk:
                raise DamagedArchive(f"{path}: breaks off in the middle of a compressed record")
            try:
                member.write(inflate.decompress(chunk, MAX_RECORD))
            except zlib.error as error:
                raise DamagedArchive(f"{path}: a compressed record is damaged: {error}") from error
            left = inflate.unconsumed_tail
            if member.tell() > MAX_RECORD:
                raise DamagedArchive(f"{path}: a compressed record is longer than {MAX_RECORD} bytes")
        left = inflate.unused_data
        member.seek(0)
        while (head := _head(member, path)) is not None:
            yield _rest(head, member, path)


def _head(stream: BinaryIO, path: Path) -> dict[str, str] | None:
    """The fields of the next record; None at the end."""
    first = stream.readline(_MAX_HEAD)
    if not first:
        return None
    if not first.startswith(b"WARC/1.") or not first.endswith(b"\r\n"):
        raise DamagedArchive(f"{path}: no WARC record where one should begin")
    fields: dict[str, str] = {}
    size = 0
    while True:
        line = stream.readline(_MAX_HEAD)
        size += len(line)
        if line == b"\r\n":
            return fields
        if not line.endswith(b"\r\n") or size > _MAX_HEAD:
            raise DamagedArchive(f"{path}: the head of a record breaks off")
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon:
            raise DamagedArchive(f"{path}: {line[:60]!r} is no field of a WARC record")
        fields.setdefault(name.strip().lower(), value.strip())


def _rest(fields: dict[str, str], stream: BinaryIO, path: Path) -> tuple[dict[str, str], bytes]:
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or int(length) > MAX_RECORD:
        raise DamagedArchive(f"{path}: a record has no usable Content-Length ({length[:30]!r})")
    block = stream.read(int(length))
    if len(block) < int(length) or stream.read(4) != b"\r\n\r\n":
        raise DamagedArchive(f"{path}: breaks off in the middle of a record, or a record's length is wrong")
    return fields, block


def canonical_json(content: Any) -> bytes:
    """The one way in which a value is written where its digest counts.

    >>> canonical_json({"b": 1, "a": "é"})
    b'{"a": "\\xc3\\xa9", "b": 1}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def warc_date(at: datetime | None) -> str:
    """A time to the microsecond, as WARC 1.1 has it (W3C-DTF in UTC)."""
    return "" if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class PlayedTransport:
    """Answers as the recorded ones did up to record ``until``: of several answers for a URL, the last before it.

    A document that the caller gave, such as the page asked about, answers only where nothing was fetched.

    ``live`` is what it was at the recording, so that the same robots.txt keeps the same pages.
    """

    def __init__(self, records: list[Record], *, until: int, live: bool) -> None:
        self.live = live
        known = [r for r in records if r.is_exchange and r.number < until]
        self._last = {r.url: r for r in sorted(known, key=lambda r: not r.is_given)}

    def send(self, request: Request) -> Exchange:
        """The recorded answer."""
        record = self._last.get(request.url)
        if record is None:
            return FetchFailure(request.url, FailureReason.NOT_RECORDED, "not in the archive")
        exchange = record.exchange()
        return exchange if isinstance(exchange, FetchFailure) else replace(exchange, held=not self.live)
