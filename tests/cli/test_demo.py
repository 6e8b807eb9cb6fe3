"""`scrapeguard demo`: eight sites over real HTTP, and the verdicts their authors meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scrapeguard.cli.demo import AGENT, PURPOSES, SITES, serve_sites
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.transport.requests import RequestsTransport

EXPECTED = {
    "video platform": ("allow", "deny", "deny", "deny"),
    "social network": ("deny", "deny", "deny", "deny"),
    "professional network": ("deny", "deny", "deny", "deny"),
    "payments feed": ("deny", "deny", "deny", "deny"),
    "publisher": ("allow", "deny", "conditional", "deny"),
    "open encyclopaedia": ("allow", "silent", "silent", "silent"),
    "French newspaper": ("deny", "deny", "deny", "deny"),
    "German directory": ("deny", "deny", "deny", "deny"),
}
"""Verdicts for search, ai-train, research and identification."""


@pytest.fixture(scope="module")
def decisions() -> dict[str, list[Decision]]:
    with serve_sites() as origins:
        guard = Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True))
        return {n: [guard.allowed(origins[n] + path, p) for p in PURPOSES] for n, (_, path) in SITES.items()}


@pytest.mark.parametrize("name", SITES)
def test_choice_each_demo_site_answers_as_it_was_written(decisions: dict[str, list[Decision]], name: str) -> None:
    found = decisions[name]
    assert tuple(d.verdict.value for d in found) == EXPECTED[name], "\n\n".join(map(str, found))
    assert any(d.incomplete for d in found) is (
        name == "social network"
    )  # its robots.txt keeps its terms from crawlers


def test_choice_the_demo_prints_the_table_and_one_decision_in_full(run: Callable[..., Any]) -> None:
    ran = run("demo")
    assert ran.status == 0
    for name in SITES:
        assert name in ran.out
    assert "not legal advice" in ran.out
