"""Reference pages drawn from the code say what the code says; Decisions fit the published schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from docs.generate import HERE, PAGES
from tests.golden.cases import own_cases, platform_cases


@pytest.mark.parametrize("name", PAGES)
def test_choice_a_generated_page_is_current(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name](), "run: python docs/generate.py"


def test_choice_decisions_fit_the_schema(shared: Path, tmp_path: Path) -> None:
    schema = json.loads((HERE / "decision.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    count = 0
    for case in (*own_cases(), *platform_cases(shared, tmp_path)):
        for decision in case.decisions():
            validator.validate(json.loads(json.dumps(decision.to_dict())))
            count += 1
    assert count > 100
