"""A crawl that is stopped in the middle and goes on later."""

from __future__ import annotations

import pickle
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from scrapeguard import Guard, MemoryTransport
from scrapeguard.integrations.scrapy import RequestDenied
from scrapeguard.replay import Recording
from scrapeguard.store import open_store
from tests.integrations.crawling import command, crawl, decisions, environment, read
from tests.serving import serving

PAGE = "<!DOCTYPE html><title>x</title><p>A river."
COUNT = 40


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


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_choice_a_resumed_crawl_reads_its_sites_from_the_store(tmp_path: Path, how: signal.Signals) -> None:
    terms = "<h1>Terms of Service</h1><p>You may not use our pages to train machine learning models."
    home = '<p>Rivers.<footer><a href="/terms">Terms of Service</a></footer>'
    pages = {f"/p/{n}": PAGE for n in range(COUNT)} | {f"/private/{n}": PAGE for n in range(10)}
    pages |= {"/": "<p>Rivers.", "/robots.txt": "User-agent: *\nDisallow: /private"}
    store, archive = tmp_path / "policies.db", tmp_path / "told-%(time)s.warc.gz"
    with serving(pages) as site, serving({**pages, "/": home, "/terms": terms}) as closed:
        urls = [f"{origin}{path}" for path in pages if path[1:2] == "p" for origin in (site.origin, closed.origin)]
        rows = [{"url": url, "dont_filter": False} for url in urls]
        settings = {
            "JOBDIR": str(tmp_path / "job"),
            "DOWNLOAD_DELAY": 0.02,
            "RANDOMIZE_DOWNLOAD_DELAY": False,
            "CONCURRENT_REQUESTS": 2,
            "SCRAPEGUARD_STORE": str(store),
            "SCRAPEGUARD_RECORD": str(archive),
        }
        first = subprocess.Popen(
            command(tmp_path, rows, **settings), stderr=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path
        )
        while len([p for p in site.asked if p.startswith("/p/")]) < COUNT // 4 and first.poll() is None:
            time.sleep(0.01)
        first.send_signal(how)
        _, log = first.communicate(timeout=60)
        stopped = decisions(tmp_path)
        assert 0 < len({p for p in site.asked if p.startswith("/p/")}) < COUNT, log[-2000:]
        if how == signal.SIGKILL:
            # Scrapy's own queue is not made for this: what was under way, or all of it, is lost. The crawl starts anew.
            shutil.rmtree(tmp_path / "job")
        resumed = crawl(tmp_path, rows, **settings)
    assert resumed.reason == "finished"
    policies = [[p for p in asked if not p.startswith("/p/")] for asked in (site.asked, closed.asked)]
    assert all(len(paths) == len(set(paths)) for paths in policies), "robots.txt and terms were asked for again"
    assert "/robots.txt" in policies[0]
    assert "/terms" in policies[1]
    assert not [p for s in (site, closed) for p in s.asked if p.startswith("/private")]
    assert not [p for p in closed.asked if p.startswith("/p/")]
    fetched = [p for p in site.asked if p.startswith("/p/")]
    assert set(fetched) == {p for p in pages if p.startswith("/p/")}
    assert how == signal.SIGKILL or len(fetched) == COUNT
    assert resumed.stat("fetch/count") == 0

    # What the spider was given is on record, whatever ended the process.
    opened = open_store(store)
    kept = [decision for _, decision in opened.decisions()]
    opened.close()
    made = decisions(tmp_path)
    assert len(stopped) < len(made)
    assert all(decision in kept for decision in made)
    for file in tmp_path.glob("*.warc.gz"):
        assert all(again.same for again in Recording(file).replay())


def test_choice_decisions_travel_through_disk_queues() -> None:
    guard = Guard("examplebot", transport=MemoryTransport({"https://example.com/robots.txt": "User-agent: *\nDisallow: /"}))
    decision = guard.allowed("https://example.com/p", "search")
    assert pickle.loads(pickle.dumps(decision)) == decision
    error = pickle.loads(pickle.dumps(RequestDenied(decision)))
    assert error.decision == decision
