"""What authorities say, each read once for the whole crawl while the requests for it wait."""

from __future__ import annotations

import gc
import time
from datetime import datetime
from functools import cache

from scrapeguard._url import Url
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.guard import MAX_SITES, drive, same_site
from scrapeguard.integrations.scrapy.downloads import Downloads
from scrapeguard.integrations.scrapy.keeping import Keeping
from scrapeguard.integrations.scrapy.pacing import Pacing
from scrapeguard.integrations.scrapy.settings import Options
from scrapeguard.integrations.scrapy.sharing import Shared, gather
from scrapeguard.integrations.scrapy.stats import Stats
from scrapeguard.model.exchange import Response
from scrapeguard.model.policy import PagePolicy
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.plan import PageAudit, SiteAudit
from scrapeguard.transport.memory import MemoryTransport

_HOME = "<title>Example</title><p>A page about a river.<a href='/terms'>Terms of Service</a> <a href='https://example.org/'>x</a>"
_TERMS = "<title>Terms of Service</title><h1>Terms of Service</h1><p>You may not use robots to copy our pages without consent."


@cache
def load_readers() -> None:
    """Read a site in memory, which loads what the first real site would: libraries, rules, tables, a quarter of a second.

    Done once a process and before the crawl begins, since its event loop stands still meanwhile. What is loaded by then lives as
    long as the process; the garbage collector is told not to go through it again and again (a fifth of the time of a crawl).
    """
    site = {"https://example.com/": _HOME, "https://example.com/terms": _TERMS}
    audit = SiteAudit("https://example.com/", "examplebot", same_site=same_site)
    drive(audit, MemoryTransport(site))
    audit.policy().decide(Query("https://example.com/p", "/p", Purpose.TDM, "examplebot"))
    gc.collect()
    gc.freeze()


class Sites:
    """Drives the audits of sites and of pages with Scrapy's downloader, and remembers the policies while they hold."""

    def __init__(
        self, options: Options, downloads: Downloads, pacing: Pacing, stats: Stats, keeping: Keeping | None = None
    ) -> None:
        self._options = options
        self._downloads = downloads
        self._pacing = pacing
        self._stats = stats
        self._keeping = keeping
        self._policies: dict[str, SitePolicy] = {}  # oldest first
        self._shared: Shared[str, SitePolicy] = Shared()

    def known(self, authority: str, now: datetime) -> SitePolicy | None:
        """The authority's policy if it was read and still holds."""
        policy = self._policies.get(authority)
        if policy is None or (policy.expires_at is not None and now >= policy.expires_at):
            return None
        return policy

    async def policy(self, asked: Url) -> SitePolicy:
        """The policy of the URL's authority, read now or being read."""
        begun = time.monotonic()
        policy = await self._shared.result(asked.authority, lambda: self._read(asked))
        self._stats.waited(time.monotonic() - begun)
        return policy

    async def page(self, response: Response, site: SitePolicy) -> PagePolicy:
        """What a page adds to its site's policy, with the documents that it names."""
        audit = PageAudit(response, site, policy_fetch=self._options.policy_fetch)
        if audit.pending():
            await self._drive(audit)
        return audit.policy()

    async def _read(self, asked: Url) -> SitePolicy:
        options = self._options
        audit = SiteAudit(
            str(asked),
            options.product_token,
            same_site=same_site,
            policy_fetch=options.policy_fetch,
            probes=options.probes,
        )
        await self._drive(audit)
        policy = audit.policy()
        self._count(policy)
        if self._keeping is not None:
            await self._keeping.site_read(policy)
        self._policies.pop(asked.authority, None)
        while len(self._policies) >= MAX_SITES:
            del self._policies[next(iter(self._policies))]
        self._policies[asked.authority] = policy
        return policy

    async def _drive(self, audit: SiteAudit | PageAudit) -> None:
        while requests := audit.pending():
            answers = await gather([self._downloads.answer(request) for request in requests])
            for request, answer in zip(requests, answers, strict=True):
                audit.receive(request, answer)
            if isinstance(audit, SiteAudit):
                for authority, robots in audit.policy().readings["robots"].items():
                    self._pacing.learn(authority, robots.document)

    def _count(self, policy: SitePolicy) -> None:
        self._stats.count("site/read", *(f"source/{s.kind.value}/{s.state.value}" for s in policy.sources))
        if policy.gaps:
            self._stats.count("site/incomplete")
