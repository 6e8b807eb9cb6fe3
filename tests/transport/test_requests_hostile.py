"""Servers that misbehave, on real sockets: each comes back as data, within its time and its bytes."""

from __future__ import annotations

import threading
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler

import pytest

from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.transport.requests import DOCUMENT_LIMIT, RequestsTransport
from tests.faults import (
    BOMB_IN_A_REDIRECT,
    BROKEN_OFF,
    BROTLI_BOMB,
    CHAIN_OF_CODINGS,
    ENDLESS_BODY,
    FLOODS,
    GZIP_BOMB,
    SLOW,
    Fault,
    says,
)
from tests.serving import Content, serving

BUDGET = 0.8
HURRIED = RequestsTransport("examplebot/1.0", allow_private=True, budget=BUDGET, read_timeout=0.5)

def get(content: Content, transport: RequestsTransport = HURRIED, kind: RequestKind = RequestKind.TERMS) -> Exchange:
    with serving({"/x": content}) as site:
        return transport.send(Request(site.origin + "/x", kind))


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW.keys())
def test_choice_nothing_outlasts_the_budget_of_a_document(behaviour: Fault) -> None:
    with serving({"/x": behaviour}) as site:
        start = time.monotonic()
        found = HURRIED.send(Request(site.origin + "/x", RequestKind.TERMS))
        took = time.monotonic() - start
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.TIMEOUT, found
    assert took < BUDGET + 0.5


@pytest.mark.parametrize("behaviour", FLOODS.values(), ids=FLOODS.keys())
def test_choice_an_answer_that_is_no_answer_costs_bounded_time_and_memory(behaviour: Fault) -> None:
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
    found = get(ENDLESS_BODY, transport)
    assert isinstance(found, Response), found
    assert (len(found.body), found.truncated) == (DOCUMENT_LIMIT, True)


def test_choice_a_gzip_bomb_is_cut_at_the_limit_and_takes_no_memory() -> None:
    transport = RequestsTransport("examplebot/1.0", allow_private=True, budget=5.0)
    with serving({"/x": GZIP_BOMB}) as site:
        tracemalloc.start()
        found = transport.send(Request(site.origin + "/x", RequestKind.TERMS))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(found, Response), found
    assert (len(found.body), found.truncated) == (DOCUMENT_LIMIT, True)
    assert peak < 6 * DOCUMENT_LIMIT


def test_choice_a_brotli_bomb_is_not_unpacked() -> None:
    found = get(BROTLI_BOMB)
    assert isinstance(found, FetchFailure)
    assert (found.reason, found.detail) == (
        FailureReason.ENCODING,
        "the body is packed as 'br', which was not asked for",
    )


def test_choice_a_bomb_in_a_redirect_is_never_read() -> None:
    found = get(BOMB_IN_A_REDIRECT)
    assert isinstance(found, Response)
    assert (found.status, found.body, found.header("location")) == (302, b"", "/y")


def test_cve_2025_66418_a_chain_of_codings_is_refused() -> None:
    found = get(CHAIN_OF_CODINGS)
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ENCODING
    assert "packed 20 times" in found.detail


def test_choice_a_body_that_is_not_what_its_coding_says_is_a_failure() -> None:
    found = get((200, {"Content-Encoding": "gzip"}, b"this is no gzip"))
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ENCODING


@pytest.mark.parametrize("behaviour", BROKEN_OFF.values(), ids=BROKEN_OFF.keys())
def test_choice_a_truncated_body_is_never_taken_for_a_document(behaviour: Fault) -> None:
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
