"""Scrapy's responses and errors as this library's exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from scrapy import http

from scrapeguard.model.exchange import FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.signals import is_silent
from scrapeguard.transport.requests import DOCUMENT_LIMIT, ROBOTS_LIMIT

_CUT = {"dataloss", "partial", "download_stopped"}
"""Response flags by which Scrapy's download handlers say that a body is not whole."""

_REASONS: Mapping[str, FailureReason] = MappingProxyType(
    {
        "CannotResolveHostError": FailureReason.DNS,
        "DNSLookupError": FailureReason.DNS,
        "UnknownHostError": FailureReason.DNS,
        "DownloadTimeoutError": FailureReason.TIMEOUT,
        "TimeoutError": FailureReason.TIMEOUT,
        "UserTimeoutError": FailureReason.TIMEOUT,
        "DownloadConnectionRefusedError": FailureReason.CONNECT,
        "ConnectError": FailureReason.CONNECT,
        "SSLError": FailureReason.TLS,
        "VerificationError": FailureReason.TLS,
        "ConnectionLost": FailureReason.TRUNCATED,
        "ConnectionDone": FailureReason.TRUNCATED,
        "ResponseDataLossError": FailureReason.TRUNCATED,
        "ResponseFailed": FailureReason.TRUNCATED,
        "DownloadCancelledError": FailureReason.TRUNCATED,
        "IgnoreRequest": FailureReason.NOT_SENT,
        "UnsupportedURLSchemeError": FailureReason.PROTOCOL,
    }
)
"""Names of exceptions, since they moved from Twisted's modules into Scrapy's with Scrapy 2.18; a base class counts too."""


def fields(response: http.Response) -> list[tuple[str, str]]:
    """The header fields as pairs, one a line; bytes are read as RFC 9110 §5.5 has it."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values or ()
    ]


def is_silent_page(response: http.Response) -> bool:
    """True where the page says nothing of its own use, which is known before it is made a response of ours."""
    kind = response.headers.get("Content-Type")
    return is_silent(
        response.url,
        response.status,
        names=[name.decode("latin-1").lower() for name in response.headers],
        content_type=kind.decode("latin-1") if kind else "",
        body=response.body,
    )


def page_of(response: http.Response, url: str) -> Response:
    """A page that a spider is about to get."""
    return Response(
        url, response.status, tuple(fields(response)), response.body, datetime.now(UTC), not _CUT.isdisjoint(response.flags)
    )


def document_of(request: Request, response: http.Response) -> Response:
    """The answer to a request for a policy document, cut at the limits that every transport of this library keeps."""
    limit = ROBOTS_LIMIT if request.kind is RequestKind.ROBOTS else DOCUMENT_LIMIT
    body = response.body
    cut = len(body) > limit or not _CUT.isdisjoint(response.flags)
    return Response(request.url, response.status, tuple(fields(response)), body[:limit], datetime.now(UTC), cut)


def failure_of(request: Request, error: BaseException | None) -> FetchFailure:
    """What kept an answer from coming."""
    names = (cls.__name__ for cls in type(error).__mro__)
    reason = next((_REASONS[name] for name in names if name in _REASONS), FailureReason.PROTOCOL)
    words = " ".join(str(error).split())[:200]
    name = type(error).__name__
    return FetchFailure(request.url, reason, f"{name}: {words}" if words else name, datetime.now(UTC))
