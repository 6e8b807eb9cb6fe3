"""The async drive loop of docs/async.md, run as it stands there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx

from scrapeguard.guard import Guard
from scrapeguard.transport.requests import RequestsTransport
from tests.serving import serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "async.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_loop_is_short() -> None:
    lines = [line for line in BLOCKS[0].splitlines() if line.strip()]
    assert len(lines) < 15


def test_the_loop_reads_a_site_as_the_guard_does() -> None:
    names: dict[str, Any] = {}
    for block in (BLOCKS[2], BLOCKS[0], BLOCKS[1]):
        exec(compile(block, str(PAGE), "exec"), names)

    async def ask(urls: list[str], purpose: str) -> list[Any]:
        async with httpx.AsyncClient() as client:
            return [await names["allowed"](client, url, purpose) for url in urls]

    terms = "<h1>Terms of Service</h1><p>You may not use our pages to train machine learning models."
    content = {"/robots.txt": "User-agent: *\nDisallow: /private", "/terms": terms}
    content["/"] = '<p>Welcome.<footer><a href="/terms">Terms of Service</a></footer>'
    with serving(content) as site:
        urls = [f"{site.origin}/p", f"{site.origin}/private/x", "http://127.0.0.1:9/p"]
        for purpose in ("search", "ai-train"):
            found = asyncio.run(ask(urls, purpose))
            guard = Guard("examplebot", transport=RequestsTransport("examplebot", allow_private=True))
            own = [guard.allowed(url, purpose) for url in urls]
            assert [(d.allowed, d.verdict, d.signal) for d in found] == [(d.allowed, d.verdict, d.signal) for d in own]
            assert [d.allowed for d in found] == [purpose == "search", False, False]
