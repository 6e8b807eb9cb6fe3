"""Crawl-delay and Request-rate as the delay of Scrapy's download slots: never below the user's own, never above the cap."""

from __future__ import annotations

import logging

from scrapy import http
from scrapy.crawler import Crawler

from scrapeguard.integrations.scrapy.stats import Stats
from scrapeguard.robots import RobotsTxt

logger = logging.getLogger(__name__)


class Pacing:
    """What authorities ask for, and the slots that were slowed down for it.

    Scrapy varies delays by chance, half of them below the mean; a slot that a site's wish rules keeps its delay exactly. A
    delay holds between the starts of requests, as Scrapy counts it.
    """

    def __init__(self, crawler: Crawler, product_token: str, max_delay: float, stats: Stats) -> None:
        self._crawler = crawler
        self._token = product_token
        self._max = max_delay
        self._stats = stats
        self._asked: dict[str, float] = {}

    def learn(self, authority: str, robots: RobotsTxt | None) -> None:
        """Take what a robots.txt asks of this crawler; an earlier wish of the same authority is forgotten."""
        wish = asked_delay(robots, self._token) if robots is not None else 0.0
        if not wish:
            self._asked.pop(authority, None)
            return
        delay = min(wish, self._max)
        if self._asked.get(authority) == delay:
            return
        self._asked[authority] = delay
        self._stats.count("delay/set")
        self._stats.highest("delay/max", delay)
        if delay < wish:
            self._stats.count("delay/capped")
            logger.warning(
                "%s asks for %g s between requests; SCRAPEGUARD_MAX_DELAY keeps it at %g s",
                authority,
                wish,
                delay,
                extra={"spider": self._crawler.spider},
            )

    def apply(self, request: http.Request, authority: str) -> None:
        """Make the request's download slot keep the delay that its authority asked for."""
        delay = self._asked.get(authority)
        if delay is None or (engine := self._crawler.engine) is None:
            return
        request.meta["autothrottle_dont_adjust_delay"] = True
        downloader = engine.downloader
        key = downloader.get_slot_key(request)
        known = downloader.per_slot_settings.get(key, {})
        if known.get("delay", -1.0) < delay or known.get("jitter") != 0:
            own = known.get("delay", self._own_delay())
            # Scrapy forgets idle slots; settings of the slot outlive it. `randomize_delay` is the name before Scrapy 2.19.
            exact = {"delay": max(own, delay), "jitter": 0.0, "randomize_delay": False}
            downloader.per_slot_settings[key] = {**known, **exact}
        slot = downloader.slots.get(key)
        if slot is not None and slot.delay < delay:
            slot.delay = delay
        if slot is not None:
            setattr(slot, "jitter" if hasattr(slot, "jitter") else "randomize_delay", 0)

    def _own_delay(self) -> float:
        own = getattr(self._crawler.spider, "download_delay", None)
        return float(own) if own is not None else self._crawler.settings.getfloat("DOWNLOAD_DELAY")


def asked_delay(robots: RobotsTxt, product_token: str) -> float:
    """Seconds between requests that a robots.txt asks for, by Crawl-delay or Request-rate, whichever is slower; 0 for none.

    The hours of a Request-rate are not looked at: it is kept all day.

    >>> from scrapeguard.robots import parse_robots
    >>> asked_delay(parse_robots("User-agent: *\\nCrawl-delay: 2\\nRequest-rate: 1/5"), "examplebot")
    5.0
    """
    rate = robots.request_rate(product_token)
    return max(robots.crawl_delay(product_token) or 0.0, rate.seconds / rate.requests if rate else 0.0)
