"""`scrapeguard matrix`, `explain` and `purposes`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from scrapeguard.model.purpose import Purpose


def test_choice_matrix_shows_every_purpose_with_what_decided(run: Callable[..., Any], sites: str) -> None:
    ran = run("matrix", "https://www.youtube.com/watch?v=x", "--warc", sites, "--agent", "examplebot")
    assert ran.status == 0
    for purpose in Purpose:
        assert purpose.value in ran.out
    lines = run("matrix", "https://www.youtube.com/watch?v=x", "--warc", sites, "--json").out.splitlines()
    assert [json.loads(line)["purpose"] for line in lines] == [p.value for p in Purpose]


def test_choice_explain_shows_what_is_silent_and_every_source(run: Callable[..., Any], sites: str) -> None:
    ran = run("explain", "https://www.youtube.com/watch?v=x", "--warc", sites, "-p", "search", "--agent", "examplebot")
    assert ran.status == 0
    assert "Read too, and silent on search" in ran.out
    assert "https://www.youtube.com/robots.txt: read" in ran.out


def test_choice_purposes_lists_names_meanings_and_aliases(run: Callable[..., Any]) -> None:
    out = run("purposes").out
    assert "facial-recognition" in out
    assert "identification" in out
