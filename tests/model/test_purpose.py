"""Purposes and their aliases; an unknown one names the valid and the nearest."""

from __future__ import annotations

import pytest

from scrapeguard.errors import UnknownPurpose
from scrapeguard.model.purpose import ALIASES, MEANING, Purpose, parse_purpose


@pytest.mark.parametrize("purpose", list(Purpose))
def test_design_4_a_purpose_names_itself_in_any_spelling(purpose: Purpose) -> None:
    for spelling in (
        purpose,
        purpose.value,
        purpose.value.upper(),
        purpose.value.replace("-", "_"),
        purpose.value.replace("-", " "),
    ):
        assert parse_purpose(spelling) is purpose
    assert MEANING[purpose]


@pytest.mark.parametrize(
    ("alias", "purpose"),
    [
        ("train-ai", Purpose.AI_TRAIN),
        ("rag", Purpose.AI_INPUT),
        ("scraping", Purpose.ACCESS),
        ("facial-recognition", Purpose.IDENTIFICATION),
        ("Text and data mining", Purpose.TDM),
    ],
)
def test_design_4_aliases_are_accepted(alias: str, purpose: Purpose) -> None:
    assert parse_purpose(alias) is purpose


def test_choice_no_alias_hides_a_purpose() -> None:
    assert not set(ALIASES) & set(Purpose)


@pytest.mark.parametrize(
    ("wrong", "near"), [("ai-trian", "ai-train"), ("serach", "search"), ("facial recogniton", "facial-recognition")]
)
def test_choice_an_unknown_purpose_names_the_nearest_and_all_valid(wrong: str, near: str) -> None:
    with pytest.raises(UnknownPurpose) as caught:
        parse_purpose(wrong)
    assert f"did you mean {near!r}?" in str(caught.value)
    for purpose in Purpose:
        assert purpose.value in str(caught.value)


def test_choice_a_word_like_nothing_gets_the_list_alone() -> None:
    with pytest.raises(UnknownPurpose, match=r"^'xyzzy' is no purpose; valid are: access,"):
        parse_purpose("xyzzy")
