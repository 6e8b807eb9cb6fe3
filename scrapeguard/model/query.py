"""The question: which URL, for what, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scrapeguard.model.purpose import Purpose


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a `SitePolicy`.

    ``url`` is the URL as asked; ``target`` its path and query (RFC 9309 §2.2.2 compares these). ``product_token`` is the
    crawler's name in robots.txt. ``commercial`` None means that the caller did not say. ``retain`` says that what is fetched
    is stored (a vector index). ``user`` (``commercial``, ``education``, …) and ``country`` (ISO 3166-1 alpha-2) are what RSL
    licences ask of the operator. ``now`` is the time of the question; without it nothing that ends at a date is judged ended.
    """

    url: str
    target: str
    purpose: Purpose
    product_token: str
    commercial: bool | None = None
    retain: bool = False
    user: str | None = None
    country: str | None = None
    now: datetime | None = None
