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

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from scrapeguard import read
from scrapeguard._html import HtmlPage
from scrapeguard._url import parse_url
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.inquiry import Inquiry, PolicyFetch
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import Exchange, Request, RequestKind, Response
from scrapeguard.model.policy import PagePolicy
from scrapeguard.model.ports import SameSite, Voice
from scrapeguard.signals import PROBES, PageSignals, SiteSignals, fixed_probes

MAX_TERMS_PAGES = 4
"""Terms pages read of one site from its links: Terms, and the acceptable-use, developer and community pages beside them."""

MAX_NAMED_KEPT = 256
"""Documents named by pages that are kept with a site's policy; further ones are asked for each time."""

ROBOTS_VIA, HOME_VIA = "RFC 9309 §2.3", "to find the terms"
"""Why the two documents are asked for that every audit begins with."""

USUAL_PATH = "usual path"
"""How an address was found that nobody named."""

_SEEKING = (RequestKind.HOME, RequestKind.TERMS)


class SiteAudit:
    """Reads one authority for one crawler.

    ``documents`` are responses the caller already has: each answers the request for its URL, and one that is no robots.txt
    and no well-known file is read as terms of this site. ``probes`` are the kinds of well-known signal files to ask for.
    ``same_site`` tells whether two hosts share a registrable domain. Raises `InvalidUrl`.
    """

    def __init__(
        self,
        url: str,
        product_token: str,
        *,
        same_site: SameSite,
        policy_fetch: PolicyFetch | str = PolicyFetch.OBEY,
        documents: Iterable[Response] = (),
        probes: Collection[RequestKind] = tuple(PROBES),
    ) -> None:
        self.authority = parse_url(url).authority
        self.product_token = product_token
        self._same_site = same_site
        self._probes = probes
        held = {str(parse_url(d.url)): replace(d, held=True) for d in documents}
        self._inquiry = Inquiry(product_token, PolicyFetch(policy_fetch), held=held)
        self._pages: dict[str, read.Reading] = {}
        self._signals: SiteSignals | None = None
        self._signals_from = 0
        self._steps = self._terms_steps()
        self._inquiry.want(Request(f"{self.authority}/robots.txt", RequestKind.ROBOTS, via=ROBOTS_VIA))
        self._advance()

    def pending(self) -> tuple[Request, ...]:
        """The documents wanted now and not received yet; empty when the audit is done."""
        return self._inquiry.pending()

    def receive(self, request: Request, exchange: Exchange) -> None:
        """Take the answer to one pending request. Raises ValueError for a request that is not pending."""
        self._inquiry.receive(request, exchange)
        self._advance()

    def policy(self) -> SitePolicy:
        """What has been read so far. Requests still pending stand as gaps, so that an audit cut short is never a yes."""
        own = self._inquiry.robots.get(self.authority)
        found = self._signals or SiteSignals()
        sources = [own.source] if own else []
        sources += [*found.sources, *self._page_sources()]
        sources += [_not_read(r) for r in self._inquiry.pending()]
        voices: list[Voice] = [own.voice] if own else []
        distinct = {
            r.source.sha256: r for r in reversed(self._pages.values())
        }  # one page under two addresses speaks once
        voices += [*found.voices, *(v for r in reversed(distinct.values()) for v in r.voices)]
        documents: dict[str, Any] = {u: r.document for u, r in self._pages.items() if r.document is not None}
        if own and own.document is not None:
            documents[own.source.url] = own.document
        return SitePolicy(
            authority=self.authority,
            product_token=self.product_token,
            voices=tuple(voices),
            sources=tuple(sources),
            documents=MappingProxyType(documents),
            expires_at=own.expires_at if own else None,
            readings=MappingProxyType({"robots": self._inquiry.robots, "signals": found, "named": {}}),
        )

    def _page_sources(self) -> list[Source]:
        """The home page and the terms pages. Where no terms were read, one that is named and not there is a gap.

        Somebody calls it the terms of this site: that they could not be had is no sign that there are none.
        """
        sources = [r.source for r in self._pages.values()]
        if any(r.binds for r in self._pages.values()):
            return sources
        return [_missing(s) if s.kind is RequestKind.TERMS and s.via != USUAL_PATH else s for s in sources]

    def _advance(self) -> None:
        if self.authority not in self._inquiry.robots:
            return
        self._read_pages()
        self._seek_signals()
        self._seek_terms()

    def _read_pages(self) -> None:
        for url, (request, exchange) in list(self._inquiry.answers.items()):
            if request.kind in _SEEKING and url not in self._pages:
                self._pages[url] = read.read(request, exchange, note=self._own_decision(request, exchange))

    def _own_decision(self, request: Request, exchange: Exchange) -> str:
        """What the evidence says when a page was read although robots.txt keeps crawlers from it (``always``)."""
        fetched = not (isinstance(exchange, Response) and exchange.held)
        if (
            self._inquiry.policy_fetch is PolicyFetch.ALWAYS
            and fetched
            and (refusal := self._inquiry.refusal(request.url))
        ):
            return f"read at the caller's own decision (policy_fetch=always), {refusal}"
        return ""

    # Usage signals: robots.txt, well-known files, and the documents that these name.

    def _seek_signals(self) -> None:
        for probe in fixed_probes(self.authority, kinds=self._probes):
            self._inquiry.want(probe)
        while not self._inquiry.outstanding(read.SIGNAL_KINDS):
            answers = self._inquiry.answers
            documents = {u: e for u, (r, e) in answers.items() if r.kind in read.SIGNAL_KINDS}
            if self._signals is not None and len(documents) == self._signals_from:
                return
            self._signals_from = len(documents)
            robots = self._inquiry.robots[self.authority]
            self._signals = read.site_signals(robots, documents, authority=self.authority)
            for wanted in self._signals.wanted:
                self._inquiry.want(wanted)

    # The search for terms, one step at a time.

    def _seek_terms(self) -> None:
        while not self._inquiry.outstanding(_SEEKING) and not self._found():
            step = next(self._steps, None)
            if step is None:
                return
            step()
            self._read_pages()

    def _found(self) -> bool:
        """True when terms were read, or stand where nobody may read them: looking further would not settle what they say."""
        return any(r.source.state.is_gap or r.binds for r in self._pages.values())

    def _terms_steps(self) -> Iterator[Callable[[], None]]:
        yield self._ask_given
        yield self._ask_known
        yield lambda: self._inquiry.want(Request(f"{self.authority}/", RequestKind.HOME, via=HOME_VIA))
        yield self._ask_links
        yield self._ask_deeper
        for path in read.probe_paths():
            yield partial(self._inquiry.want, Request(self.authority + path, RequestKind.TERMS, via=USUAL_PATH))

    def _ask_given(self) -> None:
        for url in self._inquiry.held:
            if read.kind_of(url) is RequestKind.TERMS:
                self._inquiry.want(Request(url, RequestKind.TERMS, via=read.GIVEN))

    def _ask_known(self) -> None:
        for url in read.known(parse_url(self.authority).host):
            self._inquiry.want(Request(str(parse_url(url)), RequestKind.TERMS, via=read.KNOWN))

    def _ask_links(self) -> None:
        home = self._pages.get(f"{self.authority}/")
        self._ask_linked(home.page if home else None, f"{self.authority}/")

    def _ask_deeper(self) -> None:
        """A link called «Legal» may lead to a page that only lists the terms."""
        for reading in list(self._pages.values()):
            if reading.source.kind is RequestKind.TERMS and reading.page is not None and not reading.binds:
                self._ask_linked(reading.page, reading.source.url)

    def _ask_linked(self, page: HtmlPage | None, url: str) -> None:
        robots = self._inquiry.robots[self.authority]
        for candidate in read.candidates(page, robots, url, same_site=self._same_site)[:MAX_TERMS_PAGES]:
            self._inquiry.want(candidate)


class PageAudit:
    """Reads what a fetched page says of its own use, and the documents it names, on top of its site's policy.

    ``assets`` is metadata that the caller read elsewhere. What pages of one site name is asked for once while the policy lasts.
    """

    def __init__(
        self,
        response: Response,
        site: SitePolicy,
        *,
        policy_fetch: PolicyFetch,
        assets: Mapping[str, Any] | None = None,
    ) -> None:
        self._response = response
        self._assets = assets
        self._site: SiteSignals = site.readings["signals"]
        self._named: dict[str, Exchange] = site.readings["named"]
        self._inquiry = Inquiry(site.product_token, policy_fetch, held=self._named, robots=site.readings["robots"])
        self._page = self._read()

    def pending(self) -> tuple[Request, ...]:
        """The documents that the page names and that are wanted now."""
        return self._inquiry.pending()

    def receive(self, request: Request, exchange: Exchange) -> None:
        """Take the answer to one pending request."""
        self._inquiry.receive(request, exchange)
        if not self._inquiry.outstanding(read.SIGNAL_KINDS):
            self._page = self._read()

    def policy(self) -> PagePolicy:
        """What the page adds. Documents still pending count as not to be had."""
        return PagePolicy(self._page.voices, self._page.replaces, self._page.gaps)

    def _read(self) -> PageSignals:
        while True:
            answers = {url: exchange for url, (_, exchange) in self._inquiry.answers.items()}
            if len(self._named) < MAX_NAMED_KEPT:
                self._named.update(answers)
            found = read.page_signals(self._site, self._response, answers, assets=self._assets)
            for wanted in found.wanted:
                self._inquiry.want(wanted)
            if all(w.url not in self._inquiry.answers for w in found.wanted):
                return found


def _missing(source: Source) -> Source:
    if source.state is not SourceState.ABSENT:
        return source
    said = source.note or f"answered with status {source.status}"
    return replace(
        source, state=SourceState.UNREACHABLE, note=f"{said}; it is named as the terms, and no others were read"
    )


def _not_read(request: Request) -> Source:
    return Source(request.asked, request.kind, SourceState.UNREACHABLE, note="not read yet", via=request.via)
