"""Running the command as a person would, and archives of real sites."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from scrapeguard.cli import main
from tests.real_sites import write_sites


class Ran(NamedTuple):
    """What a command left: exit status, standard output and error."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    """Call ``run("check", …, given=b"standard input")``."""

    def ran(*args: str, given: bytes | None = None) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        if given is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
            main(list(args))
        return Ran(int(left.value.code or 0), out.getvalue(), err.getvalue())

    return ran


@pytest.fixture(scope="session")
def sites(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The five platforms' robots.txt, terms and home pages as an archive."""
    return str(write_sites(shared, tmp_path_factory.mktemp("warc") / "sites.warc.gz"))


@pytest.fixture(scope="session")
def robots_only(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The five platforms' robots.txt alone."""
    return str(write_sites(shared, tmp_path_factory.mktemp("warc") / "robots.warc.gz", terms=False))
