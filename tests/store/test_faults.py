"""A store that cannot be used says so in one sentence and what to do; deciding goes on where the caller said so."""

from __future__ import annotations

import logging
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scrapeguard.errors import StoreError
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.store import open_store, schema
from scrapeguard.store.optional import REST, OptionalStore
from scrapeguard.store.sql import SqlStore
from scrapeguard.testing import EPOCH
from scrapeguard.transport.memory import MemoryTransport

ROOT = Path(__file__).resolve().parents[2]
URL = "https://example.com/private"


def site() -> MemoryTransport:
    return MemoryTransport({"https://example.com/robots.txt": "User-agent: *\nDisallow: /private"})


def a_file_where_the_folder_should_be(folder: Path) -> str:
    (folder / "file").write_text("")
    return str(folder / "file" / "policies.db")


def no_folder(folder: Path) -> str:
    return str(folder / "none" / "policies.db")


def read_only(folder: Path) -> str:
    """Root may write what its mode forbids, so SQLite itself is told that the file is not to be written."""
    SqlStore(folder / "policies.db").close()
    return f"sqlite:///file:{folder / 'policies.db'}?mode=ro&uri=true"


def no_database(folder: Path) -> str:
    (folder / "policies.db").write_bytes(b"this is no database, but it is long enough to be looked at" * 20)
    return str(folder / "policies.db")


def damaged(folder: Path) -> str:
    path = folder / "policies.db"
    with Guard("examplebot", transport=site(), store=path) as guard:
        for number in range(50):
            guard.allowed(f"{URL}/{number}", "search")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    path.write_bytes(content)
    return str(path)


def somebody_elses(folder: Path) -> str:
    with sqlite3.connect(folder / "policies.db") as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    return str(folder / "policies.db")


def newer(folder: Path) -> str:
    SqlStore(folder / "policies.db").close()
    with sqlite3.connect(folder / "policies.db") as connection:
        connection.execute("UPDATE scrapeguard SET value = '99' WHERE name = 'schema'")
    connection.close()
    return str(folder / "policies.db")


FAULTS: dict[Callable[[Path], str], str] = {
    a_file_where_the_folder_should_be: "make its folder",
    no_folder: "make its folder",
    read_only: "may not be written",
    no_database: "no database",
    damaged: "damaged",
    somebody_elses: "bookmarks",
    newer: "newer scrapeguard",
}


@pytest.mark.parametrize(("fault", "says"), FAULTS.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_choice_a_store_that_cannot_be_opened_says_which_and_what_to_do(
    tmp_path: Path, fault: Callable[[Path], str], says: str
) -> None:
    where = fault(tmp_path)
    with pytest.raises(StoreError, match=says) as caught:
        Guard("examplebot", transport=site(), store=where).allowed(URL, "search")
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("fault", FAULTS, ids=lambda v: v.__name__)
def test_choice_deciding_goes_on_without_the_store_and_says_so(
    tmp_path: Path, fault: Callable[[Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        guard = Guard("examplebot", transport=site(), store=fault(tmp_path), store_optional=True)
        found = [guard.allowed(f"{URL}/{n}", "search") for n in range(2)]
    assert found == [Guard("examplebot", transport=site()).allowed(f"{URL}/{n}", "search") for n in range(2)]
    assert isinstance(guard.store, OptionalStore)
    assert guard.store.error is not None
    assert caplog.text.count("going on without the store") == 1
    with pytest.raises(StoreError):
        guard.override(found[0], reason="a test", by="A. Person")
    guard.close()


@pytest.mark.parametrize(
    ("where", "says"),
    [("", "write the path"), ("oracle://host/x", "sqlite:///FILE"), ("sqlite://", "lost with the process"),
     ("sqlite:///:memory:", "lost with the process"), ("postgresql://u:secret@127.0.0.1:1/x", "does not answer")],
)
def test_choice_a_wrong_address_is_explained_without_its_password(where: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        open_store(where)
    assert "secret" not in str(caught.value)


def fill(store: SqlStore, decision: Decision) -> tuple[int, str]:
    """Write until the disk is full; how many Decisions were acknowledged, and what was said then."""
    for count in range(10_000):
        try:
            store.add_snapshot(bytes(f"{count}", "ascii") * 5000)
            store.add_decision(decision)
        except StoreError as error:
            return count, str(error)
    return 10_000, ""


def test_choice_a_full_disk_loses_nothing_acknowledged(tmp_path: Path) -> None:
    decision = Guard("examplebot", transport=site()).allowed(URL, "search")
    store = SqlStore(tmp_path / "policies.db")
    from sqlalchemy import event

    @event.listens_for(store._engine, "connect")
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count=60")

    store._engine.dispose()
    count, said = fill(store, decision)
    store.close()
    assert "the disk is full" in said
    again = SqlStore(tmp_path / "policies.db")
    assert count > 0
    assert len(list(again.decisions())) == count
    again.close()


def test_choice_a_full_disk_under_a_real_limit_of_the_system(tmp_path: Path) -> None:
    """A process whose files may not grow (RLIMIT_FSIZE) meets the error of the system, not SQLite's own."""
    code = f"""
import signal
from scrapeguard.errors import StoreError
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from tests.store.test_faults import site
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
guard = Guard("examplebot", transport=site(), store={str(tmp_path / "policies.db")!r})
kept = 0
try:
    while True:
        guard.allowed(f"https://example.com/private/{{kept}}", "search")
        guard.store.add_snapshot(str(kept).encode() * 5000)
        kept += 1
except StoreError as error:
    print(kept, error)
"""

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, preexec_fn=small, check=True)
    kept, _, said = ran.stdout.partition(" ")
    assert "policies.db" in said
    assert "disk" in said
    store = SqlStore(tmp_path / "policies.db")
    assert len(list(store.decisions())) >= int(kept) > 0
    store.close()


def test_choice_a_store_that_fails_later_is_gone_on_without(tmp_path: Path) -> None:
    guard = Guard("examplebot", transport=site(), store=tmp_path / "policies.db", store_optional=True)
    assert not guard.allowed(URL, "search").allowed
    assert isinstance(guard.store, OptionalStore)
    assert guard.store.error is None
    with sqlite3.connect(tmp_path / "policies.db") as connection:
        connection.execute("DROP TABLE exchanges")
        connection.execute("DROP TABLE decisions")
    connection.close()
    assert not guard.allowed(f"{URL}/2", "search").allowed
    assert not guard.allowed("https://other.example/", "reuse").allowed
    assert guard.store.error is not None
    guard.close()


def test_choice_a_store_that_failed_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(SqlStore):
        asked = 0

        def __init__(self) -> None:
            pass

        def snapshot(self, sha256: str) -> bytes | None:
            Slow.asked += 1
            if Slow.asked == 1:
                raise StoreError("x: another process holds it for too long")
            return b"x"

    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    store = OptionalStore(Slow())
    assert [store.snapshot("") for _ in range(3)] == [None, None, None]
    assert (Slow.asked, store.failures) == (1, 3)
    now += REST
    assert store.snapshot("") == b"x"
    assert (Slow.asked, store.failures) == (2, 3)


# --- versions of the schema ---


def test_choice_every_released_schema_opens_and_has_its_records(tmp_path: Path) -> None:
    released = sorted((ROOT / "tests" / "store" / "released").glob("*.db"))
    assert [int(p.stem) for p in released] == list(range(1, schema.SCHEMA_VERSION + 1))
    for path in released:
        copy = shutil.copy(path, tmp_path)
        store = SqlStore(copy)
        (number, decision), = store.decisions()
        assert decision.url == URL
        assert decision.verdict == "deny"
        assert decision.decided_at == EPOCH
        override, = store.overrides(number)
        assert override.by == "A. Person"
        assert store.newest("https://example.com/robots.txt", agent="examplebot/1.0") is not None
        reading, = store.readings("https://example.com", "examplebot")
        assert any(p.about == "/private" for p in reading.provisions)
        with store._reading() as connection:
            version = connection.exec_driver_sql("SELECT value FROM scrapeguard WHERE name = 'schema'").scalar()
        assert version == str(schema.SCHEMA_VERSION)
        store.close()


def test_choice_an_older_schema_is_brought_up_in_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import Connection, text

    with Guard("examplebot", transport=site(), store=tmp_path / "policies.db") as guard:
        guard.allowed(URL, "search")

    def step(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE decisions ADD COLUMN colour TEXT"))

    def broken(connection: Connection) -> None:
        step(connection)
        connection.execute(text("ALTER TABLE nothing ADD COLUMN colour TEXT"))

    monkeypatch.setattr(schema, "SCHEMA_VERSION", schema.SCHEMA_VERSION + 1)
    monkeypatch.setattr(schema, "STEPS", {**schema.STEPS, schema.SCHEMA_VERSION: broken})
    with pytest.raises(StoreError):
        SqlStore(tmp_path / "policies.db")
    monkeypatch.setattr(schema, "STEPS", {**schema.STEPS, schema.SCHEMA_VERSION: step})
    store = SqlStore(tmp_path / "policies.db")
    assert len(list(store.decisions())) == 1
    store.close()
