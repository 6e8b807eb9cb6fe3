"""Tables of Decisions: every row is the Decision, long and wide; pictures are drawn from them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import scrapeguard
from scrapeguard.integrations.tables import COLUMNS, decisions_frame
from scrapeguard.integrations.timeline import timeline
from scrapeguard.model.exchange import FailureReason, FetchFailure
from scrapeguard.store import readings_of
from scrapeguard.testing import FrozenClock

pandas = pytest.importorskip("pandas", reason="the extra scrapeguard[pandas] is not installed")

SITE = {
    "https://closed.example/robots.txt": "User-agent: *\nDisallow: /",
    "https://open.example/robots.txt": "User-agent: *\nAllow: /",
    "https://open.example/": '<footer><a href="/terms">Terms of Use</a></footer>',
    "https://open.example/terms": "<h1>Terms of Use</h1><p>You may not use robots or scrapers to access this website.</p>",
}
URLS = ("https://closed.example/x", "https://open.example/x")


@pytest.fixture
def guard() -> scrapeguard.Guard:
    return scrapeguard.Guard("examplebot/1.0", transport=scrapeguard.MemoryTransport(SITE))


def test_choice_long_has_a_row_for_each_url_and_purpose(guard: scrapeguard.Guard) -> None:
    long = scrapeguard.frame(URLS, ["search", "scraping"], guard=guard)
    assert tuple(long.columns) == COLUMNS
    assert list(zip(long["url"], long["purpose"], strict=True)) == [(u, p) for u in URLS for p in ("search", "access")]
    row = long[(long["url"] == URLS[1]) & (long["purpose"] == "access")].iloc[0]
    decision = guard.allowed(URLS[1], "access")
    assert (row["verdict"], row["allowed"], row["signal"]) == (decision.verdict.value, decision.allowed, "terms")
    assert row["terms"] == "deny"
    assert "scrapers" in row["quote"]


def test_choice_wide_has_the_verdicts_by_purpose(guard: scrapeguard.Guard) -> None:
    wide = scrapeguard.frame(URLS, guard=guard, wide=True)
    assert list(wide.index) == list(URLS)
    assert list(wide.columns) == list(scrapeguard.Purpose)
    assert set(wide.loc[URLS[0]]) == {"deny"}


def test_choice_one_url_and_one_purpose_need_no_list(guard: scrapeguard.Guard) -> None:
    assert len(scrapeguard.frame(URLS[0], "search", guard=guard)) == 1


def test_choice_a_site_gives_a_row_for_each_statement(guard: scrapeguard.Guard) -> None:
    table = guard.site(URLS[1]).to_pandas()
    assert "terms" in set(table["signal"])
    assert all(len(digest) == 64 for digest in table["sha256"] if digest)
    assert guard.site(URLS[0]).to_pandas(path="/x")["effect"].tolist().count("forbid") >= 1


class TestPlots:
    """Axes are returned, and what they show is what the table holds."""

    @pytest.fixture(autouse=True)
    def _closed_figures(self) -> object:
        matplotlib = pytest.importorskip("matplotlib", reason="the extra scrapeguard[plot] is not installed")
        matplotlib.use("Agg")
        from matplotlib import pyplot as plt

        yield
        plt.close("all")

    def test_choice_matrix_writes_a_letter_in_each_cell(self, guard: scrapeguard.Guard) -> None:
        axes = scrapeguard.plot.matrix(scrapeguard.frame(URLS, guard=guard))
        assert len(axes.texts) == len(URLS) * len(scrapeguard.Purpose)
        assert {t.get_text() for t in axes.texts[:10]} == {"d"}

    def test_choice_restrictions_are_shares_that_sum_to_one(self, guard: scrapeguard.Guard) -> None:
        axes = scrapeguard.plot.restrictions(scrapeguard.frame(URLS, ["search", "access"], guard=guard))
        widths = [sum(bars[i].get_width() for bars in axes.containers) for i in range(2)]
        assert widths == pytest.approx([1, 1])

    def test_choice_robots_and_terms_are_counted_two_by_two(self, guard: scrapeguard.Guard) -> None:
        axes = scrapeguard.plot.robots_vs_terms(scrapeguard.frame(URLS, guard=guard), purpose="access")
        assert [t.get_text().split("\n")[0] for t in axes.texts] == ["0", "1", "1", "0"]

    def test_choice_verdicts_step_when_an_answer_changes(self) -> None:
        site = {"https://example.com/robots.txt": "User-agent: *\nAllow: /"}
        clock = FrozenClock()
        decisions = []
        for robots in ("User-agent: *\nAllow: /", "User-agent: *\nDisallow: /"):
            site["https://example.com/robots.txt"] = robots
            guard = scrapeguard.Guard("examplebot", transport=scrapeguard.MemoryTransport(site, clock))
            decisions.append(guard.allowed("https://example.com/x", "access"))
            clock.now += timedelta(days=30)
        axes = scrapeguard.plot.verdicts(decisions_frame(decisions))
        assert list(axes.lines[0].get_ydata()) == [0, 3]

    def test_choice_history_draws_from_a_store_what_came_and_went(self, tmp_path: Path) -> None:
        home = '<p>Welcome.<footer><a href="/terms">Terms of Use</a></footer>'
        access = "<h1>Terms of Use</h1><p>You must not use robots or scrapers to access our website.</p>"
        train = "<p>You may not use our content to train artificial intelligence models.</p>"
        closed = "User-agent: *\nDisallow: /private"
        days = [
            (closed, access),
            (closed, access + train),
            (closed + "\nDisallow: /new", access + train),
            (closed + "\nDisallow: /new", FetchFailure("https://example.com/terms", FailureReason.TIMEOUT)),
            ("User-agent: *\nAllow: /", access),
        ]
        path, clock = tmp_path / "policies.db", FrozenClock()
        start = clock.now
        for robots, terms in days:
            site = {
                "https://example.com/robots.txt": robots,
                "https://example.com/": home,
                "https://example.com/terms": terms,
            }
            with scrapeguard.Guard(
                "examplebot", transport=scrapeguard.MemoryTransport(site, clock), store=path, clock=clock
            ) as guard:
                guard.site("https://example.com/")
            clock.now += timedelta(days=30)
        rows, shaded = timeline(readings_of("example.com", path))
        found = {row.name: [((b.start - start).days, (b.end - start).days, b.said) for b in row.bars] for row in rows}
        assert found["terms: ai-training"] == [(30, 120, "forbid")]
        assert found["robots.txt for *"] == [(0, 60, "1 rule"), (60, 120, "2 rules"), (120, 127, "1 rule")]
        assert found["terms: automated-access"] == [(0, 127, "forbid")]
        assert [(a - start).days for a, _ in shaded] == [90]
        assert "terms: automated-access" in [row.name for row in rows[-2:]]  # what never changed stands last
        axes = scrapeguard.plot.history("https://example.com/page", store=path)
        assert [t.get_text() for t in axes.get_yticklabels()] == [row.name for row in rows]
        assert sorted(t.get_text().strip() for t in axes.texts) == sorted(b.said for row in rows for b in row.bars)
        assert "could not be read" in axes.get_title()

    def test_choice_history_of_a_site_that_nobody_read_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(scrapeguard.ScrapeguardError, match="no such store"):
            scrapeguard.plot.history("example.com", store=tmp_path / "none.db")
        with scrapeguard.Guard(
            "examplebot", transport=scrapeguard.MemoryTransport({}), store=tmp_path / "kept.db"
        ) as guard, pytest.raises(scrapeguard.ScrapeguardError, match="no reading of it"):
            scrapeguard.plot.history("example.com", store=guard.store)
