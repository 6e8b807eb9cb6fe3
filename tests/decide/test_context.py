"""Context informs: known actions and legal floors, dated and with a source."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from scrapeguard.decide.context import context_for
from scrapeguard.model.purpose import Purpose


@pytest.mark.parametrize(
    "host", ["www.facebook.com", "youtube.com", "www.linkedin.com", "venmo.com", "twitter.com", "x.com"]
)
def test_choice_the_letters_of_2020_stand_beside_identification(host: str) -> None:
    notes = context_for(host, Purpose.IDENTIFICATION)
    assert any(n.kind == "enforcement" and n.date.startswith("2020") and "Clearview" in n.text for n in notes)
    assert any(n.kind == "law" and "5(1)(e)" in n.text for n in notes)


def test_choice_another_site_has_no_letters_of_its_own() -> None:
    assert not any("Cease" in n.text for n in context_for("notfacebook.com", Purpose.IDENTIFICATION))


@pytest.mark.parametrize("name", ["enforcement.toml", "laws.toml"])
def test_choice_every_record_has_date_source_and_known_purposes(name: str) -> None:
    data = tomllib.loads((files("scrapeguard.decide") / name).read_text("utf-8"))
    rows = data.get("action") or data["law"]
    assert rows
    for row in rows:
        assert row["source"].startswith("http")
        assert row.get("date") or row["since"]
        assert {Purpose(p) for p in row["purposes"]}
