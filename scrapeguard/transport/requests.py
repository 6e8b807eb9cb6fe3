"""The network, through requests: one hop a call, bounded in bytes and time, public addresses only, at a polite pace."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import requests
import urllib3
from requests_hardened import Config, HTTPSession
from urllib3.util import Retry

from scrapeguard._url import Url, parse_url
from scrapeguard._version import __version__
from scrapeguard.errors import InvalidAgent, InvalidUrl
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import Clock
from scrapeguard.transport.addresses import BAD_PORTS, AddressRefused, is_public, literal
from scrapeguard.transport.decoding import ACCEPT_ENCODING, BrokenOff, CodingRefused, coding_of, decoded
from scrapeguard.transport.politeness import MAX_DELAY, RETRY_AFTER_CAP, Deferred, Politeness
from scrapeguard.transport.wire import ALLOWANCE, Allowance, CheckedAdapter, TooManyBytes, tls_context

ROBOTS_LIMIT = 512_000
"""500 KiB: what RFC 9309 §2.5 asks a parser to read at least, and what Google's reads at most."""
DOCUMENT_LIMIT = 5 * 1024 * 1024
"""5 MiB after content decoding for every other document: the longest terms page known is under 1 MiB of text."""
CONNECT_TIMEOUT = 10.0
"""Seconds to a connection (Nutch: 10)."""
READ_TIMEOUT = 10.0
"""Seconds between two reads."""
BUDGET = 30.0
"""Seconds for a whole document with its retries, however steadily it drips; waiting for one's turn does not count."""
RETRIES = Retry(
    total=2,
    connect=1,
    read=1,
    status=1,
    redirect=0,
    other=0,
    status_forcelist=(429, 502, 503, 504),
    backoff_factor=0.5,
    retry_after_max=int(RETRY_AFTER_CAP),
    raise_on_status=False,
)
"""One more try after a refused or broken connection and after 429, 502, 503 and 504, as far as the budget reaches."""

_LEAST_WAIT = 0.5
_OVERHEAD = 1024 * 1024
_CHUNK = 16_384
_ACCEPT = "text/plain, text/html, application/xhtml+xml, application/json, text/markdown, */*;q=0.5"

_Cause = urllib3.BaseHTTPResponse | Exception | None
"""What another try would be made for; None where there is no reason for one."""


class RequestsTransport:
    """Fetches over http and https.

    ``user_agent`` is sent as is; let it name your crawler and a page about it: ``examplebot/1.0 (+https://example.com/bot)``.
    ``allow_private`` lets loopback and private addresses through (tests, intranets). Redirects come back as responses for the
    caller to judge. No cookies are kept. ``trust_env`` True takes proxies and netrc from the environment; behind a proxy, it is
    the proxy that resolves names, and the proxy's duty to keep private addresses out of reach.

    ``budget``, ``connect_timeout`` and ``read_timeout`` are seconds; ``retries`` is urllib3's ``Retry``; ``min_delay`` and
    ``max_delay`` are the least and the longest time between two requests to an authority, in seconds; ``ca_file`` is a PEM file
    with the certificates to trust instead of Mozilla's; ``connections`` is how many authorities keep a connection open.

    One transport serves any number of threads, with one connection an authority. Network trouble comes back as a
    `FetchFailure`, never as an exception. Raises `InvalidAgent` for a User-Agent that no header field can carry.

    >>> transport = RequestsTransport("examplebot/1.0 (+https://example.com/bot)")
    >>> transport.send(Request("http://169.254.169.254/latest/meta-data", RequestKind.TERMS)).reason.value
    'address-refused'
    """

    live = True

    def __init__(
        self,
        user_agent: str = f"scrapeguard/{__version__}",
        allow_private: bool = False,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        budget: float = BUDGET,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        retries: Retry = RETRIES,
        min_delay: float = 0.0,
        max_delay: float = MAX_DELAY,
        trust_env: bool = False,
        ca_file: str | None = None,
        connections: int = 64,
    ) -> None:
        if not user_agent.strip():
            raise InvalidAgent(f"{user_agent!r} names no crawler; write for instance examplebot/1.0 (+https://example.com/bot)")
        if not (user_agent.isascii() and user_agent.isprintable()):
            raise InvalidAgent(f"{user_agent!r} cannot stand in a User-Agent field; write printable ASCII")
        self.user_agent = user_agent
        self._clock = clock
        self._allow_private = allow_private
        self._limits = {"budget": budget, "connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._retries = retries
        self._politeness = Politeness(min_delay=min_delay, max_delay=max_delay)
        self._session = _Session(user_agent, CheckedAdapter(tls_context(ca_file), connections=connections))
        self._session.trust_env = trust_env

    def close(self) -> None:
        """Close the connections that are kept open; the transport may still be used."""
        self._session.close()

    def send(self, request: Request) -> Exchange:
        """One GET, no redirect followed."""
        try:
            url = parse_url(request.url)
        except InvalidUrl as error:
            return self._failure(request, FailureReason.PROTOCOL, str(error))
        if url.port in BAD_PORTS:
            return self._failure(request, FailureReason.ADDRESS_REFUSED, f"port {url.port} is another protocol's")
        address = literal(url.host)
        if address and not self._allow_private and not is_public(address):
            return self._failure(request, FailureReason.ADDRESS_REFUSED, f"{address} is not a public address")
        try:
            with self._politeness.turn(url.authority, delay=request.delay):
                return self._fetch(request, url)
        except Deferred as error:
            return self._failure(request, FailureReason.DEFERRED, str(error))

    def _fetch(self, request: Request, url: Url) -> Exchange:
        """Tries until an answer stands, the retries are used up, or the budget does not reach for another one."""
        limit = ROBOTS_LIMIT if request.kind is RequestKind.ROBOTS else DOCUMENT_LIMIT
        allowance = Allowance(**self._limits, wire_bytes=limit + _OVERHEAD, allow_private=self._allow_private)
        retry = self._retries
        while True:
            exchange, cause = self._attempt(request, url, allowance, limit)
            asked = _retry_after(retry, cause)
            try:
                retry = _counted(retry, url, cause)
            except urllib3.exceptions.HTTPError:
                break
            wait = max(asked, retry.get_backoff_time(), _LEAST_WAIT, min(request.delay, self._politeness.max_delay))
            if wait >= allowance.left:
                break
            time.sleep(wait)
            allowance.bytes_left = limit + _OVERHEAD
        if asked:
            self._politeness.pause(url.authority, asked)
        return exchange

    def _attempt(self, request: Request, url: Url, allowance: Allowance, limit: int) -> tuple[Exchange, _Cause]:
        token = ALLOWANCE.set(allowance)
        try:
            with self._session.open(url, request.validators) as answer:
                exchange = self._read(request, answer, limit)
                return exchange, answer.raw if answer.status_code in self._retries.status_forcelist else None
        except AddressRefused as error:
            return self._failure(request, FailureReason.ADDRESS_REFUSED, str(error)), None
        except (CodingRefused, BrokenOff) as error:
            reason = FailureReason.TRUNCATED if isinstance(error, BrokenOff) else FailureReason.ENCODING
            return self._failure(request, reason, str(error)), None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if not allowance.left:
                detail = f"the document took longer than {self._limits['budget']:g} s"
                return self._failure(request, FailureReason.TIMEOUT, detail), None
            return self._trouble(request, error)
        finally:
            ALLOWANCE.reset(token)

    def _read(self, request: Request, answer: requests.Response, limit: int) -> Exchange:
        headers = tuple((str(k), str(v)) for k, v in answer.raw.headers.items())
        if answer.is_redirect:  # its body says nothing to a crawler, and is where bombs hide
            return Response(request.url, answer.status_code, _with_utf8_location(headers), b"", self._clock())
        coding = coding_of([v for k, v in headers if k.lower() == "content-encoding"])
        body, truncated = decoded(_chunks(answer.raw), coding, limit=limit)
        return Response(request.url, answer.status_code, headers, body, self._clock(), truncated=truncated)

    def _trouble(self, request: Request, error: Exception) -> tuple[FetchFailure, _Cause]:
        """The failure that an exception stands for, and the cause for another try where there is one."""
        chain = list(_chain(error))
        known: tuple[tuple[type[BaseException], FailureReason, str], ...] = (
            (TooManyBytes, FailureReason.PROTOCOL, "{}"),
            (ssl.SSLError, FailureReason.TLS, "TLS failed: {}"),
            (urllib3.exceptions.SSLError, FailureReason.TLS, "TLS failed: {}"),
            (urllib3.exceptions.NameResolutionError, FailureReason.DNS, "{}"),
            (http.client.IncompleteRead, FailureReason.TRUNCATED, "the body broke off: {}"),  # urllib3's is one
            (urllib3.exceptions.NewConnectionError, FailureReason.CONNECT, "{}"),
            (urllib3.exceptions.ProxyError, FailureReason.CONNECT, "the proxy: {}"),
            (urllib3.exceptions.ConnectTimeoutError, FailureReason.TIMEOUT, "{}"),
            (TimeoutError, FailureReason.TIMEOUT, f"nothing came for {self._limits['read_timeout']:g} s"),
        )
        for kind, reason, sentence in known:
            found = next((e for e in chain if isinstance(e, kind)), None)
            if found is not None:
                again = found if type(found) is urllib3.exceptions.NewConnectionError else None
                return self._failure(request, reason, sentence.format(_short(found))), again
        broken = next((e for e in chain if isinstance(e, ConnectionError)), None)
        if broken is not None:  # reset, or closed before an answer: a kept connection may have been closed meanwhile
            cut = urllib3.exceptions.ProtocolError(str(broken))
            return self._failure(request, FailureReason.CONNECT, f"the connection broke: {_short(broken)}"), cut
        return self._failure(request, FailureReason.PROTOCOL, f"no HTTP that can be read: {_short(chain[-1])}"), None

    def _failure(self, request: Request, reason: FailureReason, detail: str) -> FetchFailure:
        return FetchFailure(request.url, reason, detail, self._clock())


class _Session(HTTPSession):  # type: ignore[misc] # requests-hardened ships no types
    """A session that keeps no cookies and leaves redirects and their bodies alone."""

    def __init__(self, user_agent: str, adapter: CheckedAdapter) -> None:
        # requests-hardened's own filter stays off: it connects to the first answer of a resolver alone, and lets
        # fec0::1 and ::127.0.0.1 through; the adapter judges every answer and the peer, by its list and more.
        super().__init__(Config(False, False, never_redirect=True, default_timeout=READ_TIMEOUT, user_agent_override=user_agent))
        self.cookies.set_policy(_no_cookies())
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def open(self, url: Url, validators: tuple[tuple[str, str], ...]) -> requests.Response:
        """Send a GET for exactly this URL; the body is not read yet."""
        fields = {"Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING, **dict(validators)}
        prepared = self.prepare_request(requests.Request("GET", str(url), headers=fields))
        prepared.url = str(url)  # requests would remove dot segments and decode escapes: another URL than was judged
        settings = self.merge_environment_settings(prepared.url, {}, True, True, None)
        answer: requests.Response = self.send(prepared, timeout=ALLOWANCE.get().read_timeout, **settings)
        return answer

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Redirects are the caller's to judge; requests would read the body of one to prepare the next request."""


def _no_cookies() -> Any:
    from http.cookiejar import DefaultCookiePolicy  # noqa: PLC0415 - needed once

    return DefaultCookiePolicy(allowed_domains=())


def _chunks(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    while chunk := raw.read1(_CHUNK, decode_content=False):
        yield chunk


def _with_utf8_location(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """http.client reads field values as Latin-1; servers write UTF-8 into Location."""
    return tuple((k, _as_utf8(v) if k.lower() == "location" else v) for k, v in headers)


def _as_utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _counted(retry: Retry, url: Url, cause: _Cause) -> Retry:
    """The retries left after another one for this cause. Raises urllib3's `HTTPError` where none is left or none is due."""
    if cause is None:
        raise urllib3.exceptions.HTTPError
    if isinstance(cause, Exception):
        return retry.increment("GET", str(url), error=cause)
    return retry.increment("GET", str(url), response=cause)


def _retry_after(retry: Retry, cause: _Cause) -> float:
    """Seconds that a ``Retry-After`` asks for, in either form (RFC 9110 §10.2.3), capped; 0 where it says nothing."""
    if not isinstance(cause, urllib3.BaseHTTPResponse):
        return 0.0
    try:
        return max(0.0, retry.get_retry_after(cause) or 0.0)
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return 0.0


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was raised for, outermost first."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        found = waiting.pop(0)
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            within = (getattr(found, "reason", None), *found.args, found.__cause__, found.__context__)
            waiting += [e for e in within if isinstance(e, BaseException)]


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.rpartition("): ")[2] if isinstance(error, urllib3.exceptions.HTTPError) else text  # which pool it was
    return text if len(text) <= 200 else text[:200] + "…"
