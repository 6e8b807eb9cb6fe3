"""What to read about a site, in which order, as a state machine without I/O (in the way of h11's ``Connection``).

::

    audit = SiteAudit("https://example.com/p", "examplebot", same_site=same_site)
    while requests := audit.pending():
        for request in requests:
            audit.receive(request, transport.send(request))
    policy = audit.policy()

Answers may come in any order. robots.txt is read first; everything else obeys it (``policy_fetch="obey"``): a page that
robots.txt keeps from this crawler is not fetched and stands in the policy as blocked. Terms are sought where the caller's
documents, then the known table, then the links of the home page, then a few usual paths lead; the first of these that yields
terms, or terms nobody may read, ends the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from scrapeguard import read
from scrapeguard._url import join, parse_url
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import SameSite, Voice

MAX_HOPS = 5
"""Redirects followed for one document: what RFC 9309 §2.3.1.2 asks for robots.txt, and what Google and Nutch do."""
MAX_TERMS_PAGES = 4
"""Terms pages read of one site from its links: Terms, and the acceptable-use, developer and community pages beside them."""

_REDIRECTS = {301, 302, 303, 307, 308}


class PolicyFetch(StrEnum):
    """How the library's own fetches treat robots.txt.

    ``obey``: as any crawler. ``always``: the caller decided to read policy pages as a person would, once. ``held``: the
    documents are already in the caller's hands (an archive).
    """

    OBEY = "obey"
    ALWAYS = "always"
    HELD = "held"


class SiteAudit:
    """Reads one authority for one crawler.

    ``documents`` are responses the caller already has: each answers the request for its URL, and one that is no robots.txt
    and no well-known file is read as terms of this site. ``same_site`` tells whether two hosts share a registrable domain.
    Raises `InvalidUrl`.
    """

    def __init__(
        self,
        url: str,
        product_token: str,
        *,
        same_site: SameSite,
        policy_fetch: PolicyFetch | str = PolicyFetch.OBEY,
        documents: Iterable[Response] = (),
    ) -> None:
        self.authority = parse_url(url).authority
        self.product_token = product_token
        self.policy_fetch = PolicyFetch(policy_fetch)
        self._same_site = same_site
        self._held = {str(parse_url(d.url)): replace(d, held=True) for d in documents}
        self._open: dict[str, Request] = {}
        self._waiting: dict[str, list[Request]] = {}
        self._robots: dict[str, read.RobotsReading] = {}
        self._readings: dict[str, read.Reading] = {}
        self._asked: set[str] = set()
        self._steps = self._terms_steps()
        self._searching = True
        self._want(Request(f"{self.authority}/robots.txt", RequestKind.ROBOTS, via="RFC 9309 §2.3"))

    def pending(self) -> tuple[Request, ...]:
        """The documents wanted now and not received yet; empty when the audit is done."""
        return tuple(self._open.values())

    def receive(self, request: Request, exchange: Exchange) -> None:
        """Take the answer to one pending request. Raises ValueError for a request that is not pending."""
        if self._open.pop(request.url, None) is None:
            raise ValueError(f"{request.url} is not pending; give each of pending()'s requests one answer")
        self._take(request, exchange)
        self._advance()

    def policy(self) -> SitePolicy:
        """What has been read so far. Requests still pending stand as gaps, so that an audit cut short is never a yes."""
        sources = [r.source for r in self._readings.values()]
        sources += [_unread(r, SourceState.UNREACHABLE, "not read yet") for r in self._open.values()]
        own = self._robots.get(self.authority)
        voices: list[Voice] = [own.voice] if own else []
        voices += [v for r in self._readings.values() for v in r.voices]
        return SitePolicy(
            authority=self.authority,
            product_token=self.product_token,
            voices=tuple(voices),
            sources=tuple(sources),
            documents=MappingProxyType({u: r.document for u, r in self._readings.items() if r.document is not None}),
            expires_at=own.expires_at if own else None,
        )

    # Asking.

    def _want(self, request: Request) -> None:
        """Ask for a document: from the caller's hands, from the transport, or not at all where robots.txt keeps it."""
        if request.hop == 0:
            if request.url in self._asked:
                return
            self._asked.add(request.url)
        held = self._held.get(request.url)
        if held is not None:
            self._take(request, held)
        elif request.kind is RequestKind.ROBOTS or self.policy_fetch is not PolicyFetch.OBEY:
            self._open[request.url] = request
        else:
            authority = parse_url(request.url).authority
            if authority in self._robots:
                self._ask_if_free(request, self._robots[authority])
            else:
                self._waiting.setdefault(authority, []).append(request)
                self._want(Request(f"{authority}/robots.txt", RequestKind.ROBOTS, via=f"before {request.url}"))

    def _ask_if_free(self, request: Request, robots: read.RobotsReading) -> None:
        refusal = robots.refusal(request.url)
        if refusal is None:
            self._open[request.url] = request
        else:
            self._settle(request, read.Reading(_unread(request, SourceState.BLOCKED, refusal)))

    # Reading.

    def _take(self, request: Request, exchange: Exchange) -> None:
        if isinstance(exchange, Response) and exchange.status in _REDIRECTS:
            following = self._redirect(request, exchange)
            if isinstance(following, Request):
                self._want(following)
                return
            exchange = following
        if request.kind is RequestKind.ROBOTS:
            self._take_robots(request, exchange)
        else:
            note = self._own_decision(request, exchange)
            self._settle(request, read.read(request, exchange, note=note))

    def _redirect(self, request: Request, answer: Response) -> Request | Exchange:
        """The next hop, or the failure that the chain comes to."""
        target = join(request.url, answer.header("location") or "")
        if target is None:
            return FetchFailure(
                request.url,
                FailureReason.PROTOCOL,
                f"status {answer.status} without a usable Location",
                answer.fetched_at,
            )
        if request.hop >= MAX_HOPS:
            if request.kind is RequestKind.ROBOTS:
                return answer  # RFC 9309 §2.3.1.2: beyond five hops a crawler may assume the file is unavailable
            return FetchFailure(
                request.url, FailureReason.PROTOCOL, f"more than {MAX_HOPS} redirects", answer.fetched_at
            )
        return replace(request, url=target, origin=request.asked, hop=request.hop + 1)

    def _take_robots(self, request: Request, exchange: Exchange) -> None:
        authority = parse_url(request.asked).authority
        reading = self._robots[authority] = read.read_robots(request, exchange, self.product_token)
        if authority == self.authority:
            self._readings[request.asked] = read.Reading(reading.source, document=reading.document)
        for waiting in self._waiting.pop(authority, ()):
            self._ask_if_free(waiting, reading)

    def _own_decision(self, request: Request, exchange: Exchange) -> str:
        """What the evidence says when a page was read although robots.txt keeps crawlers from it (``always``)."""
        robots = self._robots.get(parse_url(request.url).authority)
        if (
            self.policy_fetch is not PolicyFetch.ALWAYS
            or robots is None
            or (isinstance(exchange, Response) and exchange.held)
        ):
            return ""
        refusal = robots.refusal(request.url)
        return f"read at the caller's own decision (policy_fetch=always): {refusal}" if refusal else ""

    def _settle(self, request: Request, reading: read.Reading) -> None:
        self._readings[request.asked] = reading
        for wanted in reading.wanted:
            self._want(wanted)

    # The search for terms, one step at a time.

    def _advance(self) -> None:
        while self._searching and self.authority in self._robots and not self._outstanding():
            if self._found():
                self._searching = False
                break
            step = next(self._steps, None)
            if step is None:
                self._searching = False
                break
            step()

    def _outstanding(self) -> bool:
        seeking = {RequestKind.TERMS, RequestKind.HOME}
        waiting = (r for requests in self._waiting.values() for r in requests)
        return any(r.kind in seeking for r in (*self._open.values(), *waiting))

    def _found(self) -> bool:
        """True when terms were read, or stand where nobody may read them: looking further would not settle what they say."""
        return any(
            r.source.kind in {RequestKind.TERMS, RequestKind.HOME} and (r.source.state.is_gap or r.binds)
            for r in self._readings.values()
        )

    def _terms_steps(self) -> Iterator[Callable[[], None]]:
        yield self._ask_given
        yield self._ask_known
        yield self._ask_home
        yield self._ask_links
        for path in read.probe_paths():
            yield lambda path=path: self._want(Request(self.authority + path, RequestKind.TERMS, via="usual path"))  # type: ignore[misc] # mypy cannot infer a lambda's default

    def _ask_given(self) -> None:
        for url in self._held:
            if read.kind_of(url) is RequestKind.TERMS:
                self._want(Request(url, RequestKind.TERMS, via="given by the caller"))

    def _ask_known(self) -> None:
        for url in read.known_terms(parse_url(self.authority).host):
            self._want(Request(str(parse_url(url)), RequestKind.TERMS, via="known table"))

    def _ask_home(self) -> None:
        self._want(Request(f"{self.authority}/", RequestKind.HOME, via="to find the terms"))

    def _ask_links(self) -> None:
        home = self._readings.get(f"{self.authority}/")
        robots = self._robots[self.authority]
        candidates = read.candidates(home, robots, f"{self.authority}/", same_site=self._same_site)
        for candidate in candidates[:MAX_TERMS_PAGES]:
            self._want(candidate)


def _unread(request: Request, state: SourceState, note: str) -> Source:
    return Source(request.asked, request.kind, state, note=note, via=request.via)
