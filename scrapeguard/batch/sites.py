"""Which site a document belongs to: documents that may speak of one authority must be read together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from scrapeguard._url import parse_url
from scrapeguard.batch.columns import Document, documents_batch
from scrapeguard.batch.schema import DOCUMENTS
from scrapeguard.errors import InvalidUrl
from scrapeguard.guard import site_of
from scrapeguard.terms.known import known_elsewhere

SITED = pa.schema([pa.field("site", pa.string(), nullable=False), *DOCUMENTS])
"""`DOCUMENTS` with the column by which a stream is sorted."""


@lru_cache(maxsize=65_536)
def _site(host: str) -> str:
    return site_of(host)


def sites_of(url: str) -> tuple[str, ...]:
    """The registrable domains that a document at ``url`` may speak for: its own, and those whose known terms it is.

    >>> sites_of("https://help.example.com/terms"), sites_of("no URL")
    (('example.com',), ('no URL',))
    """
    try:
        parsed = parse_url(url)
    except InvalidUrl:
        return (url,)
    return (_site(parsed.host), *(s for s in known_elsewhere(str(parsed)) if s != _site(parsed.host)))


def sited_batch(rows: Sequence[tuple[str, Document]]) -> Any:
    """Documents, each with its site, as a RecordBatch of `SITED`."""
    batch = documents_batch([document for _, document in rows])
    sites = pa.array([site for site, _ in rows], pa.string())
    return pa.RecordBatch.from_arrays([sites, *batch.columns], schema=SITED)


def with_sites(batch: Any) -> Any:
    """A RecordBatch of `DOCUMENTS` with the column ``site``; a document that speaks for several sites stands once for each."""
    rows: list[int] = []
    sites: list[str] = []
    for number, url in enumerate(batch.column(batch.schema.get_field_index("url")).to_pylist()):
        for site in sites_of(url or ""):
            rows.append(number)
            sites.append(site)
    taken = batch if len(rows) == batch.num_rows else batch.take(pa.array(rows, pa.int64()))
    return pa.RecordBatch.from_arrays([pa.array(sites, pa.string()), *taken.columns], schema=SITED)
