"""Checking a Decision against an archive, as a third party would: nothing of the Decision is believed.

Every record's digests are taken anew. Every source of the Decision must be in the archive with its digest, status and time, every
quote at its place: lines of text files and header fields in the recorded bytes, spans in the recorded text, which is also drawn
anew from the body where this library has the same version of the reader. What is not checked is the reasoning; that is
`scrapeguard.replay`'s.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scrapeguard import read
from scrapeguard._headers import media_type
from scrapeguard._html import draw
from scrapeguard._url import join
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.decision import Decision
from scrapeguard.model.evidence import Evidence, HeaderRef, LineRef, PointerRef, Source, Span
from scrapeguard.model.exchange import Request, RequestKind, Response
from scrapeguard.terms import TermsDocument
from scrapeguard.transport.archive import Record, read_records


class Verification(NamedTuple):
    """What was found: how many records, sources and quotes hold, and the first thing that does not ('' when all do)."""

    records: int
    sources: int
    quotes: int
    fault: str = ""

    def __bool__(self) -> bool:
        return not self.fault

    def __str__(self) -> str:
        if self.fault:
            return f"does not hold: {self.fault}"
        return f"holds: {self.records} records, {self.sources} sources and {self.quotes} quotes checked"


class _Fault(Exception):
    """Something does not hold."""


def verify(decision: Decision, path: str | Path) -> Verification:
    """Check ``decision`` against the WARC file at ``path``. Never raises for what either holds.

    >>> import scrapeguard, tempfile
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /private"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with scrapeguard.Guard("examplebot/1.0", transport=site, record=f"{folder}/a.warc.gz") as guard:
    ...         decision = guard.allowed("https://example.com/private", "search")
    ...     found = verify(decision, f"{folder}/a.warc.gz")
    >>> bool(found), found.quotes
    (True, 1)
    """
    counts = [0, 0, 0]
    try:
        evidence = _Archive(_checked(path, counts))
        for source in dict.fromkeys(found for found in _within(decision, Source)):
            evidence.check_source(source)
            counts[1] += 1
        for proof in dict.fromkeys(found for found in _within(decision, Evidence)):
            if proof.quote:
                evidence.check_quote(proof)
                counts[2] += 1
    except (_Fault, ScrapeguardError) as error:
        return Verification(counts[0], counts[1], counts[2], str(error))
    return Verification(counts[0], counts[1], counts[2])


def _within(value: Any, kind: type) -> Iterator[Any]:
    """Every value of a type in a tree of dataclasses and tuples."""
    if isinstance(value, kind):
        yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from _within(getattr(value, field.name), kind)
    elif isinstance(value, tuple):
        for member in value:
            yield from _within(member, kind)


def _checked(path: str | Path, counts: list[int]) -> Iterator[Record]:
    """The records of the file, the digests of each taken anew."""
    for record in read_records(path):
        for name, content in (("block", record.block), ("payload", _payload(record))):
            said = record.fields.get(f"warc-{name}-digest")
            if said and content is not None and not _is_digest(said, content):
                what = f"record {record.number} ({record.kind} of {record.url or 'the file'})"
                raise _Fault(f"{what}: its {name} is not what its digest {said} says")
        counts[0] += 1
        yield record


def _payload(record: Record) -> bytes | None:
    """What the payload digest is of; None where a transfer coding stands in between (others' archives)."""
    if record.kind not in {"response", "request"}:
        return record.block
    head, _, body = record.block.partition(b"\r\n\r\n")
    return None if b"\ntransfer-encoding:" in head.lower() else body


def _is_digest(said: str, content: bytes) -> bool:
    """Whether a labelled digest is that of ``content``: hexadecimal or base 32, as WARC leaves open."""
    algorithm, _, value = said.partition(":")
    if algorithm.lower() not in {"sha1", "sha256", "sha512", "md5"}:
        return True  # an algorithm that nobody here can take proves nothing, either way
    found = hashlib.new(algorithm.lower(), content, usedforsecurity=False).digest()
    return value.strip().lower() in {found.hex(), base64.b32encode(found).decode().lower()}


class _Archive:
    """The recorded answers and texts, by what evidence names them by."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._responses: dict[str, list[Response]] = {}
        self._answers: dict[str, list[Any]] = {}
        self._texts: dict[str, str] = {}
        self._assets: list[Mapping[str, Any]] = []
        for record in records:
            if record.is_exchange:
                exchange = record.exchange()
                self._answers.setdefault(exchange.url, []).append(exchange)
                if isinstance(exchange, Response):
                    self._responses.setdefault(exchange.sha256, []).append(exchange)
            elif record.kind == "conversion":
                text = record.block.decode("utf-8", "surrogatepass")
                self._texts[hashlib.sha256(record.block).hexdigest()] = text
            elif record.holds == "question" and record.content.get("assets"):
                self._assets.append(record.content["assets"])

    # --- sources ---

    def check_source(self, source: Source) -> None:
        """The document is there, with its bytes, status and time."""
        if source.sha256:
            alike = [r for r in self._responses.get(source.sha256, ()) if r.url in self._reached(source.url)]
            if not alike:
                raise _Fault(f"{source.url}: no answer with the digest {source.sha256} is recorded for it")
        elif source.status is not None:
            alike = [a for url in self._reached(source.url) for a in self._answers.get(url, ()) if isinstance(a, Response)]
        else:
            return  # nothing was received: a refusal of our own, or a failure
        if not any(r.status == source.status and r.fetched_at == source.fetched_at for r in alike):
            when = source.fetched_at.isoformat() if source.fetched_at else "an unknown time"
            raise _Fault(f"{source.url}: no answer with status {source.status} of {when} is recorded for it")

    def _reached(self, url: str) -> list[str]:
        """The URL, and those to which recorded redirects lead from it."""
        found = [url]
        for at in found:
            for answer in self._answers.get(at, ()):
                if isinstance(answer, Response) and 300 <= answer.status < 400:
                    target = join(at, answer.header("location") or "")
                    if target is not None and target not in found and len(found) < 50:
                        found.append(target)
        return found

    # --- quotes ---

    def check_quote(self, evidence: Evidence) -> None:
        """The quote stands at its place."""
        place, source = evidence.place, evidence.source
        if isinstance(place, Span):
            self._check_span(evidence, place)
            return
        bodies = self._responses.get(source.sha256, [])
        if isinstance(place, HeaderRef):
            bodies = [a for url in self._reached(source.url) for a in self._answers.get(url, ())
                      if isinstance(a, Response) and a.fetched_at == source.fetched_at]
        if any(self._stands(evidence, response) for response in bodies):
            return
        raise _Fault(f"{source.url}: «{_short(evidence.quote)}» does not stand at {_where(evidence)}")

    def _stands(self, evidence: Evidence, response: Response) -> bool:
        place, quote = evidence.place, evidence.quote
        if isinstance(place, LineRef):
            lines = _lines(response.body)
            return 0 < place.line <= len(lines) and quote in lines[place.line - 1]
        if isinstance(place, HeaderRef):
            values = response.header_values(place.name)
            return place.index < len(values) and quote in values[place.index]
        text = response.body.decode("utf-8", "replace")
        if any(quote in words for words in (text, html.unescape(text), _unescaped(text))):
            return True
        if isinstance(place, PointerRef):
            return any(_said(assets, quote) for assets in self._assets)
        page = draw(response.body, charset_hint=media_type(response.header("content-type"))[1])
        held = (page.text, *(m.content for m in page.metas), *(r.href for r in page.relations), *(a.href for a in page.anchors),
                *(s.body for s in page.scripts))
        return any(quote in words for words in held)

    def _check_span(self, evidence: Evidence, place: Span) -> None:
        source = evidence.source
        text = self._texts.get(place.text_sha256)
        drawn = self._drawn_anew(source, place.reader)
        if text is None and drawn is None:
            raise _Fault(f"{source.url}: the text {place.text_sha256} is not recorded, and {place.reader} is not here to draw it")
        if drawn is not None and hashlib.sha256(drawn.encode("utf-8", "surrogatepass")).hexdigest() != place.text_sha256:
            raise _Fault(f"{source.url}: {place.reader} draws another text from the recorded body than {place.text_sha256}")
        words = text if text is not None else drawn or ""
        if words[place.start : place.end] != evidence.quote:
            raise _Fault(f"{source.url}: «{_short(evidence.quote)}» does not stand at {_where(evidence)} of the text")

    def _drawn_anew(self, source: Source, reader: str) -> str | None:
        """The text of the recorded body; None where the reader of this library is another."""
        for response in self._responses.get(source.sha256, ()):
            if response.url in self._reached(source.url):
                document = read.read(Request(response.url, RequestKind.TERMS, via=source.via), response).document
                if isinstance(document, TermsDocument) and document.reader == reader:
                    return document.text
        return None


def _lines(body: bytes) -> list[str]:
    """The lines of a text file as the readers count them: ended by CR, LF or both; without a byte order mark."""
    text = body.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/]))')


def _unescaped(text: str) -> str:
    """The text with JSON's escapes of characters undone (RFC 8259 §7), as a reader of the JSON sees its strings."""
    plain = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _said(value: Any, quote: str) -> bool:
    """Whether metadata that the caller gave holds ``key: value`` somewhere."""
    if isinstance(value, Mapping):
        return any(f"{k}: {v}" == quote or quote in {str(v), json.dumps(v)} or _said(v, quote) for k, v in value.items())
    return isinstance(value, list) and any(_said(v, quote) for v in value)


def _where(evidence: Evidence) -> str:
    from scrapeguard.model.text import place_in_words  # noqa: PLC0415 - only a fault needs words

    return place_in_words(evidence)


def _short(quote: str) -> str:
    flat = " ".join(quote.split())
    return flat if len(flat) <= 80 else flat[:80] + " …"
