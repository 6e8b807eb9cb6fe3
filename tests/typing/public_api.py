"""The public API as a caller's type checker sees it; read by mypy and pyright, never run."""

from __future__ import annotations

from typing import assert_type

import scrapeguard
from scrapeguard import (
    Agreement,
    Decision,
    Guard,
    MemoryTransport,
    Purpose,
    Response,
    RobotsTxt,
    TermsDocument,
    Verdict,
)

guard = Guard("examplebot/1.0", "strict", transport=MemoryTransport({"https://example.com/": "x"}))
decision = guard.allowed("https://example.com/p", "ai-train", commercial=True)
assert_type(decision, Decision)
assert_type(bool(decision), bool)
assert_type(decision.verdict, Verdict)
assert_type(decision.purpose, Purpose)
assert_type(decision.reasons[0].statement.evidence[0].quote, str)
assert_type(Decision.from_dict(decision.to_dict()), Decision)
assert_type(guard.decide(Response("https://example.com/p"), Purpose.SEARCH), Decision)
assert_type(guard.crawl_delay("https://example.com/"), float | None)
assert_type(scrapeguard.allowed("https://example.com/p", Purpose.TDM), Decision)
assert_type(scrapeguard.parse_robots(b"User-agent: *"), RobotsTxt)
assert_type(scrapeguard.read_terms("text", content_type="text/plain"), TermsDocument)
Agreement("example.com", ["ai-train"], reference="letter")

Guard(agent=5)  # type: ignore[arg-type]  # must be refused: mypy calls the ignore unused if it is not
guard.allowed("https://example.com/p", "search", True)  # type: ignore[call-arg]  # keyword-only
