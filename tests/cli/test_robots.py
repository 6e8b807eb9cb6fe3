"""``scrapeguard robots``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scrapeguard.model.exchange import Response
from scrapeguard.transport.memory import MemoryTransport

Run = Callable[..., Any]

TEXT = b"User-agent: *\nDissallow: /private # x\nAllow: /private/open\nCrawl-delay: 2\nSitemap: https://example.com/map.xml\n"


@pytest.fixture
def robots(run: Run) -> Run:
    """Call ``scrapeguard robots`` with a file on standard input."""

    def ran(*args: str, data: bytes = TEXT) -> Any:
        return run("robots", *args, given=data)

    return ran


def test_a_file_from_standard_input_is_shown_with_its_groups_records_and_notes(robots: Run) -> None:
    result = robots("-")
    assert result.status == 0
    for shown in ("/private/open", "sitemap", "misspelt", "crawl-delay"):
        assert shown in result.out


def test_a_url_that_is_not_allowed_shows_its_line_and_exits_with_1(robots: Run, tmp_path: Path) -> None:
    path = tmp_path / "robots.txt"
    path.write_bytes(TEXT)
    result = robots(
        str(path), "--agent", "ExampleBot/1.0", "--url", "https://example.com/private/x", "--url", "/private/open"
    )
    assert result.status == 1
    assert "line 2: Dissallow: /private # x" in result.out
    assert "/private/open: allowed" in result.out


def test_json_says_the_same_as_the_table(robots: Run) -> None:
    result = robots("-", "--json", "--url", "/private/x", "--agent", "bot")
    found = json.loads(result.out)
    assert result.status == 1
    assert found["answers"][0]["line"] == 2
    assert found["groups"][0]["rules"][1] == {"allow": True, "pattern": "/private/open", "line": 3}
    assert (found["crawl_delay"], found["sitemaps"]) == (2.0, ["https://example.com/map.xml"])
    assert [note["code"] for note in found["notes"]] == ["misspelt"]


def test_lint_shows_notes_only_and_tells_by_its_status(robots: Run) -> None:
    assert robots("-", "--lint").status == 1
    assert "/private/open" not in robots("-", "--lint").out
    assert robots("-", "--lint", data=b"User-agent: *\nDisallow: /x\n").status == 0


@pytest.mark.parametrize(
    "args", [("/no/such/file",), ("-", "--agent", "Mozilla/5.0 (X11) Firefox/140.0", "--url", "/x")]
)
def test_what_cannot_be_answered_exits_with_2(robots: Run, args: tuple[str, ...]) -> None:
    result = robots(*args)
    assert result.status == 2


def _network(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Response]) -> None:
    monkeypatch.setattr("scrapeguard.transport.requests.RequestsTransport", lambda *_, **__: MemoryTransport(answers))


def test_a_site_is_asked_for_its_robots_txt_and_redirects_are_followed(
    robots: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "https://example.com/robots.txt", "https://www.example.com/robots.txt"
    _network(monkeypatch, {old: Response(old, 301, headers={"Location": new}), new: Response(new, body=TEXT)})
    result = robots("https://example.com/", "--url", "https://example.com/private/x")
    assert result.status == 1
    assert "robots.txt was read (200)" in result.out


def test_rfc9309_2_3_1_4_an_unreachable_file_allows_nothing(robots: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://example.com/robots.txt"
    _network(monkeypatch, {url: Response(url, 503)})
    assert robots("https://example.com", "--url", "/x").status == 1
    assert robots("https://example.com").status == 2
    _network(monkeypatch, {url: Response(url, 404)})
    assert robots("https://example.com", "--url", "/x").status == 0
