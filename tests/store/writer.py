"""Run by tests as a process of its own: ``fork`` starts processes that write until they are killed, ``ask`` reads sites."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import RequestKind, Response
from scrapeguard.store.sql import SqlStore
from scrapeguard.testing import EPOCH
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.requests import RequestsTransport


def fork() -> None:
    """For each line ``STORE MARKER FILE`` start a process that writes, and answer its number."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    site = MemoryTransport({"https://example.com/robots.txt": "User-agent: *\nDisallow: /private"})
    decision = Guard("examplebot", transport=site).allowed("https://example.com/private", "search")
    print("ready", flush=True)
    for line in sys.stdin:
        where, marker, file = line.split()
        child = os.fork()
        if child == 0:
            write(where, marker, file, decision)
        print(child, flush=True)


def write(where: str, marker: str, file: str, decision: Decision) -> None:
    """Add Decisions until killed; each one's number and URL goes to ``file`` once the store has acknowledged it."""
    acknowledged = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = SqlStore(where)
    count = 0
    while True:
        count += 1
        url = f"https://example.com/private/{marker}/{count}"
        store.add_exchange(Response(url, 200, (), f"{marker} {count} ".encode() * 200, EPOCH), kind=RequestKind.PAGE, agent="a")
        number = store.add_decision(replace(decision, url=url))
        # A kill may tear even this line, where it crosses a page of the file: only one that ends in « .» was said in full.
        os.write(acknowledged, f"\n{number} {url} .".encode())


def ask(where: str, list_file: str, threads: str) -> None:
    """Ask about every origin of the list from several threads, each beginning elsewhere; wait for a line on standard input."""
    origins = Path(list_file).read_text(encoding="utf-8").split()
    guard = Guard("examplebot", transport=RequestsTransport("examplebot", allow_private=True), store=where)
    failures: list[str] = []

    def work(number: int) -> None:
        turn = number * len(origins) // int(threads)
        for origin in origins[turn:] + origins[:turn]:
            decision = guard.allowed(f"{origin}/private", "search")
            if decision.allowed or decision.verdict != "deny":
                failures.append(f"{origin}: {decision}")

    print("ready", flush=True)
    sys.stdin.readline()
    workers = [threading.Thread(target=work, args=(n,)) for n in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    guard.close()
    print(*failures or ["done"], flush=True)


if __name__ == "__main__":
    {"fork": fork, "ask": ask}[sys.argv[1]](*sys.argv[2:])
