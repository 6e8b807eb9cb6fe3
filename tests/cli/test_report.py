"""`scrapeguard report`: one page, all the proof, nothing loaded, nothing injected."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import scrapeguard
from scrapeguard.cli.demo import SITES, serve_sites
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.integrations.report import Site, report_html
from scrapeguard.model.decision import Decision
from tests.integrations.test_notebook import HOSTILE, Elements, hostile

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Decision]]:
    from scrapeguard.cli import main
    from scrapeguard.cli.demo import AGENT
    from scrapeguard.transport.requests import RequestsTransport

    path = tmp_path_factory.mktemp("report") / "report.html"
    with serve_sites() as origins:
        urls = [origins[name] + page for name, (_, page) in SITES.items()]
        with pytest.raises(SystemExit) as left:
            main(
                [
                    "report",
                    *urls,
                    "-p",
                    "search",
                    "-p",
                    "ai-train",
                    "--agent",
                    AGENT,
                    "--allow-private",
                    "-o",
                    str(path),
                ]
            )
        assert left.value.code == 0
        guard = scrapeguard.Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True))
        decisions = [guard.allowed(url, purpose) for url in urls for purpose in ("search", "ai-train")]
    return path.read_text(encoding="utf-8"), decisions


def test_choice_every_deciding_quote_and_digest_is_in_the_page(page: tuple[str, list[Decision]]) -> None:
    shown = "".join(Text(page[0]).data)
    for decision in page[1]:
        assert decision.why in shown
        for reason in decision.reasons:
            for evidence in reason.statement.evidence:
                assert evidence.quote in shown
                assert evidence.source.sha256 in shown


def test_choice_the_page_loads_nothing_and_runs_nothing(page: tuple[str, list[Decision]]) -> None:
    assert not re.search(r"<script|<link|<img|<iframe|src=|url\(|@import|\son\w+=", page[0])


def test_choice_every_reference_within_the_page_leads_somewhere(page: tuple[str, list[Decision]]) -> None:
    targets = set(re.findall(r'id="([^"]+)"', page[0]))
    wanted = set(re.findall(r'href="#([^"]+)"', page[0]))
    assert wanted
    assert wanted <= targets


def test_choice_what_a_site_wrote_is_escaped() -> None:
    decision = hostile(Decision)
    policy = SitePolicy("https://example.com", HOSTILE, (), decision.gaps)
    html = report_html([Site(policy, [decision])], agent=HOSTILE, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert not {"script", "img"} & Text(html).names


class Text(Elements):
    """As `Elements`, over a whole page with its void elements."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag == "meta":
            self.open.pop()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["-o", "/nowhere/x.html"], "no such folder"),
        (["-o", "/"], "cannot be written"),
        (["-p", "ai-trian"], "ai-train"),
    ],
)
def test_choice_what_cannot_be_done_is_one_line(run: Run, tmp_path: Path, args: list[str], says: str) -> None:
    with serve_sites() as origins:
        ran = run("report", origins["publisher"] + "/", "--allow-private", *args)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert says in ran.err
