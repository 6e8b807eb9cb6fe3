"""Keeping what was fetched, read and decided: one SQLite file, or a PostgreSQL server for a fleet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scrapeguard._url import parse_url
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.kept import SiteReading
from scrapeguard.model.ports import Store
from scrapeguard.robots import product_token

__all__ = ["open_store", "readings_of"]


def open_store(where: str | Path | Store, *, optional: bool = False) -> Store:
    """A store by the path of its file or by its URL (``sqlite:///policies.db``, ``postgresql://host/name``).

    The file is made on first use, its folder is not. ``optional`` says to go on without the store where it fails: the failure is
    logged once and stands in ``store.error``. A store that is open already is given back as it is.

    Raises `StoreError` when it cannot be opened, was written by a newer version, or is no store, unless it is ``optional``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = open_store(f"{folder}/policies.db")
    ...     digest = store.add_snapshot(b"User-agent: *")
    ...     print(store.snapshot(digest))
    ...     store.close()
    b'User-agent: *'
    """
    if optional:
        from scrapeguard.store.optional import OptionalStore  # noqa: PLC0415 - loaded where it is asked for

        return OptionalStore(where)
    if not isinstance(where, str | Path):
        return where
    from scrapeguard.store.sql import SqlStore  # noqa: PLC0415 - loads SQLAlchemy

    return SqlStore(where)


def readings_of(site: str, where: str | Path | Store, *, agent: str | None = None) -> Sequence[SiteReading]:
    """Every different reading of a site by one crawler, in the order of time; there is at least one.

    ``site`` is a URL or a host, ``where`` a store or where it is. ``agent`` is needed where several crawlers read the site.
    Raises `ScrapeguardError` where there is no store, no reading, or more than one crawler; `InvalidUrl`, `StoreError`.

    >>> import scrapeguard, tempfile
    >>> page = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /p"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with scrapeguard.Guard("examplebot", transport=page, store=f"{folder}/policies.db") as guard:
    ...         policy = guard.site("https://example.com/")
    ...         [[p.about for p in reading.provisions] for reading in readings_of("example.com", guard.store)]
    [['/p']]
    """
    if isinstance(where, str | Path) and "://" not in str(where) and not Path(where).exists():
        raise ScrapeguardError(f"{where}: there is no such store; give the path that --store had when sites were read")
    authority = parse_url(site if "://" in site else f"https://{site}/").authority
    store = open_store(where)
    try:
        found = store.readings(authority, product_token(agent) if agent else None)
    finally:
        if store is not where:
            store.close()
    if not found:
        raise ScrapeguardError(f"{authority}: the store has no reading of it")
    crawlers = sorted({reading.product_token for reading in found})
    if len(crawlers) > 1:
        raise ScrapeguardError(f"{authority}: read as {', '.join(crawlers)}; say which agent's readings count")
    return found
