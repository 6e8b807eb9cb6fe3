"""Policy documents through Scrapy's own downloader, so that its proxies, TLS settings, throttling, retries and stats apply."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from functools import partial

from scrapy import http
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from scrapeguard._url import parse_url
from scrapeguard.integrations.scrapy.exchange import document_of, failure_of
from scrapeguard.integrations.scrapy.keeping import Keeping
from scrapeguard.integrations.scrapy.pacing import Pacing
from scrapeguard.integrations.scrapy.sharing import Shared
from scrapeguard.integrations.scrapy.signals import POLICY
from scrapeguard.integrations.scrapy.stats import Stats
from scrapeguard.model.exchange import Exchange, Request, Response
from scrapeguard.transport.freshness import fresh_until
from scrapeguard.transport.requests import BUDGET

PRIORITY = 1000
"""As Scrapy's own request for robots.txt: pages wait for these."""

MAX_BYTES = 16 * 1024 * 1024
"""Beyond this the download is broken off; what is read of a document is cut far below."""

REUSED_FOR = timedelta(minutes=5)
"""For how long at most a document serves other sites that want it too (terms that many hosts share), while it is fresh: far longer
than the sites of one start take."""

MAX_KEPT = 128
"""Documents kept for others."""

_META = {
    "dont_obey_robotstxt": True,  # the audit knows what robots.txt lets it read
    "dont_redirect": True,  # redirects are followed hop by hop, each judged
    "handle_httpstatus_all": True,
    "dont_cache": True,  # a policy from yesterday's development cache would be taken for today's
    "dont_merge_cookies": True,
    "allow_offsite": True,  # terms and licences may stand on another host
    "download_maxsize": MAX_BYTES,
    "download_warnsize": 0,
}


class Downloads:
    """Answers an audit's requests. A document that several audits want at once, or soon after, is fetched once."""

    def __init__(self, crawler: Crawler, pacing: Pacing, stats: Stats, keeping: Keeping | None = None) -> None:
        self._crawler = crawler
        self._pacing = pacing
        self._stats = stats
        self._keeping = keeping
        self._shared: Shared[str, Exchange] = Shared()
        self._kept: OrderedDict[str, tuple[datetime, Response]] = OrderedDict()
        self._timeout = min(crawler.settings.getfloat("DOWNLOAD_TIMEOUT"), BUDGET)

    async def answer(self, request: Request) -> Exchange:
        """The document, or why there is none. Never raises for what the network or a middleware did."""
        if request.url in self._kept:
            until, kept = self._kept[request.url]
            if datetime.now(UTC) < until:
                self._stats.count("fetch/reused")
                return kept
        return await self._shared.result(request.url, lambda: self._answer(request))

    async def _answer(self, request: Request) -> Exchange:
        fetching = self._keeping.answer(request, self._fetch) if self._keeping else self._fetch(request)
        exchange = await fetching
        if isinstance(exchange, Response) and exchange.status < 500:
            now = datetime.now(UTC)
            self._kept[request.url] = min(fresh_until(exchange, request.kind) or now, now + REUSED_FOR), exchange
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return exchange

    async def _fetch(self, request: Request) -> Exchange:
        sent = http.Request(
            request.url,
            headers=dict(request.validators),
            priority=PRIORITY,
            callback=NO_CALLBACK,
            meta={**_META, POLICY: request.kind.value, "download_timeout": self._timeout},
            dont_filter=True,
        )
        self._pacing.apply(sent, parse_url(request.url).authority)
        self._stats.count("fetch/count", f"fetch/kind/{request.kind.value}")
        coming: Deferred[http.Response] = deferred_from_coro(self._engine_download(sent))
        # An errback and no except: a handler or another middleware may fail with anything at all, and each is no answer.
        answered: Deferred[Exchange] = coming.addCallbacks(partial(self._take, request), partial(self._fail, request))
        return await maybe_deferred_to_future(answered)

    async def _engine_download(self, sent: http.Request) -> http.Response:
        engine = self._crawler.engine
        if engine is None:
            raise RuntimeError("the crawl has no engine")
        return await engine.download_async(sent)

    def _take(self, request: Request, response: http.Response) -> Exchange:
        self._stats.count(f"fetch/status/{response.status}")
        return document_of(request, response)

    def _fail(self, request: Request, failure: Failure) -> Exchange:
        exchange = failure_of(request, failure.value)
        self._stats.count(f"fetch/failure/{exchange.reason.value}")
        return exchange
