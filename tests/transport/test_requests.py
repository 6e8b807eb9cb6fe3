"""The network transport against real sockets on loopback: everything that goes wrong comes back as data."""

from __future__ import annotations

import gzip
import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from scrapeguard.errors import InvalidAgent
from scrapeguard.model.exchange import FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.transport.requests import DOCUMENT_LIMIT, ROBOTS_LIMIT, RequestsTransport
from tests.serving import serving

LOCAL = RequestsTransport("examplebot/1.0", allow_private=True, budget=2.0, read_timeout=1.0)


def get(
    url: str, kind: RequestKind = RequestKind.TERMS, transport: RequestsTransport = LOCAL
) -> Response | FetchFailure:
    return transport.send(Request(url, kind))


def test_choice_a_document_comes_with_status_fields_body_and_time() -> None:
    with serving({"/terms": (200, {"Content-Type": "text/html", "X-Robots-Tag": "noai"}, b"<p>Hello")}) as site:
        found = get(site.origin + "/terms")
    assert isinstance(found, Response)
    assert (found.status, found.body, found.header("x-robots-tag")) == (200, b"<p>Hello", "noai")
    assert found.fetched_at is not None
    assert site.agents == ["examplebot/1.0"]


def test_rfc9110_13_1_validators_are_sent_and_a_304_comes_back() -> None:
    def unchanged(handler: BaseHTTPRequestHandler) -> None:
        assert handler.headers.get("If-None-Match") == '"v1"'
        handler.wfile.write(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n')

    with serving({"/terms": unchanged}) as site:
        asked = Request(site.origin + "/terms", RequestKind.TERMS, validators=(("If-None-Match", '"v1"'),))
        found = LOCAL.send(asked)
    assert isinstance(found, Response), found
    assert (found.status, found.body, found.header("etag")) == (304, b"", '"v1"')


def test_choice_redirects_come_back_one_hop_at_a_time() -> None:
    with serving({"/a": (302, {"Location": "/b"}, b"body that nobody reads"), "/b": "there"}) as site:
        found = get(site.origin + "/a")
    assert isinstance(found, Response)
    assert (found.status, found.header("location"), found.body) == (302, "/b", b"")
    assert site.asked == ["/a"]


@pytest.mark.parametrize(("kind", "limit"), [(RequestKind.ROBOTS, ROBOTS_LIMIT), (RequestKind.TERMS, DOCUMENT_LIMIT)])
def test_choice_bodies_are_cut_at_the_limit_after_decoding(kind: RequestKind, limit: int) -> None:
    bomb = gzip.compress(b"x" * (limit + 100_000))
    with serving({"/big": (200, {"Content-Encoding": "gzip"}, bomb)}) as site:
        found = get(site.origin + "/big", kind)
    assert isinstance(found, Response)
    assert found.truncated
    assert len(found.body) == limit


def test_choice_a_private_address_is_refused_unless_allowed() -> None:
    with serving({"/": "secret"}) as site:
        found = get(site.origin + "/", transport=RequestsTransport("examplebot"))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ADDRESS_REFUSED
    assert "127.0.0.1" in found.detail
    assert site.asked == []


def test_choice_a_closed_port_is_a_failed_connection() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = get(f"http://127.0.0.1:{port}/")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.CONNECT


def test_choice_an_unknown_host_is_a_failed_resolution() -> None:
    found = get("http://no-such-host.invalid/")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.DNS


def test_choice_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving({"/": "direct"}) as site:
        found = get(site.origin + "/")
    assert isinstance(found, Response)
    assert found.body == b"direct"


def test_choice_a_proxy_of_the_environment_is_taken_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = RequestsTransport("examplebot/1.0", trust_env=True, budget=2.0)
    with serving({"http://example.com/terms?a": "through the proxy"}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin)
        monkeypatch.delenv("no_proxy", raising=False)
        found = get("http://example.com/terms?a", transport=transport)
        refused = get("http://169.254.169.254/latest/meta-data", transport=transport)
    assert isinstance(found, Response), found
    assert found.body == b"through the proxy"
    assert isinstance(refused, FetchFailure)
    assert refused.reason is FailureReason.ADDRESS_REFUSED
    assert proxy.asked == ["http://example.com/terms?a"]


@pytest.mark.parametrize("trusted", [False, True])
def test_choice_passwords_of_netrc_are_sent_only_when_asked(
    trusted: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Authorization"))
        handler.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    with serving({"/": answer}) as site:
        get(site.origin + "/", transport=RequestsTransport("examplebot", allow_private=True, trust_env=trusted))
    assert [value is not None for value in seen] == [trusted]


@pytest.mark.parametrize(
    "target", ["/", "/?", "//two/slashes", "/a/../b", "/a/%2E%2E/b", "/%7Euser", "/a?b=/../c?d", "/;p?q", "/a%2Fb"]
)
def test_choice_the_target_judged_is_the_one_sent(target: str) -> None:
    lines: list[str] = []

    def noted(handler: BaseHTTPRequestHandler) -> None:
        lines.append(handler.requestline)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")

    with serving({"/" + target.lstrip("/"): noted}) as site:
        found = get(site.origin + target)
    assert isinstance(found, Response), found
    assert found.body == b"here"
    assert lines == [f"GET {target} HTTP/1.1"]


@pytest.mark.parametrize(
    "ambiguous",
    [
        "{0}\\@evil.example/",
        "http://user@{1}/",
        "http://{1}\t/",
        "http://{1}%2f@evil.example/",
        "file:///etc/passwd",
        "gopher://{1}/_x",
        "http://0x7f000001/",
        "http://127.1/",
        "http:{1}/",
        "",
    ],
)
def test_choice_an_ambiguous_url_is_not_sent(ambiguous: str) -> None:
    with serving({"/": "never"}) as site:
        found = get(ambiguous.format(site.origin, site.origin.removeprefix("http://")))
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.PROTOCOL
    assert site.asked == []


def test_choice_the_host_field_is_the_authority_that_was_judged() -> None:
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Host"))
        handler.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    with serving({"/": answer}) as site:
        port = site.origin.rpartition(":")[2]
        get(f"http://LOCALHOST:{port}/")
    assert seen == [f"localhost:{port}"]


def test_choice_a_port_of_another_protocol_is_refused() -> None:
    found = get("http://127.0.0.1:25/")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ADDRESS_REFUSED
    assert "port 25" in found.detail


def test_choice_a_location_in_utf8_is_read_as_such() -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write("HTTP/1.1 302 Found\r\nLocation: /Bedingungen-für-alle\r\n\r\n".encode())

    with serving({"/": redirect}) as site:
        found = get(site.origin + "/")
    assert isinstance(found, Response)
    assert found.header("location") == "/Bedingungen-für-alle"


@pytest.mark.parametrize("agent", ["", " ", "bot/1.0\r\nX-Injected: yes", "bötchen/1.0"])
def test_choice_an_agent_that_no_field_can_carry_is_the_callers_error(agent: str) -> None:
    with pytest.raises(InvalidAgent):
        RequestsTransport(agent)
