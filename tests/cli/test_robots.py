"""``scrapeguard robots``."""

from __future__ import annotations

import json
import sys
import types

import pytest
from click.testing import CliRunner

from scrapeguard.cli.robots import robots
from scrapeguard.model.exchange import Response

TEXT = b"User-agent: *\nDissallow: /private # x\nAllow: /private/open\nCrawl-delay: 2\nSitemap: https://example.com/map.xml\n"


def run(*args: str, data: bytes = TEXT):
    return CliRunner().invoke(robots, args, input=data)


def test_a_file_from_standard_input_is_shown_with_its_groups_records_and_notes():
    result = run("-")
    assert result.exit_code == 0
    for shown in ("/private/open", "sitemap", "misspelt", "crawl-delay"):
        assert shown in result.output


def test_a_url_that_is_not_allowed_shows_its_line_and_exits_with_1(tmp_path):
    path = tmp_path / "robots.txt"
    path.write_bytes(TEXT)
    result = run(
        str(path), "--agent", "ExampleBot/1.0", "--url", "https://example.com/private/x", "--url", "/private/open"
    )
    assert result.exit_code == 1
    assert "line 2: Dissallow: /private # x" in result.output
    assert "/private/open: allowed" in result.output


def test_json_says_the_same_as_the_table():
    result = run("-", "--json", "--url", "/private/x", "--agent", "bot")
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert found["answers"][0]["line"] == 2
    assert found["groups"][0]["rules"][1] == {"allow": True, "pattern": "/private/open", "line": 3}
    assert (found["crawl_delay"], found["sitemaps"]) == (2.0, ["https://example.com/map.xml"])
    assert [note["code"] for note in found["notes"]] == ["misspelt"]


def test_lint_shows_notes_only_and_tells_by_its_status():
    assert run("-", "--lint").exit_code == 1
    assert "/private/open" not in run("-", "--lint").output
    assert run("-", "--lint", data=b"User-agent: *\nDisallow: /x\n").exit_code == 0


@pytest.mark.parametrize(
    "args", [("/no/such/file",), ("-", "--agent", "Mozilla/5.0 (X11) Firefox/140.0", "--url", "/x")]
)
def test_what_cannot_be_answered_exits_with_2(args):
    result = run(*args)
    assert result.exit_code == 2


def _network(monkeypatch, answers):
    class Transport:
        def send(self, request):
            return answers[request.url]

    module = types.ModuleType("scrapeguard.transport.requests")
    module.RequestsTransport = Transport
    monkeypatch.setitem(sys.modules, "scrapeguard.transport.requests", module)


def test_a_site_is_asked_for_its_robots_txt_and_redirects_are_followed(monkeypatch):
    old, new = "https://example.com/robots.txt", "https://www.example.com/robots.txt"
    _network(monkeypatch, {old: Response(old, 301, headers={"Location": new}), new: Response(new, body=TEXT)})
    result = run("https://example.com/", "--url", "https://example.com/private/x")
    assert result.exit_code == 1
    assert "robots.txt was read (200)" in result.output


def test_rfc9309_2_3_1_4_an_unreachable_file_allows_nothing(monkeypatch):
    url = "https://example.com/robots.txt"
    _network(monkeypatch, {url: Response(url, 503)})
    assert run("https://example.com", "--url", "/x").exit_code == 1
    assert run("https://example.com").exit_code == 2
    _network(monkeypatch, {url: Response(url, 404)})
    assert run("https://example.com", "--url", "/x").exit_code == 0
