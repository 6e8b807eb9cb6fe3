"""Servers that misbehave, by name: what `tests.serving` serves to see what comes of it."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import brotli

Fault = Callable[[BaseHTTPRequestHandler], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def says(head: str, body: bytes = b"") -> Fault:
    """Write the bytes of an answer as they are, and close."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):  # the client may go away
            handler.wfile.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    return answer


def goes_on(head: bytes, piece: bytes, pause: float = 0.0) -> Fault:
    """Write a beginning, then one piece after the other until the client goes away."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        end = time.monotonic() + 10
        try:
            handler.wfile.write(head)
            while time.monotonic() < end:
                handler.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass  # the client went away, as it should

    return answer


SLOW: dict[str, Fault] = {
    "silence": goes_on(b"", b"", 0.1),
    "slow header line": goes_on(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", 0.1),
    "slow header lines": goes_on(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.1),
    "endless interim answers": goes_on(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    "one byte at a time, until close": goes_on(OK + b"\r\n", b"x", 0.1),
    "one byte at a time, of a known length": goes_on(OK + b"Content-Length: 100000\r\n\r\n", b"x", 0.1),
    "one byte at a time, in chunks": goes_on(CHUNKED, b"1\r\nx\r\n", 0.1),
    "one byte at a time, in a chunk's size": goes_on(CHUNKED, b"0", 0.1),
    "one byte at a time, in the trailer": goes_on(CHUNKED + b"0\r\n", b"X-T: a\r\n", 0.1),
    "empty gzip members, one at a time": goes_on(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b""), 0.1),
}
"""Answers that never end although every read brings something, or nothing."""

FLOODS: dict[str, Fault] = {
    "header flood": goes_on(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "endless header line": goes_on(b"HTTP/1.1 200 OK\r\nX-A: ", b"x" * 4096),
    "endless status line": goes_on(b"HTTP/1.1 ", b"2" * 4096),
    "flood of interim answers": goes_on(b"", b"HTTP/1.1 100 C\r\nX-A: " + b"x" * 9000 + b"\r\n\r\n"),
    "endless chunk size": goes_on(CHUNKED, b"0" * 4096),
    "endless trailer": goes_on(CHUNKED + b"0\r\n", b"X-T: " + b"x" * 9000 + b"\r\n"),
    "flood of empty gzip members": goes_on(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 200),
    "no HTTP": says("no http at all"),
    "two lengths": says("HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 7", b"12345"),
}
"""Answers that are none, as fast as they come."""

BROKEN_OFF: dict[str, Fault] = {
    "fewer bytes than announced": says("HTTP/1.1 200 OK\nContent-Length: 1000", b"only this"),
    "no last chunk": says("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"5\r\nhello\r\n"),
    "half a chunk": says("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"ff\r\nhello"),
    "half a gzip": says("HTTP/1.1 200 OK\nContent-Encoding: gzip", gzip.compress(bytes(range(250)))[:-20]),
}
"""Bodies that end before their end."""


def _packed(times: int) -> bytes:
    body = b"x"
    for _ in range(times):
        body = gzip.compress(body)
    return body


ENDLESS_BODY = goes_on(OK + b"\r\n", b"x" * 65_536)
GZIP_BOMB = says("HTTP/1.1 200 OK\nContent-Encoding: gzip", gzip.compress(b"\0" * 300_000_000))
BROTLI_BOMB = says("HTTP/1.1 200 OK\nContent-Encoding: br", brotli.compress(b"\0" * 300_000_000, quality=4))
BOMB_IN_A_REDIRECT = says("HTTP/1.1 302 Found\nLocation: /y\nContent-Encoding: gzip", gzip.compress(b"\0" * 300_000_000))
CHAIN_OF_CODINGS = says("HTTP/1.1 200 OK\nContent-Encoding: " + ", ".join(["gzip"] * 20), _packed(20))
