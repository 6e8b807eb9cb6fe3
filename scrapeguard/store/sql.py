"""The store on SQLAlchemy Core: SQLite in WAL mode by default, PostgreSQL by URL.

Every method that writes is one transaction and has committed when it returns. SQLite takes its write lock when a transaction
begins, so that two writers wait for one another instead of failing halfway.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Select,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from scrapeguard.errors import StoreError
from scrapeguard.model.decision import Decision, Outcome
from scrapeguard.model.exchange import Exchange, RequestKind, Response
from scrapeguard.model.kept import Override, SiteReading
from scrapeguard.store import rows, schema
from scrapeguard.store.faults import as_store_error

BUSY = 30.0
"""Seconds to wait for another process's write to end, and for a server to answer."""

_OUTCOMES_KEPT = 4096

# Statements that run for every document, made once: making one costs more than running it.
_BODIES = schema.exchanges.outerjoin(schema.snapshots, schema.exchanges.c.sha256 == schema.snapshots.c.sha256)
_NEWEST = (
    select(schema.exchanges, schema.snapshots.c.content)
    .select_from(_BODIES)
    .where(schema.exchanges.c.url == bindparam("url"), schema.exchanges.c.agent == bindparam("agent"))
    .order_by(schema.exchanges.c.id.desc())
    .limit(1)
)
_NEWEST_GOOD = _NEWEST.where(schema.exchanges.c.status.between(200, 299))
_CONTENT = select(schema.snapshots.c.content).where(schema.snapshots.c.sha256 == bindparam("sha256"))
_SIZE = select(schema.snapshots.c.size).where(schema.snapshots.c.sha256 == bindparam("sha256"))
_TAKE_OVER = update(schema.claims).where(schema.claims.c.name == bindparam("key"), schema.claims.c.until < bindparam("now"))
_RELEASE = delete(schema.claims).where(schema.claims.c.name == bindparam("key"), schema.claims.c.owner == bindparam("holder"))


@cache
def _insert_missing(table: Table, dialect: str) -> Any:
    """An insert that does nothing, and returns no row, where the key is there."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)


class SqlStore:
    """See `scrapeguard.store.open_store`; safe for threads, and for processes that fork."""

    def __init__(self, where: str | Path) -> None:
        url, self.name = _url_of(where)
        try:
            self._engine = _engine(url)
        except ArgumentError as error:
            raise StoreError(f"{self.name}: no URL of a store; write sqlite:///FILE or postgresql://user@host/name") from error
        except ModuleNotFoundError as error:
            raise StoreError(f"{self.name}: needs {error.name}; install scrapeguard[postgres]") from error
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._writers = threading.Lock()  # SQLite's own way of waiting is to sleep and try again
        self._pid = os.getpid()
        self._outcomes: dict[int, tuple[Outcome, str]] = {}
        try:
            if self._is_sqlite:
                self._use_wal()
            with self._writing() as connection:
                schema.prepare(connection, self.name)
        except StoreError:
            self._engine.dispose()
            raise

    def __repr__(self) -> str:
        return f"<SqlStore {self.name}>"

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    # --- connections ---

    def _use_wal(self) -> None:
        """The mode stays with the file. Two processes that make it at once may meet a lock that SQLite does not wait for."""
        deadline = time.monotonic() + BUSY
        while True:
            try:
                with self._reading() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            except StoreError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _connected(self) -> Engine:
        if self._pid != os.getpid():  # connections must not be shared with the parent process
            self._engine.dispose(close=False)
            self._writers = threading.Lock()
            self._pid = os.getpid()
        return self._engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._connected().connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError, zlib.error) as error:
            raise as_store_error(self.name, error) from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = self._connected().execution_options(writes=True)
        try:
            if self._is_sqlite:
                with self._writers, engine.begin() as connection:
                    yield connection
            else:
                with engine.begin() as connection:
                    yield connection
        except (SQLAlchemyError, OSError, zlib.error) as error:
            raise as_store_error(self.name, error) from error

    def _missing(self, connection: Connection, table: Table, **values: Any) -> bool:
        """Insert a row unless its key is there."""
        return connection.execute(_insert_missing(table, self._engine.dialect.name), values).first() is not None

    # --- snapshots ---

    def add_snapshot(self, content: bytes) -> str:
        """Keep bytes under their SHA-256."""
        with self._writing() as connection:
            return self._keep(connection, content)

    def snapshot(self, sha256: str) -> bytes | None:
        """The bytes with this digest. Raises `StoreError` where what is kept has another."""
        with self._reading() as connection:
            return self._content(connection, sha256)

    def _keep(self, connection: Connection, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        if connection.execute(_SIZE, {"sha256": sha256}).first() is None:
            packed = zlib.compress(content, 6)
            self._missing(connection, schema.snapshots, sha256=sha256, size=len(content), content=packed)
        return sha256

    def _content(self, connection: Connection, sha256: str) -> bytes | None:
        packed = connection.execute(_CONTENT, {"sha256": sha256}).scalar()
        return None if packed is None else self._whole(packed, sha256)

    def _whole(self, packed: bytes | None, sha256: str) -> bytes:
        """What was kept under a digest, which is taken again."""
        if packed is None:
            raise StoreError(f"{self.name}: the snapshot {sha256} is missing; restore the store from a copy")
        content = zlib.decompress(packed)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreError(f"{self.name}: the snapshot {sha256} was changed; restore the store from a copy")
        return content

    # --- exchanges ---

    def add_exchange(self, exchange: Exchange, *, kind: RequestKind, agent: str) -> None:
        """Keep an answer, its body once."""
        with self._writing() as connection:
            sha256 = self._keep(connection, exchange.body) if isinstance(exchange, Response) else None
            row = rows.of_exchange(exchange) | {"kind": kind.value, "agent": agent, "sha256": sha256}
            connection.execute(schema.exchanges.insert(), row)

    def newest(self, url: str, *, agent: str) -> Exchange | None:
        """The last answer kept for a URL, good or not."""
        return self._newest(_NEWEST, url, agent)

    def newest_good(self, url: str, *, agent: str) -> Response | None:
        """The last answer with a status of 2xx."""
        found = self._newest(_NEWEST_GOOD, url, agent)
        return found if isinstance(found, Response) else None

    def _newest(self, query: Select[Any], url: str, agent: str) -> Exchange | None:
        with self._reading() as connection:
            row = connection.execute(query, {"url": url, "agent": agent}).mappings().first()
            if row is None:
                return None
            body = self._whole(row["content"], row["sha256"]) if row["sha256"] else b""
        return rows.exchange_of(row, body)

    # --- claims ---

    def claim(self, name: str, *, owner: str, seconds: float) -> bool:
        """Take a piece of work; False while another owner has it."""
        key = hashlib.sha256(name.encode()).hexdigest()
        now = int(time.time() * 1_000_000)
        until = now + int(seconds * 1_000_000)
        with self._writing() as connection:
            if self._missing(connection, schema.claims, name=key, owner=owner, until=until):
                return True
            over = {"key": key, "now": now, "owner": owner, "until": until}
            return connection.execute(_TAKE_OVER, over).rowcount == 1

    def release(self, name: str, *, owner: str) -> None:
        """Give a claim back."""
        key = hashlib.sha256(name.encode()).hexdigest()
        with self._writing() as connection:
            connection.execute(_RELEASE, {"key": key, "holder": owner})

    # --- readings ---

    def add_reading(self, reading: SiteReading, texts: Mapping[str, str]) -> bool:
        """Keep a reading unless it says what the last one of the site and crawler said."""
        table = schema.readings
        site = (table.c.authority == reading.authority, table.c.product_token == reading.product_token)
        digest = rows.digest_of(reading)
        times = {"checked_at": rows.micros(reading.read_at), "expires_at": rows.micros(reading.expires_at)}
        with self._writing() as connection:
            if not self._is_sqlite:
                lock = text("SELECT pg_advisory_xact_lock(hashtext(:site))")
                connection.execute(lock, {"site": f"{reading.authority} {reading.product_token}"})
            newest = select(table.c.id, table.c.digest).where(*site).order_by(table.c.id.desc()).limit(1)
            last = connection.execute(newest).first()
            if last is not None and last.digest == digest:
                connection.execute(update(table).where(table.c.id == last.id).values(**times))
                return False
            for version in reading.versions:
                if version.text_sha256 in texts:
                    self._keep(connection, rows.utf8(texts[version.text_sha256]))
                    self._missing(connection, schema.versions, **version._asdict(), read_at=rows.micros(reading.read_at))
            connection.execute(
                table.insert().values(
                    authority=reading.authority,
                    product_token=reading.product_token,
                    read_at=rows.micros(reading.read_at),
                    digest=digest,
                    content_sha256=self._keep(connection, rows.content_of(reading)),
                    **times,
                )
            )
        return True

    def readings(self, authority: str, product_token: str | None = None) -> Sequence[SiteReading]:
        """The readings of a site, oldest first; of one crawler where ``product_token`` is given."""
        table = schema.readings
        query = select(table).where(table.c.authority == authority).order_by(table.c.id)
        if product_token is not None:
            query = query.where(table.c.product_token == product_token)
        with self._reading() as connection:
            found = connection.execute(query).mappings().all()
            return [rows.reading_of(row, self._needed(connection, row["content_sha256"])) for row in found]

    def _needed(self, connection: Connection, sha256: str) -> bytes:
        content = self._content(connection, sha256)
        if content is None:
            raise StoreError(f"{self.name}: the snapshot {sha256} is missing; restore the store from a copy")
        return content

    # --- decisions and overrides ---

    def add_decision(self, decision: Decision) -> int:
        """Keep a Decision; Decisions of the same outcome share its text."""
        with self._writing() as connection:
            return self._add_decision(connection, decision)

    def add_decisions(self, decisions: Sequence[Decision]) -> None:
        """Keep many Decisions, in their order, with one commit."""
        if not decisions:
            return
        with self._writing() as connection:
            distinct = {id(d.outcome): d for d in decisions}
            kept = {key: self._outcome(connection, decision) for key, decision in distinct.items()}
            made = [rows.of_decision(d) | {"outcome_sha256": kept[id(d.outcome)]} for d in decisions]
            connection.execute(schema.decisions.insert(), made)

    def _add_decision(self, connection: Connection, decision: Decision) -> int:
        row = rows.of_decision(decision) | {"outcome_sha256": self._outcome(connection, decision)}
        return _number(connection.execute(schema.decisions.insert(), row))

    def _outcome(self, connection: Connection, decision: Decision) -> str:
        known = self._outcomes.get(id(decision.outcome))
        if known is not None and connection.execute(_SIZE, {"sha256": known[1]}).first() is not None:
            return known[1]
        sha256 = self._keep(connection, rows.outcome_bytes(decision))
        if len(self._outcomes) >= _OUTCOMES_KEPT:
            self._outcomes.clear()
        self._outcomes[id(decision.outcome)] = (decision.outcome, sha256)  # the entry keeps the id from being used again
        return sha256

    def decisions(self, url: str | None = None) -> Iterator[tuple[int, Decision]]:
        """The Decisions kept, in their order."""
        table = schema.decisions
        query = select(table).order_by(table.c.id)
        if url is not None:
            query = query.where(table.c.url == url)
        outcomes: dict[str, Outcome] = {}
        with self._reading() as connection:
            for row in connection.execute(query).mappings().all():
                sha256 = row["outcome_sha256"]
                if sha256 not in outcomes:
                    outcomes[sha256] = rows.outcome_of(self._needed(connection, sha256))
                yield row["id"], rows.decision_of(row, outcomes[sha256])

    def add_override(self, decision: Decision, *, reason: str, by: str, at: datetime) -> Override:
        """Keep that somebody went ahead against a Decision."""
        table = schema.decisions
        with self._writing() as connection:
            same = (
                table.c.url == decision.url,
                table.c.outcome_sha256 == self._outcome(connection, decision),
                table.c.decided_at == rows.micros(decision.decided_at),
            )
            number = connection.execute(select(table.c.id).where(*same).order_by(table.c.id.desc()).limit(1)).scalar()
            if number is None:
                number = self._add_decision(connection, decision)
            values = {"decision_id": number, "reason": reason, "by": by, "at": rows.micros(at)}
            added = _number(connection.execute(schema.overrides.insert(), values))
        return Override(added, int(number), reason, by, at)

    def overrides(self, decision: int | None = None) -> Sequence[Override]:
        """The overrides kept, oldest first."""
        table = schema.overrides
        query = select(table).order_by(table.c.id)
        if decision is not None:
            query = query.where(table.c.decision_id == decision)
        with self._reading() as connection:
            return [rows.override_of(row) for row in connection.execute(query).mappings()]


def _number(inserted: CursorResult[Any]) -> int:
    """The number the database gave to a row."""
    key = inserted.inserted_primary_key
    return int(key[0]) if key else 0


def _url_of(where: str | Path) -> tuple[str, str]:
    """SQLAlchemy's URL, and the name for people: without password."""
    said = str(where)
    if "://" not in said:
        if not said:
            raise StoreError("'': no store's path; write the path of a file, or postgresql://…")
        return f"sqlite:///{said}", said
    scheme, _, rest = said.partition("://")
    if scheme == "sqlite":
        if rest in {"", "/", "/:memory:"}:
            raise StoreError(f"{said}: a store in memory is lost with the process; give the path of a file")
        return said, rest.removeprefix("/")
    user, at, host = rest.rpartition("@")
    name = f"{scheme}://{user.partition(':')[0]}{at}{host}"
    if scheme not in {"postgresql", "postgresql+psycopg"}:
        raise StoreError(f"{name}: no store is kept there; write the path of a file, sqlite:///FILE or postgresql://…")
    return f"postgresql+psycopg://{rest}", name


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=32, connect_args={"connect_timeout": int(BUSY)})
    engine = create_engine(url, pool_size=8, max_overflow=32, connect_args={"timeout": BUSY})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.execute(f"PRAGMA busy_timeout={int(BUSY * 1000)}")
        connection.execute("PRAGMA synchronous=NORMAL")  # with WAL: a killed process loses nothing, a power cut the last moments
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
