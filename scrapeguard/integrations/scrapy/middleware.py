"""The downloader middleware: every request is judged before it is sent, every page before a spider gets it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scrapy import http
from scrapy.crawler import Crawler
from scrapy.signals import spider_closed

from scrapeguard._url import Url, parse_url
from scrapeguard.errors import InvalidConfiguration, InvalidUrl
from scrapeguard.integrations.scrapy.downloads import Downloads
from scrapeguard.integrations.scrapy.exchange import is_silent_page, page_of
from scrapeguard.integrations.scrapy.keeping import Keeping
from scrapeguard.integrations.scrapy.pacing import Pacing
from scrapeguard.integrations.scrapy.settings import Options, read_options
from scrapeguard.integrations.scrapy.signals import (
    DECISION,
    DENIED_FLAG,
    POLICY,
    PURPOSE,
    SKIP,
    UNKNOWN_FLAG,
    RequestDenied,
    RequestNotJudged,
    decision_made,
)
from scrapeguard.integrations.scrapy.sites import Sites, load_readers
from scrapeguard.integrations.scrapy.stats import Stats
from scrapeguard.model.decision import Decision
from scrapeguard.model.policy import PagePolicy
from scrapeguard.model.purpose import parse_purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Verdict

if TYPE_CHECKING:
    from typing import Self

    from scrapeguard.decide.policy import SitePolicy

logger = logging.getLogger(__name__)

_IN_FLIGHT = 1024
"""URLs whose parts are kept from the request to its response: more than a crawl has under way."""

_LOCAL = ("data:", "file:")
"""What no site serves; Scrapy's own robots.txt middleware lets it pass too."""
_ROBOTS_TXT = "/robots.txt"
"""Anybody may ask for it (RFC 9309 §2.2.2), Scrapy's own middleware among them where a project keeps it."""


class ScrapeguardMiddleware:
    """Judges requests and responses for the purpose of the crawl. Enabled by the `Addon`; its settings are on its page."""

    def __init__(self, crawler: Crawler, options: Options) -> None:
        self._crawler = crawler
        self._options = options
        self._stats = Stats(crawler)
        self._pacing = Pacing(crawler, options.product_token, options.max_delay, self._stats)
        self._keeping = keeping = Keeping(crawler, options, self._stats) if options.keeps else None
        if keeping is not None:
            crawler.signals.connect(keeping.close, spider_closed)
        downloads = Downloads(crawler, self._pacing, self._stats, keeping)
        self._sites = Sites(options, downloads, self._pacing, self._stats, keeping)
        self._parse = lru_cache(maxsize=_IN_FLIGHT)(parse_url)
        self._reported: set[tuple[str, str]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises `InvalidConfiguration`, which ends the crawl before its first request."""
        try:
            options = read_options(crawler)
        except InvalidConfiguration as error:
            logger.critical("The crawl is not started. %s", "; ".join(error.faults), extra={"spider": crawler.spider})
            raise
        load_readers()
        return cls(crawler, options)

    async def process_request(self, request: http.Request) -> None:
        """Let the request go on, or raise `RequestDenied`."""
        meta = request.meta
        if POLICY in meta:
            return
        meta.pop(DECISION, None)  # spiders pass meta on to the requests that follow
        if meta.get(SKIP):
            self._stats.count("request/skipped")
            return
        if request.url.startswith(_LOCAL):
            return
        try:
            asked = self._parse(request.url)
        except InvalidUrl as error:
            self._without_judgement(request, error)
            return
        if asked.target == _ROBOTS_TXT:
            return
        now = datetime.now(UTC)
        policy = self._sites.known(asked.authority, now)
        if policy is None:
            policy = await self._sites.policy(asked)
        query, decision = self._judge(policy, request, asked, now)
        if self._keeping is not None:
            await self._keeping.decided(decision, query, None, again=_as_the_site_says(meta))
        self._stats.count("verdict/" + decision.verdict.value)
        self._tell(decision, request, None)
        if self._standing(decision) is _DENIED:
            self._stats.count("request/denied", "denied_by/" + decision.signal)
            self._report(decision, asked)
            raise RequestDenied(decision)
        self._stats.count("request/allowed")
        self._pacing.apply(request, asked.authority)

    async def process_response(self, request: http.Request, response: http.Response) -> http.Response:
        """Let the page go on, flagged or not, or raise `RequestDenied`."""
        meta = request.meta
        if DECISION not in meta or POLICY in meta:
            return response
        asked = self._parse(request.url)
        now = datetime.now(UTC)
        policy = self._sites.known(asked.authority, now) or await self._sites.policy(asked)
        held = None
        if self._keeping is not None and self._keeping.records:
            held = self._keeping.given(page_of(response, request.url))
        if is_silent_page(response):
            page = PagePolicy()
        else:
            page = await self._sites.page(held or page_of(response, request.url), policy)
        query, decision = self._judge(policy, request, asked, now, page)
        if self._keeping is not None:
            await self._keeping.decided(decision, query, held, again=_as_the_site_says(meta))
        self._tell(decision, request, response)
        standing = self._standing(decision)
        if standing is _ALLOWED:
            self._stats.count("response/allowed")
        elif standing is _FLAGGED:
            self._stats.count("response/unknown")
            response.flags.append(UNKNOWN_FLAG)
        elif self._options.on_denied_use == "flag" or not 200 <= response.status < 300:
            # An error answer is nothing anybody would use; spiders that handle errors are to see it.
            self._stats.count("response/flagged", "denied_by/" + decision.signal)
            response.flags.append(DENIED_FLAG)
        else:
            self._stats.count("response/dropped", "denied_by/" + decision.signal)
            self._report(decision, asked)
            raise RequestDenied(decision)
        return response

    def _judge(
        self, policy: SitePolicy, request: http.Request, asked: Url, now: datetime, page: PagePolicy | None = None
    ) -> tuple[Query, Decision]:
        options, meta = self._options, request.meta
        purpose = parse_purpose(meta[PURPOSE]) if PURPOSE in meta else options.purpose
        if not _as_the_site_says(meta):
            page = _without_robots(policy, page)
            self._stats.count("request/robots_not_obeyed")
        query = Query(request.url, asked.target, purpose, options.product_token, options.commercial, now=now)
        decision = policy.decide(query, page, profile=options.profile, agreements=options.agreements)
        meta[DECISION] = decision
        return query, decision

    def _standing(self, decision: Decision) -> str:
        """What becomes of it: the decision's own answer, or the settings' where not all sources could be read."""
        wish = self._options.on_unknown
        if wish != "profile" and decision.incomplete and self._open_but_for_gaps(decision):
            return _FLAGGED if wish == "flag" else _DENIED
        return _ALLOWED if decision.allowed else _DENIED

    def _open_but_for_gaps(self, decision: Decision) -> bool:
        if decision.verdict is Verdict.SILENT:
            return self._options.profile.silent[decision.purpose] != "no"
        return decision.verdict is Verdict.ALLOW

    def _tell(self, decision: Decision, request: http.Request, response: http.Response | None) -> None:
        self._crawler.signals.send_catch_log(
            decision_made, decision=decision, request=request, response=response, spider=self._crawler.spider
        )

    def _report(self, decision: Decision, asked: Url) -> None:
        """One line for an authority and purpose, however many of its URLs are denied."""
        subject = (asked.authority, decision.purpose.value)
        if subject in self._reported:
            return
        self._reported.add(subject)
        logger.info(
            "Not allowed for %s: %s (%s). Further URLs of %s that are not allowed are counted in the stats only.",
            decision.purpose.value,
            decision.url,
            decision.why,
            asked.authority,
            extra={"spider": self._crawler.spider},
        )

    def _without_judgement(self, request: http.Request, error: InvalidUrl) -> None:
        self._stats.count("request/not_judged")
        scheme = request.url.partition(":")[0]
        if ("", scheme) not in self._reported:
            self._reported.add(("", scheme))
            logger.warning(
                "%s The request is not sent; %s in its meta lets such requests pass unjudged. Further ones are counted only.",
                error,
                SKIP,
                extra={"spider": self._crawler.spider},
            )
        raise RequestNotJudged(str(error))


_ALLOWED, _FLAGGED, _DENIED = "allowed", "flagged", "denied"


def _as_the_site_says(meta: Mapping[str, Any]) -> bool:
    """False where the request's own meta leaves robots.txt out, which no replay knows of."""
    return not meta.get("dont_obey_robotstxt")


def _without_robots(policy: SitePolicy, page: PagePolicy | None) -> PagePolicy:
    """The page's word without the site's robots.txt, which the request's own meta (``dont_obey_robotstxt``) leaves out."""
    voices = tuple(reading.voice for reading in policy.readings["robots"].values())
    said = page or PagePolicy()
    return PagePolicy(said.voices, (*said.replaces, *voices), said.gaps)
