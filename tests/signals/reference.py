"""A plain reading of the digest's §9.4, to drive the readers alone: collect the statements, then the most restrictive wins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scrapeguard import signals
from scrapeguard._html import HtmlPage
from scrapeguard._url import parse_url
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import Exchange, RequestKind, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Statement, Verdict
from scrapeguard.robots import parse_robots


class Site:
    """A site in memory: a robots.txt, policy files by path, one page."""

    def __init__(
        self,
        robots: str | bytes | None = None,
        files: Mapping[str, str | bytes | Exchange] | None = None,
        *,
        origin: str = "https://site.example",
        agent: str = "ExampleBot",
    ) -> None:
        self.origin, self.agent = origin, agent
        self.robots = parse_robots(robots) if robots is not None else None
        self.files = files or {}
        self.signals = self._read()

    def fetch(self, url: str) -> Exchange:
        path = url.removeprefix(self.origin)
        found = self.files.get(path)
        if found is None:
            return Response(url, 404)
        return Response(url, 200, body=found) if isinstance(found, str | bytes) else found  # type: ignore[arg-type] # text is taken too

    def _read(self) -> signals.SiteSignals:
        documents = {r.url: self.fetch(r.url) for r in signals.fixed_probes(self.origin)}
        source = Source(f"{self.origin}/robots.txt", RequestKind.ROBOTS, SourceState.READ)
        group = self.robots.extensions_for(self.agent) if self.robots else ()
        everything = self.robots.extensions if self.robots else ()
        while True:
            found = signals.site(group, everything, source if self.robots else None, documents, authority=self.origin)
            if not found.wanted:
                return found
            documents.update({r.url: self.fetch(r.url) for r in found.wanted})

    def page(
        self,
        response: Response,
        html: HtmlPage | None = None,
        assets: Mapping[str, Any] | None = None,
    ) -> signals.PageSignals:
        documents: dict[str, Exchange] = {}
        while True:
            found = signals.page(self.signals, response, html=html, assets=assets, documents=documents)
            if not found.wanted:
                return found
            documents.update({r.url: self.fetch(r.url) for r in found.wanted})

    def statements(
        self,
        purpose: str,
        response: Response | None = None,
        *,
        url: str = "",
        retain: bool = False,
        assets: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        user: str | None = None,
        country: str | None = None,
    ) -> list[Statement]:
        asked = response.url if response else url or f"{self.origin}/page"
        query = Query(
            asked,
            parse_url(asked).target,
            Purpose(purpose),
            self.agent,
            retain=retain,
            now=now,
            user=user,
            country=country,
        )
        voices = list(self.signals.voices)
        if response is not None:
            added = self.page(response, assets=assets)
            voices = [v for v in voices if not any(v is r for r in added.replaces)] + list(added.voices)
        return [s for v in voices for s in v.says(query)]

    def verdict(self, purpose: str, response: Response | None = None, **context: Any) -> str:
        return combine(self.statements(purpose, response, **context), Purpose(purpose))[0]


def combine(statements: list[Statement], purpose: Purpose) -> tuple[str, str]:
    """Verdict and deciding signal."""
    said = [(m.verdict, m.direct, s.signal) for s in statements for m in s.means if m.purpose is purpose]

    def first(verdict: Verdict, *, direct: bool | None = None) -> str | None:
        return next((s for v, d, s in said if v is verdict and direct in {None, d}), None)

    if signal := first(Verdict.DENY, direct=True):
        return "deny", signal
    if signal := first(Verdict.DENY):
        if first(Verdict.ALLOW, direct=True) or first(Verdict.CONDITIONAL, direct=True):
            return "conditional", "conflict"
        return "deny", signal
    for verdict in (Verdict.CONDITIONAL, Verdict.ALLOW):
        if signal := first(verdict):
            return verdict.value, signal
    return "silent", "none"
