"""How statements merge: the gate, direct before derived, and the properties that must hold for any statements."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapeguard.decide.combine import combine
from scrapeguard.decide.profile import BUILT_IN, load_profile
from scrapeguard.model.decision import Outcome
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.purpose import USE_PURPOSES, Purpose
from scrapeguard.model.statement import Activity, Effect, Exemption, Family, Meaning, Statement, Verdict

P, V = Purpose, Verdict
GAP = Source(
    "https://example.com/terms", RequestKind.TERMS, SourceState.BLOCKED, note="robots.txt keeps it from crawlers"
)
GATE_OPEN = Statement(
    "robots", Family.ROBOTS, Effect.PERMIT, "robots.txt allows.", means=(Meaning(P.ACCESS, V.ALLOW),), gate=True
)
GATE_SHUT = Statement(
    "robots", Family.ROBOTS, Effect.FORBID, "robots.txt refuses.", means=tuple(Meaning(p, V.DENY) for p in P), gate=True
)


def signal(
    verdict: Verdict, *, direct: bool = True, purpose: Purpose = P.AI_TRAIN, name: str = "content-signal"
) -> Statement:
    effect = Effect.PERMIT if verdict is V.ALLOW else Effect.FORBID
    return Statement(
        name, Family.SIGNALS, effect, f"{name} says {verdict}.", means=(Meaning(purpose, verdict, direct),)
    )


def outcome(
    statements: Sequence[Statement],
    purpose: Purpose = P.AI_TRAIN,
    *,
    profile: str = "standard",
    gaps: tuple[Source, ...] = (),
    commercial: bool | None = None,
) -> Outcome:
    return combine(
        statements, purpose, profile=load_profile(profile), product_token="examplebot", gaps=gaps, commercial=commercial
    )


def test_choice_the_gate_fixes_the_verdict_and_collection_goes_on() -> None:
    ban = Statement("terms", Family.TERMS, Effect.FORBID, "No bots.", activities=(Activity.AUTOMATED_ACCESS,))
    found = outcome([ban, signal(V.ALLOW), GATE_SHUT])
    assert found.verdict is V.DENY
    assert found.signal == "robots"
    assert [r.statement.signal for r in found.reasons if r.verdict is V.DENY] == ["robots", "terms"]


@pytest.mark.parametrize(
    ("statements", "verdict", "name"),
    [
        ([signal(V.ALLOW), signal(V.DENY, name="tdmrep")], V.DENY, "tdmrep"),
        ([signal(V.ALLOW), signal(V.DENY, direct=False, name="tdmrep")], V.CONDITIONAL, "conflict"),
        ([signal(V.CONDITIONAL), signal(V.DENY, direct=False, name="tdmrep")], V.CONDITIONAL, "conflict"),
        ([signal(V.ALLOW, direct=False), signal(V.DENY, direct=False, name="tdmrep")], V.DENY, "tdmrep"),
        ([signal(V.ALLOW), signal(V.CONDITIONAL, name="rsl")], V.CONDITIONAL, "rsl"),
        ([signal(V.ALLOW)], V.ALLOW, "content-signal"),
        ([], V.SILENT, "none"),
    ],
)
def test_signals_9_4_the_most_restrictive_wins_with_one_softening(
    statements: list[Statement], verdict: Verdict, name: str
) -> None:
    found = outcome([GATE_OPEN, *statements])
    assert (found.verdict, found.signal) == (verdict, name)


@pytest.mark.parametrize("profile", BUILT_IN)
@pytest.mark.parametrize("purpose", [P.PERSONAL_DATA, P.IDENTIFICATION])
def test_design_4_work_on_people_is_never_allowed_by_silence(profile: str, purpose: Purpose) -> None:
    assert not outcome([GATE_OPEN], purpose, profile=profile).allowed


SILENCE = {
    "strict": {P.ACCESS, P.SEARCH},
    "standard": {P.ACCESS, P.SEARCH, P.AI_INPUT, P.AI_TRAIN, P.TDM, P.RESEARCH, P.ARCHIVE},
    "open": set(P) - {P.PERSONAL_DATA, P.IDENTIFICATION},
}


@pytest.mark.parametrize("profile", BUILT_IN)
@pytest.mark.parametrize("purpose", list(P))
def test_design_4_what_silence_means_by_profile(profile: str, purpose: Purpose) -> None:
    assert outcome([GATE_OPEN], purpose, profile=profile).allowed is (purpose in SILENCE[profile])


@pytest.mark.parametrize("profile", ["strict", "standard"])
@pytest.mark.parametrize("purpose", USE_PURPOSES)
def test_design_4_an_unread_source_closes_every_use_purpose(profile: str, purpose: Purpose) -> None:
    found = outcome([GATE_OPEN, signal(V.ALLOW, purpose=purpose)], purpose, profile=profile, gaps=(GAP,))
    assert not found.allowed
    assert found.incomplete
    assert GAP.url in found.why


@pytest.mark.parametrize("purpose", [P.ACCESS, P.SEARCH])
def test_design_4_an_unread_source_leaves_access_and_search_to_robots(purpose: Purpose) -> None:
    found = outcome([GATE_OPEN], purpose, gaps=(GAP,))
    assert found.allowed
    assert found.incomplete
    assert not outcome([GATE_SHUT], purpose, gaps=(GAP,)).allowed


@pytest.mark.parametrize(("profile", "verdict"), [("strict", V.DENY), ("standard", V.CONDITIONAL), ("open", V.SILENT)])
def test_design_4_an_uncertain_clause_by_profile(profile: str, verdict: Verdict) -> None:
    doubt = Statement(
        "terms",
        Family.TERMS,
        Effect.FORBID,
        "Perhaps no training.",
        activities=(Activity.AI_TRAINING,),
        uncertain=True,
        confidence=0.4,
    )
    found = outcome([GATE_OPEN, doubt], profile=profile)
    assert found.verdict is verdict
    assert len(found.advisory) == (profile == "open")


def test_design_4_terms_do_not_bind_under_open_and_are_listed() -> None:
    ban = Statement("terms", Family.TERMS, Effect.FORBID, "No training.", activities=(Activity.AI_TRAINING,))
    found = outcome([GATE_OPEN, ban], profile="open")
    assert found.allowed
    assert [r.statement for r in found.advisory] == [ban]


@pytest.mark.parametrize(("profile", "verdict"), [("strict", V.DENY), ("standard", V.CONDITIONAL), ("open", V.SILENT)])
def test_choice_refused_training_crawlers_are_a_hint_by_profile(profile: str, verdict: Verdict) -> None:
    hint = Statement(
        "robots-agents",
        Family.SIGNALS,
        Effect.FORBID,
        "Three training crawlers are refused.",
        means=(Meaning(P.AI_TRAIN, V.CONDITIONAL, direct=False),),
    )
    assert outcome([GATE_OPEN, hint], profile=profile).verdict is verdict


def test_choice_the_text_names_what_would_change_the_answer() -> None:
    found = outcome([GATE_SHUT])
    assert any("examplebot" in r for r in found.remedies)
    assert any(
        "--document" in r and "https://example.com/terms" in r for r in outcome([GATE_OPEN], gaps=(GAP,)).remedies
    )


purposes = st.sampled_from(list(P))
meanings = st.builds(Meaning, purposes, st.sampled_from([V.ALLOW, V.DENY, V.CONDITIONAL]), st.booleans(), st.just(()))
signals = st.builds(
    Statement,
    st.sampled_from(["content-signal", "tdmrep", "rsl"]),
    st.just(Family.SIGNALS),
    st.sampled_from(list(Effect)),
    st.text("ab", max_size=3),
    means=st.lists(meanings, min_size=1, max_size=4, unique_by=lambda m: m.purpose).map(tuple),
)
clauses = st.builds(
    Statement,
    st.just("terms"),
    st.just(Family.TERMS),
    st.sampled_from(list(Effect)),
    st.text("ab", max_size=3),
    activities=st.lists(st.sampled_from(list(Activity)), min_size=1, max_size=3, unique=True).map(tuple),
    exceptions=st.lists(st.sampled_from(list(Exemption)), max_size=3, unique=True).map(tuple),
    uncertain=st.booleans(),
    confidence=st.just(0.5),
)
statements = st.lists(st.one_of(signals, clauses, st.just(GATE_OPEN), st.just(GATE_SHUT)), max_size=6)
forbids = st.one_of(
    st.just(GATE_SHUT),
    st.builds(
        lambda p, d: Statement("tdmrep", Family.SIGNALS, Effect.FORBID, "x", means=(Meaning(p, V.DENY, d),)),
        purposes,
        st.booleans(),
    ),
    clauses.filter(lambda s: s.effect is Effect.FORBID and Exemption.SEARCH_ENGINE not in s.exceptions),
)
asked = st.tuples(purposes, st.sampled_from(BUILT_IN), st.sampled_from([None, True, False]))


@given(statements, forbids, asked, st.booleans())
def test_property_one_more_forbid_never_allows(
    said: list[Statement], more: Statement, question: tuple[Purpose, str, bool | None], gap: bool
) -> None:
    purpose, profile, commercial = question
    gaps = (GAP,) if gap else ()
    before = outcome(said, purpose, profile=profile, commercial=commercial, gaps=gaps)
    after = outcome([*said, more], purpose, profile=profile, commercial=commercial, gaps=gaps)
    assert before.allowed or not after.allowed


@given(statements, st.sampled_from(list(Activity)), asked)
def test_property_one_more_permit_never_widens_to_another_purpose(
    said: list[Statement], activity: Activity, question: tuple[Purpose, str, bool | None]
) -> None:
    purpose, profile, commercial = question
    permit = Statement("terms", Family.TERMS, Effect.PERMIT, "Do.", activities=(activity,))
    before = outcome(said, purpose, profile=profile, commercial=commercial)
    after = outcome([*said, permit], purpose, profile=profile, commercial=commercial)
    own = {
        Activity.AUTOMATED_ACCESS: {P.ACCESS},
        Activity.AI_TRAINING: {P.AI_TRAIN},
        Activity.TDM: {P.TDM, P.RESEARCH},
        Activity.INDEXING: {P.SEARCH},
        Activity.ARCHIVING: {P.ARCHIVE},
        Activity.REDISTRIBUTION: {P.REUSE},
    }
    if purpose not in own.get(activity, set()):
        assert (after.verdict, after.allowed) == (before.verdict, before.allowed)


@given(statements.flatmap(lambda s: st.tuples(st.just(s), st.permutations(s))), asked)
def test_property_order_never_matters(
    pair: tuple[list[Statement], list[Statement]], question: tuple[Purpose, str, bool | None]
) -> None:
    purpose, profile, commercial = question
    first, second = (outcome(s, purpose, profile=profile, commercial=commercial) for s in pair)
    assert first == second


def test_order_never_matters_where_only_the_certainty_differs() -> None:
    said = [
        Statement("terms", Family.TERMS, Effect.REQUIRE, "", activities=(Activity.AUTOMATED_ACCESS,), uncertain=doubt)
        for doubt in (False, True)
    ]
    first, second = (outcome(s, P.SEARCH, profile="strict", commercial=None) for s in (said, said[::-1]))
    assert first == second


@given(statements, asked)
def test_property_allowed_only_by_an_allow_or_by_open_silence(
    said: list[Statement], question: tuple[Purpose, str, bool | None]
) -> None:
    purpose, profile, commercial = question
    found = outcome(said, purpose, profile=profile, commercial=commercial)
    if found.allowed:
        assert found.verdict in {V.ALLOW, V.SILENT}
        assert not any(r.verdict is V.DENY for r in found.reasons)


def ban(*exceptions: Exemption, partial: bool = False) -> Statement:
    return Statement(
        "terms",
        Family.TERMS,
        Effect.FORBID,
        "The terms forbid automated access.",
        activities=(Activity.AUTOMATED_ACCESS,),
        exceptions=exceptions,
        partial=partial,
    )


def test_choice_the_first_sentence_of_an_allow_by_exception_states_the_allow() -> None:
    found = outcome([ban(Exemption.SEARCH_ENGINE, Exemption.ROBOTS_TXT)], P.SEARCH)
    assert (found.verdict, found.allowed) == (V.ALLOW, True)
    assert found.why.startswith(
        "Allowed: search falls under an exception that the terms state (being a search engine; obedience"
    )
    assert "Otherwise the terms forbid automated access." in found.why
    refused = outcome([ban(Exemption.SEARCH_ENGINE, Exemption.ROBOTS_TXT)], P.AI_TRAIN)
    assert refused.verdict is V.DENY
    assert refused.why.startswith("The terms forbid automated access.")


@pytest.mark.parametrize("purpose", list(P))
def test_choice_a_ban_that_names_a_part_is_a_condition_and_under_strict_a_refusal(purpose: Purpose) -> None:
    standard, strict = outcome([ban(partial=True)], purpose), outcome([ban(partial=True)], purpose, profile="strict")
    assert (standard.verdict, standard.allowed) == (V.CONDITIONAL, False)
    assert any("outside the part" in c.text for c in standard.conditions)
    assert standard.reasons[0].decisive
    assert (strict.verdict, strict.allowed) == (V.DENY, False)


def test_choice_a_ban_of_the_whole_decides_beside_one_of_a_part() -> None:
    assert outcome([ban(), ban(partial=True)], P.TDM).verdict is V.DENY


def test_choice_a_ban_of_a_part_still_shows_where_terms_do_not_bind() -> None:
    found = outcome([ban(partial=True)], P.TDM, profile="open")
    assert [(r.verdict, r.statement.partial) for r in found.advisory] == [(V.CONDITIONAL, True)]


def test_choice_a_permission_limited_to_some_never_allows_outright() -> None:
    for limit in (Exemption.OTHER, Exemption.API, Exemption.RESEARCH):
        permit = Statement(
            "terms",
            Family.TERMS,
            Effect.PERMIT,
            "The terms permit automated access.",
            activities=(Activity.AUTOMATED_ACCESS,),
            exceptions=(limit,),
        )
        found = outcome([permit], P.ACCESS)
        assert (found.verdict, found.allowed) == (V.CONDITIONAL, False)
