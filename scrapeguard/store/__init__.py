"""Keeping what was fetched, read and decided: one SQLite file, or a PostgreSQL server for a fleet."""

from __future__ import annotations

from pathlib import Path

from scrapeguard.model.ports import Store

__all__ = ["open_store"]


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
