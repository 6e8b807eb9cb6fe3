"""The shared cases, gathered from fourteen projects' own test suites, and Google's matcher beside them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Case(NamedTuple):
    """A file, an agent, and either a URL with the answer expected, or a property (``prop``) with its value."""

    number: int
    kind: str
    robots: bytes | None
    agent: str
    url: str
    allowed: bool | None
    rfc: bool | None
    prop: str
    expect: Any
    source: str


def _case(line: str) -> Case:
    raw = json.loads(line)
    robots = base64.b64decode(raw["robots_b64"]) if "robots_b64" in raw else raw.get("robots")
    return Case(
        raw["id"],
        raw["kind"],
        robots.encode() if isinstance(robots, str) else robots,
        raw["agent"],
        raw.get("url", ""),
        raw.get("allowed"),
        raw.get("rfc"),
        raw.get("prop", ""),
        raw.get("expect"),
        raw["source"],
    )


@pytest.fixture(scope="session")
def cases(shared: Path) -> tuple[Case, ...]:
    """All of them."""
    return tuple(map(_case, (shared / "robots" / "cases.jsonl").read_text(encoding="utf-8").strip().split("\n")))
