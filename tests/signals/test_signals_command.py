"""`scrapeguard signals`: channels against purposes, with the page where robots.txt lets this crawler have it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from scrapeguard import MemoryTransport, Response
from scrapeguard.cli import options
from scrapeguard.cli.signals import signals

ORIGIN = "https://site.example"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> MemoryTransport:
    answers = {
        f"{ORIGIN}/robots.txt": "User-agent: *\nContent-Signal: search=yes, ai-train=no, odd=1\nDisallow: /closed\n",
        f"{ORIGIN}/.well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1}]',
        f"{ORIGIN}/old": Response(f"{ORIGIN}/old", 301, {"Location": "/page", "X-Robots-Tag": "noarchive"}),
        f"{ORIGIN}/page": Response(f"{ORIGIN}/page", 200, {"X-Robots-Tag": "max-snippet:50"}, "<p>News"),
        f"{ORIGIN}/away": Response(f"{ORIGIN}/away", 302, {"Location": "/closed/x"}),
        f"{ORIGIN}/loop": Response(f"{ORIGIN}/loop", 302, {"Location": "/loop"}),
    }
    transport = MemoryTransport({u: a if isinstance(a, Response) else Response(u, body=a) for u, a in answers.items()})
    monkeypatch.setattr(options, "transport_of", lambda *_, **__: transport)
    return transport


def run(*args: str) -> str:
    result = CliRunner().invoke(signals, args, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def mapping(path: str, *args: str) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    found: dict[str, dict[str, dict[str, dict[str, object]]]] = json.loads(run(ORIGIN + path, "--json", *args))
    return found


@pytest.mark.usefixtures("site")
def test_each_channel_speaks_for_its_own_purposes() -> None:
    channels = mapping("/page")["channels"]
    assert channels["content-signal"] == {"search": {"verdict": "allow", "direct": True},
                                          "ai-train": {"verdict": "deny", "direct": True}}
    assert channels["tdmrep"]["ai-input"] == {"verdict": "deny", "direct": False}
    assert channels["robots-meta"]["search"] == {"verdict": "conditional", "direct": True}


@pytest.mark.usefixtures("site")
def test_a_redirect_is_followed_and_its_own_fields_are_not_the_pages() -> None:
    found = mapping("/old")
    assert found["page"] == "fetched"
    assert "archive" not in found["channels"]["robots-meta"]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(("path", "why"), [("/closed/x", "robots.txt keeps"), ("/away", "robots.txt keeps"),
                                           ("/loop", "redirects")])
def test_the_page_is_not_fetched_where_robots_txt_keeps_it_or_redirects_go_nowhere(path: str, why: str) -> None:
    assert why in str(mapping(path)["page"])


def test_without_the_page_nothing_of_it_is_asked_for(site: MemoryTransport) -> None:
    assert "robots-meta" not in mapping("/page", "--no-page")["channels"]
    assert f"{ORIGIN}/page" not in {r.url for r in site.requests}


@pytest.mark.usefixtures("site")
def test_the_table_shows_quotes_places_and_what_was_not_understood() -> None:
    text = run(f"{ORIGIN}/page")
    for words in ("content-signal", "«search=yes, ai-train=no, odd=1»", "robots.txt line 2", "'odd=1' says nothing",
                  "header field x-robots-tag", "at /0"):
        assert words in text.replace("\n", "")


def test_the_demos_publisher_shows_who_reserved_what() -> None:
    from scrapeguard.cli.demo import serve_sites

    with serve_sites() as sites:
        found = json.loads(run(f"{sites['publisher']}/", "--json", "--allow-private", "--agent", "examplebot/1.0"))
    assert found["channels"]["content-signal"]["ai-train"] == {"verdict": "deny", "direct": True}
    assert found["answers"]["ai-train"]["allowed"] is False
    assert any("ai-train=no" in e["quote"] for s in found["statements"] for e in s["evidence"])
