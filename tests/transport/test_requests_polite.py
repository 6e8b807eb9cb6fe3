"""How requests come to a server: one at a time, at its pace, by an honest name; and who may read what it answers."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from urllib3.util import Retry

from scrapeguard.guard import Guard
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.transport.requests import RequestsTransport
from tests.serving import serving

TLS = Path(__file__).parent / "tls"
AGENT = "examplebot/1.0 (+https://example.com/bot)"


def _local(**options: object) -> RequestsTransport:
    return RequestsTransport(AGENT, allow_private=True, **options)  # type: ignore[arg-type] # each test names its own


def _get(url: str, transport: RequestsTransport, delay: float = 0.0) -> Exchange:
    return transport.send(Request(url, RequestKind.TERMS, delay=delay))


def test_choice_the_crawl_delay_of_robots_paces_our_own_requests() -> None:
    times: list[float] = []

    def noted(handler: BaseHTTPRequestHandler) -> None:
        times.append(time.monotonic())
        body = b"User-agent: *\nCrawl-delay: 0.15\n" if handler.path == "/robots.txt" else b"<p>Welcome"
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with serving({"/robots.txt": noted, "/": noted, "/ai.txt": noted, "/terms": noted}) as site:
        Guard(AGENT, transport=_local()).allowed(site.origin + "/page", "search")
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) >= 2
    assert min(gaps) >= 0.15
    assert site.agents == [AGENT] * len(site.asked)


def test_choice_the_delay_waited_is_capped() -> None:
    transport = _local(max_delay=0.1)
    with serving({"/": "x"}) as site:
        start = time.monotonic()
        for _ in range(3):
            assert isinstance(_get(site.origin + "/", transport, delay=10**6), Response)
        assert 0.2 <= time.monotonic() - start < 2


def test_choice_threads_come_to_an_authority_one_at_a_time() -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def counted(handler: BaseHTTPRequestHandler) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)
        with lock:
            inside -= 1
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")

    transport = _local()
    with serving({"/": counted}) as site:
        threads = [threading.Thread(target=_get, args=(site.origin + "/", transport)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(site.asked) == 12
    assert most == 1


def test_choice_many_waiting_urls_fetch_the_policy_files_once() -> None:
    with serving({"/robots.txt": "User-agent: *\nDisallow: /private", "/": "<p>Welcome"}) as site:
        guard = Guard(AGENT, transport=_local())
        verdicts: list[bool] = []
        paths = [f"/{'private' if n % 2 else 'open'}/{n}" for n in range(16)]
        threads = [
            threading.Thread(target=lambda p=p: verdicts.append(bool(guard.allowed(site.origin + p, "search")))) for p in paths
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(verdicts) == [False] * 8 + [True] * 8
    assert len(site.asked) == len(set(site.asked))
    assert site.asked.count("/robots.txt") == 1


def test_choice_a_robots_file_reached_by_redirect_speaks_for_the_asking_authority_alone() -> None:
    away = {"/robots.txt": "User-agent: *\nAllow: /", "/planted.txt": "User-agent: *\nDisallow: /"}
    with serving(away) as other:
        here = {"/robots.txt": (302, {"Location": other.origin + "/planted.txt"}, b"")}
        with serving(here) as site:
            guard = Guard(AGENT, transport=_local())
            assert not guard.allowed(site.origin + "/page", "search")
            assert guard.allowed(other.origin + "/page", "search")


def test_rfc9110_10_2_3_a_short_retry_after_is_waited_for() -> None:
    times: list[float] = []

    def busy_once(handler: BaseHTTPRequestHandler) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            handler.wfile.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with serving({"/": busy_once}) as site:
        found = _get(site.origin + "/", _local(budget=5))
    assert isinstance(found, Response)
    assert (found.status, found.body) == (200, b"ok")
    assert times[1] - times[0] >= 1


@pytest.mark.parametrize("value", ["7200", "99999999999999999999", "Fri, 31 Dec 2199 23:59:59 GMT"])
def test_choice_a_long_retry_after_stands_and_no_further_request_is_sent(value: str) -> None:
    transport = _local(budget=2)
    with serving({"/": (429, {"Retry-After": value}, b"slow down"), "/terms": "never"}) as site:
        start = time.monotonic()
        found = _get(site.origin + "/", transport)
        after = _get(site.origin + "/terms", transport)
        assert time.monotonic() - start < 1
    assert isinstance(found, Response)
    assert (found.status, found.header("retry-after")) == (429, value)
    assert isinstance(after, FetchFailure)
    assert after.reason is FailureReason.DEFERRED
    assert "3600 s" in after.detail or "3599 s" in after.detail
    assert site.asked == ["/"]


@pytest.mark.parametrize("value", ["soon", "-5", "", "1e9"])
def test_choice_a_retry_after_that_says_nothing_is_left_alone(value: str) -> None:
    with serving({"/": (503, {"Retry-After": value}, b"")}) as site:
        found = _get(site.origin + "/", _local(budget=0.4))
    assert isinstance(found, Response)
    assert found.status == 503
    assert site.asked == ["/"]


def test_choice_retries_are_the_callers_to_set() -> None:
    with serving({"/": (503, {}, b"")}) as site:
        found = _get(site.origin + "/", _local(retries=Retry(0)))
    assert isinstance(found, Response)
    assert (found.status, site.asked) == (503, ["/"])


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def _serving_tls() -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.pem", TLS / "localhost.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hello)
    server.handle_error = lambda request, address: None  # type: ignore[method-assign] # refused handshakes are expected
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_choice_tls_is_verified_against_the_given_certificates() -> None:
    transport = _local(ca_file=str(TLS / "localhost.pem"))
    with _serving_tls() as port:
        for host in ("localhost", "127.0.0.1"):
            found = _get(f"https://{host}:{port}/", transport)
            assert isinstance(found, Response), found
            assert found.body == b"hello"


@pytest.mark.parametrize(("ca_file", "host"), [(None, "localhost"), ("localhost.pem", "127.0.0.2.nip.example")])
def test_choice_an_unknown_certificate_or_another_hosts_is_refused(
    ca_file: str | None, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    found_at = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    transport = _local(ca_file=str(TLS / ca_file) if ca_file else None)
    with _serving_tls() as port:
        found_at[0] = (*found_at[0][:4], ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found_at)
        found = _get(f"https://{host}:{port}/", transport)
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.TLS, found
    assert "certificate" in found.detail.lower()


def test_choice_a_server_that_speaks_no_tls_is_a_failed_tls_connection() -> None:
    with serving({"/": "plain"}) as site:
        found = _get(site.origin.replace("http:", "https:") + "/", _local(budget=2))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.TLS, found
    assert site.asked == []


def test_choice_a_handshake_that_never_ends_is_over_with_the_budget() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        found = _get(f"https://127.0.0.1:{silent.getsockname()[1]}/", _local(budget=0.4))
        assert time.monotonic() - start < 1.5
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.TIMEOUT, found
