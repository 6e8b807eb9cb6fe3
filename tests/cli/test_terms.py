"""``scrapeguard terms`` on files and standard input."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from scrapeguard.cli.terms import terms

TEXT = "Effective 3 March 2024\n\nYou may not use robots or scrapers to access the site without our written consent."


def test_clauses_are_grouped_by_activity_with_quote_and_reasons(tmp_path: Path) -> None:
    file = tmp_path / "terms.md"
    file.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(terms, [str(file), "--explain"], standalone_mode=False)
    assert result.exception is None
    for words in (
        "automated-access: forbid",
        "«You may not use robots",
        "except: permission",
        "because: ",
        "dated 2024-03-03",
    ):
        assert words in result.output


def test_json_is_one_object_whose_offsets_hold() -> None:
    result = CliRunner().invoke(
        terms, ["-", "--json", "--content-type", "text/plain"], input=TEXT, standalone_mode=False
    )
    data = json.loads(result.output)
    assert data["summary"]["scraping"] == "forbidden"
    assert all(TEXT[c["start"] : c["end"]] == c["quote"] for c in data["clauses"])


def test_an_unreadable_language_is_no_permission_and_status_2(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("Lorem", encoding="utf-8")
    result = CliRunner().invoke(terms, [str(file), "--language", "eo"], standalone_mode=False)
    assert result.return_value == 2
    assert "no permission" in result.output


def test_a_missing_file_is_said_in_one_line() -> None:
    result = CliRunner().invoke(terms, ["/nowhere/terms.html"])
    assert result.exit_code != 0
    assert "/nowhere/terms.html" in result.output
