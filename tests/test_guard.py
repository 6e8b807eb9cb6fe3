"""The Guard: one audit a site, fresh for as long as robots.txt is, and the page's own word after the fetch."""

from __future__ import annotations

import threading
import time

import pytest

import scrapeguard
from scrapeguard.errors import InvalidAgent, InvalidUrl, UnknownPurpose
from scrapeguard.guard import Guard, allowed, same_site
from scrapeguard.model.exchange import Exchange, Request, Response
from scrapeguard.testing import FrozenClock, MemoryTransport

SITE = {"https://example.com/robots.txt": "User-agent: *\nDisallow: /private\nCrawl-delay: 2.5"}


def test_choice_a_site_is_read_once_for_many_urls() -> None:
    transport = MemoryTransport(SITE)
    guard = Guard("examplebot", transport=transport)
    for n in range(50):
        assert guard.allowed(f"https://example.com/{n}", "search")
    assert [r.url for r in transport.requests].count("https://example.com/robots.txt") == 1


def test_rfc9309_2_4_a_copy_is_not_used_beyond_24_hours() -> None:
    clock = FrozenClock()
    transport = MemoryTransport(SITE, clock=clock)
    guard = Guard("examplebot", transport=transport, clock=clock)
    guard.allowed("https://example.com/", "search")
    clock.advance(hours=23, minutes=59)
    guard.allowed("https://example.com/", "search")
    assert [r.url for r in transport.requests].count("https://example.com/robots.txt") == 1
    clock.advance(minutes=1)
    guard.allowed("https://example.com/", "search")
    assert [r.url for r in transport.requests].count("https://example.com/robots.txt") == 2


def test_choice_sixteen_threads_one_audit() -> None:
    class Slow(MemoryTransport):
        def send(self, request: Request) -> Exchange:
            time.sleep(0.005)
            return super().send(request)

    transport = Slow(SITE)
    guard = Guard("examplebot", transport=transport)
    threads = [threading.Thread(target=guard.allowed, args=(f"https://example.com/{n}", "search")) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    urls = [r.url for r in transport.requests]
    assert len(urls) == len(set(urls))


def test_design_5_before_the_fetch_the_page_channels_are_missing_and_after_it_they_speak() -> None:
    guard = Guard("examplebot", transport=MemoryTransport(SITE))
    before = guard.allowed("https://example.com/p", "ai-train")
    assert before
    assert "header fields" in before.missing
    page = Response("https://example.com/p", headers=(("X-Robots-Tag", "noai"),), body=b"<p>x")
    after = guard.decide(page, "ai-train")
    assert not after
    assert after.missing == ()
    assert after.signal == "robots-meta"
    assert guard.decide(page, "search")


def test_choice_a_licence_named_by_many_pages_is_fetched_once() -> None:
    licence = (
        '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><prohibits type="usage">ai-train</prohibits>'
        "</license></content></rsl>"
    )
    transport = MemoryTransport(SITE | {"https://example.com/l.xml": licence})
    guard = Guard("examplebot", transport=transport)
    link = ("Link", '<https://example.com/l.xml>; rel="license"; type="application/rsl+xml"')
    for n in range(3):
        found = guard.decide(Response(f"https://example.com/{n}", headers=(link,), body=b"<p>x"), "ai-train")
        assert found.verdict.value == "deny"
    assert [r.url for r in transport.requests].count("https://example.com/l.xml") == 1


def test_design_7_crawl_delay_and_site() -> None:
    guard = Guard("examplebot", transport=MemoryTransport(SITE))
    assert guard.crawl_delay("https://example.com/x") == 2.5
    assert guard.crawl_delay("https://other.example/") is None
    site = guard.site("https://example.com/x")
    assert site.documents["https://example.com/robots.txt"].sitemaps == ()
    decision = guard.allowed("https://example.com/x", "search")
    assert [c.value for c in decision.conditions if c.kind == "crawl-delay"] == [2.5]


def test_choice_which_well_known_files_are_asked_for_is_a_setting() -> None:
    transport = MemoryTransport(SITE)
    Guard("examplebot", transport=transport, probes=()).allowed("https://example.com/", "search")
    assert not [r for r in transport.requests if r.kind in {"tdmrep", "ai-txt", "trust-txt"}]


def test_choice_context_can_be_left_out() -> None:
    guard = Guard("examplebot", transport=MemoryTransport(SITE), context=False)
    assert guard.allowed("https://example.com/x", "identification").context == ()


def test_choice_an_agreement_given_to_the_guard_lifts_and_is_cited() -> None:
    agreement = scrapeguard.Agreement("example.com", ["identification"], reference="contract 7")
    guard = Guard("examplebot", transport=MemoryTransport(SITE), agreements=[agreement])
    assert guard.allowed("https://example.com/x", "identification").signal == "agreement"
    assert not guard.allowed("https://example.com/private", "identification")


def test_choice_an_agent_that_names_nobody_is_an_error() -> None:
    with pytest.raises(InvalidAgent):
        Guard("", transport=MemoryTransport({}))
    assert Guard("Mozilla/5.0 (compatible; foobot/2.0)", transport=MemoryTransport({})).product_token == "foobot"
    assert Guard("Mozilla/5.0", product_token="mybot", transport=MemoryTransport({})).product_token == "mybot"


def test_choice_what_the_caller_got_wrong_raises() -> None:
    with pytest.raises(InvalidUrl):
        allowed("ftp://example.com/", "search", transport=MemoryTransport({}))
    with pytest.raises(UnknownPurpose):
        allowed("https://example.com/", "sarch", transport=MemoryTransport({}))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("www.example.com", "help.example.com", True),
        ("example.co.uk", "other.co.uk", False),
        ("a.github.io", "b.github.io", False),
        ("a.github.io", "x.a.github.io", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("localhost", "localhost", True),
        ("blogspot.com", "x.blogspot.com", False),
    ],
)
def test_design_6_private_suffixes_make_sites_of_their_own(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
