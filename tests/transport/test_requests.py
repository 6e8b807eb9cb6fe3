"""The network transport against real sockets on loopback: everything that goes wrong comes back as data."""

from __future__ import annotations

import gzip
import socket
import time
from http.server import BaseHTTPRequestHandler

import pytest

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


def _silence(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b"x" * 20_000)
            time.sleep(0.1)
    except OSError:
        pass  # the client went away, as it should


def _broken_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"only this")


def _no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\x01 not http at all\r\n\r\n")


@pytest.mark.parametrize(
    ("behaviour", "reasons"),
    [
        (_silence, {FailureReason.TIMEOUT}),
        (_drip, {FailureReason.TIMEOUT}),
        (_broken_off, {FailureReason.TRUNCATED}),
        (_no_http, {FailureReason.CONNECT, FailureReason.PROTOCOL}),
    ],
)
def test_choice_trouble_on_the_way_is_a_failure_with_its_reason(behaviour: object, reasons: set[FailureReason]) -> None:
    with serving({"/x": behaviour}) as site:  # type: ignore[dict-item] # the parametrised functions are handlers
        start = time.monotonic()
        found = get(site.origin + "/x")
        assert time.monotonic() - start < 6
    assert isinstance(found, FetchFailure), found
    assert found.reason in reasons, found


def test_choice_a_body_in_a_broken_encoding_is_a_failure() -> None:
    with serving({"/x": (200, {"Content-Encoding": "gzip"}, b"this is no gzip")}) as site:
        found = get(site.origin + "/x")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.PROTOCOL


def test_choice_cookies_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def cookie(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Cookie"))
        handler.send_response(200)
        handler.send_header("Set-Cookie", "id=1; Path=/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with serving({"/": cookie}) as site:
        get(site.origin + "/")
        get(site.origin + "/")
    assert seen == [None, None]


def test_choice_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving({"/": "direct"}) as site:
        found = get(site.origin + "/")
    assert isinstance(found, Response)
    assert found.body == b"direct"
