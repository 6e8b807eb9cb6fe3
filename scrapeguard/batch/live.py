"""A list answered from the network, by processes that own some authorities each, fetch them politely and write their parts.

The list is cut by authority: a worker reads all of it and takes the lines of its own, so that one process alone speaks to
a site, nothing is sent between processes but counts, and memory does not grow with the list. A part holds the answers of
a run of a worker's lines; where it is there, those lines are done.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from scrapeguard._url import parse_url
from scrapeguard.batch import pool
from scrapeguard.batch.columns import Row, decisions_batch
from scrapeguard.batch.decide import Questions
from scrapeguard.batch.lists import count_list, read_list
from scrapeguard.batch.parts import Parts
from scrapeguard.batch.progress import Meter, Tally
from scrapeguard.batch.sift import described
from scrapeguard.errors import InvalidUrl
from scrapeguard.guard import Guard
from scrapeguard.model.exchange import Exchange, Request
from scrapeguard.model.ports import Transport

PART_LINES = 500
"""Lines whose answers make one part: what a kill can cost of a worker's time, at most, a few times over."""

OPEN_PARTS = 4
"""Parts that may wait for their last answers while later lines are asked: what a worker holds in memory."""

SITES_KEPT = 256
"""Policies that a worker keeps, for lines of the same site that stand near one another."""


@dataclass(frozen=True)
class Live:
    """How the network is asked, the same for every worker.

    ``rate`` is requests a second of the whole run (0: as fast as the sites allow), ``connections`` sites asked at once by one
    process, ``budget`` seconds after which no further line is begun (0: none). ``policy_fetch`` and ``allow_private`` are as
    elsewhere. ``warcs`` answer in place of the network.
    """

    rate: float = field(default=0.0, kw_only=True)
    connections: int = field(default=32, kw_only=True)
    budget: float = field(default=0.0, kw_only=True)
    policy_fetch: str = field(default="obey", kw_only=True)
    allow_private: bool = field(default=False, kw_only=True)
    warcs: tuple[str, ...] = field(default=(), kw_only=True)


def audit_list(
    path: str | Path,
    out: str | Path,
    questions: Questions,
    *,
    live: Live | None = None,
    column: str | None = None,
    processes: int = 1,
    resume: bool = False,
    part_lines: int = PART_LINES,
    quiet: bool = True,
) -> Tally:
    """Answer for every line of a list (`read_list`); write Parquet parts to the folder ``out``.

    ``resume`` goes on with an earlier run on the same list, with as many processes as it had. Returns the counts of what was
    done now. Raises `ScrapeguardError` (no such list, a result in the way, a worker that died).
    """
    live = live or Live()
    path = Path(path)
    total = count_list(path)
    parts = Parts(out)
    settings = {
        **described(questions),
        "list": path.name,
        "list_bytes": path.stat().st_size,
        "column": column,
        "part_lines": part_lines,
        "policy_fetch": live.policy_fetch,
        "archives": sorted(live.warcs),
    }
    shards = parts.cut(processes)
    parts.open({**settings, "cut": shards}, resume=resume)
    until = time.time() + live.budget if live.budget else 0.0
    share = live.rate / shards if live.rate else 0.0
    jobs = [
        (_Shard(n, shards, str(path), column, str(out), part_lines, share, until), questions, live)
        for n in range(shards)
    ]
    tally = Tally()
    meter = Meter(total, unit="lines", quiet=quiet)
    for told in pool.run(audit_shard, jobs, processes=shards):
        tally.add(told)
        meter.show(tally)
    meter.end()
    return tally


@dataclass(frozen=True)
class _Shard:
    """A worker's share of the list."""

    number: int
    of: int
    path: str
    column: str | None
    out: str
    part_lines: int
    rate: float
    until: float

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines whose authorities are this worker's."""
        for number, url in read_list(self.path, column=self.column):
            try:
                owner = parse_url(url).authority
            except InvalidUrl:
                owner = url
            if zlib.crc32(owner.encode("utf-8", "surrogatepass")) % self.of == self.number:
                yield number, url

    def part(self, number: int) -> str:
        """The name of the part with the ``number``-th run of these lines."""
        return f"part-{self.number:03d}-{number:06d}"


def audit_shard(shard: _Shard, questions: Questions, live: Live, report: Callable[[Tally], object]) -> None:
    """Ask for a worker's lines and write its parts."""
    parts = Parts(shard.out)
    asker = _Asker(questions, live, rate=shard.rate, until=shard.until)
    lines = shard.lines()
    number = 0
    pending: dict[Future[tuple[Tally, list[Row]] | None], int] = {}
    gathered: dict[int, list[Row]] = {}
    sizes: dict[int, int] = {}
    left: dict[int, int] = {}
    over = False
    with ThreadPoolExecutor(live.connections) as threads:
        try:
            while True:
                while not over and len(left) < OPEN_PARTS and (chunk := list(islice(lines, shard.part_lines))):
                    if parts.has(shard.part(number)):
                        report(Tally(skipped=len(chunk)))
                    else:
                        gathered[number], left[number], sizes[number] = [], len(chunk), len(chunk)
                        pending |= {threads.submit(asker.ask, line, url): number for line, url in chunk}
                    number += 1
                if not pending:
                    break
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    part = pending.pop(future)
                    answer = future.result()
                    if answer is None:
                        over = True
                        continue
                    told, rows = answer
                    gathered[part] += rows
                    left[part] -= 1
                    report(told)
                    if not left[part]:
                        rows = sorted(gathered.pop(part), key=lambda row: row.line or 0)
                        parts.write(shard.part(part), [decisions_batch(rows)])
                        del left[part]
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
    if over:
        report(Tally(left=sum(sizes[part] for part in left) + sum(1 for _ in lines)))


class _Asker:
    """Answers one line, for all threads of a worker."""

    def __init__(self, questions: Questions, live: Live, *, rate: float, until: float) -> None:
        self._questions = questions
        self._until = until
        self._transport = _Metered(_transport(questions, live), rate=rate)
        self._guard = Guard(
            questions.agent,
            questions.profile,
            product_token=questions.product_token,
            transport=self._transport,
            policy_fetch=live.policy_fetch,
            max_sites=SITES_KEPT,
        )

    def ask(self, line: int, url: str) -> tuple[Tally, list[Row]] | None:
        """The rows of a line, and its counts; None when the time is up."""
        if self._until and time.time() > self._until:
            return None
        tally = Tally(lines=1)
        before = self._transport.count
        try:
            policy = self._guard.site(url)
            rows = self._questions.ask(policy, url, line=line, now=self._guard.now())
        except InvalidUrl as error:
            rows = self._questions.unasked(url, str(error), line=line)
        tally.take(rows)
        tally.requests = self._transport.count - before
        return tally, rows


def _transport(questions: Questions, live: Live) -> Transport:
    if live.warcs:
        from scrapeguard.transport.warc import WarcTransport  # noqa: PLC0415 - only with archives

        return WarcTransport(*live.warcs)
    from scrapeguard.transport.requests import RequestsTransport  # noqa: PLC0415 - loads requests

    return RequestsTransport(questions.agent, allow_private=live.allow_private)


class _Metered:
    """A transport with a pace of its own: at most ``rate`` requests a second, evenly; ``count`` is a thread's own."""

    def __init__(self, transport: Transport, *, rate: float) -> None:
        self.live = transport.live
        self._transport = transport
        self._gap = 1.0 / rate if rate > 0 else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._counts = threading.local()
        self.latest = getattr(transport, "latest", None)

    @property
    def count(self) -> int:
        """Requests sent by this thread."""
        return getattr(self._counts, "sent", 0)

    def send(self, request: Request) -> Exchange:
        """Wait for the turn, then ask."""
        if self._gap:
            with self._lock:
                now = time.monotonic()
                turn = max(now, self._next)
                self._next = turn + self._gap
            time.sleep(turn - now)
        self._counts.sent = self.count + 1
        return self._transport.send(request)
