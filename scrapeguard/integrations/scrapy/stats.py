"""The stats, all under ``scrapeguard/``."""

from __future__ import annotations

from scrapy.crawler import Crawler

PREFIX = "scrapeguard/"


class Stats:
    """Counts for Scrapy's stats collector."""

    def __init__(self, crawler: Crawler) -> None:
        if crawler.stats is None:
            raise RuntimeError("the crawler has no stats collector yet")
        self._collector = crawler.stats
        self._waited = 0.0

    def count(self, *names: str) -> None:
        """Add one to counters."""
        for name in names:
            self._collector.inc_value(PREFIX + name)

    def at(self, name: str, value: float) -> None:
        """Say where a count made elsewhere stands."""
        self._collector.set_value(PREFIX + name, value)

    def waited(self, seconds: float) -> None:
        """A request has waited for its site's policy."""
        self._waited += seconds
        self.count("wait/requests")
        self._collector.set_value(PREFIX + "wait/seconds", round(self._waited, 3))

    def highest(self, name: str, value: float) -> None:
        """Keep the highest value seen."""
        self._collector.max_value(PREFIX + name, value)
