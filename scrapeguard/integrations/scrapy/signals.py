"""What the integration tells other components, and by which names they meet it in ``Request.meta`` and ``Response.flags``."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from scrapeguard.errors import Denied

decision_made = object()
"""Sent with ``decision``, ``request`` and ``response`` (None before the download) whenever a request has been judged."""

PURPOSE = "scrapeguard_purpose"
"""Meta key, read: the purpose of this request, instead of the crawl's."""

SKIP = "scrapeguard_skip"
"""Meta key, read: True lets the request and its response pass unjudged."""

DECISION = "scrapeguard_decision"
"""Meta key, written: the `Decision`; after the download the one that knows the page."""

POLICY = "scrapeguard_policy"
"""Meta key, written: which policy document a request of this library is for. Such requests are not judged."""

DENIED_FLAG = "scrapeguard-denied"
"""Response flag: the page may not be used for the purpose, and was let through because the settings say ``flag``."""

UNKNOWN_FLAG = "scrapeguard-unknown"
"""Response flag: not all sources could be read, and the page was let through because the settings say ``flag``."""


class RequestDenied(Denied, IgnoreRequest):
    """The IgnoreRequest of a request that is not allowed; an errback finds the `Decision` in ``failure.value.decision``."""


class RequestNotJudged(IgnoreRequest):
    """The IgnoreRequest of a request whose URL nobody can judge; the message says what is wrong with it."""
