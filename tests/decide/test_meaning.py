"""What a clause means for a purpose: every cell of the table, with clauses of our own words."""

from __future__ import annotations

import pytest

from scrapeguard.decide.meaning import meaning, obligations
from scrapeguard.model.purpose import USE_PURPOSES, Purpose
from scrapeguard.model.statement import Activity, ConditionKind, Effect, Exemption, Family, Statement, Verdict

P, A, E, V = Purpose, Activity, Exemption, Verdict


def clause(
    *activities: Activity,
    effect: Effect = Effect.FORBID,
    exceptions: tuple[Exemption, ...] = (),
    uncertain: bool = False,
) -> Statement:
    return Statement(
        "terms",
        Family.TERMS,
        effect,
        f"The terms {effect} {', '.join(activities)}.",
        activities=activities,
        exceptions=exceptions,
        uncertain=uncertain,
    )


def said(statement: Statement, purpose: Purpose, commercial: bool | None = None) -> tuple[Verdict, bool] | None:
    found = meaning(statement, purpose, commercial=commercial)
    return found and (found.verdict, found.direct)


DIRECT = {
    A.AUTOMATED_ACCESS: set(P),
    A.EXTRACTION: {P.AI_TRAIN, P.AI_INPUT, P.TDM, P.RESEARCH, P.ARCHIVE, P.REUSE, P.PERSONAL_DATA, P.IDENTIFICATION},
    A.AI_TRAINING: {P.AI_TRAIN},
    A.AI_USE: {P.AI_INPUT, P.AI_TRAIN},
    A.TDM: {P.TDM},
    A.IDENTIFICATION: {P.IDENTIFICATION},
    A.PERSONAL_DATA: {P.PERSONAL_DATA},
    A.INDEXING: {P.SEARCH},
    A.ARCHIVING: {P.ARCHIVE},
    A.COMMERCIAL_USE: {P.REUSE},
    A.REDISTRIBUTION: {P.REUSE},
}
DERIVED = {
    A.EXTRACTION: {P.SEARCH},
    A.TDM: {P.AI_TRAIN, P.AI_INPUT, P.PERSONAL_DATA, P.IDENTIFICATION},
    A.IDENTIFICATION: {P.PERSONAL_DATA},
    A.PERSONAL_DATA: {P.IDENTIFICATION},
    A.REDISTRIBUTION: {P.ARCHIVE},
}
CONDITIONAL = {
    A.TDM: {P.RESEARCH},
    A.COMMERCIAL_USE: {P.AI_TRAIN, P.TDM, P.AI_INPUT},
    A.COMPETING_USE: {P.REUSE, P.AI_TRAIN},
}


@pytest.mark.parametrize("purpose", list(P))
@pytest.mark.parametrize("activity", list(A))
def test_design_4_a_prohibition_means_what_the_table_says(activity: Activity, purpose: Purpose) -> None:
    if purpose in DIRECT.get(activity, ()):
        expected = (V.DENY, True)
    elif purpose in DERIVED.get(activity, ()):
        expected = (V.DENY, False)
    elif purpose in CONDITIONAL.get(activity, ()):
        expected = (V.CONDITIONAL, False)
    else:
        expected = None
    assert said(clause(activity), purpose) == expected


@pytest.mark.parametrize("purpose", USE_PURPOSES)
def test_design_4_a_ban_of_commercial_use_closes_every_use_of_a_commercial_caller(purpose: Purpose) -> None:
    assert said(clause(A.COMMERCIAL_USE), purpose, commercial=True) == (V.DENY, True)


@pytest.mark.parametrize("purpose", [p for p in USE_PURPOSES if p is not P.REUSE])
def test_design_4_a_ban_of_commercial_use_says_nothing_to_a_non_commercial_caller(purpose: Purpose) -> None:
    assert said(clause(A.COMMERCIAL_USE), purpose, commercial=False) is None


@pytest.mark.parametrize("activity", [A.AUTOMATED_ACCESS, A.EXTRACTION, A.INDEXING])
def test_design_4_search_engine_exception_frees_search_and_nothing_else(activity: Activity) -> None:
    statement = clause(activity, exceptions=(E.SEARCH_ENGINE, E.ROBOTS_TXT, E.PERMISSION))
    assert said(statement, P.SEARCH) == (V.ALLOW, True)
    for purpose in DIRECT[activity] - {P.SEARCH}:
        assert said(statement, purpose) == (V.DENY, True)


def test_design_4_robots_txt_exception_alone_frees_what_the_gate_lets_through() -> None:
    for purpose in P:
        assert said(clause(A.AUTOMATED_ACCESS, exceptions=(E.ROBOTS_TXT,)), purpose) is None


@pytest.mark.parametrize("exception", [E.PERMISSION, E.LAW, E.OTHER])
def test_design_4_permission_law_and_other_keep_the_refusal(exception: Exemption) -> None:
    assert said(clause(A.AUTOMATED_ACCESS, exceptions=(exception,)), P.TDM) == (V.DENY, True)


def test_design_4_api_exception_makes_it_conditional() -> None:
    found = meaning(clause(A.AUTOMATED_ACCESS, exceptions=(E.API,)), P.TDM, commercial=None)
    assert found is not None
    assert found.verdict is V.CONDITIONAL
    assert [c.kind for c in found.conditions] == [ConditionKind.API]


def test_design_4_personal_exception_frees_only_the_non_commercial_caller() -> None:
    statement = clause(A.REDISTRIBUTION, exceptions=(E.PERSONAL,))
    assert said(statement, P.REUSE, commercial=True) == (V.DENY, True)
    assert said(statement, P.REUSE, commercial=None) == (V.CONDITIONAL, True)
    assert said(statement, P.REUSE, commercial=False) is None


def test_design_4_research_exception_frees_research_only() -> None:
    statement = clause(A.EXTRACTION, exceptions=(E.RESEARCH,))
    assert said(statement, P.RESEARCH) is None
    assert said(statement, P.AI_TRAIN) == (V.DENY, True)


@pytest.mark.parametrize("activity", [A.IDENTIFICATION, A.PERSONAL_DATA])
def test_design_4_consent_exception_makes_work_on_people_conditional(activity: Activity) -> None:
    statement = clause(activity, exceptions=(E.CONSENT,))
    for purpose in (P.IDENTIFICATION, P.PERSONAL_DATA):
        found = meaning(statement, purpose, commercial=None)
        assert found is not None
        assert found.verdict is V.CONDITIONAL


PERMITS = {
    A.AUTOMATED_ACCESS: {P.ACCESS},
    A.AI_TRAINING: {P.AI_TRAIN},
    A.TDM: {P.TDM, P.RESEARCH},
    A.INDEXING: {P.SEARCH},
    A.ARCHIVING: {P.ARCHIVE},
    A.REDISTRIBUTION: {P.REUSE},
}


@pytest.mark.parametrize("purpose", list(P))
@pytest.mark.parametrize("activity", list(A))
def test_design_4_a_permit_answers_for_its_own_purpose_and_never_widens(activity: Activity, purpose: Purpose) -> None:
    expected = (V.ALLOW, True) if purpose in PERMITS.get(activity, ()) else None
    assert said(clause(activity, effect=Effect.PERMIT), purpose) == expected


@pytest.mark.parametrize("activity", list(PERMITS))
def test_design_4_a_duty_is_a_condition_on_the_same_purposes(activity: Activity) -> None:
    for purpose in PERMITS[activity]:
        assert said(clause(activity, effect=Effect.REQUIRE), purpose) == (V.CONDITIONAL, True)
        assert said(clause(activity, effect=Effect.REQUIRE, exceptions=(E.ROBOTS_TXT,)), purpose) == (V.ALLOW, True)


def test_choice_a_permission_for_search_engines_is_no_permission_for_others() -> None:
    statement = clause(A.AUTOMATED_ACCESS, effect=Effect.PERMIT, exceptions=(E.SEARCH_ENGINE,))
    assert said(statement, P.SEARCH) == (V.ALLOW, True)
    assert said(statement, P.ACCESS) is None


@pytest.mark.parametrize("activity", list(A))
def test_choice_an_uncertain_clause_is_never_read_as_permission(activity: Activity) -> None:
    for effect in (Effect.PERMIT, Effect.REQUIRE):
        for purpose in P:
            assert said(clause(activity, effect=effect, uncertain=True), purpose) is None


@pytest.mark.parametrize(
    ("activity", "kind"),
    [
        (A.CIRCUMVENTION, ConditionKind.CIRCUMVENTION),
        (A.EXCESSIVE_LOAD, ConditionKind.EXCESSIVE_LOAD),
    ],
)
def test_design_4_clauses_on_load_and_protection_are_obligations(activity: Activity, kind: ConditionKind) -> None:
    assert [c.kind for c in obligations(clause(activity))] == [kind]


def test_choice_the_strictest_activity_of_a_clause_speaks() -> None:
    statement = clause(A.EXTRACTION, A.AUTOMATED_ACCESS)
    assert said(statement, P.SEARCH) == (V.DENY, True)


def test_choice_a_purpose_written_as_a_word_is_never_a_silent_yes() -> None:
    from scrapeguard.guard import Guard
    from scrapeguard.model.query import Query
    from scrapeguard.transport.memory import MemoryTransport

    guard = Guard("examplebot", transport=MemoryTransport({"https://example.com/robots.txt": "User-agent: *\nDisallow: /"}))
    word = Query("https://example.com/p", "/p", "search", "examplebot")
    assert not guard.site("https://example.com/").decide(word)
