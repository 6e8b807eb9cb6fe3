"""``scrapeguard terms`` on files and standard input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrapeguard.model.exchange import Response
from scrapeguard.transport.memory import MemoryTransport

Run = Callable[..., Any]
TEXT = "Effective 3 March 2024\n\nYou may not use robots or scrapers to access the site without our written consent."


def test_clauses_are_grouped_by_activity_with_quote_and_reasons(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "terms.md"
    file.write_text(TEXT, encoding="utf-8")
    result = run("terms", str(file), "--explain")
    assert result.status == 0
    for words in (
        "automated-access: forbid",
        "«You may not use robots",
        "except: permission",
        "because: ",
        "dated 2024-03-03",
    ):
        assert words in result.out


def test_json_is_one_object_whose_offsets_hold(run: Run) -> None:
    result = run("terms", "-", "--json", "--content-type", "text/plain", given=TEXT.encode())
    data = json.loads(result.out)
    assert data["summary"]["scraping"] == "forbidden"
    assert all(TEXT[c["start"] : c["end"]] == c["quote"] for c in data["clauses"])


def test_an_unreadable_language_is_no_permission_and_status_2(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("Lorem", encoding="utf-8")
    result = run("terms", str(file), "--language", "eo")
    assert result.status == 2
    assert "no permission" in result.out


def test_a_missing_file_is_said_in_one_line(run: Run) -> None:
    result = run("terms", "/nowhere/terms.html")
    assert (result.status, result.out, len(result.err.splitlines())) == (2, "", 1)
    assert "/nowhere/terms.html" in result.err


def test_a_page_is_fetched_over_redirects_and_only_where_robots_txt_leaves_it_open(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = {
        "https://example.com/robots.txt": "User-agent: *\nDisallow: /closed",
        "https://example.com/old": Response("https://example.com/old", 301, {"Location": "/terms"}),
        "https://example.com/away": Response("https://example.com/away", 302, {"Location": "/closed/terms"}),
        "https://example.com/terms": f"<h1>Terms of Use</h1><p>{TEXT}</p>",
        "https://example.com/closed/terms": f"<h1>Terms of Use</h1><p>{TEXT}</p>",
    }
    monkeypatch.setattr("scrapeguard.transport.requests.RequestsTransport", lambda *_, **__: MemoryTransport(site))
    assert "https://example.com/terms: " in run("terms", "https://example.com/old").out
    kept = run("terms", "https://example.com/away")
    assert (kept.status, kept.out) == (2, "")
    assert "--policy-fetch always" in kept.err
    assert run("terms", "https://example.com/away", "--policy-fetch", "always").status == 0
    assert "status 404" in run("terms", "https://example.com/none").err
