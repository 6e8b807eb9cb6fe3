"""A crawl that is stopped in the middle and goes on later."""

from __future__ import annotations

import pickle
import signal
import subprocess
import time
from pathlib import Path

from scrapeguard import Guard, MemoryTransport
from scrapeguard.integrations.scrapy import RequestDenied
from tests.integrations.crawling import command, crawl, environment, read
from tests.serving import serving

PAGE = "<!DOCTYPE html><title>x</title><p>A river."
COUNT = 60


def test_choice_a_crawl_killed_and_resumed_fetches_every_page_once(tmp_path: Path) -> None:
    pages = {f"/p/{n}": PAGE for n in range(COUNT)}
    with serving({**pages, "/robots.txt": "User-agent: *\nDisallow: /private", "/private": PAGE}) as site:
        # A retried request goes to the disk queue with its meta, the Decision among it.
        site.content["/p/0"] = (503, {}, b"")
        urls = [f"{site.origin}/p/{n}" for n in range(COUNT)] + [f"{site.origin}/private"]
        rows = [{"url": url, "dont_filter": False} for url in urls]
        settings = {
            "JOBDIR": str(tmp_path / "job"),
            "DOWNLOAD_DELAY": 0.05,
            "CONCURRENT_REQUESTS": 2,
            "SCRAPEGUARD_PURPOSE": "search",
            "RETRY_ENABLED": True,
            "RETRY_TIMES": 1,
        }
        first = subprocess.Popen(
            command(tmp_path, rows, **settings), stderr=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path
        )
        while len([p for p in site.asked if p.startswith("/p/")]) < COUNT // 4 and first.poll() is None:
            time.sleep(0.02)
        first.send_signal(signal.SIGINT)
        _, log = first.communicate(timeout=60)
        stopped = read(tmp_path, first.returncode, log)
        assert stopped.reason == "shutdown"
        assert 0 < len(stopped.got) < COUNT - 1
        site.content["/p/0"] = PAGE
        resumed = crawl(tmp_path, rows, **settings)
    assert resumed.reason == "finished"
    fetched = [p for p in site.asked if p.startswith("/p/") and p != "/p/0"]
    assert sorted(fetched) == sorted(p for p in pages if p != "/p/0")
    assert "/private" not in site.asked
    assert sorted({*stopped.got, *resumed.got} | {f"{site.origin}/p/0"}) == sorted(urls[:-1])


def test_choice_decisions_travel_through_disk_queues() -> None:
    guard = Guard("examplebot", transport=MemoryTransport({"https://example.com/robots.txt": "User-agent: *\nDisallow: /"}))
    decision = guard.allowed("https://example.com/p", "search")
    assert pickle.loads(pickle.dumps(decision)) == decision
    error = pickle.loads(pickle.dumps(RequestDenied(decision)))
    assert error.decision == decision
