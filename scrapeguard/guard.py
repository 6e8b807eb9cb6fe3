"""The front door: a Guard reads each site once and answers for its URLs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapeguard._url import Url, parse_url
from scrapeguard._version import __version__
from scrapeguard.decide.agreement import Agreement, load_agreements
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.decide.profile import Profile, load_profile
from scrapeguard.inquiry import PolicyFetch
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, Request, RequestKind, Response
from scrapeguard.model.policy import PagePolicy
from scrapeguard.model.ports import Clock, Store, Transport
from scrapeguard.model.purpose import Purpose, parse_purpose
from scrapeguard.model.query import Query
from scrapeguard.plan import PageAudit, SiteAudit
from scrapeguard.robots import product_token as token_of
from scrapeguard.signals import PROBES

if TYPE_CHECKING:
    from scrapeguard.history import Change
    from scrapeguard.keeping import Decided, Keeper
    from scrapeguard.model.kept import Override

DEFAULT_AGENT = f"scrapeguard/{__version__}"
"""Used when a caller names no crawler; robots.txt is then read for the product token ``scrapeguard``."""

MAX_SITES = 10_000
"""Sites whose policies one Guard keeps in memory unless told otherwise; the one read longest ago goes first."""

Progress = Callable[[Request, Exchange], None]
"""Called after each document of an audit, for people who wait."""


@lru_cache(maxsize=4096)
def site_of(host: str) -> str:
    """The registrable domain of a host, or the host where it has none (an address, ``localhost``).

    >>> site_of("www.example.co.uk"), site_of("192.0.2.1")
    ('example.co.uk', '192.0.2.1')
    """
    import tldextract  # noqa: PLC0415 - imports requests, and opens its list when first asked

    extract = _extractor(tldextract)
    return extract(host).top_domain_under_public_suffix or host


@lru_cache(maxsize=1)
def _extractor(tldextract: Any) -> Any:
    """Bundled list, no network, no cache folder; private suffixes count (user.github.io is its own site)."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def same_site(host: str, other: str) -> bool:
    """True when both hosts belong to one registrable domain.

    >>> same_site("www.example.co.uk", "help.example.co.uk"), same_site("a.github.io", "b.github.io")
    (True, False)
    """
    return host == other or site_of(host) == site_of(other)


def drive(audit: SiteAudit | PageAudit, transport: Transport, *, progress: Progress | None = None) -> None:
    """Answer an audit's requests with a transport until it is done."""
    while requests := audit.pending():
        for request in requests:
            exchange = transport.send(request)
            audit.receive(request, exchange)
            if progress:
                progress(request, exchange)


class Guard:
    """Answers for one crawler.

    ``agent`` is the crawler's User-Agent; its product token is taken out of it, or given as ``product_token`` where it is
    ambiguous. ``profile`` is a built-in name or the path of a TOML file. ``transport`` is a `Transport` (default: the network).
    ``agreements`` are `Agreement`s, or the path of a TOML file with them: what sites have allowed this caller. ``context`` False
    leaves enforcement actions and legal floors out of Decisions. ``policy_fetch`` says whether own fetches of home and terms
    pages obey robots.txt (``obey``, the default) or are the caller's decision (``always``); an archive is always read.
    ``probes`` are the kinds of well-known signal files to ask every site for (default: tdmrep.json, trust.txt, ai.txt); one that
    cannot be read leaves the answer incomplete. ``clock`` tells the time (default: the system's, or the archive's).
    ``max_sites`` is how many sites' policies are kept in memory.

    ``store`` (a file's path, a URL, or an open store) keeps what is fetched, read and decided, and answers from it while that
    is fresh; ``store_optional`` True goes on without it where it fails, and says so in the log. ``keep_decisions`` False leaves
    the single Decisions out, for crawls of many URLs. ``record`` is the path of a WARC file to which every exchange and question
    is added, for `scrapeguard replay` and `scrapeguard verify`. A Guard with either is to be closed, or used in a ``with``.

    Raises `InvalidAgent`, `InvalidConfiguration`, `StoreError`.
    """

    def __init__(
        self,
        agent: str = DEFAULT_AGENT,
        profile: str | Profile = "standard",
        *,
        product_token: str | None = None,
        transport: Transport | None = None,
        agreements: str | Path | Iterable[Agreement] = (),
        policy_fetch: PolicyFetch | str = PolicyFetch.OBEY,
        probes: Collection[RequestKind] = tuple(PROBES),
        context: bool = True,
        store: str | Path | Store | None = None,
        store_optional: bool = False,
        keep_decisions: bool = True,
        record: str | Path | None = None,
        clock: Clock | None = None,
        progress: Progress | None = None,
        max_sites: int = MAX_SITES,
    ) -> None:
        self.agent = agent
        self.product_token = token_of(product_token or agent)
        self.profile = load_profile(profile)
        self.agreements = load_agreements(agreements)
        self.probes = tuple(probes)
        self.context = context
        if transport is None:
            from scrapeguard.transport.requests import RequestsTransport  # noqa: PLC0415 - loads requests

            transport = RequestsTransport(agent)
        self.policy_fetch = PolicyFetch(policy_fetch) if transport.live else PolicyFetch.HELD
        self._clock = clock or _clock_of(transport)
        self._keeper: Keeper | None = None
        if store is not None or record is not None:
            from scrapeguard.keeping import keeper  # noqa: PLC0415 - loads what keeping needs

            self._keeper = keeper(store, record, optional=store_optional, decisions=keep_decisions)
            transport = self._keeper.around(transport, agent=agent, clock=self._clock)
        self.transport = transport
        self._progress = progress
        self._max_sites = max_sites
        self._policies: dict[tuple[str, ...], SitePolicy] = {}  # oldest first
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()

    def allowed(
        self, url: str, purpose: Purpose | str, *, commercial: bool | None = None, documents: Iterable[Response] = ()
    ) -> Decision:
        """May ``url`` be fetched and used for ``purpose``? Asked before the fetch: ``decision.missing`` says what a page may add.

        ``documents`` are policy documents the caller holds (a robots.txt, terms pages). Raises `InvalidUrl`, `UnknownPurpose`.
        """
        asked = parse_url(url)
        query = self._query(url, asked, parse_purpose(purpose), commercial=commercial)
        held = self._held(documents)
        decision = self._judge(self._policy(asked, held, query.now), query)
        if self._keeper is not None:
            self._keeper.decided(self._decided(decision, query, held))
        return decision

    def decide(
        self,
        response: Response,
        purpose: Purpose | str,
        *,
        commercial: bool | None = None,
        retain: bool = False,
        user: str | None = None,
        country: str | None = None,
        assets: Mapping[str, Any] | None = None,
        documents: Iterable[Response] = (),
    ) -> Decision:
        """The same after the fetch: status, header fields, meta elements and embedded metadata of ``response`` join.

        ``retain`` says that the content is stored; ``user`` and ``country`` are the operator's status and seat, as RSL licences
        ask; ``assets`` is metadata read elsewhere (``{"plus:DataMining": …, "cawg": {…}}``).
        """
        asked = parse_url(response.url)
        if self._keeper is not None:
            response, = self._keeper.given([response])
        query = self._query(
            response.url,
            asked,
            parse_purpose(purpose),
            commercial=commercial,
            retain=retain,
            user=user,
            country=country,
        )
        held = self._held(documents)
        policy = self._policy(asked, held, query.now)
        audit = PageAudit(response, policy, policy_fetch=self.policy_fetch, assets=assets)
        drive(audit, self.transport, progress=self._progress)
        decision = self._judge(policy, query, audit.policy())
        if self._keeper is not None:
            self._keeper.decided(self._decided(decision, query, held, page=response, assets=assets))
        return decision

    def site(self, url: str, *, documents: Iterable[Response] = ()) -> SitePolicy:
        """Everything read about the URL's authority: robots, signals, terms and their clauses, and what could not be read."""
        return self._policy(parse_url(url), self._held(documents), self._clock())

    def changes(self, url: str) -> tuple[Change, ...]:
        """What changed at the URL's authority since the store first knew it, the last reading included (see `Change`).

        The site is read first, if that is due. Raises ValueError for a Guard without a store.

        >>> import scrapeguard, tempfile
        >>> from scrapeguard.testing import FrozenClock
        >>> robots, clock = "https://example.com/robots.txt", FrozenClock()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for content in ("User-agent: *", "User-agent: *\\nDisallow: /p"):
        ...         site = scrapeguard.MemoryTransport({robots: content}, clock)
        ...         with Guard("examplebot", transport=site, store=f"{folder}/policies.db") as guard:
        ...             found = guard.changes("https://example.com/")
        ...         clock.advance(hours=25)
        >>> [change.text for change in found if change.alarm]
        ["the rule «Disallow: /p» for '*' was added"]
        """
        if self._keeper is None:
            raise ValueError("changes are found in a store: give the Guard one, store='policies.db'")
        return self._keeper.changes(self.site(url))

    def override(self, decision: Decision, *, reason: str, by: str) -> Override:
        """Put on record that somebody goes ahead against ``decision``: why, and who. Nothing else changes.

        Raises ValueError without a store, or without reason and name; `StoreError` where the record cannot be made.
        """
        if self._keeper is None:
            raise ValueError("an override is kept in a store: give the Guard one, store='policies.db'")
        return self._keeper.overridden(decision, reason=reason, by=by, at=self._clock())

    @property
    def store(self) -> Store | None:
        """The store in use, if any."""
        return self._keeper.store if self._keeper is not None else None

    def close(self) -> None:
        """Close the store and the archive; nothing is kept after that."""
        if self._keeper is not None:
            self._keeper.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> datetime:
        """The time at which this Guard answers: its clock's."""
        return self._clock()

    def crawl_delay(self, url: str) -> float | None:
        """Seconds between requests that the site's robots.txt asks of this crawler; None when it does not say."""
        robots = self.site(url).documents.get(f"{parse_url(url).authority}/robots.txt")
        delay: float | None = robots.crawl_delay(self.product_token) if robots is not None else None
        return delay

    def _judge(self, policy: SitePolicy, query: Query, page: PagePolicy | None = None) -> Decision:
        return policy.decide(query, page, profile=self.profile, agreements=self.agreements, context=self.context)

    def _held(self, documents: Iterable[Response]) -> tuple[Response, ...]:
        return tuple(documents) if self._keeper is None else self._keeper.given(documents)

    def _decided(
        self, decision: Decision, query: Query, held: Sequence[Response], *, page: Response | None = None, **more: Any
    ) -> Decided:
        """What is kept of a Decision, with what a replay must ask with."""
        from scrapeguard.keeping import Decided, question_of  # noqa: PLC0415 - loads what keeping needs

        asking = {
            "agent": self.agent,
            "product_token": self.product_token,
            "profile": self.profile.text or self.profile.name,
            "policy_fetch": self.policy_fetch,
            "probes": list(self.probes),
            "context": self.context,
            "agreements": [a.to_dict() for a in self.agreements],
        }
        return Decided(decision, question_of(query, asking, **more), held, page)

    def _query(self, url: str, asked: Url, purpose: Purpose, **context: Any) -> Query:
        return Query(url, asked.target, purpose, self.product_token, now=self._clock(), **context)

    def _policy(self, asked: Url, documents: tuple[Response, ...], now: datetime | None) -> SitePolicy:
        key = (asked.authority, *(d.url + d.sha256 for d in documents))
        policy = self._policies.get(key)
        if policy is None or self._is_stale(policy, now):
            with self._lock:
                lock = self._locks.setdefault(key, threading.Lock())
            with lock:
                policy = self._policies.get(key)
                if policy is None or self._is_stale(policy, now):
                    audit = SiteAudit(
                        str(asked),
                        self.product_token,
                        same_site=same_site,
                        policy_fetch=self.policy_fetch,
                        documents=documents,
                        probes=self.probes,
                    )
                    drive(audit, self.transport, progress=self._progress)
                    policy = audit.policy()
                    if self._keeper is not None:
                        self._keeper.site_read(policy, documents, now)
                    self._keep(key, policy)
        return policy

    def _keep(self, key: tuple[str, ...], policy: SitePolicy) -> None:
        with self._lock:
            self._policies.pop(key, None)
            while len(self._policies) >= self._max_sites:
                oldest = next(iter(self._policies))
                del self._policies[oldest]
                self._locks.pop(oldest, None)
            self._policies[key] = policy

    def _is_stale(self, policy: SitePolicy, now: datetime | None) -> bool:
        live = self.policy_fetch is not PolicyFetch.HELD
        return live and now is not None and policy.expires_at is not None and now >= policy.expires_at


def _clock_of(transport: Transport) -> Clock:
    """An archive answers at the time of its newest capture, a site in memory at its own; else the system's time."""
    latest = getattr(transport, "latest", None)
    if latest is not None:
        return lambda: latest
    own: Clock | None = getattr(transport, "clock", None)
    return own or (lambda: datetime.now(UTC))


def allowed(
    url: str,
    purpose: Purpose | str,
    *,
    agent: str = DEFAULT_AGENT,
    product_token: str | None = None,
    profile: str | Profile = "standard",
    commercial: bool | None = None,
    documents: Iterable[Response] = (),
    transport: Transport | None = None,
    policy_fetch: PolicyFetch | str = PolicyFetch.OBEY,
) -> Decision:
    """May a crawler fetch ``url`` and use it for ``purpose``? One question, with a Guard made for it; keep a `Guard` for many.

    >>> site = __import__("scrapeguard").MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /p"})
    >>> bool(allowed("https://example.com/p", "search", agent="examplebot/1.0", transport=site))
    False
    """
    guard = Guard(agent, profile, product_token=product_token, transport=transport, policy_fetch=policy_fetch)
    return guard.allowed(url, purpose, commercial=commercial, documents=documents)
