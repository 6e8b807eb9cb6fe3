"""What a crawl keeps: a store whose answers the next crawl uses, and an archive from which every Decision is made again."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import Purpose
from scrapeguard.replay import Recording
from scrapeguard.store import open_store
from scrapeguard.verify import verify
from tests.integrations.crawling import crawl, decisions, environment
from tests.integrations.test_scrapy_crawl import HTML, PAGE, PAGES, content
from tests.serving import Site, serving


def policies(site: Site) -> Counter[str]:
    return Counter(path for path in site.asked if not path.startswith("/p/"))


def command_line(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from scrapeguard.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)


def test_choice_a_second_crawl_asks_for_no_policy_again(tmp_path: Path) -> None:
    store = tmp_path / "policies.db"
    with serving(content("marked")) as site:
        urls = [f"{site.origin}{path}" for path in ("/p/0", "/p/2", "/private/x")]
        first = crawl(tmp_path, urls, SCRAPEGUARD_STORE=str(store))
        once = policies(site)
        second = crawl(tmp_path, urls, SCRAPEGUARD_STORE=f"sqlite:///{store}")
    assert {"/robots.txt", "/", "/terms"} < set(once)
    assert set(once.values()) == {1}
    assert policies(site) == once
    assert first.got == second.got == [urls[1]]
    assert first.denied == second.denied == [urls[0], urls[2]]
    assert (first.stat("fetch/count"), first.stat("fetch/from_store")) == (len(once), 0)
    assert (second.stat("fetch/count"), second.stat("fetch/from_store")) == (0, len(once))
    assert second.stat("store/failed") == 0
    opened = open_store(store)
    kept = [decision for _, decision in opened.decisions()]
    (reading,) = opened.readings(site.origin)
    opened.close()
    assert reading.product_token == "examplebot"
    assert all(d in kept for d in decisions(tmp_path))
    # Each crawl: three before the download, two after it.
    assert Counter(d.url for d in kept) == {urls[0]: 4, urls[1]: 4, urls[2]: 2}


def test_rfc9110_13_1_what_is_stale_is_asked_for_with_its_validators(tmp_path: Path) -> None:
    store = tmp_path / "policies.db"
    conditional = []

    def robots(handler: Any) -> None:
        conditional.append(handler.headers.get("If-None-Match"))
        fresh = conditional[-1] != '"7"'
        body = b"User-agent: *\nDisallow: /private\n" if fresh else b""
        handler.send_response(200 if fresh else 304)
        handler.send_header("ETag", '"7"')
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with serving({**content("open"), "/robots.txt": robots}) as site:
        urls = [f"{site.origin}{path}" for path in ("/p/0", "/private/x")]
        crawl(tmp_path, urls, SCRAPEGUARD_STORE=str(store), SCRAPEGUARD_KEEP_DECISIONS=False)
        with sqlite3.connect(store) as connection:
            day = 25 * 3600 * 1_000_000
            connection.execute("UPDATE exchanges SET fetched_at = fetched_at - ? WHERE url LIKE '%robots.txt'", (day,))
            (kept,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
        connection.close()
        second = crawl(tmp_path, urls, SCRAPEGUARD_STORE=str(store))
    assert kept == 0
    assert conditional == [None, '"7"']
    assert (second.got, second.denied) == ([urls[0]], [urls[1]])
    assert second.stat("fetch/status/304") == 1


def test_choice_every_decision_of_a_crawl_is_made_again_from_its_archive(tmp_path: Path) -> None:
    archive = tmp_path / "told.warc.gz"
    with serving(content("marked")) as site, serving(content("terms")) as closed:
        calls = 0

        def home(handler: Any) -> None:
            """Another page each time, as real ones are; the crawl fetches it too."""
            nonlocal calls
            calls += 1
            body = f'<p>Visit {calls}.<a href="/terms{"" if calls == 1 else calls}">Terms of Service</a>'.encode()
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        site.content["/"] = home
        licence = {**HTML, "Link": '</l.xml>; rel="license"; type="application/rsl+xml"'}
        site.content["/p/3"] = (200, licence, PAGE.encode())
        site.content["/p/4"] = (404, HTML, b"gone")
        paths = ("/", "/p/0", "/p/1", "/p/2", "/p/3", "/p/4", "/private/x", "/terms")
        rows: list[Any] = [{"url": site.origin + path} for path in paths]
        rows += [{"url": f"{site.origin}/p/2", "meta": {"scrapeguard_purpose": "search"}}]
        rows += [{"url": f"{site.origin}/p/5", "meta": {"dont_obey_robotstxt": True}}]
        rows += [{"url": f"{closed.origin}/p/1"}, {"url": "http://127.0.0.1:9/p"}]
        settings = {"SCRAPEGUARD_RECORD": str(tmp_path / "%(name)s.warc.gz"), "SCRAPEGUARD_COMMERCIAL": False}
        done = crawl(tmp_path, rows, HTTPERROR_ALLOW_ALL=True, **settings)
    assert done.stat("record/failed") == 0
    made = decisions(tmp_path)
    assert len(made) == len(rows)
    recording = Recording(archive)
    again = list(recording.replay())
    assert all(each.same for each in again)
    replayed = [each.decision for each in again]
    asked_otherwise = f"{site.origin}/p/5"
    assert asked_otherwise not in {d.url for d in replayed}
    for decision in made:
        assert decision in replayed or decision.url == asked_otherwise
        assert verify(decision, archive)
    for url, purpose in ((f"{site.origin}/p/1", "ai-train"), (f"{site.origin}/p/2", "search"), (f"{closed.origin}/p/1", "ai-train")):
        ran = command_line("replay", str(archive), "--url", url, "--purpose", purpose, "--json")
        told = Decision.from_dict(json.loads(ran.stdout))
        (live,) = (d for d in made if d.url == url and d.purpose is Purpose(purpose))
        assert told == live
        assert ran.returncode == (0 if live else 1), ran.stderr
    ran = command_line("verify", str(tmp_path / "decisions.jsonl"), str(archive))
    assert ran.returncode == 0, ran.stdout


def test_choice_a_store_or_archive_that_fails_breaks_no_crawl(tmp_path: Path) -> None:
    nowhere = tmp_path / "no such folder"
    with serving(content("open")) as site:
        urls = [f"{site.origin}{path}" for path in ("/p/0", "/p/1", "/private/x")]
        done = crawl(
            tmp_path, urls, SCRAPEGUARD_STORE=str(nowhere / "policies.db"), SCRAPEGUARD_RECORD=str(nowhere / "a.warc.gz")
        )
    assert (done.got, done.denied) == (urls[:2], urls[2:])
    assert done.stat("store/failed") > 0
    assert done.stat("record/failed") == 1
    assert done.log.lower().count("going on without the store") == 1
    assert done.log.lower().count("going on without the archive") == 1
    assert "Traceback" not in done.log


def test_choice_what_fails_in_the_middle_of_a_crawl_is_gone_on_without(tmp_path: Path) -> None:
    store, archive = tmp_path / "policies.db", tmp_path / "a.warc"
    open_store(store).close()
    with sqlite3.connect(store) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    connection.close()
    with serving(content("marked")) as site:
        site.content["/p/2"] = PAGE + "<p>" + "A river. " * 60_000
        urls = [f"{site.origin}/p/{n}" for n in range(PAGES)]
        settings = {"SCRAPEGUARD_STORE": str(store), "SCRAPEGUARD_RECORD": str(archive), "CONCURRENT_REQUESTS": 1}
        done = crawl(tmp_path, urls, largest_file=400_000, **settings)
    assert done.got == sorted(urls[2:])
    assert done.denied == sorted(urls[:2])
    assert done.stat("store/failed") >= PAGES
    assert done.stat("record/failed") == 1
    assert done.log.lower().count("going on without the store") == 1
    assert done.log.lower().count("going on without the archive") == 1
    assert "Traceback" not in done.log
    # What was recorded before is whole and answers.
    again = list(Recording(archive).replay())
    assert again
    assert all(each.same for each in again)
