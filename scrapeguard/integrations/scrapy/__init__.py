"""Scrapy: one line in ``settings.py``, and every request is judged.

::

    ADDONS = {"scrapeguard.integrations.scrapy.Addon": 300}
    SCRAPEGUARD_PURPOSE = "search"

Needs Scrapy 2.14 or newer; importing it installs no reactor.
"""

from __future__ import annotations

from scrapeguard.integrations.scrapy.addon import Addon
from scrapeguard.integrations.scrapy.items import ItemDecisions, decision_id
from scrapeguard.integrations.scrapy.middleware import ScrapeguardMiddleware
from scrapeguard.integrations.scrapy.signals import RequestDenied, RequestNotJudged, decision_made

__all__ = [
    "Addon",
    "ItemDecisions",
    "RequestDenied",
    "RequestNotJudged",
    "ScrapeguardMiddleware",
    "decision_id",
    "decision_made",
]
