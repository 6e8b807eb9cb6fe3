"""scrapeguard's robots.txt reader for Scrapy's own middleware: ``ROBOTSTXT_PARSER =
"…robots_parser.ScrapeguardRobotParser"``.

For those who want only this. No reactor is installed and none is needed.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from scrapy.robotstxt import RobotParser

from scrapeguard.errors import InvalidAgent
from scrapeguard.robots import parse_robots, product_token

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class ScrapeguardRobotParser(RobotParser):
    """RFC 9309 as scrapeguard reads it.

    A ``USER_AGENT`` that names a browser and no crawler is judged by the groups for ``*``, with a warning: set
    ``ROBOTSTXT_USER_AGENT`` to the crawler's product token.
    """

    def __init__(self, robotstxt_body: bytes) -> None:
        self.robots = parse_robots(robotstxt_body)

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> ScrapeguardRobotParser:  # noqa: ARG003 - Scrapy's
        """The parser for a file's bytes. The crawler is not asked: its name comes with each question."""
        return cls(robotstxt_body)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Whether the agent may fetch the URL."""
        return self.robots.allowed(_text(url), _token(_text(user_agent)))

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """Seconds between fetches, or None."""
        return self.robots.crawl_delay(_token(_text(user_agent)))


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def _token(user_agent: str) -> str:
    try:
        return product_token(user_agent)
    except InvalidAgent as error:
        logger.warning("%s; set ROBOTSTXT_USER_AGENT. The groups for '*' are applied.", error)
        return "*"
