"""requests, a WARC archive and a mapping in memory drive the same audit, and give equal Decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, Request, Response
from scrapeguard.model.ports import Transport
from scrapeguard.model.purpose import Purpose
from scrapeguard.testing import FrozenClock
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.requests import RequestsTransport
from scrapeguard.transport.warc import WarcTransport
from tests.serving import Site, serving
from tests.transport.test_warc import write_warc

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
CONTENT = {
    "/robots.txt": "User-agent: *\nDisallow: /private\nCrawl-delay: 3\nContent-Signal: search=yes, ai-train=no\n",
    "/": '<p>Welcome to all of you.<footer><a href="/terms">Terms of Service</a></footer>',
    "/terms": "<h1>Terms of Service</h1><p>You may not copy our pages for commercial purposes.</p>"
    "<p>You must not collect information that identifies other users, such as their names or faces.</p>",
}


class _Recording:
    """Keeps every answer of another transport."""

    live = True

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.answers: dict[str, Exchange] = {}

    def send(self, request: Request) -> Exchange:
        answer = self.answers[request.url] = self.transport.send(request)
        return answer


def ask(transport: Transport, site: Site) -> dict[str, Decision]:
    guard = Guard("examplebot/1.0", transport=transport, clock=FrozenClock(NOW))
    return {p: guard.allowed(f"{site.origin}{path}", p) for p in Purpose for path in ("/page",)}


@pytest.fixture
def served() -> object:
    with serving(CONTENT) as site:
        yield site


def test_design_2_3_every_transport_gives_equal_decisions(served: Site, tmp_path: Path) -> None:
    network = _Recording(RequestsTransport(
        "examplebot/1.0", allow_private=True, clock=FrozenClock(NOW), max_delay=0.01
    ))
    live = ask(network, served)
    answers = {url: a for url, a in network.answers.items() if isinstance(a, Response)}
    assert set(answers) == set(network.answers)

    memory = MemoryTransport(answers, clock=FrozenClock(NOW))
    captures = [
        (url, "2026-05-04T03:02:01Z", a.status, {k: v for k, v in a.headers if k == "Content-Type"}, a.body)
        for url, a in answers.items()
    ]
    archive = WarcTransport(write_warc(tmp_path / "site.warc.gz", captures))

    assert ask(memory, served) == live
    assert ask(archive, served) == live
    verdicts = {p: d.verdict.value for p, d in live.items()}
    assert verdicts["search"] == "allow"
    assert verdicts["ai-train"] == "deny"
    assert verdicts["identification"] == "deny"
    assert [d.to_dict() for d in ask(archive, served).values()] == [d.to_dict() for d in live.values()]
