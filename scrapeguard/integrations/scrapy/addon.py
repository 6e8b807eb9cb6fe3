"""The add-on: one line in ``settings.py`` puts every part in its place."""

from __future__ import annotations

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from scrapeguard.integrations.scrapy.items import ItemDecisions
from scrapeguard.integrations.scrapy.middleware import ScrapeguardMiddleware

PLACE = 95
"""Just before Scrapy's robots.txt middleware (100) and after the one for offsite requests (50), which asks nobody."""

_ROBOTS = "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"


class Addon:
    """Judges every request of the crawl for the purpose that the settings name.

    ::

        ADDONS = {"scrapeguard.integrations.scrapy.Addon": 300}
        SCRAPEGUARD_PURPOSE = "search"

    Components that the project places itself stay where they are. Scrapy's own RobotsTxtMiddleware gives way: the judgement
    includes robots.txt, which is then fetched once.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy before the crawl."""
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", ScrapeguardMiddleware, PLACE)
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", ItemDecisions, PLACE)
        placed = settings.getdict("DOWNLOADER_MIDDLEWARES")
        if RobotsTxtMiddleware not in map(load_object, placed):
            # By its path, as Scrapy's own base setting names it: a class and a path count as two in Scrapy 2.14.
            placed[_ROBOTS] = None
            settings.set("DOWNLOADER_MIDDLEWARES", placed, settings.getpriority("DOWNLOADER_MIDDLEWARES") or 0)
