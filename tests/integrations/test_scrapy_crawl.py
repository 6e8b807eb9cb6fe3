"""Crawls of twenty sites and of single ones: what is fetched, what is not, and what is asked once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.integrations.crawling import ROOT, crawl, environment
from tests.serving import Content, Site, serving

PAGES, MANY = 12, 110
HOME = '<title>Home</title><p>Welcome to our pages about rivers.<footer><a href="/terms">Terms of Service</a></footer>'
OPEN_TERMS = "<h1>Terms of Service</h1><p>You may read what we publish and tell others where you found it."
NO_TRAINING = "<h1>Terms of Service</h1><p>You may not use our pages to train machine learning models."
PAGE = '<!DOCTYPE html><meta charset="utf-8"><title>Page</title><p>A river rises in the hills.'
HTML = {"Content-Type": "text/html; charset=utf-8"}


def content(kind: str, count: int = PAGES) -> dict[str, Content]:
    robots = "User-agent: *\nDisallow: /private\n"
    pages: dict[str, Content] = {f"/p/{n}": PAGE for n in range(count)}
    pages |= {"/private/x": PAGE, "/robots.txt": robots, "/": HOME, "/terms": OPEN_TERMS}
    if kind == "terms":
        pages["/terms"] = NO_TRAINING
    if kind == "marked":
        pages["/p/0"] = (200, {**HTML, "X-Robots-Tag": "noai"}, PAGE.encode())
        pages["/p/1"] = PAGE + '<meta name="robots" content="noai">'
    return pages


@contextmanager
def sites(count: int) -> Iterator[list[tuple[str, Site]]]:
    kinds = ["open", "terms", "marked", "open"]
    with ExitStack() as stack:
        yield [(k, stack.enter_context(serving(content(k, MANY)))) for k in (kinds[n % 4] for n in range(count))]


def test_design_2_thousands_of_pages_of_twenty_authorities_each_read_once(tmp_path: Path) -> None:
    with sites(20) as served:
        urls = [f"{s.origin}{path}" for _, s in served for path in (*(f"/p/{n}" for n in range(MANY)), "/private/x")]
        done = crawl(tmp_path, urls, SCRAPEGUARD_ITEM_FIELD="decision")
    assert done.code == 0
    expected = []
    for kind, site in served:
        for path in ("/robots.txt", "/", "/terms", "/ai.txt", "/trust.txt", "/.well-known/tdmrep.json"):
            assert site.asked.count(path) == 1, (kind, path)
        assert "/private/x" not in site.asked
        fetched = [path for path in site.asked if path.startswith("/p/")]
        assert len(fetched) == len(set(fetched)) == (0 if kind == "terms" else MANY)
        usable = {"terms": [], "marked": range(2, MANY), "open": range(MANY)}[kind]
        expected += [f"{site.origin}/p/{n}" for n in usable]
    assert done.got == sorted(expected)
    assert sorted(done.got + done.denied) == sorted(urls)
    assert {e["type"] for e in done.errors} == {"RequestDenied"}
    assert all(p["allowed"] and p["missing"] == [] and p["flags"] == [] for p in done.pages)
    stamps = {item["url"]: item["decision"] for item in done.items}
    assert len(set(stamps.values())) == len(stamps) == len(expected)

    denied_before, dropped = 5 * MANY + 20, 5 * 2
    assert done.stat("request/denied") == denied_before
    assert done.stat("request/allowed") == len(urls) - denied_before
    assert done.stat("response/allowed") == len(expected)
    assert done.stat("response/dropped") == dropped
    assert done.stat("verdict/deny") == denied_before
    assert done.stat("verdict/silent") == len(urls) - denied_before
    assert done.stat("denied_by/terms") == 5 * MANY
    assert done.stat("denied_by/robots") == 20
    assert done.stat("denied_by/robots-meta") == dropped
    assert done.stat("site/read") == 20
    assert done.stat("fetch/kind/robots") == done.stat("source/robots/read") == 20
    assert done.stat("fetch/kind/terms") == done.stat("source/terms/read") == 20
    assert done.stat("fetch/count") == sum(len([p for p in s.asked if not p.startswith("/p/")]) for _, s in served)
    assert done.stat("wait/requests") >= 20
    assert not [name for name in done.stats if name.startswith("robotstxt/")]

    for _, site in served:
        assert done.log.count(f"Not allowed for ai-train: {site.origin}/") == 1
    # Every page was judged once before and once after the download, and nothing else was: no policy document among them.
    before = [s for s in done.signals if not s[2]]
    assert {url for url, *_ in done.signals} == set(urls)
    after = [s for s in done.signals if s[2]]
    assert len(before) == len(urls)
    assert len(after) == len(expected) + dropped


def test_rfc9309_2_3_1_4_robots_that_nobody_can_read_close_the_site(tmp_path: Path) -> None:
    def silent(handler: object) -> None:
        import time

        time.sleep(1.5)

    with ExitStack() as stack:
        broken = stack.enter_context(serving({"/robots.txt": (503, {}, b""), "/p": PAGE}))
        mute = stack.enter_context(serving({"/robots.txt": silent, "/p": PAGE}))
        absent = stack.enter_context(serving({"/p": PAGE, "/": HOME}))
        refused = "http://127.0.0.1:9"
        urls = [f"{origin}/p" for origin in (broken.origin, mute.origin, absent.origin, refused)]
        done = crawl(tmp_path, urls, SCRAPEGUARD_PURPOSE="access", DOWNLOAD_TIMEOUT=0.5)
    assert done.got == [urls[2]]
    assert done.denied == sorted({urls[0], urls[1], urls[3]})
    assert all("unreachable" in e["why"] for e in done.errors)
    assert [s.asked for s in (broken, mute)] == [["/robots.txt"], ["/robots.txt"]]
    assert done.stat("source/robots/unreachable") == 3
    assert done.stat("source/robots/absent") == 1
    assert done.stat("fetch/failure/timeout") == 1
    assert done.stat("fetch/failure/connect") == 1
    assert done.stat("fetch/status/503") == 1


def test_choice_purpose_skip_and_robots_of_single_requests(tmp_path: Path) -> None:
    with serving(content("terms")) as site:
        rows = [
            {"url": f"{site.origin}/p/0", "meta": {"scrapeguard_purpose": "search"}},
            {"url": f"{site.origin}/p/1", "meta": {"scrapeguard_skip": True, "scrapeguard_decision": None}},
            {"url": f"{site.origin}/private/x?1", "meta": {"dont_obey_robotstxt": True, "scrapeguard_purpose": "search"}},
            {"url": f"{site.origin}/private/x?2", "meta": {"dont_obey_robotstxt": True}},
            {"url": f"{site.origin}/private/x?3", "meta": {"scrapeguard_purpose": "search"}},
            {"url": f"{site.origin}/p/2", "meta": {"scrapeguard_purpose": "no such thing"}},
            {"url": "data:text/html,x"},
            {"url": "ftp://127.0.0.1/x"},
            {"url": f"{site.origin}/robots.txt"},
        ]
        site.content |= {"/private/x?1": PAGE}
        done = crawl(tmp_path, rows)
    urls = [row["url"] for row in rows]
    assert done.got == sorted([urls[0], urls[1], urls[2], urls[6], urls[8]])
    told = {p["url"]: p for p in done.pages}
    assert told[urls[0]]["purpose"] == "search"
    assert "purpose" not in told[urls[1]]
    assert told[urls[2]]["allowed"]
    failed = {e["url"]: e for e in done.errors}
    assert failed[urls[3]]["signal"] == "terms"
    assert failed[urls[4]]["signal"] == "robots"
    assert failed[urls[5]]["type"] == "UnknownPurpose"
    assert failed[urls[7]]["type"] == "RequestNotJudged"
    assert done.stat("request/skipped") == 1
    assert done.stat("request/not_judged") == 1
    assert done.stat("request/robots_not_obeyed") == 3  # one of them again after the download
    assert site.asked.count("/robots.txt") == 2


def test_choice_what_may_be_fetched_and_not_used_is_flagged_where_asked(tmp_path: Path) -> None:
    licence = (
        '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><prohibits type="usage">ai-train</prohibits>'
        "</license></content></rsl>"
    )
    with serving(content("marked")) as site:
        site.content["/l.xml"] = (200, {"Content-Type": "application/rsl+xml"}, licence.encode())
        link = {**HTML, "Link": '</l.xml>; rel="license"; type="application/rsl+xml"'}
        for n in range(4, 8):
            site.content[f"/p/{n}"] = (200, link, PAGE.encode())
        site.content["/gone"] = (404, HTML, b"no")
        site.content["/closed"] = (403, {**HTML, "X-Robots-Tag": "noai"}, b"no")
        urls = [f"{site.origin}/p/{n}" for n in range(PAGES)] + [f"{site.origin}/gone", f"{site.origin}/closed"]
        done = crawl(tmp_path, urls, SCRAPEGUARD_ON_DENIED_USE="flag", HTTPERROR_ALLOW_ALL=True)
        dropped = crawl(tmp_path, urls, HTTPERROR_ALLOW_ALL=True)
    assert done.got == sorted(urls)
    flagged = {p["url"].removeprefix(site.origin) for p in done.pages if p["flags"] == ["scrapeguard-denied"]}
    assert flagged == {"/p/0", "/p/1", "/p/4", "/p/5", "/p/6", "/p/7", "/closed"}
    assert done.stat("response/flagged") == 7
    assert done.stat("fetch/kind/rsl") == 1
    assert site.asked.count("/l.xml") == 2  # once a crawl
    assert len(dropped.got) == len(urls) - 6
    assert [p["status"] for p in dropped.pages if p["flags"]] == [403]


def test_choice_unread_sources_follow_the_profile_or_the_setting(tmp_path: Path) -> None:
    with serving({"/p": PAGE, "/": HOME, "/terms": (503, {}, b"")}) as site:
        url = f"{site.origin}/p"
        rows = [{"url": url}] + [{"url": url, "meta": {"scrapeguard_purpose": p}} for p in ("search", "identification")]
        as_profile = crawl(tmp_path, rows)
        flagged = crawl(tmp_path, rows, SCRAPEGUARD_ON_UNKNOWN="flag")
    assert [(p["purpose"], p["flags"]) for p in as_profile.pages] == [("search", [])]
    assert as_profile.stat("site/incomplete") == 1
    assert as_profile.stat("source/terms/unreachable") == 1
    told = {p["purpose"]: (p["allowed"], p["flags"]) for p in flagged.pages}
    assert told == {"ai-train": (False, ["scrapeguard-unknown"]), "search": (True, ["scrapeguard-unknown"])}
    assert flagged.stat("response/unknown") == 2


def test_rfc9309_2_3_1_2_redirects_are_judged_where_they_lead(tmp_path: Path) -> None:
    with serving(content("open")) as target, serving(content("open")) as first:
        target.content["/rules.txt"] = "User-agent: *\nDisallow: /p/3\n"
        first.content["/robots.txt"] = (302, {"Location": f"{target.origin}/rules.txt"}, b"")
        first.content["/terms"] = (301, {"Location": f"{target.origin}/terms"}, b"")
        first.content["/p/1"] = (302, {"Location": f"{target.origin}/p/1"}, b"")
        first.content["/p/2"] = (302, {"Location": f"{target.origin}/private/x"}, b"")
        urls = [f"{first.origin}/p/{n}" for n in range(4)]
        done = crawl(tmp_path, urls)
    assert done.got == sorted([urls[0], f"{target.origin}/p/1"])
    assert done.denied == sorted([f"{target.origin}/private/x", urls[3]])
    assert "/private/x" not in target.asked
    assert [target.asked.count(path) for path in ("/rules.txt", "/terms", "/robots.txt")] == [1, 1, 1]
    assert done.stat("fetch/reused") >= 1


def test_design_one_line_in_the_settings_of_a_project(tmp_path: Path) -> None:
    """The settings that docs/scrapy.md begins with, in a project as ``scrapy startproject`` lays it out."""
    (lines,) = re.findall(r"^```python\n(ADDONS = .*?)^```$", (ROOT / "docs" / "scrapy.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = project.settings\n")
    package = tmp_path / "project"
    package.mkdir()
    (package / "__init__.py").touch()
    own = 'BOT_NAME = "project"\nSPIDER_MODULES = ["project.spiders"]\nUSER_AGENT = "examplebot/1.0"\nROBOTSTXT_OBEY = True\n'
    (package / "settings.py").write_text(own + lines)
    with serving(content("open")) as site:
        (package / "spiders.py").write_text(
            "import scrapy\nclass Rivers(scrapy.Spider):\n    name = 'rivers'\n"
            f"    start_urls = ['{site.origin}/p/1', '{site.origin}/private/x']\n"
            "    def parse(self, response):\n        yield {'url': response.url}\n"
        )
        command = [sys.executable, "-m", "scrapy", "crawl", "rivers", "-O", "items.json"]
        ran = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=True)
    assert json.loads((tmp_path / "items.json").read_text()) == [{"url": f"{site.origin}/p/1"}]
    assert "/private/x" not in site.asked
    assert f"Not allowed for search: {site.origin}/private/x" in ran.stderr


def test_choice_a_project_may_keep_scrapys_own_middleware_too(tmp_path: Path) -> None:
    robots = "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"
    with serving(content("open")) as site:
        urls = [f"{site.origin}/p/1", f"{site.origin}/private/x"]
        done = crawl(tmp_path, urls, DOWNLOADER_MIDDLEWARES={robots: 100}, SCRAPEGUARD_PURPOSE="access")
    assert (done.got, done.denied) == (urls[:1], urls[1:])
    assert site.asked.count("/robots.txt") == 2
    assert done.stats["robotstxt/request_count"] == 1
