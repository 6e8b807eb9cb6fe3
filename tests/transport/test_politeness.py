"""Turns at an authority: one at a time, with the delay it asks for."""

from __future__ import annotations

import threading
import time

import pytest

from scrapeguard.transport.politeness import RETRY_AFTER_CAP, Deferred, Politeness


class _Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def _politeness(*, min_delay: float = 0.0, max_delay: float = 30.0) -> tuple[Politeness, _Time]:
    clock = _Time()
    return Politeness(min_delay=min_delay, max_delay=max_delay, now=clock, sleep=clock.sleep), clock


def _turn(politeness: Politeness, authority: str = "https://a.example", delay: float = 0.0) -> None:
    with politeness.turn(authority, delay=delay):
        pass


def test_choice_the_delay_counts_from_the_end_of_the_last_request() -> None:
    politeness, clock = _politeness()
    _turn(politeness, delay=10)
    assert clock.slept == []
    clock.now += 3
    _turn(politeness, delay=10)
    assert clock.slept == [7]
    _turn(politeness, "https://b.example", delay=10)
    assert clock.slept == [7]


def test_choice_a_delay_is_capped_and_a_least_one_kept() -> None:
    politeness, clock = _politeness(min_delay=2, max_delay=30)
    _turn(politeness)
    _turn(politeness, delay=3_600)
    _turn(politeness)
    assert clock.slept == [30, 2]


def test_choice_a_short_pause_is_waited_for_and_a_long_one_defers() -> None:
    politeness, clock = _politeness()
    politeness.pause("https://a.example", 5)
    _turn(politeness)
    assert clock.slept == [5]
    politeness.pause("https://a.example", 10**9)
    with pytest.raises(Deferred) as deferred:
        _turn(politeness)
    assert deferred.value.seconds == RETRY_AFTER_CAP
    _turn(politeness, "https://b.example")
    clock.now += RETRY_AFTER_CAP
    _turn(politeness)


def test_choice_idle_authorities_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapeguard.transport.politeness._KEPT", 50)
    politeness, clock = _politeness()
    for number in range(500):
        _turn(politeness, f"https://{number}.example")
        clock.now += 1
    assert len(politeness._authorities) <= 101


def test_choice_threads_take_turns_at_one_authority() -> None:
    politeness = Politeness()
    inside, most = 0, 0

    def visit() -> None:
        nonlocal inside, most
        with politeness.turn("https://a.example"):
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
