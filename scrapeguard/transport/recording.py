"""Every exchange as a WARC (ISO 28500) that a third party can check and replay.

A response is a ``response`` record beside its ``request``, with the body as it was read: content codings are undone, and the
fields that spoke of them stand under an ``X-Archive-Orig-`` name. A failure, a question and an override are ``metadata`` records
in JSON, a text drawn from a body a ``conversion`` record. Payload and block digests are SHA-256, as in evidence.

Fields of our own: ``Scrapeguard-Record`` names what a metadata record holds (``failure``, ``question``, ``profile``),
``Scrapeguard-Reader`` who drew a text, ``Scrapeguard-Note`` what was odd about an answer; ``Scrapeguard-Given`` marks a document
that the caller gave, such as the page that a question is about.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapeguard._version import __version__
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.decision import Decision
from scrapeguard.model.evidence import Source
from scrapeguard.model.exchange import Exchange, FetchFailure, Request, Response
from scrapeguard.model.ports import Clock, Transport
from scrapeguard.transport.archive import MAX_RECORD, canonical_json, check_whole, warc_date
from scrapeguard.transport.warc import ORIGINAL

_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Fields that describe the bytes on the wire, not the body that was read."""
_UNSEEN = re.compile(r"[\x00-\x20\x7f]")
"""What no field of a WARC record can hold in an address."""
MAX_BODY = MAX_RECORD - 512 * 1024
"""Bytes of a body: a record holds its head too."""
_REMEMBERED = 10_000
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class WarcRecorder:
    """Writes one WARC file; an existing one is continued. A file whose name ends in ``.gz`` is compressed, a member a record.

    Safe for threads: a record is written whole, and flushed. Raises `ScrapeguardError` where the file cannot be written, or
    where an existing one breaks off in the middle of a record.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}
        self._texts: set[tuple[str, str, str]] = set()
        fresh = not self.path.exists() or self.path.stat().st_size == 0
        if not fresh:
            check_whole(self.path)
        try:
            self._file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise ScrapeguardError(f"{self.path}: cannot be written: {error.strerror}; give another path") from error
        if fresh:
            info = f"software: scrapeguard/{__version__}\r\nformat: WARC File Format 1.1\r\nconformsTo: {_SPECIFICATION}\r\n"
            self._write("warcinfo", "", info.encode(), {"Content-Type": "application/warc-fields"}, datetime.now(UTC))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def add_exchange(self, request: Request, exchange: Exchange, *, agent: str = "") -> str:
        """Record an answer and its request; returns the record's id."""
        at = exchange.fetched_at or datetime.now(UTC)
        if isinstance(exchange, FetchFailure):
            failure = {"reason": exchange.reason.value, "detail": exchange.detail, "kind": request.kind.value}
            return self._write_json("failure", request.url, failure, at)
        number = self._add_response(exchange, at)
        fields = [("User-Agent", agent)] if agent else []
        fields += request.validators
        lines = "".join(f"{k}: {v}\r\n" for k, v in fields)
        block = f"GET {_target(request.url)} HTTP/1.1\r\n{lines}\r\n".encode()
        more = {"Content-Type": "application/http; msgtype=request", "WARC-Concurrent-To": number,
                "WARC-Payload-Digest": _digest(b"")}
        self._write("request", request.url, block, more, at)
        return number

    def add_held(self, response: Response) -> str:
        """Record a document that the caller gave and nobody fetched; returns the record's id. One as recorded before is not again."""
        with self._lock:
            known = self._ids.get(_whole(response))
        return known or self._add_response(response, response.fetched_at, given=True)

    def _add_response(self, response: Response, at: datetime | None, *, given: bool = False) -> str:
        lines = [f"HTTP/1.1 {response.status} \r\n"]
        for name, value in response.headers:
            original = ORIGINAL if name.lower() in _OF_THE_WIRE else ""
            lines.append(f"{original}{name}: {value}\r\n")
        head = ("".join(lines) + "\r\n").encode("utf-8", "replace")
        more = {
            "Content-Type": "application/http; msgtype=response",
            "WARC-Payload-Digest": _digest(response.body),
        }
        if given:
            more["Scrapeguard-Given"] = "1"
        if response.truncated:
            more["WARC-Truncated"] = "length"
        if response.note:
            more["Scrapeguard-Note"] = " ".join(response.note.split())
        if at is None:
            more["Scrapeguard-Undated"] = "1"
        number = self._write("response", response.url, head + response.body, more, at or datetime.now(UTC))
        self._remember(response.sha256, number)
        self._remember(_whole(response), number)
        return number

    def _remember(self, key: str, number: str) -> None:
        """Ids are kept of the last records only: an archive may hold a whole crawl."""
        with self._lock:
            self._ids.pop(key, None)
            while len(self._ids) >= _REMEMBERED:
                del self._ids[next(iter(self._ids))]
            self._ids[key] = number

    def add_text(self, source: Source, text: str, *, reader: str) -> None:
        """Record the text that ``reader`` drew from the body of ``source``, once."""
        block = text.encode("utf-8", "surrogatepass")
        key = (source.sha256, reader, hashlib.sha256(block).hexdigest())
        with self._lock:
            if key in self._texts:
                return
            self._texts.add(key)
            origin = self._ids.get(source.sha256)
        more = {
            "Content-Type": "text/plain; charset=utf-8",
            "Scrapeguard-Reader": reader,
            "Scrapeguard-Drawn-From": f"sha256:{source.sha256}",
        }
        if origin:
            more["WARC-Refers-To"] = origin
        self._write("conversion", source.url, block, more, source.fetched_at or datetime.now(UTC))

    def add_profile(self, name: str, text: str) -> str:
        """Record the text of a profile, once; returns the record's id."""
        key = f"profile {hashlib.sha256(text.encode()).hexdigest()}"
        with self._lock:
            known = self._ids.get(key)
        if known is None:
            content = {"name": name, "text": text}
            known = self._write_json("profile", f"urn:scrapeguard:profile:{name}", content, datetime.now(UTC))
        self._remember(key, known)
        return known

    def add_question(self, decision: Decision, question: Mapping[str, Any]) -> None:
        """Record what was asked, and the digest of the Decision that answered it."""
        answer = hashlib.sha256(canonical_json(decision.to_dict())).hexdigest()
        content = {**question, "url": decision.url, "decided_at": warc_date(decision.decided_at), "decision_sha256": answer}
        self._write_json("question", decision.url, content, decision.decided_at or datetime.now(UTC))

    def _write_json(self, what: str, url: str, content: Mapping[str, Any], at: datetime) -> str:
        more = {"Content-Type": "application/json", "Scrapeguard-Record": what}
        return self._write("metadata", url, canonical_json(content), more, at)

    def _write(self, kind: str, url: str, block: bytes, more: Mapping[str, str], at: datetime) -> str:
        from warcio.warcwriter import WARCWriter  # noqa: PLC0415 - only recording needs it

        url = _UNSEEN.sub(lambda m: f"%{ord(m[0]):02X}", url)
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=self.path.name.endswith(".gz"), warc_version="WARC/1.1")
        digest = _digest(block)
        fields = {"WARC-Date": warc_date(at), "WARC-Block-Digest": digest, "WARC-Payload-Digest": digest, **more}
        # As a record of bytes: warcio would read an HTTP head, and write what is not ASCII in it another way.
        record = writer.create_warc_record(url, "resource", io.BytesIO(block), len(block), more["Content-Type"], fields)
        record.rec_type = kind
        record.rec_headers.replace_header("WARC-Type", kind)
        writer.write_record(record)
        with self._lock:
            try:
                self._append(memoryview(out.getvalue()))
            except (OSError, ValueError) as error:
                advice = "free some space, or give another path"
                raise ScrapeguardError(f"{self.path}: cannot be written: {error}; {advice}") from error
        return str(record.rec_headers.get_header("WARC-Record-ID"))

    def _append(self, record: memoryview) -> None:
        """The whole record or nothing of it: an archive that breaks off in the middle of one is of no use."""
        end = os.fstat(self._file.fileno()).st_size
        try:
            while record:
                record = record[self._file.write(record) :]
        except OSError:
            os.ftruncate(self._file.fileno(), end)
            raise


class RecordingTransport:
    """Hands on another transport's answers, each recorded first."""

    def __init__(self, transport: Transport, recorder: WarcRecorder, *, agent: str = "", clock: Clock | None = None) -> None:
        self.transport = transport
        self.live = transport.live
        self._recorder = recorder
        self._agent = agent
        self._clock: Clock = clock or (lambda: datetime.now(UTC))

    def send(self, request: Request) -> Exchange:
        """The other transport's answer, in the form in which the record gives it back."""
        return recorded(self._recorder, request, self.transport.send(request), agent=self._agent, clock=self._clock)


def recorded(recorder: WarcRecorder, request: Request, exchange: Exchange, *, agent: str, clock: Clock) -> Exchange:
    """Record an answer; returns it in the form in which the record gives it back."""
    if isinstance(exchange, Response):
        exchange = recordable(exchange)
    if exchange.fetched_at is None:
        exchange = replace(exchange, fetched_at=clock())
    recorder.add_exchange(request, exchange, agent=agent)
    return exchange


def recordable(response: Response) -> Response:
    """The same without what no record can hold: line ends in fields, outer white space, names that are none, an endless body.

    >>> recordable(Response("https://example.com/", 200, {"A b": "x", "C": " d\\r\\nE: f"})).headers
    (('C', 'd E: f'),)
    """
    return replace(
        response,
        headers=tuple(_fields(response.headers)),
        note=" ".join(response.note.split()),
        body=response.body[:MAX_BODY],
        truncated=response.truncated or len(response.body) > MAX_BODY,
    )


def _fields(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        if _TOKEN.fullmatch(name):
            yield name, re.sub(r"[\r\n\0]+", " ", value).strip().encode("utf-8", "replace").decode()


_SPECIFICATION = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def _whole(response: Response) -> str:
    """A key that is equal where everything is that a replay reads."""
    parts = (response.url, response.status, response.headers, response.sha256, response.fetched_at, response.truncated, response.note)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _target(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2]
