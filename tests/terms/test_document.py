"""The document: text unchanged, offsets exact, language and date named, nothing raised."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapeguard.terms import TermsDocument, read_terms
from scrapeguard.terms.edition import edition_of, effective_date
from scrapeguard.terms.extract import SHORTEST

BAN = "You may not use robots or scrapers to access the Service or to extract data from it."


def check(doc: TermsDocument) -> None:
    """What holds of every document."""
    for c in doc.clauses:
        assert doc.text[c.start : c.end] == c.quote
        assert c.end - c.start >= SHORTEST
        assert sum(b.start < c.end and c.start < b.end for b in doc.blocks) == 1
        assert 0 <= c.confidence <= 1
        assert c.rules
        assert c.activities
        assert all(0 <= s < e <= len(doc.text) for s, e in c.lead_in)


@pytest.mark.parametrize("content_type", ["text/plain", "text/markdown", "text/markdown; charset=utf-8"])
def test_plain_text_and_markdown_stay_as_they_were_given(content_type: str) -> None:
    text = f"  \r\n# Rules\n\n{BAN}\n\n\n* a\n"
    doc = read_terms(text, content_type=content_type)
    assert doc.text == text
    assert [c.quote for c in doc.clauses] == [BAN]


def test_html_is_drawn_and_its_clauses_quoted() -> None:
    doc = read_terms(
        f"<html lang=en><h1>Rules</h1><p>You agree not to:<ul><li>scrape the <b>site</b>;<li>be rude.</ul><p>{BAN}".encode()
    )
    check(doc)
    assert {c.quote for c in doc.clauses} >= {"scrape the site;", BAN}
    item = next(c for c in doc.clauses if c.quote == "scrape the site;")
    assert [doc.text[s:e] for s, e in item.lead_in] == ["You agree not to:"]
    assert item.section == ("Rules",)


def test_a_language_without_rules_is_named_and_says_nothing() -> None:
    text = "Vous ne devez pas utiliser de robots pour accéder au site."
    doc = read_terms(text, content_type="text/plain", language="eo")
    assert (doc.language, doc.readable, doc.clauses) == ("eo", False, ())
    assert any("eo" in n for n in doc.notes)


def test_declared_charset_decodes_plain_text() -> None:
    assert (
        read_terms("Zugriff für alle".encode("latin-1"), content_type="text/plain; charset=iso-8859-1").text
        == "Zugriff für alle"
    )
    assert read_terms(b"abc", content_type="text/plain; charset=nonsense").text == "abc"


def test_clauses_say_in_which_edition_they_stand() -> None:
    doc = read_terms(
        f"# If you live in the European Region\n\n{BAN}\n\n# Users in the United States\n\n{BAN}",
        content_type="text/markdown",
    )
    assert [c.edition for c in doc.clauses] == ["If you live in the European Region", "Users in the United States"]
    assert edition_of(("General", "Other")) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Effective date: 3 March 2024", date(2024, 3, 3)),
        ("Last updated: Sept. 7th, 2023", date(2023, 9, 7)),
        ("These terms are effective as of 2025-01-31.", date(2025, 1, 31)),
        ("Last revised 13/02/2022", date(2022, 2, 13)),
        ("Last revised 03/04/2022", None),
        ("Last updated January 1, 2020. Effective February 2, 2020.", date(2020, 2, 2)),
        ("Effective 99 March 2024", None),
        ("The museum opened on March 3, 2001.", None),
    ],
)
def test_the_effective_date_is_read_where_stated(text: str, day: date | None) -> None:
    assert effective_date(text) == day


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["text/plain", "text/markdown", "text/html"]))
def test_any_text_is_read_without_an_exception(text: str, content_type: str) -> None:
    check(read_terms(text, content_type=content_type, language="en"))


@pytest.mark.parametrize(
    "text",
    [
        "(a) " * 30_000,
        "scrape; " * 30_000,
        "except " * 30_000,
        "You may not scrape " * 20_000,
        "[" * 60_000,
        "* scrape\n" * 10_000,
        "a" * 500_000,
        "e.g. " * 40_000,
        "not " * 60_000,
        "effective " * 40_000,
    ],
)
def test_hostile_text_is_read_in_one_go(text: str) -> None:
    check(read_terms(text, content_type="text/markdown", language="en"))


def test_offsets_hold_on_real_documents(shared: Path) -> None:
    lines = (shared / "terms" / "dev_en.jsonl").read_text(encoding="utf-8").split("\n")
    for line in lines[::12]:
        if line:
            text = json.loads(line)["text"]
            doc = read_terms(text, content_type="text/markdown")
            assert doc.text == text
            check(doc)


def test_offsets_hold_on_real_pages(shared: Path) -> None:
    pages = sorted((shared / "pages").rglob("*.html"))
    assert pages
    for page in pages:
        check(read_terms(page.read_bytes()))
