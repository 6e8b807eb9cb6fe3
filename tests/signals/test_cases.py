"""The digest's cases, driven as a user would: a site in memory, a Guard, `decide` on the fetched page."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scrapeguard import FetchFailure, Guard, MemoryTransport, Response
from scrapeguard.model.exchange import FailureReason

SHARED = Path(os.environ.get("SCRAPEGUARD_SHARED", Path(__file__).resolve().parents[3] / "shared"))
CASES = SHARED / "specs" / "signal_cases.jsonl"
ORIGIN = "https://site.example"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def load() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text("utf-8").splitlines()] if CASES.is_file() else []


def site_of(case: dict[str, Any]) -> dict[str, Response | FetchFailure]:
    """The answers of the case's site, by URL (digest §10.4)."""
    text = case["robots"]
    status = case.get("robots_status", 404 if text is None else 200)
    first = f"{ORIGIN}/robots.txt"
    site: dict[str, Response | FetchFailure] = {
        ORIGIN + path: Response(ORIGIN + path, body=body.encode()) for path, body in (case["well_known"] or {}).items()}
    hops = case.get("robots_redirects", 0)
    for hop in range(hops):
        here = f"{ORIGIN}/robots-{hop}.txt" if hop else first
        site[here] = Response(here, 301, {"Location": f"{ORIGIN}/robots-{hop + 1}.txt"})
    last = f"{ORIGIN}/robots-{hops}.txt" if hops else first
    if status == "unreachable":
        site[last] = FetchFailure(last, FailureReason.TIMEOUT)
    else:
        body = (text or "").encode()
        if "robots_pad_to" in case:
            missing = case["robots_pad_to"] - len(body)
            lines, rest = divmod(max(missing, 0), 80)
            body += b"# " + b"x" * 77 + b"\n" if lines else b""
            body += (b"# " + b"x" * 77 + b"\n") * max(lines - 1, 0) + (b"#" * (rest - 1) + b"\n" if rest else b"")
            body += case.get("robots_tail", "").encode()
        site[last] = Response(last, status, body=body)
    return site


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    return load()


def test_all_190_cases_are_there(cases: list[dict[str, Any]]) -> None:
    assert len(cases) == 190


@pytest.mark.parametrize("case", load(), ids=lambda c: c["id"])
def test_digest_case(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"]) if "now" in case else NOW
    transport = MemoryTransport(site_of(case), clock=lambda: now)
    guard = Guard(agent=case["agent"], transport=transport, clock=lambda: now)
    response = Response(case["url"], case.get("status", 200), case["headers"] or {}, (case["html"] or "").encode(), now)
    decision = guard.decide(response, case["purpose"], retain=case.get("retain", False), assets=case.get("asset_metadata"))
    assert decision.verdict.value == case["expect"], case["why"]
    # Where several channels agree, the case names one of them.
    deciding = {r.statement.signal for r in decision.reasons if r.decisive}
    assert case["signal"] in {decision.signal, *deciding}, case["why"]
