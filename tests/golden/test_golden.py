"""Every golden case still gives the Decision that was reviewed, and the platforms' answers are those that matter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.golden.cases import EXPECTED, Case, own_cases, platform_cases
from tests.real_sites import TERMS

OWN = {case.name: case for case in own_cases()}
CLOSED = ("facebook", "instagram", "linkedin")


@pytest.fixture(scope="module")
def platforms(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    return {case.name: case for case in platform_cases(shared, tmp_path_factory.mktemp("golden"))}


def expected(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("name", OWN)
def test_golden_own_site(name: str) -> None:
    assert OWN[name].written() == expected(name)


@pytest.mark.parametrize(
    "name",
    [f"{kind}-{site}" for kind in ("platform", "robots-only") for site in TERMS] + ["platform-youtube-as-googlebot"],
)
def test_golden_platform(platforms: dict[str, Case], name: str) -> None:
    assert platforms[name].written() == expected(name)


def test_golden_no_expected_file_without_its_case(platforms: dict[str, Case]) -> None:
    assert {p.stem for p in EXPECTED.glob("*.json")} == {*OWN, *platforms}


@pytest.mark.parametrize("name", [*(f"platform-{site}" for site in TERMS), "venmo"])
def test_the_case_this_library_exists_for(name: str) -> None:
    found = expected(name)["decisions"]["identification"]
    assert (found["verdict"], found["allowed"]) == ("deny", False)
    assert any(r["signal"] == "terms" and r["verdict"] == "deny" for r in found["reasons"])
    assert any(r["signal"] == "robots" for r in found["reasons"]) is (name.removeprefix("platform-") in CLOSED)
    assert any(note.startswith("enforcement 2020") for note in found["context"])
    assert any("5(1)(e)" in note for note in found["context"])


def test_youtube_opens_search_to_those_who_follow_robots_and_nothing_else() -> None:
    found = expected("platform-youtube")["decisions"]
    assert found["search"]["allowed"]
    assert [p for p, d in found.items() if d["allowed"]] == ["search"]
    named = {a for r in found["identification"]["reasons"] for a in r["activities"]}
    assert {"identification", "automated-access"} <= named


def test_as_a_search_engine_does_is_no_argument() -> None:
    found = expected("platform-youtube-as-googlebot")["decisions"]
    assert found["search"]["allowed"]
    assert not found["identification"]["allowed"]


@pytest.mark.parametrize("site", TERMS)
def test_without_the_terms_no_use_is_allowed(site: str) -> None:
    for purpose, found in expected(f"robots-only-{site}")["decisions"].items():
        assert found["incomplete"]
        if purpose not in {"access", "search"}:
            assert not found["allowed"]
