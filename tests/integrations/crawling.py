"""Real crawls: ``scrapy runspider`` in a process of its own, told what to ask for, telling what became of it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapeguard.model.decision import Decision

ROOT = Path(__file__).resolve().parents[2]
OWN_SETTINGS: Mapping[str, Any] = {
    "ADDONS": {"scrapeguard.integrations.scrapy.Addon": 300},
    "SCRAPEGUARD_PURPOSE": "ai-train",
    "USER_AGENT": "examplebot/1.0 (+https://example.com/bot)",
    "ROBOTSTXT_OBEY": True,
    "LOG_LEVEL": "INFO",
    "TELNETCONSOLE_ENABLED": False,
    "RETRY_ENABLED": False,
    "DOWNLOAD_TIMEOUT": 5,
}

SPIDER = '''
import json
from pathlib import Path
import scrapy
from scrapeguard.integrations.scrapy import decision_made

PLAN = json.loads(Path({plan!r}).read_text())

class Spider(scrapy.Spider):
    name = "told"
    custom_settings = PLAN["settings"]

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.pages, spider.errors, spider.signals = [], [], []
        crawler.signals.connect(spider.told, decision_made)
        return spider

    def told(self, decision, request, response):
        self.signals.append([request.url, decision.verdict.value, response is not None])

    async def start(self):
        for row in PLAN["requests"]:
            yield scrapy.Request(row["url"], meta=row.get("meta", {{}}), errback=self.failed,
                dont_filter=row.get("dont_filter", True))

    def note(self, decision):
        if decision is not None and {{"SCRAPEGUARD_STORE", "SCRAPEGUARD_RECORD"}} & set(PLAN["settings"]):
            with Path({decisions!r}).open("a") as out:
                out.write(json.dumps(decision.to_dict()) + "\\n")

    def parse(self, response):
        decision = response.meta.get("scrapeguard_decision")
        self.note(decision)
        self.pages.append({{
            "url": response.url, "status": response.status, "flags": list(response.flags),
            **({{}} if decision is None else {{"allowed": decision.allowed, "purpose": decision.purpose.value,
                "missing": list(decision.missing), "signal": decision.signal}}),
        }})
        yield {{"url": response.url}}

    def failed(self, failure):
        decision = getattr(failure.value, "decision", None)
        self.note(decision)
        self.errors.append({{
            "url": failure.request.url, "type": type(failure.value).__name__,
            "why": str(failure.value) if decision is None else decision.why,
            "ignored": bool(failure.check(scrapy.exceptions.IgnoreRequest)),
            "signal": "" if decision is None else decision.signal,
        }})

    def closed(self, reason):
        found = {{"reason": reason, "pages": self.pages, "errors": self.errors, "signals": self.signals,
            "stats": self.crawler.stats.get_stats()}}
        Path({out!r}).write_text(json.dumps(found, default=str))
'''


def decisions(folder: Path) -> list[Decision]:
    """The Decisions that the spider found in meta and errors, of all crawls in this folder that keep something."""
    lines = (folder / "decisions.jsonl").read_text().splitlines(keepends=True)
    return [Decision.from_dict(json.loads(line)) for line in lines if line.endswith("\n")]


@dataclass
class Crawl:
    """What became of a crawl."""

    code: int
    log: str
    reason: str
    pages: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    signals: list[list[Any]]
    stats: dict[str, Any]
    items: list[dict[str, Any]]

    @property
    def got(self) -> list[str]:
        """URLs of the pages that the spider was given, sorted."""
        return sorted(page["url"] for page in self.pages)

    @property
    def denied(self) -> list[str]:
        """URLs that were ignored, sorted."""
        return sorted(error["url"] for error in self.errors if error["ignored"])

    def stat(self, name: str) -> Any:
        """A stat of this library."""
        return self.stats.get(f"scrapeguard/{name}", 0)


def command(folder: Path, requests: Sequence[str | Mapping[str, Any]], **settings: Any) -> list[str]:
    """The command of a crawl; ``settings`` go on top of the usual ones, None takes one away."""
    rows = [{"url": r} if isinstance(r, str) else dict(r) for r in requests]
    merged = {name: value for name, value in {**OWN_SETTINGS, **settings}.items() if value is not None}
    (folder / "plan.json").write_text(json.dumps({"settings": merged, "requests": rows}))
    spider = folder / "spider.py"
    places = {"plan": "plan.json", "out": "found.json", "decisions": "decisions.jsonl"}
    spider.write_text(SPIDER.format(**{name: str(folder / file) for name, file in places.items()}))
    return [sys.executable, "-m", "scrapy", "runspider", str(spider), "-O", str(folder / "items.json")]


def environment() -> dict[str, str]:
    """The environment of a crawl: this tree goes first."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def crawl(
    folder: Path,
    requests: Sequence[str | Mapping[str, Any]],
    *,
    arguments: Sequence[str] = (),
    largest_file: int | None = None,
    **settings: Any,
) -> Crawl:
    """Run a crawl to its end; ``largest_file`` is the size in bytes beyond which the system lets no file of it grow."""

    def small() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    (folder / "found.json").unlink(missing_ok=True)
    ran = subprocess.run(
        [*command(folder, requests, **settings), *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=folder,
        timeout=60,
        check=False,
        preexec_fn=small,
    )
    return read(folder, ran.returncode, ran.stderr)


def read(folder: Path, code: int, log: str) -> Crawl:
    """What the spider wrote down."""
    found: dict[str, Any] = {"reason": "", "pages": [], "errors": [], "signals": [], "stats": {}}
    if (folder / "found.json").exists():
        found = json.loads((folder / "found.json").read_text())
    items = folder / "items.json"
    return Crawl(code, log, **found, items=json.loads(items.read_text() or "[]") if items.exists() else [])
