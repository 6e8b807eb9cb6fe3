"""Worker processes that end with their parent, and what they report."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from multiprocessing.connection import Connection, wait
from typing import Any

from scrapeguard.batch.progress import Tally
from scrapeguard.errors import ScrapeguardError

Job = tuple[Any, ...]
Work = Callable[..., None]
"""Called in a process with the arguments of one job and then ``report``, a function that takes a `Tally`."""


class WorkerLost(ScrapeguardError):
    """A worker process died; what it had finished is kept."""


def run(work: Work, jobs: Sequence[Job], *, processes: int, idle: float = 1.0) -> Iterator[Tally]:
    """Do all jobs in at most ``processes`` processes, one job a process at a time; yields what they report as it comes.

    An empty `Tally` comes when ``idle`` seconds brought nothing. Raises `WorkerLost` when a process dies, and the
    `ScrapeguardError` that a job raised; either way, and when the caller stops, every process is ended first.
    """
    context = _context()
    left = list(reversed(jobs))
    running: dict[Connection, Any] = {}
    try:
        for _ in range(min(processes, len(jobs))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_worker, args=(theirs, work), daemon=True)
            process.start()
            theirs.close()
            running[ours] = process
            ours.send(left.pop())
        while running:
            ready = wait(list(running), timeout=idle)
            if not ready:
                yield Tally()
            for end in ready:
                if not isinstance(end, Connection):
                    continue
                message = _received(end, running[end])
                if isinstance(message, Tally):
                    yield message
                elif isinstance(message, ScrapeguardError):
                    raise message
                elif left:
                    end.send(left.pop())
                else:
                    end.send(None)
                    running.pop(end).join()
                    end.close()
    finally:
        for end, process in running.items():
            process.kill()
            process.join()
            end.close()


@cache
def _context() -> Any:
    """Workers begin clean (no thread or lock of the caller's), where the system can from a process that has the code."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["scrapeguard.batch.warm"])
    return context


def _received(end: Connection, process: Any) -> Any:
    try:
        return end.recv()
    except (EOFError, ConnectionError):
        process.join()
        raise WorkerLost(
            f"a worker process died (exit status {process.exitcode}), perhaps for want of memory; "
            "go on with --resume, with fewer --processes if it happens again"
        ) from None


def spare_collector() -> None:
    """Let the collector of cycles run seldom: records make many objects, hardly a cycle, and it looks at all of them."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _worker(end: Connection, work: Work) -> None:
    spare_collector()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        while (job := end.recv()) is not None:
            try:
                work(*job, end.send)
            except ScrapeguardError as error:
                end.send(ScrapeguardError(str(error)))
                return
            end.send("done")
    except (EOFError, ConnectionError, KeyboardInterrupt):
        return


def _end_with_parent() -> None:
    """A parent that was killed cannot end its children: they must see it themselves, or a resumed run would meet them."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
