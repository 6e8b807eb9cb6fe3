"""Documents wanted and documents received: redirects, what the caller holds, and obedience to robots.txt. No I/O.

An `Inquiry` is the part that reading a site and reading a page have in common: it says which requests are pending, takes
answers in any order, follows redirects, and asks nothing that robots.txt keeps from this crawler.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from scrapeguard._url import join, parse_url
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.read import RobotsReading, read_robots

MAX_HOPS = 5
"""Redirects followed for one document: what RFC 9309 §2.3.1.2 asks for robots.txt, and what Google and Nutch do."""

_REDIRECTS = {301, 302, 303, 307, 308}


class PolicyFetch(StrEnum):
    """How the library's own fetches treat robots.txt.

    ``obey``: as any crawler. ``always``: the caller decided to read policy pages as a person would, once. ``held``: the
    documents are already in the caller's hands (an archive).
    """

    OBEY = "obey"
    ALWAYS = "always"
    HELD = "held"


class Inquiry:
    """Takes wishes and answers; ``answers`` has the last hop's exchange by the URL that was asked for first.

    ``held`` are documents in hand, by URL; ``robots`` readings of authorities that are known already.
    """

    def __init__(
        self,
        product_token: str,
        policy_fetch: PolicyFetch,
        *,
        held: Mapping[str, Exchange],
        robots: Mapping[str, RobotsReading] | None = None,
    ) -> None:
        self.product_token = product_token
        self.policy_fetch = policy_fetch
        self.held = held
        self.robots = dict(robots or {})
        self.answers: dict[str, tuple[Request, Exchange]] = {}
        self._open: dict[str, list[Request]] = {}
        self._seen: dict[tuple[str, bool], Exchange] = {}
        self._waiting: dict[str, list[Request]] = {}
        self._asked: set[str] = set()

    def pending(self) -> tuple[Request, ...]:
        """The documents to fetch now."""
        return tuple(requests[0] for requests in self._open.values())

    def outstanding(self, kinds: Iterable[RequestKind]) -> bool:
        """True while a document of one of these kinds is wanted and not answered."""
        among = set(kinds)
        return any(
            r.kind in among for queue in (self._open, self._waiting) for requests in queue.values() for r in requests
        )

    def receive(self, request: Request, exchange: Exchange) -> None:
        """Take the answer to one pending request. Raises ValueError for a request that is not pending."""
        if request.url not in self._open:
            raise ValueError(f"{request.url} is not pending; give each of pending()'s requests one answer")
        for asking in self._open.pop(request.url):
            self._seen[asking.url, asking.kind is RequestKind.ROBOTS] = exchange
            self._take(asking, exchange)

    def want(self, request: Request) -> None:
        """Ask for a document once: from the caller's hands, from the transport, or not at all where robots.txt keeps it."""
        if request.hop == 0:
            if request.url in self._asked:
                return
            self._asked.add(request.url)
        known = self.held.get(request.url) or self._seen.get((request.url, request.kind is RequestKind.ROBOTS))
        if known is not None:
            self._take(request, known)
        elif request.kind is RequestKind.ROBOTS or self.policy_fetch is not PolicyFetch.OBEY:
            self._ask(request)
        else:
            authority = parse_url(request.url).authority
            if authority in self.robots:
                self._ask_if_free(request)
            else:
                self._waiting.setdefault(authority, []).append(request)
                self.want(Request(f"{authority}/robots.txt", RequestKind.ROBOTS, via=f"before {request.url}"))

    def refusal(self, url: str) -> str:
        """Why robots.txt keeps ``url`` from this crawler; '' where it does not, or is not known."""
        robots = self.robots.get(parse_url(url).authority)
        return robots.refusal(url) if robots else ""

    def _ask_if_free(self, request: Request) -> None:
        refusal = self.refusal(request.url)
        if refusal:
            self._settle(request, FetchFailure(request.url, FailureReason.NOT_SENT, refusal))
        else:
            self._ask(request)

    def _ask(self, request: Request) -> None:
        robots = self.robots.get(parse_url(request.url).authority)
        paced = replace(request, delay=robots.crawl_delay if robots else 0.0)
        self._open.setdefault(request.url, []).append(paced)

    def _take(self, request: Request, exchange: Exchange) -> None:
        if isinstance(exchange, Response) and exchange.status in _REDIRECTS:
            following = self._redirect(request, exchange)
            if isinstance(following, Request):
                self.want(following)
                return
            exchange = following
        self._settle(request, exchange)
        if request.kind is RequestKind.ROBOTS:
            authority = parse_url(request.asked).authority
            self.robots[authority] = read_robots(request, exchange, self.product_token)
            for waiting in self._waiting.pop(authority, ()):
                self._ask_if_free(waiting)

    def _settle(self, request: Request, exchange: Exchange) -> None:
        self.answers[request.asked] = (request, exchange)

    def _redirect(self, request: Request, answer: Response) -> Request | Exchange:
        """The next hop, or the failure that the chain comes to."""
        target = join(request.url, answer.header("location") or "")
        if request.hop >= MAX_HOPS and request.kind is RequestKind.ROBOTS:
            return answer  # RFC 9309 §2.3.1.2: beyond five hops a crawler may assume the file is unavailable
        if target is None:
            detail = f"status {answer.status} without a usable Location"
        elif request.hop >= MAX_HOPS:
            detail = f"more than {MAX_HOPS} redirects"
        else:
            return replace(request, url=target, origin=request.asked, hop=request.hop + 1)
        return FetchFailure(request.url, FailureReason.PROTOCOL, detail, answer.fetched_at)
