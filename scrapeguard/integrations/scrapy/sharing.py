"""One piece of work for all who want its result at the same time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


class Shared(Generic[_K, _T]):
    """Runs the work for a key once while any number of coroutines wait for it.

    Each waiter has a Deferred of its own: one that several await would hand its result to the first of them only.
    """

    def __init__(self) -> None:
        self._waiting: dict[_K, list[Deferred[_T]]] = {}

    def __contains__(self, key: _K) -> bool:
        return key in self._waiting

    async def result(self, key: _K, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """The result of ``work``, begun now or already under way. Raises what the work raises."""
        own: Deferred[_T] = Deferred()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append(own)
        else:
            self._waiting[key] = [own]
            deferred_from_coro(work()).addBoth(self._hand_out, key)
        return await maybe_deferred_to_future(own)

    def _hand_out(self, result: _T | Failure, key: _K) -> None:
        for waiter in self._waiting.pop(key):
            waiter.callback(result)


async def gather(work: list[Coroutine[Any, Any, _T]]) -> list[_T]:
    """The results of several coroutines run side by side, in order. Each must not raise."""
    begun = [deferred_from_coro(coroutine) for coroutine in work]
    return [await maybe_deferred_to_future(result) for result in begun]
