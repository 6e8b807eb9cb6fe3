"""Decisions as JSON: nothing is lost, and what does not fit is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapeguard.model.decision import ContextNote, Decision, Outcome, Reason
from scrapeguard.model.evidence import ElementRef, Evidence, HeaderRef, LineRef, PointerRef, Source, SourceState, Span
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import (
    Activity,
    Condition,
    ConditionKind,
    Effect,
    Exemption,
    Family,
    Meaning,
    Statement,
    Verdict,
)

text = st.sampled_from(["", "a", "ü «x»\n", "<script>", "\u2028"])
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by timezones
sources = st.builds(
    Source,
    text,
    st.sampled_from(list(RequestKind)),
    st.sampled_from(list(SourceState)),
    st.none() | st.integers(100, 599),
    text,
    st.none() | times,
    text,
    text,
)
places = st.one_of(
    st.none(),
    st.builds(LineRef, st.integers(1, 9)),
    st.builds(HeaderRef, text, st.integers(0, 3)),
    st.builds(Span, st.integers(0, 9), st.integers(9, 99), text, text),
    st.builds(ElementRef, text, st.none() | st.integers(1, 9)),
    st.builds(PointerRef, text),
)
evidences = st.lists(st.builds(Evidence, sources, text, places), max_size=2).map(tuple)
conditions = st.lists(
    st.builds(Condition, st.sampled_from(list(ConditionKind)), text, st.none() | text | st.floats(0, 99), evidences),
    max_size=2,
).map(tuple)
meanings = st.lists(
    st.builds(Meaning, st.sampled_from(list(Purpose)), st.sampled_from(list(Verdict)), st.booleans(), conditions),
    max_size=2,
).map(tuple)
statements = st.builds(
    Statement,
    text,
    st.sampled_from(list(Family)),
    st.sampled_from(list(Effect)),
    text,
    evidences,
    meanings,
    st.lists(st.sampled_from(list(Activity)), max_size=2).map(tuple),
    st.lists(st.sampled_from(list(Exemption)), max_size=2).map(tuple),
    conditions,
    st.booleans(),
    st.booleans(),
    st.none() | st.floats(0, 1),
)
reasons = st.lists(
    st.builds(Reason, statements, st.sampled_from(list(Verdict)), st.booleans(), st.booleans(), text), max_size=2
).map(tuple)
outcomes = st.builds(
    Outcome,
    st.sampled_from(list(Purpose)),
    st.sampled_from(list(Verdict)),
    st.booleans(),
    text,
    text,
    st.none() | st.booleans(),
    reasons,
    conditions,
    reasons,
    st.lists(statements, max_size=1).map(tuple),
    st.lists(text, max_size=2).map(tuple),
    st.lists(sources, max_size=2).map(tuple),
    st.booleans(),
    text,
    st.lists(text, max_size=2).map(tuple),
    text,
    st.lists(st.builds(ContextNote, text, text, text, text), max_size=1).map(tuple),
)
decisions = st.builds(Decision, text, outcomes, st.none() | times, st.none() | times)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(decisions)
def test_choice_a_decision_survives_json(decision: Decision) -> None:
    written = json.loads(json.dumps(decision.to_dict()))
    assert Decision.from_dict(written) == decision
    assert Decision.from_dict(written).to_dict() == written


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(decisions)
def test_design_2_9_bool_is_allowed_and_every_decision_prints(decision: Decision) -> None:
    assert bool(decision) is decision.outcome.allowed
    assert "not legal advice" in str(decision)
    assert str(decision) in decision.explain()


def _one() -> dict[str, object]:
    source = Source("https://example.com/robots.txt", RequestKind.ROBOTS, SourceState.READ)
    said = Statement("robots", Family.ROBOTS, Effect.FORBID, "no", (Evidence(source, "Disallow: /", LineRef(2)),))
    outcome = Outcome(
        Purpose.SEARCH,
        Verdict.DENY,
        False,
        "standard",
        "examplebot",
        None,
        (Reason(said, Verdict.DENY, True, True, "no"),),
        (),
        (),
        (),
        (),
        (),
        False,
        "no",
        (),
        "robots",
        (),
    )
    return Decision("https://example.com/", outcome).to_dict()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.pop("verdict"), "verdict: missing"),
        (lambda d: d.update(verdict="maybe"), "maybe"),
        (lambda d: d.update(schema="other"), "schema"),
        (lambda d: d.update(reasons={}), "reasons: expected a list"),
        (lambda d: d["reasons"][0].pop("text"), r"reasons\[0\]\.text: missing"),
        (lambda d: d["reasons"][0]["statement"]["evidence"][0].update(source=7), "no index into sources"),
        (lambda d: d["reasons"][0]["statement"]["evidence"][0].update(place={"kind": "moon"}), "place"),
        (lambda d: d.update(allowed="yes"), "allowed: expected bool"),
    ],
)
def test_choice_what_does_not_fit_is_named(change: object, says: str) -> None:
    data = _one()
    change(data)  # type: ignore[operator] # a table of lambdas
    with pytest.raises(ValueError, match=says):
        Decision.from_dict(data)


def test_choice_a_record_from_before_bans_of_a_part_reads_as_one_of_the_whole() -> None:
    data = _one()
    del data["reasons"][0]["statement"]["partial"]
    assert Decision.from_dict(data).reasons[0].statement.partial is False
