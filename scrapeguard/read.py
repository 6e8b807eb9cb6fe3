"""Kind of response → reader → document: the one table that knows every reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from scrapeguard import signals
from scrapeguard._headers import media_type
from scrapeguard._html import HtmlPage, draw
from scrapeguard._pdf import draw_pdf, is_pdf
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import SameSite, Voice
from scrapeguard.robots import RobotsTxt, parse_robots
from scrapeguard.robots.availability import RobotsState, judge_availability
from scrapeguard.robots.statements import RobotsVoice
from scrapeguard.terms import TermsDocument, read_terms
from scrapeguard.terms.classify import classify, classify_text
from scrapeguard.terms.discover import discover, known, probe_paths
from scrapeguard.terms.kind import DocumentKind
from scrapeguard.terms.statements import TermsVoice

__all__ = [
    "Reading",
    "RobotsReading",
    "candidates",
    "kind_of",
    "known",
    "page_signals",
    "probe_paths",
    "read",
    "read_robots",
    "site_signals",
]

SIGNAL_KINDS = (
    RequestKind.TDMREP,
    RequestKind.TDM_POLICY,
    RequestKind.AI_TXT,
    RequestKind.TRUST_TXT,
    RequestKind.RSL,
)
GIVEN, KNOWN = "given by the caller", "known table"
"""How a document was found where its address alone says that it binds."""

RENDERED = "X-Scrapeguard-Rendered"
"""The header field by which a transport says that a browser built the body: which browser, in words."""

_SHARED_BYTES = 16_384
_ABSENT = {404, 410}
_REFUSED = {401, 402, 403, 407, 429, 451}


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one document: its source, what it says, the parsed form for people.

    ``binds`` tells that it is terms whose clauses count; ``page`` is the drawn page where it is one.
    """

    source: Source
    voices: tuple[Voice, ...] = ()
    document: Any = None
    binds: bool = False
    page: HtmlPage | None = None


@dataclass(frozen=True, slots=True)
class RobotsReading:
    """What became of a robots.txt, for one crawler. ``document`` is None where there is nothing to parse."""

    source: Source
    voice: RobotsVoice
    document: RobotsTxt | None
    expires_at: datetime | None

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the file asks of this crawler, 0 where it does not say."""
        return (self.document.crawl_delay(self.voice.product_token) if self.document is not None else None) or 0.0

    def refusal(self, url: str) -> str:
        """Why this crawler may not fetch ``url``, as a sentence; '' where it may."""
        if self.voice.may_fetch(url):
            return ""
        token = self.voice.product_token
        if self.document is None:
            return f"{self.source.url} is {self.voice.availability.state}, so nothing of this authority may be fetched"
        rule = self.document.match(url, token).rule
        line = f" (line {rule.line}: {rule.text})" if rule else ""
        return f"{self.source.url} keeps {token!r} from it{line}"


def read_robots(request: Request, exchange: Exchange, product_token: str) -> RobotsReading:
    """robots.txt by RFC 9309 §2.3.1: available, unavailable or unreachable; redirects were followed before."""
    found = judge_availability(exchange)
    state = _STATE_OF_ROBOTS[found.state]
    document = _robots(found.copy.body) if found.copy is not None else None
    notes = [found.reason]
    if document is not None:
        notes += [f"line {n.line}: {n.message}" if n.line else n.message for n in document.first_notes(5)]
    source = _source(request, exchange, state, "; ".join(notes))
    return RobotsReading(
        source, RobotsVoice(found, document, source, product_token=product_token), document, found.expires_at
    )


_STATE_OF_ROBOTS = {
    RobotsState.AVAILABLE: SourceState.READ,
    RobotsState.UNAVAILABLE: SourceState.ABSENT,
    RobotsState.UNREACHABLE: SourceState.UNREACHABLE,
}


def _robots(body: bytes) -> RobotsTxt:
    return _shared_robots(body) if len(body) <= _SHARED_BYTES else parse_robots(body)


@lru_cache(maxsize=512)
def _shared_robots(body: bytes) -> RobotsTxt:
    """Parsed once for all sites that have the file of one publishing system."""
    return parse_robots(body)


def kind_of(url: str) -> RequestKind:
    """The kind that a document's address tells; what no standard places is taken for terms."""
    path = urlsplit(url).path
    well_known = {
        "/robots.txt": RequestKind.ROBOTS,
        "/.well-known/tdmrep.json": RequestKind.TDMREP,
        "/trust.txt": RequestKind.TRUST_TXT,
        "/.well-known/trust.txt": RequestKind.TRUST_TXT,
        "/ai.txt": RequestKind.AI_TXT,
        "/": RequestKind.HOME,
        "": RequestKind.HOME,
    }
    return well_known.get(path, RequestKind.TERMS)


def read(request: Request, exchange: Exchange, *, note: str = "") -> Reading:
    """A home or terms page. ``note`` joins what the evidence says of it."""
    if isinstance(exchange, FetchFailure):
        state = _STATE_OF_FAILURE.get(exchange.reason, SourceState.UNREACHABLE)
        return Reading(_source(request, exchange, state, _joined(note, exchange.detail or exchange.reason.value)))
    if exchange.status in _ABSENT:
        return Reading(_source(request, exchange, SourceState.ABSENT, note))
    if not 200 <= exchange.status < 300:
        state = SourceState.BLOCKED if exchange.status in _REFUSED else SourceState.UNREACHABLE
        return Reading(_source(request, exchange, state, _joined(note, f"answered with status {exchange.status}")))
    if request.kind is RequestKind.HOME:
        return _read_home(request, exchange, note)
    return _read_terms(request, exchange, note)


def _read_home(request: Request, response: Response, note: str) -> Reading:
    page = _drawn(response)
    found = classify(page)
    state = _STATE_OF_KIND.get(found.kind, SourceState.READ)
    return Reading(
        _source(request, response, state, _joined(note, found.reason if state.is_gap else "")), document=page, page=page
    )


def _read_terms(request: Request, response: Response, note: str) -> Reading:
    kind, _ = media_type(response.header("content-type"))
    if is_pdf(response.body, kind):
        drawn = draw_pdf(response.body)
        if not drawn.text:
            return Reading(_source(request, response, SourceState.UNREADABLE, _joined(note, drawn.note)))
        read_as = replace(_terms(drawn.text.encode("utf-8", "replace"), "text/plain", request.url), reader=drawn.reader)
        document, page, cut = read_as, None, drawn.cut
    else:
        document = _terms(response.body, response.header("content-type") or "", request.url)
        page, cut = _drawn(response) if kind not in _PLAIN else None, False
    state, said, kept = _judged(document, page, request, response, cut=cut)
    source = _source(request, response, state, _joined(note, said))
    voices = (TermsVoice(document, source),) if kept else ()
    return Reading(source, voices, document, binds=bool(voices), page=page)


@lru_cache(maxsize=256)
def _terms(body: bytes, content_type: str, url: str) -> TermsDocument:
    """Parsed once for every site that shares the page."""
    return read_terms(body, content_type=content_type or "text/html", url=url)


def _judged(
    document: TermsDocument, page: HtmlPage | None, request: Request, response: Response, *, cut: bool = False
) -> tuple[SourceState, str, bool]:
    """What became of a page sought as terms, why, and whether its clauses count."""
    if not document.text.strip():
        return SourceState.UNREADABLE, "the document holds no text", False
    path = urlsplit(request.url).path
    found = classify(page, path=path) if page is not None else classify_text(document.text, path=path)
    if found.kind in _STATE_OF_KIND:
        return _STATE_OF_KIND[found.kind], found.reason, False
    if not document.readable:
        return SourceState.UNKNOWN_LANGUAGE, f"no rules for the language {document.language!r}", False
    if response.truncated or cut or (page is not None and page.truncated):
        return SourceState.UNREADABLE, "longer than is read: what stands beyond the cut is not known", True
    given = request.via in {GIVEN, KNOWN}
    if found.kind is DocumentKind.PRIVACY and not given:
        return SourceState.READ, f"a privacy notice ({found.reason}), which binds no visitor", False
    return (
        SourceState.READ,
        "" if found.kind.binds else found.reason,
        given or found.kind.binds or bool(document.clauses),
    )


_STATE_OF_FAILURE = {FailureReason.NOT_SENT: SourceState.BLOCKED, FailureReason.RENDER: SourceState.UNREADABLE}
_PLAIN = {"text/plain", "text/markdown", "text/x-markdown"}
_STATE_OF_KIND = {
    DocumentKind.BOT_WALL: SourceState.BLOCKED,
    DocumentKind.LOGIN_WALL: SourceState.BLOCKED,
    DocumentKind.CONSENT_WALL: SourceState.BLOCKED,
    DocumentKind.NEEDS_JAVASCRIPT: SourceState.UNREADABLE,
    DocumentKind.NOT_FOUND: SourceState.ABSENT,
}


def _drawn(response: Response) -> HtmlPage:
    return draw(response.body, charset_hint=media_type(response.header("content-type"))[1])


def candidates(page: HtmlPage | None, robots: RobotsReading, url: str, *, same_site: SameSite) -> list[Request]:
    """Where a page's links and the comments of robots.txt lead, best first."""
    comments = robots.document.comments if robots.document is not None else ()
    links = tuple(u for comment in comments for u in comment.urls)
    found = discover(page or draw(b""), url, same_site=same_site, robots_comment_links=links)
    return [Request(c.url, RequestKind.TERMS, via=f"{c.why} ({c.binding})") for c in found]


def site_signals(robots: RobotsReading, documents: Mapping[str, Exchange], *, authority: str) -> signals.SiteSignals:
    """The usage signals of an authority's robots.txt and policy files, for the crawler that ``robots`` was read for."""
    document = robots.document
    group: Sequence[Any] = ()
    others: Sequence[Any] = ()
    if document is not None and (others := document.records_named(signals.ROBOTS_RECORDS)):
        token = document.select(robots.voice.product_token)
        group = [record for record in others if token in record.tokens]
    source = robots.source if document is not None else None
    return signals.site(group, others, source, documents, authority=authority)


def page_signals(
    site: signals.SiteSignals,
    response: Response,
    documents: Mapping[str, Exchange],
    *,
    assets: Mapping[str, Any] | None,
) -> signals.PageSignals:
    """What a fetched page adds to its site's signals."""
    return signals.page(site, response, assets=assets, documents=documents)


def _joined(*notes: str) -> str:
    return "; ".join([n for n in notes if n])


def _source(request: Request, exchange: Exchange, state: SourceState, note: str) -> Source:
    reached = f"after {request.hop} redirect{'s' if request.hop > 1 else ''} to {request.url}" if request.hop else ""
    response = exchange if isinstance(exchange, Response) else None
    browser = response.header(RENDERED) if response else None
    built = f"as {browser[:100]} built it, not as the server sent it" if browser else ""
    return Source(
        url=request.asked,
        kind=request.kind,
        state=state,
        status=response.status if response else None,
        sha256=response.sha256 if response and response.body else "",
        fetched_at=exchange.fetched_at,
        note=_joined(note, built, reached, response.note if response else ""),
        via=request.via,
    )
