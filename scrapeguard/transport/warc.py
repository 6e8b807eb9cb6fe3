"""An archive (WARC, ISO 28500) as a transport: what it holds may be read, whatever robots.txt says to those who fetch."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from scrapeguard._url import parse_url
from scrapeguard.errors import InvalidUrl, ScrapeguardError
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, Response

BODY_LIMIT = 5 * 1024 * 1024
"""Bytes of a body kept from a record; what is beyond is cut, and the response says so."""

ORIGINAL = "X-Archive-Orig-"
"""Before the name of a header field that described the bytes on the wire, in a record that holds the body as it was read."""


class _Entry(NamedTuple):
    file: int
    offset: int
    date: datetime | None


class WarcTransport:
    """Answers from the ``response`` and ``resource`` records of WARC files; of several captures of a URL, the latest.

    The files are indexed once; bodies are read when asked for. A URL that is not in the archive is a `FetchFailure`
    (``not-recorded``). Raises `ScrapeguardError` when a file cannot be opened or is no WARC.
    """

    live = False

    def __init__(self, *paths: str | Path) -> None:
        self._paths = tuple(Path(p) for p in paths)
        self._index: dict[str, _Entry] = {}
        for number, path in enumerate(self._paths):
            try:
                with path.open("rb") as stream:
                    self._read_index(number, stream)
            except OSError as error:
                raise ScrapeguardError(
                    f"{path}: cannot be opened: {error.strerror or error}; give the path of a WARC file"
                ) from error

    def _read_index(self, number: int, stream: BinaryIO) -> None:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - not needed to import the library
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415 - as above

        records = ArchiveIterator(stream)
        try:
            for record in records:
                if record.rec_type not in {"response", "resource"}:
                    continue
                try:
                    url = str(parse_url(record.rec_headers.get_header("WARC-Target-URI") or ""))
                except InvalidUrl:
                    continue
                entry = _Entry(number, records.get_record_offset(), _date(record.rec_headers.get_header("WARC-Date")))
                known = self._index.get(url)
                if known is None or (entry.date or _NEVER) >= (known.date or _NEVER):
                    self._index[url] = entry
        except ArchiveLoadFailed as error:
            raise ScrapeguardError(
                f"{self._paths[number]}: no readable WARC file: {str(error).strip().splitlines()[0]}"
            ) from error

    @property
    def latest(self) -> datetime | None:
        """The time of the newest capture: «now» for questions that an archive answers."""
        return max((e.date for e in self._index.values() if e.date), default=None)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every URL the archive holds a response for."""
        return tuple(self._index)

    def send(self, request: Request) -> Exchange:
        """The recorded response."""
        entry = self._index.get(request.url)
        if entry is None:
            return FetchFailure(request.url, FailureReason.NOT_RECORDED, "not in the archive", self.latest)
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - as above

        with self._paths[entry.file].open("rb") as stream:
            stream.seek(entry.offset)
            record = next(iter(ArchiveIterator(stream)))
            return response_of(request.url, record, entry.date)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _date(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return None


def response_of(url: str, record: Any, date: datetime | None, *, limit: int = BODY_LIMIT) -> Response:
    """The response that a record of warcio's holds; its body is cut at ``limit``."""
    http, fields = record.http_headers, record.rec_headers
    headers = tuple((_original(str(k)), str(v)) for k, v in http.headers) if http else ()
    status = int(http.get_statuscode()) if http and str(http.get_statuscode()).isdigit() else 200
    if not http:
        headers = (("Content-Type", fields.get_header("Content-Type") or ""),)
    body = record.content_stream().read(limit + 1)
    truncated = len(body) > limit or fields.get_header("WARC-Truncated") is not None
    note = fields.get_header("Scrapeguard-Note") or ""
    return Response(url, status, headers, body[:limit], date, truncated=truncated, held=True, note=note)


def _original(name: str) -> str:
    """A field's own name, where an archive put another in its place because it described the bytes on the wire."""
    return name[len(ORIGINAL):] if name.lower().startswith(ORIGINAL.lower()) else name
