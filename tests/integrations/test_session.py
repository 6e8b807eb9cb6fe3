"""requests and httpx ask before they send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
import requests

import scrapeguard
from scrapeguard.errors import Denied, InvalidAgent, UnknownPurpose
from scrapeguard.guard import Guard
from scrapeguard.transport.requests import RequestsTransport
from tests.serving import Site, serving

AGENT = "examplebot/1.0"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/robots.txt": "User-agent: examplebot\nDisallow: /private", "/p": "<p>x", "/private": "<p>x"}) as served:
        served.content["/away"] = (302, {"Location": "/private"}, b"")
        yield served


def guard() -> Guard:
    return Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True))


def test_design_denied_is_raised_before_anything_is_sent(site: Site) -> None:
    with scrapeguard.session(requests.Session(), purpose="search", guard=guard(), agent=AGENT) as client:
        assert client.get(f"{site.origin}/p").status_code == 200
        with pytest.raises(Denied) as caught:
            client.get(f"{site.origin}/private")
        assert caught.value.decision.signal == "robots"
        assert "Disallow: /private" in str(caught.value)
        with pytest.raises(Denied):
            client.get(f"{site.origin}/away")
    assert "/private" not in site.asked
    assert "/away" in site.asked
    assert set(site.agents) == {AGENT}


def test_design_httpx_asks_the_same(site: Site) -> None:
    seen: list[str] = []
    with httpx.Client(follow_redirects=True, event_hooks={"request": [lambda r: seen.append(r.url.path)]}) as client:
        assert scrapeguard.session(client, purpose="search", guard=guard(), agent=AGENT) is client
        assert client.get(f"{site.origin}/p").status_code == 200
        for path in ("/private", "/away"):
            with pytest.raises(Denied):
                client.get(f"{site.origin}{path}")
    assert "/private" not in site.asked
    assert seen[0] == "/p"


def test_design_an_async_client_asks_aside(site: Site) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as client:
            scrapeguard.session(client, purpose="search", guard=guard(), agent=AGENT)
            answers = await asyncio.gather(*(client.get(f"{site.origin}/p") for _ in range(4)))
            assert {a.status_code for a in answers} == {200}
            with pytest.raises(Denied):
                await client.get(f"{site.origin}/private")

    asyncio.run(run())
    assert site.asked.count("/robots.txt") == 1
    assert "/private" not in site.asked


def test_choice_the_clients_own_header_names_the_crawler() -> None:
    client = requests.Session()
    client.headers["User-Agent"] = "Mozilla/5.0 (X11) Firefox/140.0"
    with pytest.raises(InvalidAgent):
        scrapeguard.session(client, purpose="search")
    with pytest.raises(UnknownPurpose):
        scrapeguard.session(requests.Session(), purpose="sarch", guard=guard())
    with pytest.raises(TypeError, match="no requests"):
        scrapeguard.session(object(), purpose="search")
