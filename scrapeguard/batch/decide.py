"""Documents in, decisions out, without a network: the same audit that a Guard runs, fed from a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scrapeguard._url import Url, parse_url
from scrapeguard.batch.columns import BROKEN, Document, Facts, Row, decisions_batch, facts_of, read_documents
from scrapeguard.decide.agreement import Agreement
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.decide.profile import Profile, load_profile
from scrapeguard.errors import InvalidUrl
from scrapeguard.guard import DEFAULT_AGENT, drive, same_site
from scrapeguard.inquiry import PolicyFetch
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.purpose import Purpose, parse_purpose
from scrapeguard.model.query import Query
from scrapeguard.plan import HOME_VIA, ROBOTS_VIA, PageAudit, SiteAudit
from scrapeguard.read import kind_of, known, read_robots, site_signals
from scrapeguard.robots import product_token as token_of

ROWS = 2048
"""Decisions gathered for one RecordBatch of a stream."""

_NOT_HELD = "not in the archive"
_ROOT_KINDS = {RequestKind.ROBOTS, RequestKind.HOME}


@dataclass(frozen=True)
class Questions:
    """What is asked of every site: purposes, and for which crawler. Can be pickled: processes and Spark workers get a copy.

    ``purposes`` empty means all ten. The other fields are `Guard`'s. Raises `UnknownPurpose`, `InvalidAgent`,
    `InvalidConfiguration`.

    >>> Questions(["train-ai"], agent="examplebot/1.0").product_token
    'examplebot'
    """

    purposes: Sequence[Purpose | str] = ()
    agent: str = field(default=DEFAULT_AGENT, kw_only=True)
    product_token: str | None = field(default=None, kw_only=True)
    profile: Profile | str = field(default="standard", kw_only=True)
    commercial: bool | None = field(default=None, kw_only=True)
    agreements: Sequence[Agreement] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        named = [self.purposes] if isinstance(self.purposes, str) else self.purposes
        wanted = tuple(dict.fromkeys(parse_purpose(p) for p in named)) or tuple(Purpose)
        object.__setattr__(self, "purposes", wanted)
        object.__setattr__(self, "product_token", token_of(self.product_token or self.agent))
        load_profile(self.profile)
        object.__setattr__(self, "agreements", tuple(self.agreements))

    def ask(
        self,
        policy: SitePolicy,
        url: str,
        *,
        line: int | None = None,
        now: datetime | None = None,
        page: Response | None = None,
        answers: Mapping[str, Exchange] | None = None,
    ) -> list[Row]:
        """The answers for one URL. ``page`` is the page itself where it was fetched, ``answers`` what it may name."""
        target, token = parse_url(url).target, self.product_token or ""
        extra = None
        if page is not None:
            audit = PageAudit(page, policy, policy_fetch=PolicyFetch.HELD)
            drive(audit, Held(answers or {}))
            extra = audit.policy()
        profile = load_profile(self.profile)
        decisions = [
            policy.decide(
                Query(url, target, parse_purpose(p), token, commercial=self.commercial, now=now),
                extra,
                profile=profile,
                agreements=self.agreements,
                context=False,
            )
            for p in self.purposes
        ]
        facts = facts_of(policy, decisions[0])
        return [Row(url, d.purpose.value, d, facts, line, page is not None) for d in decisions]

    def unasked(self, url: str, error: str, *, line: int | None = None) -> list[Row]:
        """Rows for what cannot be asked, so that no line of the input goes missing."""
        facts = Facts(error=error)
        return [Row(url, parse_purpose(p).value, None, facts, line) for p in self.purposes]


class Held:
    """Answers from documents in hand; what is not among them was not recorded."""

    live = False

    def __init__(self, answers: Mapping[str, Exchange]) -> None:
        self._answers = answers

    def send(self, request: Request) -> Exchange:
        """The document at the request's URL."""
        found = self._answers.get(request.url)
        return found or FetchFailure(request.url, FailureReason.NOT_RECORDED, _NOT_HELD)


def decide_batch(
    documents: Any,
    purposes: Sequence[Purpose | str] = (),
    *,
    agent: str = DEFAULT_AGENT,
    product_token: str | None = None,
    profile: Profile | str = "standard",
    commercial: bool | None = None,
    agreements: Sequence[Agreement] = (),
) -> Any:
    """Read the documents of a RecordBatch (or Table) of `DOCUMENTS`, and answer for every page or authority in it.

    The result is a RecordBatch of `DECISIONS`: for every row of kind ``page`` its own URL with its header fields and meta
    elements, for every other authority whose robots.txt or home page is there the URL of its root; one row a purpose
    (``purposes`` empty: all ten). No network is used. All documents of a site must be in one batch: `decide_sorted` is for
    streams. Of several captures of a URL the latest counts.

    What is not in the batch was not recorded, and leaves the answer incomplete: the home page (through which terms are
    found), terms that are linked or known. The well-known files (tdmrep.json, trust.txt, ai.txt) are asked for only where
    the authority has one of their kind in the batch, since most crawls do not fetch them. Terms of an authority whose home
    page is missing (rows of kind ``terms``) are read as given. Otherwise the answers are those of a `Guard` on the same
    documents.

    Raises ValueError for a batch without ``url`` or with columns of another type; `UnknownPurpose`, `InvalidAgent`,
    `InvalidConfiguration`. Nothing that the documents hold raises.
    """
    questions = Questions(
        purposes,
        agent=agent,
        product_token=product_token,
        profile=profile,
        commercial=commercial,
        agreements=agreements,
    )
    return decisions_batch(list(answers(read_documents(documents), questions)))


def decide_sorted(batches: Iterable[Any], questions: Questions, *, rows: int = ROWS) -> Iterator[Any]:
    """The same over a stream in which the documents of a site stand together: what a sort by `site_column` gives.

    Each batch has the column ``site`` beside those of `DOCUMENTS`. Yields RecordBatches of about ``rows`` rows; holds one
    site's documents at a time.
    """
    gathered: list[Row] = []
    for group in groups(batches):
        gathered += answers(group, questions)
        if len(gathered) >= rows:
            yield decisions_batch(gathered)
            gathered = []
    if gathered:
        yield decisions_batch(gathered)


def groups(batches: Iterable[Any]) -> Iterator[list[Document]]:
    """The documents of each site, from batches in which they stand together (column ``site``)."""
    group: list[Document] = []
    current: str | None = None
    for batch in batches:
        sites = batch.column(batch.schema.get_field_index("site")).to_pylist()
        for site, document in zip(sites, read_documents(batch), strict=True):
            if site != current and group:
                yield group
                group = []
            current = site
            group.append(document)
    if group:
        yield group


def answers(documents: Sequence[Document], questions: Questions) -> Iterator[Row]:
    """The rows for a site's documents, or for those of many sites."""
    held: dict[str, tuple[RequestKind, Exchange]] = {}
    of_authority: dict[str, list[str]] = {}
    hosts: dict[str, str] = {}
    pages: dict[str, dict[str, Response]] = {}
    for document in documents:
        if document.kind == BROKEN:
            yield from questions.unasked(document.url, document.body.decode("utf-8", "replace"))
            continue
        try:
            parsed = parse_url(document.url or "")
            authority = parsed.authority
            url = authority + parsed.target
            kind = RequestKind(document.kind) if document.kind else _kind(parsed)
        except (InvalidUrl, ValueError) as error:
            yield from questions.unasked(document.url or "", str(error))
            continue
        hosts[authority] = parsed.host
        exchange = _exchange(document, url)
        if kind is RequestKind.PAGE and isinstance(exchange, Response):
            other = pages.setdefault(authority, {}).get(url)
            if other is None or _later(exchange, other):
                pages[authority][url] = exchange
            continue
        earlier = held.get(url)
        if earlier is None:
            of_authority.setdefault(authority, []).append(url)
        if earlier is None or _later(exchange, earlier[1]):
            held[url] = kind, exchange
    by_url = {url: exchange for url, (_, exchange) in held.items()}
    for authority in sorted({*of_authority, *pages}):
        own = {url: held[url] for url in of_authority.get(authority, ())}
        own_pages = pages.get(authority, {})
        if not own_pages and not any(kind in _ROOT_KINDS for kind, _ in own.values()):
            continue
        leads_on = bool(own_pages) or bool(known(hosts[authority]))
        policy = _policy(authority, own, by_url, questions, leads_on=leads_on)
        times = [e.fetched_at for e in (*own_pages.values(), *(e for _, e in own.values())) if e.fetched_at]
        now = max(times, default=None)
        if not own_pages:
            yield from questions.ask(policy, f"{authority}/", now=now)
        for url, page in own_pages.items():
            yield from questions.ask(policy, url, now=now, page=page, answers=by_url)


def _kind(url: Url) -> RequestKind:
    return RequestKind.ROBOTS if url.target == "/robots.txt" else kind_of(str(url))


def _policy(
    authority: str,
    own: Mapping[str, tuple[RequestKind, Exchange]],
    held: Mapping[str, Exchange],
    questions: Questions,
    *,
    leads_on: bool,
) -> SitePolicy:
    """``leads_on``: pages of the authority are there, or its terms are known."""
    kinds = {kind for kind, _ in own.values()}
    if kinds == {RequestKind.ROBOTS} and not leads_on:
        alone = _robots_alone(authority, own[f"{authority}/robots.txt"][1], questions.product_token or "")
        if alone is not None:
            return alone
    given = (
        ()
        if RequestKind.HOME in kinds
        else [
            e for kind, e in own.values() if kind is RequestKind.TERMS and isinstance(e, Response) and e.status == 200
        ]
    )
    audit = SiteAudit(
        f"{authority}/",
        questions.product_token or "",
        same_site=same_site,
        policy_fetch=PolicyFetch.HELD,
        documents=given,
        probes=kinds,
    )
    drive(audit, Held(held))
    return audit.policy()


def _robots_alone(authority: str, exchange: Exchange, product_token: str) -> SitePolicy | None:
    """What `SiteAudit` comes to for a site of which a robots.txt was recorded and nothing else, in a third of its time.

    None where the file leads further: a redirect, documents that it names.
    """
    if isinstance(exchange, Response) and 300 <= exchange.status < 400:
        return None
    request = Request(f"{authority}/robots.txt", RequestKind.ROBOTS, via=ROBOTS_VIA)
    robots = read_robots(request, exchange, product_token)
    signals = site_signals(robots, {}, authority=authority)
    if signals.wanted:
        return None
    home = Source(f"{authority}/", RequestKind.HOME, SourceState.UNREACHABLE, note=_NOT_HELD, via=HOME_VIA)
    return SitePolicy(
        authority,
        product_token,
        (robots.voice, *signals.voices),
        (robots.source, home),
        {robots.source.url: robots.document} if robots.document is not None else {},
        robots.expires_at,
    )


def _exchange(document: Document, url: str) -> Exchange:
    if document.status is None:
        return FetchFailure(url, FailureReason.NOT_RECORDED, "no answer was recorded", document.fetched_at)
    return Response(
        url, document.status, document.headers, document.body, document.fetched_at, document.truncated, held=True
    )


def _later(exchange: Exchange, other: Exchange) -> bool:
    """Whether it supersedes the other; of two from the same moment the digest decides, so that order never does."""
    return _rank(exchange) > _rank(other)


def _rank(exchange: Exchange) -> tuple[bool, float, str]:
    at = exchange.fetched_at.timestamp() if exchange.fetched_at else float("-inf")
    return isinstance(exchange, Response), at, exchange.sha256 if isinstance(exchange, Response) else ""
