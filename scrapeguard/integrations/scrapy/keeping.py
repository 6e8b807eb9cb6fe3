"""What a crawl keeps: answers and readings in a store, every Decision, all of it in an archive.

A thread does it, one at a time and in the order in which it was asked to, while the crawl goes on. What waits meanwhile is then
done in one go, Decisions with one commit, so that a request waits a moment and the crawl does not. Whoever awaits a method goes
on when it is done: what a spider was given is on record, whatever kills the crawl then.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from scrapy.crawler import Crawler
from scrapy.utils.asyncio import call_later, is_asyncio_available
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from scrapeguard.decide.policy import SitePolicy
from scrapeguard.errors import ScrapeguardError
from scrapeguard.integrations.scrapy.settings import Options
from scrapeguard.integrations.scrapy.stats import Stats
from scrapeguard.keeping import Decided, Keeper, keeper, question_of
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, Request, Response
from scrapeguard.model.query import Query
from scrapeguard.store.optional import OptionalStore
from scrapeguard.transport.caching import Cache

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_Steps = Generator[Request | float, Exchange | None, Exchange]


class Keeping:
    """The store and the archive of a crawl, either of which may be missing. Nothing that fails there is raised."""

    def __init__(self, crawler: Crawler, options: Options, stats: Stats) -> None:
        self._crawler = crawler
        self._stats = stats
        self._agent = str(getattr(crawler.spider, "user_agent", None) or crawler.settings.get("USER_AGENT") or "")
        self._keeper = Keeper()
        self._lost = 0
        try:
            self._keeper = keeper(options.store, options.record, optional=True, decisions=options.keep_decisions)
        except ScrapeguardError as error:  # the archive's: the store is optional
            self._keeper = keeper(options.store, None, optional=True, decisions=options.keep_decisions)
            self._archive_failed(error)
        self._cache = self._keeper.cache(agent=self._agent, clock=_now)
        self._asking = {
            "agent": self._agent,
            "product_token": options.product_token,
            "profile": options.profile.text or options.profile.name,
            "policy_fetch": options.policy_fetch,
            "probes": list(options.probes),
            "context": True,
            "agreements": [a.to_dict() for a in options.agreements],
        }
        self._waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []
        self._made: deque[Decided] = deque()
        self._at_work = False
        self._count_failures()

    @property
    def records(self) -> bool:
        """True while an archive is written."""
        return self._keeper.recorder is not None

    def given(self, page: Response) -> Response:
        """A page as the archive gives it back: what is decided about it must be decided again from there."""
        return self._keeper.given([page])[0]

    async def answer(self, request: Request, fetch: Callable[[Request], Awaitable[Exchange]]) -> Exchange:
        """The answer kept while it is fresh, else the one that ``fetch`` brings; kept and recorded."""
        cache = self._cache
        exchange = await self._cached(cache, request, fetch) if cache is not None else await fetch(request)
        return await self._done(partial(self._record, request, exchange)) if self.records else exchange

    async def site_read(self, policy: SitePolicy) -> None:
        """A site was read."""
        await self._done(partial(self._archived, lambda kept: kept.site_read(policy, (), _now()), None))

    async def decided(self, decision: Decision, query: Query, page: Response | None, *, again: bool) -> None:
        """A Decision was made; ``again`` says whether a replay can make it."""
        question = question_of(query, self._asking, assets=None) if self.records and again else None
        self._made.append(Decided(decision, question, (), page if self.records else None))
        await self._done(self._keep_made)

    async def close(self) -> None:
        """Finish what waits, then close both."""
        await self._done(self._keeper.close)

    # --- in the crawl's own thread ---

    async def _cached(
        self, cache: Cache, request: Request, fetch: Callable[[Request], Awaitable[Exchange]]
    ) -> Exchange:
        kept = await self._done(partial(cache.kept, request))
        if kept is not None:
            self._stats.count("fetch/from_store")
            return kept
        steps = cache.asking(request)
        fetched: Exchange | None = None
        while True:
            step = await self._done(partial(_next, steps, fetched))
            if isinstance(step, Request):
                fetched = await fetch(step)
            elif isinstance(step, float):
                await _sleep(step)
            else:
                if fetched is None:
                    self._stats.count("fetch/from_store")
                return step

    async def _done(self, work: Callable[[], _T]) -> _T:
        """The result of work done aside, after all that was asked for before it. Raises what the work raises."""
        result: Deferred[_T] = Deferred()
        self._waiting.append((work, result))
        if not self._at_work:
            self._at_work = True
            deferred_from_coro(self._work())
        return await maybe_deferred_to_future(result)

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            works = [work for work, _ in batch]
            if is_asyncio_available():
                results = await asyncio.to_thread(_all_tried, works)
            else:
                results = await maybe_deferred_to_future(deferToThread(_all_tried, works))
            self._count_failures()
            for (_, waiter), (value, error) in zip(batch, results, strict=True):
                waiter.callback(value) if error is None else waiter.errback(error)
        self._at_work = False

    def _count_failures(self) -> None:
        store = self._keeper.store
        if isinstance(store, OptionalStore) and (store.failures or store.error):
            self._stats.at("store/failed", max(store.failures, 1))
        if self._lost:
            self._stats.at("record/failed", self._lost)

    # --- in the thread that keeps ---

    def _keep_made(self) -> None:
        """All Decisions made by now: whoever waits for one of the later ones finds it done."""
        made = []
        while self._made:
            made.append(self._made.popleft())
        if made:
            self._archived(lambda kept: kept.decided(*made), None)

    def _record(self, request: Request, exchange: Exchange) -> Exchange:
        return self._archived(lambda kept: kept.received(request, exchange, agent=self._agent, clock=_now), exchange)

    def _archived(self, work: Callable[[Keeper], _T], otherwise: _T) -> _T:
        """Work on both; an archive that fails once is given up, since one with holes proves nothing about what came later."""
        try:
            return work(self._keeper)
        except ScrapeguardError as error:
            if self._keeper.recorder is not None:
                self._keeper.recorder.close()
            self._keeper = replace(self._keeper, recorder=None)
            self._archive_failed(error)
            return otherwise

    def _archive_failed(self, error: ScrapeguardError) -> None:
        self._lost += 1
        logger.warning("Going on without the archive: %s", error, extra={"spider": self._crawler.spider})


def _now() -> datetime:
    return datetime.now(UTC)


def _next(steps: _Steps, answer: Exchange | None) -> Request | float | Exchange:
    """One step on; the exchange at the end."""
    try:
        return steps.send(answer)
    except StopIteration as end:
        last: Exchange = end.value
        return last


def _all_tried(works: Sequence[Callable[[], Any]]) -> list[tuple[Any, Exception | None]]:
    """What each comes to: its result, or the error that whoever waits for it is to get."""
    results: list[tuple[Any, Exception | None]] = []
    for work in works:
        try:
            results.append((work(), None))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the others' trouble
            results.append((None, error))
    return results


async def _sleep(seconds: float) -> None:
    over: Deferred[None] = Deferred()
    call_later(seconds, over.callback, None)
    await maybe_deferred_to_future(over)
