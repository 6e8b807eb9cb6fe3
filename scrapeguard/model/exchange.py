"""What goes out and what comes back: requests, responses, and failures as data (never as exceptions)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RequestKind(StrEnum):
    """Which reader a document is for (see `scrapeguard.read`)."""

    ROBOTS = "robots"
    HOME = "home"
    TERMS = "terms"
    TDMREP = "tdmrep"
    TDM_POLICY = "tdm-policy"
    AI_TXT = "ai-txt"
    TRUST_TXT = "trust-txt"
    RSL = "rsl"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Request:
    """One document that a `SiteAudit` wants.

    ``url`` is to be fetched now; ``origin`` is the URL first asked for, when ``hop`` redirects led here. ``via`` says in
    words for people why the document is wanted (``"known table"``, ``"link 'Terms' on https://…"``). ``delay`` is the
    Crawl-delay in seconds that the authority's robots.txt asks of this crawler between two requests. ``validators`` are the
    header fields that ask for the document only if it has changed (RFC 9110 §13.1).
    """

    url: str
    kind: RequestKind
    via: str = ""
    origin: str = ""
    hop: int = 0
    delay: float = 0.0
    validators: tuple[tuple[str, str], ...] = ()

    @property
    def asked(self) -> str:
        """The URL this document was first looked for at."""
        return self.origin or self.url


def _pairs(headers: Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if isinstance(headers, tuple) or not isinstance(headers, Mapping):  # a tuple first: the question is cheaper
        return tuple([(str(k), str(v)) for k, v in headers])
    return tuple(
        (name, text)
        for name, value in headers.items()
        for text in ([value] if isinstance(value, str) else [str(v) for v in value])
    )


@dataclass(frozen=True, slots=True)
class Response:
    """A document as it came: final URL of this hop, status, header fields in order, body after content decoding.

    ``headers`` may be given as a mapping (a value may be a list: one field each) or as pairs; ``body`` as text or bytes.
    ``fetched_at`` is an aware datetime, or None when nobody knows. ``truncated`` says that the body was cut at a limit.
    ``held`` marks what the caller already had (a file, an archive) and nobody fetched now. ``note`` says in words what is odd
    about the way it came (an old copy, because the site does not answer); it joins the evidence.

    >>> Response("https://example.com/robots.txt", headers={"Content-Type": "text/plain"}, body="").header("content-type")
    'text/plain'
    """

    url: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fetched_at: datetime | None = None
    truncated: bool = False
    held: bool = False
    note: str = ""
    sha256: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if isinstance(self.body, str):
            object.__setattr__(self, "body", self.body.encode())
        object.__setattr__(self, "headers", _pairs(self.headers))
        object.__setattr__(self, "sha256", hashlib.sha256(self.body).hexdigest())

    def header(self, name: str) -> str | None:
        """The first value of a field, names compared without case (RFC 9110 §5.1), or None."""
        wanted = name.lower()
        for k, v in self.headers:
            if k.lower() == wanted:
                return v
        return None

    def header_values(self, name: str) -> tuple[str, ...]:
        """All values of a field, one a header line, in order; never joined."""
        wanted = name.lower()
        return tuple([v for k, v in self.headers if k.lower() == wanted])


class FailureReason(StrEnum):
    """Why there is no response at all.

    ``encoding``: a content coding that was not asked for, a chain of them, or a body that is not what its coding says.
    ``address-refused``: the host is not at a public address. ``deferred``: the server asked to wait (Retry-After).
    ``render``: a browser was to build the page and could not.
    """

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    ENCODING = "encoding"
    ADDRESS_REFUSED = "address-refused"
    PROTOCOL = "protocol"
    DEFERRED = "deferred"
    RENDER = "render"
    NOT_RECORDED = "not-recorded"
    NOT_SENT = "not-sent"


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """No answer came: the network's trouble as data. ``detail`` is one sentence for people."""

    url: str
    reason: FailureReason
    detail: str = ""
    fetched_at: datetime | None = None


Exchange = Response | FetchFailure
"""What a transport gives back for a request."""
