"""Several processes and threads on one store; processes that are killed while they write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from scrapeguard.store.sql import SqlStore
from tests.serving import serving

ROOT = Path(__file__).resolve().parents[2]


def start(*args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.writer", *args]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("url", ["sqlite", pytest.param("postgres", marks=pytest.mark.service)], indirect=True)
def test_choice_two_processes_of_16_threads_fetch_each_authority_once_and_lose_nothing(url: str, tmp_path: Path) -> None:
    robots = "User-agent: *\nDisallow: /private"
    with ExitStack() as stack:
        sites = [stack.enter_context(serving({"/robots.txt": robots, "/": "<p>Hello to you."})) for _ in range(6)]
        listed = tmp_path / "origins"
        listed.write_text("\n".join(s.origin for s in sites))
        processes = [start("ask", url, str(listed), "16") for _ in range(2)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=120)[0] for process in processes]
        assert outputs == ["done\n", "done\n"]
        for site in sites:
            assert set(Counter(site.asked).values()) == {1}, Counter(site.asked)
    store = SqlStore(url)
    kept = Counter(decision.url for _, decision in store.decisions())
    assert kept == {f"{s.origin}/private": 32 for s in sites}
    assert all(len(store.readings(s.origin)) == 1 for s in sites)
    store.close()


@pytest.mark.parametrize("rounds", [10, pytest.param(100, marks=pytest.mark.service)])
def test_choice_a_process_killed_while_it_writes_loses_nothing_acknowledged(tmp_path: Path, rounds: int) -> None:
    where, notes, random = tmp_path / "policies.db", tmp_path / "acknowledged", Random(7)
    forker = start("fork")
    assert forker.stdin is not None
    assert forker.stdout is not None
    alive: list[int] = []
    for number in range(rounds + 1):  # two write at any time; one of them is killed
        forker.stdin.write(f"{where} {number} {notes}\n")
        forker.stdin.flush()
        alive.append(int(forker.stdout.readline()))
        while not notes.exists() or f"/{number}/" not in notes.read_text():
            time.sleep(0.001)
        if len(alive) == 2:
            time.sleep(random.uniform(0, 0.02))
            os.kill(alive.pop(0), signal.SIGKILL)
    os.kill(alive.pop(), signal.SIGKILL)
    forker.communicate(timeout=60)
    lines = [line.removesuffix(" .") for line in notes.read_text().splitlines() if line.endswith(" .")]
    assert len(lines) > rounds
    store = SqlStore(where)
    kept = dict(store.decisions())
    for line in lines:
        kept_as, _, address = line.partition(" ")
        assert kept[int(kept_as)].url == address
        assert store.newest(address, agent="a") is not None
    assert len({d.url for d in kept.values()}) == len(kept)
    assert len(kept) <= len(lines) + rounds + 1  # one that was written when its process was killed before it could say so
    with store._reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    store.close()


def test_choice_a_forked_process_uses_connections_of_its_own(tmp_path: Path) -> None:
    code = f"""
import os
from scrapeguard.store.sql import SqlStore
store = SqlStore({str(tmp_path / "policies.db")!r})
store.add_snapshot(b"parent")
child = os.fork()
store.add_snapshot(b"child" if child == 0 else b"parent again")
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(sorted(n for n, in store._engine.connect().exec_driver_sql("SELECT size FROM snapshots")))
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert out == "[5, 6, 12]\n"
