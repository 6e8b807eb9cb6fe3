"""Fetching one document as a command, redirects followed, each hop asked for under robots.txt where that is to be obeyed."""

from __future__ import annotations

from collections.abc import Callable

from scrapeguard._url import join, parse_url
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.exchange import Exchange, Request, RequestKind, Response
from scrapeguard.model.ports import Transport
from scrapeguard.robots.availability import MAX_REDIRECTS

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NotAsked(ScrapeguardError):
    """An address was not asked for: why."""


def follow(
    transport: Transport, url: str, kind: RequestKind, *, refusal: Callable[[str], str] | None = None
) -> Exchange:
    """The last answer after at most five redirects (RFC 9309 §2.3.1.2 asks for as many).

    ``refusal`` says why an address may not be fetched, or ``""``. Raises `NotAsked` with its words, `InvalidUrl`.
    """
    target = str(parse_url(url))
    for hop in range(MAX_REDIRECTS + 1):
        if refusal is not None and (why := refusal(target)):
            raise NotAsked(why)
        exchange = transport.send(Request(target, kind, origin=url if hop else "", hop=hop))
        following = _location(exchange)
        if following is None:
            break
        target = following
    return exchange


def _location(exchange: Exchange) -> str | None:
    """Where an answer leads, if it does."""
    if not isinstance(exchange, Response) or exchange.status not in REDIRECTS:
        return None
    return join(exchange.url, exchange.header("location") or "")


def is_redirect(exchange: Exchange) -> bool:
    """True for an answer that names another address."""
    return isinstance(exchange, Response) and exchange.status in REDIRECTS
