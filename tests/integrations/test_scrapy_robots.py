"""The robots part, case by case: what Scrapy's documentation says of its own middleware, and where RFC 9309 has it otherwise."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import pytest
import scrapy

from scrapeguard.integrations.scrapy.exchange import document_of, failure_of
from scrapeguard.model.exchange import FailureReason, Request, RequestKind
from scrapeguard.replay import Recording
from scrapeguard.transport.requests import ROBOTS_LIMIT
from tests.integrations.crawling import crawl
from tests.serving import Content, serving

PAGE = "<!DOCTYPE html><title>x</title><p>A river."
NAMED = "User-agent: examplebot\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n"
SELECT = "twisted.internet.selectreactor.SelectReactor"
PATHS = ("/a", "/b")


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What one crawl of many sites fetched, by the case that the site stands for."""
    cases: dict[str, Content] = {
        "named group before star": NAMED,
        "empty": "",
        "comment only": "# nothing",
        "status 404": (404, {"Content-Type": "text/html"}, b"<p>User-agent: *\nDisallow: /"),
        "status 403": (403, {}, b"User-agent: *\nDisallow: /"),
        "status 500": (500, {}, b"User-agent: *\nAllow: /"),
        "not text": (200, {"Content-Type": "application/octet-stream"}, bytes(range(128, 256)) * 50),
        "byte order mark": (200, {}, b"\xef\xbb\xbfUser-agent: *\nDisallow: /a"),
        "latin-1 comment": (200, {}, b"# caf\xe9\nUser-agent: *\nDisallow: /a"),
        "gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"User-agent: *\nDisallow: /a")),
        "redirect loop": (302, {"Location": "/robots.txt"}, b""),
    }
    folder = tmp_path_factory.mktemp("robots")
    sites = {}
    with contextlib.ExitStack() as stack:
        for name, robots in cases.items():
            content: dict[str, Content] = dict.fromkeys(PATHS, PAGE)
            sites[name] = stack.enter_context(serving({**content, "/robots.txt": robots}))
        urls = [site.origin + path for site in sites.values() for path in PATHS]
        done = crawl(folder, urls, SCRAPEGUARD_PURPOSE="access", SCRAPEGUARD_PROBES=[])
    assert done.code == 0
    found = {name: [u.removeprefix(s.origin) for u in done.got if u.startswith(s.origin + "/")] for name, s in sites.items()}
    assert {e["type"] for e in done.errors} == {"RequestDenied"}
    return found


@pytest.mark.parametrize(
    ("case", "fetched"),
    [
        ("named group before star", ["/b"]),
        ("empty", ["/a", "/b"]),
        ("comment only", ["/a", "/b"]),
        ("status 404", ["/a", "/b"]),
        ("status 403", ["/a", "/b"]),
        ("status 500", []),
        ("not text", ["/a", "/b"]),
        ("byte order mark", ["/b"]),
        ("latin-1 comment", ["/b"]),
        ("gzip", ["/b"]),
        ("redirect loop", ["/a", "/b"]),
    ],
)
def test_rfc9309_2_3_what_a_robots_txt_lets_through(answered: dict[str, list[str]], case: str, fetched: list[str]) -> None:
    assert answered[case] == fetched


def test_choice_the_name_is_the_crawls_whatever_a_request_says(tmp_path: Path) -> None:
    content: dict[str, Content] = dict.fromkeys(PATHS, PAGE)
    with serving({**content, "/robots.txt": "User-agent: ruled\nDisallow: /a"}) as site:
        urls = [site.origin + path for path in PATHS]
        done = crawl(tmp_path, urls, SCRAPEGUARD_PURPOSE="access", ROBOTSTXT_USER_AGENT="ruled/1", ROBOTSTXT_OBEY=False)
    assert done.got == [urls[1]]
    assert {agent.partition("/")[0] for agent in site.agents} == {"examplebot"}


@pytest.mark.parametrize("reactor", [f"TWISTED_REACTOR={SELECT}", "TWISTED_REACTOR_ENABLED=False"])
def test_design_any_reactor_or_none(tmp_path: Path, reactor: str) -> None:
    if not hasattr(scrapy.settings.default_settings, reactor.partition("=")[0]):
        pytest.skip("this version of Scrapy needs a reactor")
    content: dict[str, Content] = dict.fromkeys(PATHS, PAGE)
    with serving({**content, "/robots.txt": NAMED}) as site:
        urls = [site.origin + path for path in PATHS]
        keeping = {"SCRAPEGUARD_STORE": str(tmp_path / "p.db"), "SCRAPEGUARD_RECORD": str(tmp_path / "a.warc.gz")}
        done = crawl(tmp_path, urls, arguments=["-s", reactor], SCRAPEGUARD_PURPOSE="access", **keeping)
    assert done.code == 0
    assert (done.stat("store/failed"), done.stat("record/failed")) == (0, 0)
    assert len([again for again in Recording(tmp_path / "a.warc.gz").replay() if again.same]) == 3
    assert (done.got, done.denied) == ([urls[1]], [urls[0]])


def _error(name: str, base: type[Exception] = Exception) -> Exception:
    return type(name, (base,), {})("in words")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (_error("CannotResolveHostError"), FailureReason.DNS),
        (_error("DNSLookupError", OSError), FailureReason.DNS),
        (_error("DownloadTimeoutError"), FailureReason.TIMEOUT),
        (TimeoutError("in words"), FailureReason.TIMEOUT),
        (_error("Odd", type(_error("ConnectError"))), FailureReason.CONNECT),
        (_error("ResponseDataLossError"), FailureReason.TRUNCATED),
        (scrapy.exceptions.IgnoreRequest("in words"), FailureReason.NOT_SENT),
        (KeyError("in words"), FailureReason.PROTOCOL),
    ],
)
def test_choice_every_error_has_a_reason(error: Exception, reason: FailureReason) -> None:
    failure = failure_of(Request("https://example.com/robots.txt", RequestKind.ROBOTS), error)
    assert failure.reason is reason
    assert "in words" in failure.detail


def test_choice_a_document_is_cut_at_the_limit_and_keeps_its_fields() -> None:
    request = Request("https://example.com/robots.txt", RequestKind.ROBOTS)
    answer = scrapy.http.Response(request.url, headers={"Link": ["a", "b"]}, body=b"#" * (ROBOTS_LIMIT + 1))
    document = document_of(request, answer)
    assert document.truncated
    assert len(document.body) == ROBOTS_LIMIT
    assert document.header_values("link") == ("a", "b")
    lost = document_of(request, scrapy.http.Response(request.url, body=b"#", flags=["dataloss"]))
    assert lost.truncated
