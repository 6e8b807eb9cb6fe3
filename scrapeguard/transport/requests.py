"""The network, through requests: one hop a call, bounded in bytes and time, public addresses only."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from typing import Any

import requests
import urllib3
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress

from scrapeguard._url import parse_url
from scrapeguard._version import __version__
from scrapeguard.errors import InvalidUrl
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import Clock

ROBOTS_LIMIT = 512_000
"""500 KiB: what RFC 9309 §2.5 asks a parser to read at least, and what Google's reads at most."""
DOCUMENT_LIMIT = 5 * 1024 * 1024
"""5 MiB after content decoding for every other document: the longest terms page known is under 1 MiB of text."""
CONNECT_TIMEOUT = 10.0
"""Seconds to a connection (Nutch: 10)."""
READ_TIMEOUT = 10.0
"""Seconds between two reads."""
BUDGET = 30.0
"""Seconds for a whole document, however steadily it drips."""
_CHUNK = 16_384


class RequestsTransport:
    """Fetches over http and https.

    ``user_agent`` is sent as is; ``allow_private`` lets loopback and private addresses through (tests, intranets). Redirects
    come back as responses for the caller to judge. No cookies are kept, no proxy or netrc is taken from the environment.

    Network trouble comes back as a `FetchFailure`, never as an exception.
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
    ) -> None:
        self.user_agent = user_agent
        self._clock = clock
        self._budget = budget
        self._timeout = (connect_timeout, read_timeout)
        self._session = HTTPSession(
            Config(
                ip_filter_enable=not allow_private,
                ip_filter_allow_loopback_ips=False,
                never_redirect=True,
                default_timeout=self._timeout,
                user_agent_override=user_agent,
            )
        )
        self._session.trust_env = False

    def send(self, request: Request) -> Exchange:
        """One GET, no redirect followed."""
        try:
            url = str(parse_url(request.url))
        except InvalidUrl as error:
            return self._failure(request, FailureReason.PROTOCOL, str(error))
        limit = ROBOTS_LIMIT if request.kind is RequestKind.ROBOTS else DOCUMENT_LIMIT
        deadline = time.monotonic() + self._budget
        try:
            self._session.cookies.clear()
            with self._session.get(
                url, stream=True, timeout=self._timeout, headers={"Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"}
            ) as answer:
                return self._read(request, answer, limit, deadline)
        except InvalidIPAddress as error:
            return self._failure(
                request, FailureReason.ADDRESS_REFUSED, f"the host resolves to {error}, which is not public"
            )
        except requests.exceptions.SSLError as error:
            return self._failure(request, FailureReason.TLS, f"TLS failed: {_short(error)}")
        except requests.exceptions.ConnectTimeout:
            return self._failure(request, FailureReason.TIMEOUT, f"no connection within {self._timeout[0]:g} s")
        except (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
            return self._failure(request, FailureReason.TIMEOUT, f"no answer within {self._timeout[1]:g} s")
        except requests.exceptions.ConnectionError as error:
            return self._failure(request, _connect_reason(error), _short(error))
        except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.IncompleteRead) as error:
            return self._failure(request, FailureReason.TRUNCATED, f"the body broke off: {_short(error)}")
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return self._failure(request, FailureReason.PROTOCOL, f"{type(error).__name__}: {_short(error)}")

    def _read(self, request: Request, answer: requests.Response, limit: int, deadline: float) -> Exchange:
        headers = tuple((str(k), str(v)) for k, v in answer.raw.headers.items())
        if answer.is_redirect:
            return Response(request.url, answer.status_code, headers, b"", self._clock())
        chunks, size = [], 0
        for chunk in answer.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                break
            if time.monotonic() > deadline:
                return self._failure(
                    request, FailureReason.TIMEOUT, f"the document took longer than {self._budget:g} s"
                )
        body = b"".join(chunks)
        return Response(request.url, answer.status_code, headers, body[:limit], self._clock(), truncated=size > limit)

    def _failure(self, request: Request, reason: FailureReason, detail: str) -> FetchFailure:
        return FetchFailure(request.url, reason, detail, self._clock())


_ACCEPT = "text/plain, text/html, application/xhtml+xml, application/json, text/markdown, */*;q=0.5"


def _connect_reason(error: BaseException) -> FailureReason:
    seen: Any = error
    while seen is not None:
        if isinstance(seen, urllib3.exceptions.NameResolutionError | socket.gaierror):
            return FailureReason.DNS
        if isinstance(seen, urllib3.exceptions.ProtocolError):
            return FailureReason.TRUNCATED if "IncompleteRead" in str(seen) else FailureReason.CONNECT
        seen = getattr(seen, "reason", None) or seen.__cause__ or seen.__context__
    return FailureReason.DNS if "resolve" in str(error) else FailureReason.CONNECT


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:200] + "…"
