"""A live site played from a mapping: for tests, examples and notebooks without a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from scrapeguard._url import parse_url
from scrapeguard.model.exchange import Exchange, FetchFailure, Request, Response
from scrapeguard.model.ports import Clock

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of every answer unless a clock is given: the same mapping gives the same Decision on every day."""


class MemoryTransport:
    """Answers from ``{url: Response | bytes | str | FetchFailure}``; any other URL answers 404, as a live site would.

    ``clock`` stamps answers that carry no time. ``requests`` lists what was asked, in order.

    >>> from scrapeguard.model.exchange import Request, RequestKind
    >>> site = MemoryTransport({"https://example.com/robots.txt": b"User-agent: *"})
    >>> site.send(Request("https://example.com/robots.txt", RequestKind.ROBOTS)).status
    200
    >>> site.send(Request("https://example.com/terms", RequestKind.TERMS)).status
    404
    """

    live = True

    def __init__(self, site: Mapping[str, Response | FetchFailure | bytes | str], clock: Clock | None = None) -> None:
        self._site = {str(parse_url(url)): answer for url, answer in site.items()}
        self.clock: Clock = clock or (lambda: EPOCH)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Exchange:
        """The mapping's answer for this URL."""
        self.requests.append(request)
        answer = self._site.get(request.url)
        if answer is None:
            return Response(request.url, 404, (("Content-Type", "text/plain"),), b"", self.clock())
        if isinstance(answer, bytes | str):
            answer = Response(request.url, 200, (), answer.encode() if isinstance(answer, str) else answer)
        return answer if answer.fetched_at else replace(answer, fetched_at=self.clock())
