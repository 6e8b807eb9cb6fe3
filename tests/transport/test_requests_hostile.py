"""Servers that misbehave, on real sockets: each comes back as data, within its time and its bytes."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import brotli
import pytest

from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.transport.requests import DOCUMENT_LIMIT, RequestsTransport
from tests.serving import Content, serving

BUDGET = 0.8
HURRIED = RequestsTransport("examplebot/1.0", allow_private=True, budget=BUDGET, read_timeout=0.5)

Handler = Callable[[BaseHTTPRequestHandler], None]


def get(content: Content, transport: RequestsTransport = HURRIED, kind: RequestKind = RequestKind.TERMS) -> Exchange:
    with serving({"/x": content}) as site:
        return transport.send(Request(site.origin + "/x", kind))


def says(head: str, body: bytes = b"") -> Handler:
    """Write the bytes of an answer as they are, and close."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    return answer


def goes_on(head: bytes, piece: bytes, pause: float = 0.0) -> Handler:
    """Write a beginning, then one piece after the other until the client goes away."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        end = time.monotonic() + 5
        try:
            handler.wfile.write(head)
            while time.monotonic() < end:
                handler.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass  # the client went away, as it should

    return answer


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(goes_on(b"", b"", 0.1), id="silence"),
        pytest.param(goes_on(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", 0.1), id="slow header line"),
        pytest.param(goes_on(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.1), id="slow header lines"),
        pytest.param(goes_on(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05), id="endless interim answers"),
        pytest.param(goes_on(OK + b"\r\n", b"x", 0.1), id="drip until close"),
        pytest.param(goes_on(OK + b"Content-Length: 100000\r\n\r\n", b"x", 0.1), id="drip of a known length"),
        pytest.param(goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.1), id="drip in chunks"),
        pytest.param(goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0", 0.1), id="drip in a chunk's size"),
        pytest.param(
            goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-T: a\r\n", 0.1), id="drip in the trailer"
        ),
        pytest.param(
            goes_on(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b""), 0.1), id="drip of empty gzip members"
        ),
    ],
)
def test_choice_nothing_outlasts_the_budget_of_a_document(behaviour: Handler) -> None:
    with serving({"/x": behaviour}) as site:
        start = time.monotonic()
        found = HURRIED.send(Request(site.origin + "/x", RequestKind.TERMS))
        took = time.monotonic() - start
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.TIMEOUT, found
    assert took < BUDGET + 0.5


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(goes_on(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), id="header flood"),
        pytest.param(goes_on(b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 4096), id="endless header line"),
        pytest.param(goes_on(b"HTTP/1.1 ", b"2" * 4096), id="endless status line"),
        pytest.param(goes_on(b"", b"HTTP/1.1 100 C\r\nX-A: " + b"x" * 9000 + b"\r\n\r\n"), id="flood of interim answers"),
        pytest.param(goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 4096), id="endless chunk size"),
        pytest.param(
            goes_on(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-T: " + b"x" * 9000 + b"\r\n"), id="endless trailer"
        ),
        pytest.param(says("no http at all"), id="no HTTP"),
        pytest.param(says("HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 7", b"12345"), id="two lengths"),
    ],
)
def test_choice_an_answer_that_is_no_answer_costs_bounded_time_and_memory(behaviour: Handler) -> None:
    roomy = RequestsTransport("examplebot/1.0", allow_private=True, budget=4.0, read_timeout=0.5)
    with serving({"/x": behaviour}) as site:
        tracemalloc.start()
        found = roomy.send(Request(site.origin + "/x", RequestKind.ROBOTS))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(found, FetchFailure), found
    assert found.reason in {FailureReason.PROTOCOL, FailureReason.TRUNCATED}, found
    assert len(found.detail) < 300
    assert peak < 8_000_000


def test_choice_an_endless_body_is_cut_at_the_limit() -> None:
    transport = RequestsTransport("examplebot/1.0", allow_private=True, budget=5.0)
    found = get(goes_on(OK + b"\r\n", b"x" * 65_536), transport)
    assert isinstance(found, Response), found
    assert (len(found.body), found.truncated) == (DOCUMENT_LIMIT, True)


def test_choice_a_gzip_bomb_is_cut_at_the_limit_and_takes_no_memory() -> None:
    bomb = gzip.compress(b"\0" * 300_000_000)
    transport = RequestsTransport("examplebot/1.0", allow_private=True, budget=5.0)
    with serving({"/x": (200, {"Content-Encoding": "gzip"}, bomb)}) as site:
        tracemalloc.start()
        found = transport.send(Request(site.origin + "/x", RequestKind.TERMS))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(found, Response), found
    assert (len(found.body), found.truncated) == (DOCUMENT_LIMIT, True)
    assert peak < 6 * DOCUMENT_LIMIT


def test_choice_a_brotli_bomb_is_not_unpacked() -> None:
    found = get((200, {"Content-Encoding": "br"}, brotli.compress(b"\0" * 30_000_000)))
    assert isinstance(found, FetchFailure)
    assert (found.reason, found.detail) == (
        FailureReason.ENCODING,
        "the body is packed as 'br', which was not asked for",
    )


def test_choice_a_bomb_in_a_redirect_is_never_read() -> None:
    bomb = gzip.compress(b"\0" * 300_000_000)
    found = get((302, {"Location": "/y", "Content-Encoding": "gzip, br, gzip"}, bomb))
    assert isinstance(found, Response)
    assert (found.status, found.body, found.header("location")) == (302, b"", "/y")


def test_cve_2025_66418_a_chain_of_codings_is_refused() -> None:
    body = b"x"
    for _ in range(20):
        body = gzip.compress(body)
    found = get((200, {"Content-Encoding": ", ".join(["gzip"] * 20)}, body))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ENCODING
    assert "packed 20 times" in found.detail


def test_choice_a_body_that_is_not_what_its_coding_says_is_a_failure() -> None:
    found = get((200, {"Content-Encoding": "gzip"}, b"this is no gzip"))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ENCODING


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(says("HTTP/1.1 200 OK\nContent-Length: 1000", b"only this"), id="fewer bytes than announced"),
        pytest.param(says("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"5\r\nhello\r\n"), id="no last chunk"),
        pytest.param(says("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"ff\r\nhello"), id="half a chunk"),
        pytest.param(
            says("HTTP/1.1 200 OK\nContent-Encoding: gzip", gzip.compress(bytes(range(250)))[:-20]), id="half a gzip"
        ),
    ],
)
def test_choice_a_truncated_body_is_never_taken_for_a_document(behaviour: Handler) -> None:
    found = get(behaviour, kind=RequestKind.ROBOTS)
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.TRUNCATED, found


def test_choice_more_bytes_than_announced_are_not_read_and_not_taken_for_the_next_answer() -> None:
    smuggled = b"hello" + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    with serving({"/x": says("HTTP/1.1 200 OK\nContent-Length: 5", smuggled), "/y": "the true one"}) as site:
        first = HURRIED.send(Request(site.origin + "/x", RequestKind.TERMS))
        second = HURRIED.send(Request(site.origin + "/y", RequestKind.TERMS))
    assert isinstance(first, Response)
    assert isinstance(second, Response)
    assert (first.body, second.body) == (b"hello", b"the true one")


def test_choice_fields_after_a_broken_header_line_are_read() -> None:
    head = "HTTP/1.1 200 OK\nContent-Type: text/html\nthis line is none\nX-Robots-Tag: noai\nTDM-Reservation: 1"
    found = get(says(head, b"<p>Hello"))
    assert isinstance(found, Response)
    assert (found.header("x-robots-tag"), found.header("tdm-reservation")) == ("noai", "1")
    assert found.body == b"<p>Hello"


def test_choice_a_broken_header_line_that_hides_the_length_is_a_failure() -> None:
    found = get(says("HTTP/1.1 200 OK\nnone\nTransfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n"))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.PROTOCOL


def test_choice_a_reset_connection_is_tried_once_more() -> None:
    tries = []

    def second_time(handler: BaseHTTPRequestHandler) -> None:
        tries.append(handler.path)
        if len(tries) > 1:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    transport = RequestsTransport("examplebot/1.0", allow_private=True, budget=3.0)
    found = get(second_time, transport)
    assert isinstance(found, Response), found
    assert (found.body, len(tries)) == (b"ok", 2)


def test_choice_a_server_that_always_hangs_up_is_a_failed_connection() -> None:
    transport = RequestsTransport("examplebot/1.0", allow_private=True, budget=3.0)
    found = get(lambda handler: None, transport)
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.CONNECT, found


def test_choice_cookies_go_to_no_other_authority_and_to_no_other_thread() -> None:
    seen: list[str | None] = []

    def cookie(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Cookie"))
        handler.wfile.write(
            b"HTTP/1.1 302 Found\r\nSet-Cookie: id=1; Path=/; Domain=127.0.0.1\r\nSet-Cookie: b=2\r\n"
            b"Location: /\r\nContent-Length: 0\r\n\r\n"
        )

    with serving({"/": cookie}) as one, serving({"/": cookie}) as two:
        for site in (one, two, one):
            HURRIED.send(Request(site.origin + "/", RequestKind.TERMS))
        thread = threading.Thread(target=HURRIED.send, args=(Request(two.origin + "/", RequestKind.TERMS),))
        thread.start()
        thread.join()
    assert seen == [None] * 4
