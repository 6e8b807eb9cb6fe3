"""Profiles: what a user may write, and how a fault is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrapeguard.decide.profile import BUILT_IN, load_profile, parse_profile
from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Family


@pytest.mark.parametrize("name", BUILT_IN)
def test_choice_a_built_in_profile_can_be_copied_and_changed(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(load_profile(name).text.replace(f'name = "{name}"', 'name = "mine"'))
    mine = load_profile(copy)
    assert mine.name == "mine"
    assert mine.silent == load_profile(name).silent


def test_choice_open_lets_no_terms_bind() -> None:
    assert not load_profile("open").binds[Family.TERMS]
    assert load_profile("open").silent[Purpose.IDENTIFICATION] == "no"


def test_choice_every_fault_is_named_at_once_with_the_nearest_key() -> None:
    text = load_profile("standard").text
    text = text.replace("[binds]", "[bind]").replace("identification =", "identificaton =")
    text = text.replace('reuse = "no"', 'reuse = "maybe"')
    with pytest.raises(InvalidConfiguration) as caught:
        parse_profile(text, "mine.toml")
    said = str(caught.value)
    assert "did you mean 'binds'" in said
    assert "did you mean 'identification'" in said
    assert "'maybe'" in said
    assert said.startswith("mine.toml: ")


def test_choice_an_unknown_profile_names_the_nearest_and_the_way_out() -> None:
    with pytest.raises(InvalidConfiguration, match="did you mean 'standard'"):
        load_profile("standart")
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        load_profile("/nowhere/mine.toml")
    with pytest.raises(InvalidConfiguration, match="no valid TOML"):
        parse_profile("name = ", "mine.toml")
