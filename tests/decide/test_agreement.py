"""Agreements: what a site allowed this caller lifts terms and signals, and robots.txt only where it says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scrapeguard.decide.agreement import Agreement, load_agreements
from scrapeguard.decide.combine import combine
from scrapeguard.decide.profile import load_profile
from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.decision import Outcome
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Activity, Effect, Family, Meaning, Statement, Verdict

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BAN = Statement("terms", Family.TERMS, Effect.FORBID, "No bots.", activities=(Activity.AUTOMATED_ACCESS,))
SHUT = Statement(
    "robots",
    Family.ROBOTS,
    Effect.FORBID,
    "robots.txt refuses.",
    means=tuple(Meaning(p, Verdict.DENY) for p in Purpose),
    gate=True,
)
GAP = Source("https://example.com/terms", RequestKind.TERMS, SourceState.BLOCKED)


def agreement(**changes: object) -> Agreement:
    return Agreement(**{"site": "example.com", "purposes": ["ai-train"], "reference": "contract 7"} | changes)  # type: ignore[arg-type] # a test varies any field


def outcome(*statements: Statement, agreements: list[Agreement], gaps: tuple[Source, ...] = ()) -> Outcome:
    return combine(
        statements,
        Purpose.AI_TRAIN,
        profile=load_profile("strict"),
        product_token="examplebot",
        gaps=gaps,
        agreements=agreements,
        now=NOW,
    )


def test_design_4_an_agreement_lifts_the_clause_and_is_cited() -> None:
    found = outcome(BAN, agreements=[agreement()])
    assert found.allowed
    assert found.signal == "agreement"
    assert "contract 7" in found.why
    assert [r.statement for r in found.advisory] == [BAN]


def test_design_4_an_agreement_covers_terms_that_could_not_be_read() -> None:
    found = outcome(agreements=[agreement()], gaps=(GAP,))
    assert found.allowed
    assert found.incomplete


def test_design_4_robots_stays_shut_unless_the_agreement_says_so() -> None:
    assert not outcome(SHUT, BAN, agreements=[agreement()]).allowed
    assert outcome(SHUT, BAN, agreements=[agreement(robots=True)]).allowed


def test_design_4_an_ended_agreement_is_named_and_lifts_nothing() -> None:
    found = outcome(BAN, agreements=[agreement(until=date(2026, 5, 31))])
    assert not found.allowed
    assert any("ended on 2026-05-31" in r.text for r in found.advisory)
    assert outcome(BAN, agreements=[agreement(until=date(2026, 6, 1))]).allowed


@pytest.mark.parametrize(
    ("host", "target", "purpose", "covered"),
    [
        ("example.com", "/docs/a", Purpose.AI_TRAIN, True),
        ("www.example.com", "/docs/a", Purpose.AI_TRAIN, True),
        ("notexample.com", "/docs/a", Purpose.AI_TRAIN, False),
        ("example.com", "/other", Purpose.AI_TRAIN, False),
        ("example.com", "/docs/a", Purpose.RESEARCH, False),
    ],
)
def test_choice_it_covers_its_site_paths_and_purposes(host: str, target: str, purpose: Purpose, covered: bool) -> None:
    assert agreement(paths=["/docs/"]).covers(host, target, purpose) is covered


def test_choice_every_fault_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "agreements.toml"
    file.write_text(
        '[[agreement]]\nsite = "https://example.com"\npurposes = ["ai-trian"]\nreference = "x"\npaths = ["docs"]\n'
        '[[agreement]]\nsite = "example.com"\npurpose = ["search"]\n'
    )
    with pytest.raises(InvalidConfiguration) as caught:
        load_agreements(file)
    for words in (
        "agreement 1: site",
        "ai-train",
        "'docs'",
        "agreement 2: purpose: unknown",
        "agreement 2: reference: missing",
    ):
        assert words in str(caught.value)


def test_choice_a_file_reads_as_written(tmp_path: Path) -> None:
    file = tmp_path / "agreements.toml"
    file.write_text('[[agreement]]\nsite = "Example.com"\npurposes = ["RAG"]\nuntil = 2027-01-31\nreference = "mail"\n')
    assert load_agreements(file) == (Agreement("example.com", ["ai-input"], until=date(2027, 1, 31), reference="mail"),)
