"""The settings: what is read, what is refused before a crawl begins, and where the parts are put."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import scrapy
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from scrapeguard import Agreement
from scrapeguard.errors import InvalidConfiguration
from scrapeguard.integrations.scrapy import Addon, ItemDecisions, ScrapeguardMiddleware
from scrapeguard.integrations.scrapy.settings import read_options
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.purpose import Purpose
from tests.integrations.crawling import crawl, environment


def crawler_with(spider: type[scrapy.Spider] = scrapy.Spider, **settings: Any) -> Crawler:
    crawler = Crawler(spider, Settings({"USER_AGENT": "examplebot/1.0", **settings}))
    crawler.spider = spider(name="x")
    return crawler


def test_choice_the_defaults() -> None:
    options = read_options(crawler_with(SCRAPEGUARD_PURPOSE="train-ai"))
    assert options.purpose is Purpose.AI_TRAIN
    assert options.product_token == "examplebot"
    assert (options.profile.name, options.commercial, options.agreements) == ("standard", None, ())
    assert (options.on_unknown, options.on_denied_use, options.policy_fetch.value) == ("profile", "drop", "obey")
    assert options.max_delay == 60
    assert (options.store, options.record, options.keep_decisions, options.keeps) == (None, None, True, False)


def test_choice_values_as_the_command_line_gives_them(tmp_path: Path) -> None:
    agreements = tmp_path / "agreements.toml"
    agreements.write_text('[[agreement]]\nsite = "example.com"\npurposes = ["ai-train"]\nreference = "letter 7"\n')
    options = read_options(
        crawler_with(
            SCRAPEGUARD_PURPOSE="search",
            SCRAPEGUARD_AGENT="otherbot/2",
            SCRAPEGUARD_COMMERCIAL="true",
            SCRAPEGUARD_AGREEMENTS=str(agreements),
            SCRAPEGUARD_PROBES="tdmrep,ai-txt",
            SCRAPEGUARD_MAX_DELAY="5",
            SCRAPEGUARD_PROFILE="strict",
        )
    )
    assert options.product_token == "otherbot"
    assert options.commercial is True
    assert [a.reference for a in options.agreements] == ["letter 7"]
    assert options.probes == (RequestKind.TDMREP, RequestKind.AI_TXT)
    assert options.max_delay == 5


def test_choice_the_agent_falls_back_to_scrapys_own_settings() -> None:
    assert read_options(crawler_with(SCRAPEGUARD_PURPOSE="search", ROBOTSTXT_USER_AGENT="ruled/1")).product_token == "ruled"
    plain = Crawler(scrapy.Spider, Settings({"SCRAPEGUARD_PURPOSE": "search"}))
    plain.spider = scrapy.Spider(name="x")
    assert read_options(plain).product_token == "scrapy"


def test_choice_a_spider_names_its_own_purpose() -> None:
    class Spider(scrapy.Spider):
        scrapeguard_purpose = "archive"

    assert read_options(crawler_with(Spider)).purpose is Purpose.ARCHIVE
    assert read_options(crawler_with(Spider, SCRAPEGUARD_PURPOSE="search")).purpose is Purpose.ARCHIVE


def test_choice_every_fault_is_named_at_once() -> None:
    crawler = crawler_with(
        SCRAPEGUARD_PURPOS="search",
        SCRAPEGUARD_AGENT="Mozilla/5.0 (X11) Firefox/140.0",
        SCRAPEGUARD_PROFILE="standart",
        SCRAPEGUARD_COMMERCIAL="perhaps",
        SCRAPEGUARD_ON_UNKNOWN="allow",
        SCRAPEGUARD_ON_DENIED_USE="keep",
        SCRAPEGUARD_AGREEMENTS="no such file.toml",
        SCRAPEGUARD_PROBES=["tdmrep", "all.txt"],
        SCRAPEGUARD_MAX_DELAY=-1,
        SCRAPEGUARD_STORE=" ",
        SCRAPEGUARD_RECORD=True,
    )
    with pytest.raises(InvalidConfiguration) as caught:
        read_options(crawler)
    faults = "\n".join(caught.value.faults)
    for words in (
        "SCRAPEGUARD_PURPOS: no such setting; did you mean SCRAPEGUARD_PURPOSE?",
        'SCRAPEGUARD_PURPOSE: not set: say in settings.py what the pages are for, for instance SCRAPEGUARD_PURPOSE = "search"',
        "SCRAPEGUARD_AGENT: 'Mozilla/5.0 (X11) Firefox/140.0' names a browser",
        "SCRAPEGUARD_PROFILE: no such profile; did you mean 'standard'?",
        "SCRAPEGUARD_COMMERCIAL: 'perhaps' is neither True nor False",
        "SCRAPEGUARD_ON_UNKNOWN = 'allow': write one of 'profile', 'deny', 'flag'",
        "SCRAPEGUARD_ON_DENIED_USE = 'keep': write one of 'drop', 'flag'",
        "SCRAPEGUARD_AGREEMENTS: cannot be read",
        "SCRAPEGUARD_PROBES: 'all.txt': write some of",
        "SCRAPEGUARD_MAX_DELAY: -1 is no number of seconds above 0",
        "SCRAPEGUARD_STORE: ' ' is no path of a file",
        "SCRAPEGUARD_RECORD: True is no path of a file",
    ):
        assert words in faults


def test_choice_an_archive_has_the_placeholders_of_feeds(tmp_path: Path) -> None:
    store, record = tmp_path / "policies.db", tmp_path / "%(name)s-%(time)s.warc.gz"
    keeping = {"SCRAPEGUARD_STORE": store, "SCRAPEGUARD_RECORD": record, "SCRAPEGUARD_KEEP_DECISIONS": "0"}
    options = read_options(crawler_with(SCRAPEGUARD_PURPOSE="search", **keeping))
    assert options.store == str(store)
    assert (options.keep_decisions, options.keeps) == (False, True)
    assert re.fullmatch(r"x-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.warc\.gz", Path(str(options.record)).name)


def test_choice_agreements_may_be_objects() -> None:
    agreement = Agreement("example.com", ["ai-train"], reference="letter 7")
    options = read_options(crawler_with(SCRAPEGUARD_PURPOSE="search", SCRAPEGUARD_AGREEMENTS=[agreement]))
    assert options.agreements == (agreement,)


def test_choice_without_a_purpose_the_crawl_stops_at_the_start(tmp_path: Path) -> None:
    done = crawl(tmp_path, ["http://127.0.0.1:9/"], SCRAPEGUARD_PURPOSE=None)
    # The exit status is Scrapy's: 1, and in 2.14 still 0.
    assert "The crawl is not started. SCRAPEGUARD_PURPOSE: not set: say in settings.py what the pages are for" in done.log
    assert done.stats == {}
    assert "Spider opened" not in done.log


def placed(**settings: Any) -> dict[Any, int | None]:
    own = Settings(settings)
    Addon().update_settings(own)
    both = {**own["DOWNLOADER_MIDDLEWARES_BASE"], **own["DOWNLOADER_MIDDLEWARES"]}
    return {load_object(component): place for component, place in both.items()}


def test_choice_the_addon_takes_the_place_of_scrapys_robots_middleware() -> None:
    found = placed(ROBOTSTXT_OBEY=True)
    assert found[ScrapeguardMiddleware] == 95
    assert found[RobotsTxtMiddleware] is None
    own = Settings()
    Addon().update_settings(own)
    assert own["SPIDER_MIDDLEWARES"] == {ItemDecisions: 95}


def test_choice_what_a_project_has_placed_itself_stays() -> None:
    robots = "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"
    own = "scrapeguard.integrations.scrapy.ScrapeguardMiddleware"
    found = placed(DOWNLOADER_MIDDLEWARES={robots: 110, own: 40})
    assert found[RobotsTxtMiddleware] == 110
    assert found[ScrapeguardMiddleware] == 40


def test_choice_importing_it_installs_no_reactor() -> None:
    code = "import sys, scrapeguard.integrations.scrapy; sys.exit('twisted.internet.reactor' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())
