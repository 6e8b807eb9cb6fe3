"""A store of each kind: a file, and a database on a real PostgreSQL server that lives for the test run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scrapeguard.store.sql import SqlStore

MakeUrl = Callable[[], str]


def _as_postgres(*command: str | Path) -> None:
    """The server's programs refuse root; any other user runs them as themselves."""
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    subprocess.run([*drop, *map(str, command)], check=True, capture_output=True, timeout=120, cwd="/")


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.fail("no PostgreSQL server is installed; apt-get install postgresql, or leave it out with -m 'not service'")
    return Path(on_path).parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running server, without a database's name."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="sg-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    _as_postgres(programs / "initdb", "-D", data, "-A", "trust", "-U", "sg", "--no-sync", "-E", "UTF8", "--locale=C")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off"
    _as_postgres(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://sg@127.0.0.1:{port}"
    finally:
        _as_postgres(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store can be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'policies.db'}"
    return new_database(request.getfixturevalue("postgres"))


def new_database(server: str) -> str:
    """The URL of a database made for one test."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:16]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """An open store, empty."""
    opened = SqlStore(url)
    yield opened
    opened.close()
