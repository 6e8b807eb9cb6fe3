"""The tables, what guards them, and the steps from one version of the schema to the next.

Times are whole microseconds since 1970-01-01 UTC: exact, the same in every database, and in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
    text,
)

from scrapeguard.errors import StoreError

SCHEMA_VERSION = 1
"""Of the tables below. It rises with each release that changes them, and `STEPS` gets a step that leads there."""

tables = MetaData()

# SQLite gives numbers of its own only to INTEGER keys.
_Number = BigInteger().with_variant(Integer, "sqlite")

about = Table("scrapeguard", tables, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

snapshots = Table(
    "snapshots",
    tables,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="zlib (RFC 1950)"),
)

exchanges = Table(
    "exchanges",
    tables,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("url", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("fetched_at", BigInteger),
    Column("status", Integer, comment="NULL: no answer came"),
    Column("headers", Text, nullable=False, comment="JSON: pairs in order"),
    Column("sha256", String(64), ForeignKey("snapshots.sha256")),
    Column("truncated", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("reason", String(20), comment="why no answer came"),
    Column("detail", Text),
    Index("exchanges_by_url", "url", "agent", "id"),
    sqlite_autoincrement=True,
)

claims = Table(
    "claims",
    tables,
    Column("name", String(64), primary_key=True, comment="SHA-256 of what is claimed"),
    Column("owner", String(80), nullable=False),
    Column("until", BigInteger, nullable=False),
)

versions = Table(
    "versions",
    tables,
    Column("body_sha256", String(64), primary_key=True),
    Column("reader", String(80), primary_key=True),
    Column("url", Text, nullable=False),
    Column("text_sha256", String(64), ForeignKey("snapshots.sha256"), nullable=False),
    Column("read_at", BigInteger, nullable=False),
)

readings = Table(
    "readings",
    tables,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("authority", Text, nullable=False),
    Column("product_token", Text, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("checked_at", BigInteger, nullable=False, comment="when it was last found unchanged"),
    Column("expires_at", BigInteger),
    Column("digest", String(64), nullable=False, comment="of what counts as a change"),
    Column("content_sha256", String(64), ForeignKey("snapshots.sha256"), nullable=False),
    Index("readings_by_site", "authority", "product_token", "id"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    tables,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("url", Text, nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("product_token", Text, nullable=False),
    Column("decided_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("outcome_sha256", String(64), ForeignKey("snapshots.sha256"), nullable=False),
    Index("decisions_by_url", "url", "id"),
    sqlite_autoincrement=True,
)

overrides = Table(
    "overrides",
    tables,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("decision_id", _Number, ForeignKey("decisions.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

ONLY_ADDED = (decisions, overrides)
"""Tables whose rows the database itself refuses to change or delete. A snapshot's digest tells whether it was changed."""


def _create(connection: Connection) -> None:
    tables.create_all(connection)
    for table in ONLY_ADDED:
        for statement in _refusals(table.name, connection.dialect.name):
            connection.execute(text(statement))


def _refusals(table: str, dialect: str) -> list[str]:
    says = f"{table} are only ever added"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION {table}_only_added() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{says}'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_only_added()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_added()",
    ]


STEPS: Mapping[int, Callable[[Connection], None]] = {1: _create}
"""Version → what makes it out of the one before; 1 is made out of an empty database."""

_ADVISORY_LOCK = 0x73_67_73_63


def prepare(connection: Connection, name: str) -> None:
    """Bring the database to `SCHEMA_VERSION`, in the caller's one transaction.

    Raises `StoreError` where it holds something else, or a newer schema.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    found = _version(connection, name)
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"{name}: written by a newer scrapeguard (schema {found}, this one knows {SCHEMA_VERSION}); "
            "upgrade scrapeguard, or give another file"
        )
    for version in range(found + 1, SCHEMA_VERSION + 1):
        STEPS[version](connection)
    if found < SCHEMA_VERSION:
        connection.execute(about.delete().where(about.c.name == "schema"))
        connection.execute(about.insert().values(name="schema", value=str(SCHEMA_VERSION)))


def _version(connection: Connection, name: str) -> int:
    there = set(inspect(connection).get_table_names())
    if about.name not in there:
        if there:
            raise StoreError(
                f"{name}: holds tables of something else ({', '.join(sorted(there)[:3])}); give a file or database of its own"
            )
        return 0
    value = connection.execute(select(about.c.value).where(about.c.name == "schema")).scalar()
    if value is None or not value.isdigit():
        raise StoreError(f"{name}: does not say which schema it has; restore it from a copy, or give another file")
    return int(value)
