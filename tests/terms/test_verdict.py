"""The verdicts on a whole document: what doubtful clauses come to together."""

from __future__ import annotations

import pytest

from scrapeguard.model.statement import Activity, Effect
from scrapeguard.terms.clause import Clause
from scrapeguard.terms.verdict import summarise


def ban(activity: Activity, confidence: float, *, uncertain: bool = True) -> Clause:
    return Clause(0, 40, "x" * 40, (activity,), Effect.FORBID, confidence=confidence, uncertain=uncertain)


@pytest.mark.parametrize(
    ("confidences", "verdict"),
    [((), "silent"), ((0.4,), "silent"), ((0.25, 0.25), "silent"), ((0.4, 0.3), "forbidden")],
)
def test_choice_doubtful_bans_count_where_one_of_them_is_likely_right(
    confidences: tuple[float, ...], verdict: str
) -> None:
    assert summarise([ban(Activity.PERSONAL_DATA, c) for c in confidences])["identify"] == verdict
    assert summarise([ban(Activity.EXTRACTION, c) for c in confidences])["scraping"] == verdict


def test_choice_doubtful_bans_say_nothing_of_ai_and_take_allowed_away() -> None:
    permit = Clause(0, 40, "x" * 40, (Activity.AI_TRAINING,), Effect.PERMIT, confidence=0.9)
    assert summarise([permit])["ai"] == "allowed"
    assert summarise([permit, ban(Activity.AI_TRAINING, 0.3)])["ai"] == "silent"
    assert summarise([ban(Activity.AI_TRAINING, 0.4), ban(Activity.AI_TRAINING, 0.4)])["ai"] == "silent"
