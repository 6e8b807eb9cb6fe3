"""Items that carry the id of the decision under which their page was fetched and used, where a project asks for it.

A spider middleware and no item pipeline: a pipeline is not told which response an item came from.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from itemadapter import ItemAdapter
from scrapy import http
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from scrapeguard.integrations.scrapy.signals import DECISION
from scrapeguard.model.decision import Decision


class ItemDecisions(BaseSpiderMiddleware):
    """Writes the decision's id into the field that ``SCRAPEGUARD_ITEM_FIELD`` names; without it, does nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._field: str | None = crawler.settings.get("SCRAPEGUARD_ITEM_FIELD")
        if not self._field:
            raise NotConfigured

    def get_processed_item(self, item: Any, response: http.Response | None) -> Any:
        """The item, stamped when it came from a page that was judged."""
        decision = response.meta.get(DECISION) if response is not None else None
        if decision is not None and self._field:
            ItemAdapter(item)[self._field] = decision_id(decision)
        return item


def decision_id(decision: Decision) -> str:
    """The digest of everything the decision says, its time included: SHA-256 over its JSON form, in hex.

    >>> import scrapeguard
    >>> guard = scrapeguard.Guard(agent="examplebot", transport=scrapeguard.MemoryTransport({}))
    >>> len(decision_id(guard.allowed("https://example.com/", "search")))
    64
    """
    written = json.dumps(decision.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
