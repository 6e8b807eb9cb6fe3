"""`scrapeguard history`, `diff` and `watch`: what a person and a cron job see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scrapeguard.guard import Guard
from scrapeguard.testing import EPOCH, FrozenClock
from scrapeguard.transport.memory import MemoryTransport
from tests.serving import Site, serving

Run = Callable[..., Any]
HOME = '<p>Hello to all of you.<footer><a href="/terms">Terms of Use</a></footer>'
ROBOTS = "User-agent: *\nDisallow: /private"


def terms(*clauses: str) -> str:
    return "<h1>Terms of Use</h1>" + "".join(f"<h2>{n}. Part</h2><p>{c}</p>" for n, c in enumerate(clauses, 1))


ACCESS, TRAIN = "You must not use robots to access our website.", "You may not train AI models on our content."


@pytest.fixture
def store(tmp_path: Path) -> str:
    """example.com read on the 1st, 3rd, 5th and 7th of January: a clause came, robots.txt changed, nothing changed."""
    path = tmp_path / "policies.db"
    for day, (robots, page) in enumerate(
        [
            (ROBOTS, terms(ACCESS)),
            (ROBOTS, terms(ACCESS, TRAIN)),
            (ROBOTS + "\nDisallow: /new", terms(ACCESS, TRAIN)),
            (ROBOTS + "\nDisallow: /new", terms(ACCESS, TRAIN)),
        ]
    ):
        clock = FrozenClock(EPOCH + timedelta(days=2 * day))
        site = MemoryTransport(
            {"https://example.com/robots.txt": robots, "https://example.com/": HOME, "https://example.com/terms": page},
            clock,
        )
        with Guard("examplebot", transport=site, store=path, clock=clock) as guard:
            guard.site("https://example.com/")
    return str(path)


def test_choice_history_shows_when_what_came_and_went(run: Run, store: str) -> None:
    ran = run("history", "example.com", "--store", store)
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0].startswith("2026-01-01 00:00 first read as examplebot: ")
    assert "2026-01-03 00:00 a clause forbidding ai-training was added in section «2. Part»" in lines
    assert f"    + «{TRAIN}»" in lines
    assert "2026-01-05 00:00 the rule «Disallow: /new» for '*' was added" in lines
    assert lines[-1].startswith("3 different readings; the last on 2026-01-05")
    rows = [
        json.loads(line) for line in run("history", "https://example.com", "--store", store, "--json").out.splitlines()
    ]
    assert {row["kind"] for row in rows} == {"added"}


@pytest.mark.parametrize(
    ("dates", "status", "says"),
    [
        (["--from", "2026-01-01", "--to", "2026-01-03"], 1, "ai-training was added"),
        (["--from", "2026-01-03", "--to", "2026-01-04"], 0, "no change"),
        (["--from", "2026-01-03T12:00"], 1, "/new"),
        (["--from", "2026-01-05"], 0, "no change"),
    ],
)
def test_choice_diff_compares_two_dates(run: Run, store: str, dates: list[str], status: int, says: str) -> None:
    ran = run("diff", "example.com", *dates, "--store", store)
    assert (ran.status, ran.err) == (status, "")
    assert says in ran.out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["history", "other.example", "--store", "STORE"], "no reading of it"),
        (["history", "example.com", "--store", "/nowhere/policies.db"], "no such store"),
        (["history", "example.com"], "--store"),
        (["history", "example.com", "--store", "STORE", "--agent", "otherbot"], "no reading of it"),
        (["diff", "example.com", "--from", "yesterday", "--store", "STORE"], "no date"),
        (["diff", "example.com", "--from", "2025-01-01", "--store", "STORE"], "first read on 2026-01-01"),
        (["diff", "example.com", "--from", "2026-02-01", "--to", "2026-01-01", "--store", "STORE"], "comes after"),
        (["watch", "/nowhere.txt", "--store", "STORE"], "cannot be read"),
        (["watch", "/nowhere.txt"], "--store"),
    ],
)
def test_choice_what_cannot_be_done_is_one_line_and_status_2(run: Run, store: str, args: list[str], says: str) -> None:
    ran = run(*(a.replace("STORE", store) for a in args))
    assert ran.status == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


@pytest.fixture
def site() -> Iterator[Site]:
    fields = {"Content-Type": "text/plain", "Cache-Control": "max-age=0"}
    with serving({"/robots.txt": (200, fields, ROBOTS.encode()), "/": HOME, "/terms": terms(ACCESS)}) as served:
        yield served


def test_choice_watch_prints_what_changed_and_tells_a_cron_job(run: Run, site: Site, tmp_path: Path) -> None:
    listed, store = tmp_path / "sites.txt", str(tmp_path / "policies.db")
    listed.write_text(f"# our list\n{site.origin}\n\n{site.origin}/page # the same site\n")
    watch = ["watch", str(listed), "--store", store, "--allow-private", "--agent", "examplebot"]
    assert run(*watch) == (0, "", "")
    asked = len(site.asked)
    assert run(*watch) == (0, "", "")
    assert len(site.asked) == asked  # not due
    site.content["/terms"] = terms(ACCESS, TRAIN)
    site.content["/robots.txt"] = ROBOTS + "\nDisallow: /new"
    import sqlite3

    with sqlite3.connect(store) as connection:  # as if two days had gone by
        for table, column in (("readings", "expires_at"), ("readings", "read_at"), ("exchanges", "fetched_at")):
            connection.execute(f"UPDATE {table} SET {column} = {column} - 172800000000")
    connection.close()
    ran = run(*watch)
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 1
    assert {row["site"] for row in rows} == {site.origin}
    assert any("ai-training was added" in row["text"] for row in rows)
    assert any("/new" in row["text"] for row in rows)
    assert run(*watch) == (0, "", "")


def test_choice_watch_says_which_site_could_not_be_read(run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "sites.txt"
    listed.write_text("http://127.0.0.1:9/\nftp://example.com/\n")
    ran = run("watch", str(listed), "--store", str(tmp_path / "policies.db"), "--allow-private")
    assert ran.status == 2
    assert "robots.txt could not be read" in ran.err
    assert "'ftp'" in ran.err
