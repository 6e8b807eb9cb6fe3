"""The class with urllib.robotparser's methods, and Scrapy's parser."""

from __future__ import annotations

import logging
import subprocess
import sys
import urllib.robotparser

import pytest

from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.exchange import FailureReason, FetchFailure, Response
from scrapeguard.robots.robotparser import RobotFileParser

TEXT = "User-agent: *\nCrawl-delay: 2\nRequest-rate: 3/15\nDisallow: /private\n\nSitemap: https://example.com/map.xml\n"


def test_it_has_every_public_method_of_the_standard_library():
    theirs = {name for name in vars(urllib.robotparser.RobotFileParser) if not name.startswith("_")}
    assert theirs <= set(dir(RobotFileParser))


def test_it_answers_as_the_standard_library_does_on_a_plain_file():
    ours, theirs = RobotFileParser(), urllib.robotparser.RobotFileParser()
    for parser in (ours, theirs):
        parser.parse(TEXT.splitlines())
    for path in ("/", "/private", "/private/x", "/public"):
        assert ours.can_fetch("bot", path) is theirs.can_fetch("bot", path)
    assert ours.crawl_delay("bot") == theirs.crawl_delay("bot")
    assert ours.request_rate("bot")[:2] == tuple(theirs.request_rate("bot"))
    assert ours.site_maps() == theirs.site_maps()


def test_before_anything_was_read_nothing_may_be_fetched():
    parser = RobotFileParser("https://example.com/robots.txt")
    assert not parser.can_fetch("bot", "/")
    assert (parser.mtime(), parser.site_maps(), parser.crawl_delay("bot"), parser.request_rate("bot")) == (
        0,
        None,
        None,
        None,
    )


def test_read_without_a_fetcher_says_what_to_do():
    with pytest.raises(ScrapeguardError, match="fetch="):
        RobotFileParser("https://example.com/robots.txt").read()


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (lambda url: Response(url, body=TEXT), False),
        (lambda url: Response(url, 404, body=TEXT), True),
        (lambda url: Response(url, 503), False),
        (lambda url: FetchFailure(url, FailureReason.DNS), False),
    ],
)
def test_rfc9309_2_3_1_read_asks_the_fetcher_and_obeys_the_status(answer, allowed):
    parser = RobotFileParser(fetch=answer, clock=lambda: 1795521600.0)
    parser.set_url("https://example.com/robots.txt")
    parser.read()
    assert parser.can_fetch("bot", "https://example.com/private") is allowed
    assert parser.mtime() == 1795521600.0


def test_scrapys_parser_takes_bytes_and_warns_of_a_browsers_name(caplog):
    from scrapeguard.integrations.scrapy.robots_parser import ScrapeguardRobotParser

    parser = ScrapeguardRobotParser.from_crawler(None, TEXT.encode())
    assert not parser.allowed(b"https://example.com/private", b"Scrapy/2.19 (+https://scrapy.org)")
    assert parser.allowed("https://example.com/open", "bot")
    assert parser.crawl_delay("bot") == 2.0
    with caplog.at_level(logging.WARNING):
        assert not parser.allowed("https://example.com/private", "Mozilla/5.0 (X11; Linux) Firefox/140.0")
    assert "ROBOTSTXT_USER_AGENT" in caplog.text


def test_importing_scrapys_parser_installs_no_reactor():
    code = (
        "import sys; import scrapeguard.integrations.scrapy.robots_parser; "
        "sys.exit('twisted.internet.reactor' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
