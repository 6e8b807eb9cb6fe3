"""Crawl-delay and Request-rate as delays of Scrapy's download slots."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import scrapy
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from scrapeguard.integrations.scrapy.pacing import Pacing
from scrapeguard.integrations.scrapy.stats import Stats
from scrapeguard.robots import parse_robots
from tests.integrations.crawling import crawl
from tests.serving import Content, serving


class Clocked:
    """A site that notes when each of its pages was asked for."""

    def __init__(self, robots: str) -> None:
        self.times: list[float] = []
        self._lock = threading.Lock()
        self.content: dict[str, Content] = {"/robots.txt": robots}
        self.content |= {f"/p/{n}": self._answer for n in range(5)}

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.times.append(time.monotonic())
        handler.send_response(200)
        handler.send_header("Content-Length", "1")
        handler.end_headers()
        handler.wfile.write(b"x")

    @property
    def gaps(self) -> list[float]:
        return [b - a for a, b in zip(self.times, self.times[1:], strict=False)]


def test_choice_delays_are_kept_and_capped_and_the_users_own_stands(tmp_path: Path) -> None:
    wishes = {
        "127.0.0.2": "User-agent: *\nCrawl-delay: 0.4",
        "127.0.0.3": "User-agent: *\nRequest-rate: 2/1",
        "127.0.0.4": "User-agent: *\nCrawl-delay: 0.1",
        "127.0.0.5": "User-agent: *\nCrawl-delay: 900",
        "127.0.0.6": "User-agent: *\nDisallow:",
    }
    with ExitStack() as stack:
        clocked = {host: Clocked(robots) for host, robots in wishes.items()}
        origins = {h: stack.enter_context(serving(c.content, host=h)).origin for h, c in clocked.items()}
        urls = [f"{origin}/p/{n}" for n in range(5) for origin in origins.values()]
        done = crawl(
            tmp_path,
            urls,
            SCRAPEGUARD_PURPOSE="access",
            SCRAPEGUARD_MAX_DELAY=0.3,
            SCRAPEGUARD_PROBES=[],
            CONCURRENT_REQUESTS=32,
            DOWNLOAD_SLOTS={"127.0.0.4": {"delay": 0.25}},
        )
    assert done.got == sorted(urls)
    slack = 0.05  # between the start of a request and its arrival
    assert min(clocked["127.0.0.2"].gaps) >= 0.3 - slack
    assert min(clocked["127.0.0.3"].gaps) >= 0.3 - slack
    assert min(clocked["127.0.0.4"].gaps) >= 0.25 / 2 - slack
    assert min(clocked["127.0.0.5"].gaps) >= 0.3 - slack
    assert min(clocked["127.0.0.6"].gaps) < 0.1
    assert done.stat("delay/set") == 4
    assert done.stat("delay/capped") == 3
    assert done.stat("delay/max") == 0.3
    assert "asks for 900 s between requests; SCRAPEGUARD_MAX_DELAY keeps it at 0.3 s" in done.log


class _Downloader:
    def __init__(self, **slot_settings: Any) -> None:
        self.per_slot_settings = slot_settings
        self.slots: dict[str, Any] = {}

    def get_slot_key(self, request: scrapy.Request) -> str:
        return "slot"


def _pacing(own_delay: float, downloader: _Downloader, **more: Any) -> tuple[Pacing, Any]:
    settings = Settings({"DOWNLOAD_DELAY": own_delay, **more})
    stand_in = SimpleNamespace(settings=settings, spider=None, engine=SimpleNamespace(downloader=downloader))
    stand_in.stats = MemoryStatsCollector(stand_in)
    return Pacing(stand_in, "examplebot", 60.0, Stats(stand_in)), stand_in


@pytest.mark.parametrize(("own", "asked", "kept"), [(0.0, 2.0, 2.0), (5.0, 2.0, 5.0), (1.0, 90.0, 60.0)])
def test_choice_the_slower_of_both_delays_holds_without_chance(own: float, asked: float, kept: float) -> None:
    downloader = _Downloader()
    pacing, _ = _pacing(own, downloader)
    pacing.learn("https://example.com", parse_robots(f"User-agent: *\nCrawl-delay: {asked}"))
    request = scrapy.Request("https://example.com/p")
    pacing.apply(request, "https://example.com")
    assert downloader.per_slot_settings["slot"] == {"delay": kept, "jitter": 0.0, "randomize_delay": False}
    assert request.meta["autothrottle_dont_adjust_delay"] is True


def test_choice_an_open_slot_is_slowed_and_its_other_settings_stay() -> None:
    downloader = _Downloader(slot={"concurrency": 3})
    downloader.slots["slot"] = slot = SimpleNamespace(delay=0.5, jitter=0.5)
    pacing, _ = _pacing(0.0, downloader)
    pacing.learn("https://example.com", parse_robots("User-agent: *\nCrawl-delay: 2"))
    pacing.apply(scrapy.Request("https://example.com/p"), "https://example.com")
    assert (slot.delay, slot.jitter) == (2.0, 0)
    assert downloader.per_slot_settings["slot"]["concurrency"] == 3


def test_choice_a_wish_taken_back_is_forgotten_and_nobody_else_is_slowed() -> None:
    downloader = _Downloader()
    pacing, _ = _pacing(0.0, downloader)
    pacing.learn("https://example.com", parse_robots("User-agent: *\nCrawl-delay: 2"))
    pacing.apply(scrapy.Request("https://other.example/p"), "https://other.example")
    pacing.learn("https://example.com", None)
    pacing.apply(scrapy.Request("https://example.com/p"), "https://example.com")
    assert downloader.per_slot_settings == {}
