"""Pages that a script builds, on a real server and in a real Chromium."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrapeguard.guard import Guard
from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.replay import Recording
from scrapeguard.transport.browser import BrowserTransport, says_too_little
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.requests import RequestsTransport
from scrapeguard.verify import verify
from tests.serving import Site, serving

AGENT = "examplebot/1.0 (+https://example.com/bot)"
service = pytest.mark.service

SHELL = "<!doctype html><meta charset=iso-8859-1><title>Example</title><div id=root></div><script src=/app.js></script>"
SCRIPT = """
fetch('/api/terms.json').then(r => r.json()).then(clauses => {
  const root = document.getElementById('root');
  root.innerHTML = '<h1>Terms of Service</h1>' + clauses.map(c => '<p>' + c + '</p>').join('');
});
"""
CLAUSES = """["These terms are a contract between you and Example about the service that we provide to all our users.",
  "We may change them from time to time, and will tell you so thirty days before the new ones apply to you.",
  "You may not use robots, spiders or other automated means to access or collect any part of the service.",
  "You must not use our content to train models for machine learning or artificial intelligence – ever."]"""
BUILT = {
    "/robots.txt": "User-agent: *\nDisallow: /kept\n",
    "/": '<p>Welcome to all of you who came here today.<footer><a href="/terms">Terms of Service</a></footer>',
    "/terms": SHELL,
    "/app.js": (200, {"Content-Type": "text/javascript"}, SCRIPT.encode()),
    "/api/terms.json": (200, {"Content-Type": "application/json"}, CLAUSES.encode()),
}


def _transport(**options: object) -> BrowserTransport:
    below = RequestsTransport(AGENT, allow_private=bool(options.pop("allow_private", True)), budget=5.0)
    return BrowserTransport(below, AGENT, **options)  # type: ignore[arg-type] # each test names its own


def _get(site: Site, transport: BrowserTransport | None = None, path: str = "/terms") -> Exchange:
    return (transport or _transport()).send(Request(site.origin + path, RequestKind.TERMS))


@pytest.fixture
def built() -> Iterator[Site]:
    with serving(BUILT) as site:
        yield site


@service
def test_choice_terms_that_a_script_builds_are_read_when_asked_for(built: Site) -> None:
    plain = Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True))
    source = next(s for s in plain.site(built.origin + "/").sources if s.url.endswith("/terms"))
    assert source.state is SourceState.UNREADABLE

    guard = Guard(AGENT, transport=_transport())
    decision = guard.allowed(built.origin + "/page", "ai-train")
    assert decision.verdict.value == "deny"
    assert "to train models for machine learning or artificial intelligence – ever" in json.dumps(
        decision.to_dict(), ensure_ascii=False
    )
    source = next(s for s in guard.site(built.origin + "/").sources if s.url.endswith("/terms"))
    assert source.state is SourceState.READ
    assert "Chromium/" in source.note
    assert "not as the server sent it" in source.note


@service
def test_choice_a_recorded_rendering_is_verified_and_gives_the_same_decision(built: Site, tmp_path: Path) -> None:
    archive = tmp_path / "a.warc.gz"
    with Guard(AGENT, transport=_transport(), record=str(archive)) as guard:
        decision = guard.allowed(built.origin + "/page", "ai-train")
    found = verify(decision, archive)
    assert found, found
    (again,) = Recording(archive).replay()
    assert again.same


@service
def test_choice_the_page_is_asked_for_once_and_only_its_scripts_and_data_besides(built: Site) -> None:
    built.content["/terms"] = (
        SHELL + '<img src="/picture.png"><link rel=stylesheet href="/style.css"><iframe src="/frame"></iframe>'
    )
    found = _get(built)
    assert isinstance(found, Response), found
    assert b"train models" in found.body
    assert sorted(built.asked) == ["/api/terms.json", "/app.js", "/robots.txt", "/terms"]
    assert set(built.agents) == {AGENT}


@service
def test_choice_parts_that_robots_keeps_are_not_fetched(built: Site) -> None:
    built.content["/robots.txt"] = "User-agent: examplebot\nDisallow: /api/\n"
    found = _get(built)
    assert isinstance(found, Response), found
    assert "/api/terms.json" not in built.asked
    assert says_too_little(found)
    assert "1 of its parts not fetched" in str(found.header("X-Scrapeguard-Rendered"))


ESCAPES = """
const inside = '%s';
fetch(inside + '/fetch').catch(() => 0);
fetch(inside + '/post', {method: 'POST', body: 'x', mode: 'no-cors'}).catch(() => 0);
navigator.sendBeacon(inside + '/beacon', 'x');
new Image().src = inside + '/image';
new WebSocket(inside.replace('http', 'ws') + '/socket');
new EventSource(inside + '/events');
const frame = document.createElement('iframe'); frame.src = inside + '/frame'; document.body.append(frame);
const hint = document.createElement('link'); hint.rel = 'preconnect'; hint.href = inside; document.head.append(hint);
const early = document.createElement('link'); early.rel = 'prefetch'; early.href = inside + '/prefetch';
document.head.append(early);
try { new Worker(URL.createObjectURL(new Blob(["fetch('" + inside + "/worker')"]))); } catch (e) {}
window.open(inside + '/popup');
setTimeout(() => { location.href = inside + '/navigation'; }, 200);
"""


@service
def test_choice_no_script_reaches_an_address_that_is_not_public() -> None:
    with serving({"/": "secret"}) as inside:
        inside.content |= {f"/{name}": "secret" for name in ("fetch", "image", "frame", "socket", "worker")}
        shell = '<div id=root></div><script src="https://cdn.example/app.js"></script>'
        port = inside.origin.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost"):
            site = _Public({"https://example.com/terms": shell, "https://cdn.example/app.js": ESCAPES % f"http://{host}:{port}"})
            found = BrowserTransport(site, AGENT).send(Request("https://example.com/terms", RequestKind.TERMS))
            assert isinstance(found, Response), found
            assert "https://cdn.example/app.js" in {r.url for r in site.requests}
        assert inside.asked == []


class _Public(MemoryTransport):
    """Public pages from memory; every other address over the network, with its checks."""

    def send(self, request: Request) -> Exchange:
        if ".example/" in request.url or "/example.com/" in request.url:
            return super().send(request)
        return RequestsTransport(AGENT, budget=2.0).send(request)


@service
@pytest.mark.parametrize(
    ("status", "page"),
    [
        (200, "<title>Just a moment...</title><p>Checking your browser before you go on.<script src=/app.js></script>"),
        (403, SHELL),
        (200, "<title>Log in</title><form><input type=password></form><script src=/app.js></script>"),
    ],
)
def test_choice_a_wall_is_never_rendered(status: int, page: str, built: Site) -> None:
    built.content["/terms"] = (status, {"Content-Type": "text/html"}, page.encode())
    found = _get(built)
    assert isinstance(found, Response)
    assert (found.status, found.body) == (status, page.encode())
    assert built.asked == ["/terms"]


@service
def test_choice_a_wall_that_a_script_puts_up_is_reported_as_blocked(built: Site) -> None:
    wall = "document.title = 'Just a moment...'; document.body.innerHTML = '<p>Checking your browser before you go on.';"
    built.content["/app.js"] = (200, {"Content-Type": "text/javascript"}, wall.encode())
    sources = Guard(AGENT, transport=_transport()).site(built.origin + "/").sources
    source = next(s for s in sources if s.url.endswith("/terms"))
    assert source.state is SourceState.BLOCKED, source


@service
def test_choice_a_script_that_never_ends_is_over_with_the_budget(built: Site) -> None:
    built.content["/app.js"] = (200, {"Content-Type": "text/javascript"}, b"for (;;) {}")
    start = time.monotonic()
    found = _get(built, _transport(budget=3.0))
    assert time.monotonic() - start < 12
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.RENDER
    assert "did not build the page within 3 s" in found.detail


@service
def test_choice_a_script_that_takes_all_memory_leaves_the_page_unread(built: Site) -> None:
    greedy = "const all = []; for (;;) all.push(new Array(1000000).fill({}));"
    built.content["/app.js"] = (200, {"Content-Type": "text/javascript"}, greedy.encode())
    start = time.monotonic()
    found = _get(built, _transport(budget=8.0))
    assert time.monotonic() - start < 18
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.RENDER


@service
def test_choice_a_page_that_grows_without_end_is_cut(built: Site) -> None:
    grow = "document.getElementById('root').textContent = 'word '.repeat(4000000);"
    built.content["/app.js"] = (200, {"Content-Type": "text/javascript"}, grow.encode())
    found = _get(built)
    assert isinstance(found, Response), found
    assert found.truncated


@service
def test_choice_a_browser_that_does_not_start_leaves_the_page_unreadable(built: Site, tmp_path: Path) -> None:
    guard = Guard(AGENT, transport=_transport(executable_path=str(tmp_path / "no-browser")))
    source = next(s for s in guard.site(built.origin + "/").sources if s.url.endswith("/terms"))
    assert source.state is SourceState.UNREADABLE
    assert "the browser failed" in source.note


@service
def test_choice_a_page_held_in_memory_is_rendered_as_a_live_one() -> None:
    assert shutil.which("chromium"), "apt-get install chromium"
    origin = "https://app.example"
    site = MemoryTransport(
        {
            f"{origin}/terms": Response(f"{origin}/terms", 200, {"Content-Type": "text/html"}, SHELL),
            f"{origin}/app.js": Response(f"{origin}/app.js", 200, {"Content-Type": "text/javascript"}, SCRIPT),
            f"{origin}/api/terms.json": Response(f"{origin}/api/terms.json", 200, {"Content-Type": "application/json"}, CLAUSES),
        }
    )
    found = BrowserTransport(site, AGENT).send(Request(f"{origin}/terms", RequestKind.TERMS))
    assert isinstance(found, Response), found
    assert "intelligence – ever" in found.body.decode()


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (Response("https://a.example/", body=SHELL), True),
        (Response("https://a.example/", body="<noscript>Please enable JavaScript</noscript><script src=a.js></script>"), True),
        (Response("https://a.example/", body="<p>" + "Some words of a page. " * 40 + "<script src=a.js></script>"), False),
        (Response("https://a.example/", body="<p>Nothing here, and no script either."), False),
        (Response("https://a.example/", 404, body=SHELL), False),
        (Response("https://a.example/", headers={"Content-Type": "text/plain"}, body=SHELL), False),
        (Response("https://a.example/", body=SHELL, truncated=True), False),
        (FetchFailure("https://a.example/", FailureReason.TIMEOUT), False),
    ],
)
def test_choice_only_a_page_that_says_too_little_is_rendered(response: Exchange, expected: bool) -> None:
    assert says_too_little(response) is expected
