"""The methods of ``urllib.robotparser``, answered as RFC 9309 has it: for those who swap one import.

What differs from the standard library is listed in ``docs/robots.md``: wildcards, longest match, merged groups, exact
tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.exchange import Exchange
from scrapeguard.robots.availability import RobotsState, judge_availability
from scrapeguard.robots.document import RobotsTxt
from scrapeguard.robots.extensions import RequestRate
from scrapeguard.robots.parser import parse_robots


class RobotFileParser:
    """Reads one robots.txt and answers questions about it.

    ``fetch`` is called with the URL by `read` and gives a `Response` or a `FetchFailure`; the library itself opens no
    connection here.

    >>> parser = RobotFileParser()
    >>> parser.parse(["User-agent: *", "Disallow: /private", "Crawl-delay: 2"])
    >>> parser.can_fetch("examplebot/1.0", "https://example.com/private/x"), parser.crawl_delay("examplebot")
    (False, 2.0)
    """

    def __init__(
        self, url: str = "", *, fetch: Callable[[str], Exchange] | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.url = url
        self._fetch = fetch
        self._clock = clock
        self._robots: RobotsTxt | None = None
        self._open: bool | None = None
        self._mtime = 0.0

    def set_url(self, url: str) -> None:
        """The address of the robots.txt."""
        self.url = url

    def read(self) -> None:
        """Fetch the file and parse it. A 4xx opens everything, a 5xx, 429 or failure closes it (RFC 9309 §2.3.1).

        Raises `ScrapeguardError` where no ``fetch`` was given.
        """
        if self._fetch is None:
            raise ScrapeguardError(
                "read() opens no connection itself: give RobotFileParser(url, fetch=…) a function that does, or hand "
                "the lines to parse()"
            )
        found = judge_availability(self._fetch(self.url))
        self._open = found.state is not RobotsState.UNREACHABLE
        self._robots = parse_robots(found.copy.body) if found.copy else None
        self.modified()

    def parse(self, lines: Iterable[str]) -> None:
        """Take the file's lines, with or without their line ends."""
        self._robots = parse_robots("\n".join(line.rstrip("\r\n") for line in lines))
        self.modified()

    def mtime(self) -> float:
        """When the file was last read, in seconds since the epoch; 0 for never."""
        return self._mtime

    def modified(self) -> None:
        """Set that time to now."""
        self._mtime = self._clock()

    def can_fetch(self, useragent: str, url: str) -> bool:
        """Whether the agent may fetch the URL; False as long as nothing was read, as in the standard library."""
        if self._robots is not None:
            return self._robots.allowed(url, useragent)
        return bool(self._open)

    def crawl_delay(self, useragent: str) -> float | None:
        """Seconds between fetches, or None."""
        return self._robots.crawl_delay(useragent) if self._robots else None

    def request_rate(self, useragent: str) -> RequestRate | None:
        """``requests`` and ``seconds``, or None."""
        return self._robots.request_rate(useragent) if self._robots else None

    def site_maps(self) -> list[str] | None:
        """Addresses of sitemaps, or None where there are none."""
        return list(self._robots.sitemaps) or None if self._robots else None

    def __str__(self) -> str:
        return str(self._robots or "")
