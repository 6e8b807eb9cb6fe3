"""Writes the file of the present schema under ``released/``, which later versions must open. Run once, at its release."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from scrapeguard.guard import Guard
from scrapeguard.store.schema import SCHEMA_VERSION
from scrapeguard.transport.memory import MemoryTransport

if __name__ == "__main__":
    path = Path(__file__).parent / "released" / f"{SCHEMA_VERSION}.db"
    path.unlink(missing_ok=True)
    site = MemoryTransport({"https://example.com/robots.txt": "User-agent: *\nDisallow: /private"})
    with Guard("examplebot/1.0", transport=site, store=path) as guard:
        decision = guard.allowed("https://example.com/private", "search")
        guard.override(decision, reason="a test", by="A. Person")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("VACUUM")
    connection.close()
