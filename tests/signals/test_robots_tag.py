"""X-Robots-Tag and meta robots: Google's page of 2026-03-24, and what other operators add."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scrapeguard.model.evidence import ElementRef, HeaderRef
from scrapeguard.model.exchange import Response
from scrapeguard.model.statement import ConditionKind
from tests.signals.reference import Site

PAGE = "https://site.example/page"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def tagged(*values: str, html: str = "", url: str = PAGE, kind: str | None = None) -> Response:
    headers = [("X-Robots-Tag", v) for v in values] + ([("Content-Type", kind)] if kind else [])
    return Response(url, 200, headers, html.encode())


def verdict(purpose: str, response: Response, *, agent: str = "ExampleBot", retain: bool = False) -> str:
    return Site(agent=agent).verdict(purpose, response, retain=retain, now=NOW)


@pytest.mark.parametrize(
    ("values", "agent", "expected"),
    [
        (["googlebot: noindex"], "ExampleBot", "silent"),
        (["googlebot: nofollow", "ExampleBot: noindex"], "ExampleBot", "deny"),
        (["googlebot: noindex, examplebot: nofollow"], "ExampleBot", "silent"),
        (["googlebot: nofollow, examplebot: nofollow, noindex"], "ExampleBot", "deny"),
        (["examplebot/1.0: noindex"], "ExampleBot", "deny"),
        (["*: noindex"], "ExampleBot", "deny"),
        (["noindex: "], "ExampleBot", "deny"),
        (["NoIndex"], "x", "deny"),
        (["none"], "x", "deny"),
        (["max-image-preview:large"], "x", "silent"),
        (["index, follow, all"], "x", "silent"),
    ],
)
def test_a_prefix_names_the_crawler_and_holds_for_the_rest_of_the_line(
    values: list[str], agent: str, expected: str
) -> None:
    assert verdict("search", tagged(*values), agent=agent) == expected


def test_header_and_meta_add_up_and_nothing_positive_cancels() -> None:
    page = tagged("noindex", html='<meta name="robots" content="index, follow">')
    assert verdict("search", page) == "deny"
    page = tagged("index", html='<meta name="examplebot" content="noindex, frobnicate">')
    assert verdict("search", page) == "deny"


def test_the_smallest_max_snippet_counts_and_nosnippet_over_it() -> None:
    site = Site()
    [said] = site.statements("search", tagged("max-snippet:50, max-snippet:20, max-snippet:-1"))
    assert {m.purpose: m.conditions[0].value for m in said.means} == {"search": 20, "ai-input": 20}
    assert verdict("ai-input", tagged("max-snippet:50, nosnippet")) == "deny"
    assert verdict("search", tagged("max-snippet:50, nosnippet")) == "conditional"
    assert verdict("ai-input", tagged("max-snippet:50, noindex"), retain=True) == "deny"
    assert verdict("ai-input", tagged("max-snippet:0")) == "deny"
    assert verdict("search", tagged("max-snippet:-1")) == "silent"
    assert verdict("search", tagged("max-snippet:many")) == "silent"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-09-21", "deny"),
        ("Fri, 25 Jun 2010 15:00:00 GMT", "deny"),
        ("Friday, 25-Jun-10 15:00:00 GMT", "deny"),
        ("25 Jun 2010 15:00:00 PST", "deny"),
        ("2030-01-01T00:00:00+02:00", "silent"),
        ("soon", "silent"),
        ("", "silent"),
    ],
)
def test_unavailable_after_reads_three_forms_of_dates(value: str, expected: str) -> None:
    assert verdict("search", tagged(f"unavailable_after: {value}, notranslate")) == expected


def test_without_a_time_nothing_is_judged_ended() -> None:
    said = Site().statements("search", tagged("unavailable_after: 2020-09-21"))
    assert [c.kind for s in said for c in s.conditions] == [ConditionKind.EXPIRES]


def test_noindex_bears_on_model_input_only_where_it_is_stored() -> None:
    assert verdict("ai-input", tagged("noindex")) == "silent"
    assert verdict("ai-input", tagged("noindex"), retain=True) == "deny"
    assert verdict("search", tagged("noindex, indexifembedded")) == "conditional"


@pytest.mark.parametrize(
    ("tag", "agent", "purpose", "expected"),
    [
        ("noarchive", "ExampleBot", "ai-train", "silent"),
        ("noarchive", "Amazonbot", "ai-train", "deny"),
        ("noarchive", "bingbot", "ai-input", "deny"),
        ("noarchive, nocache", "bingbot", "ai-train", "conditional"),
        ("noarchive, nocache", "bingbot", "archive", "deny"),
        ("nocache", "ExampleBot", "ai-train", "silent"),
        ("nosnippet", "Googlebot", "ai-input", "deny"),
        ("noml", "x", "ai-train", "deny"),
        ("noai", "x", "ai-train", "deny"),
    ],
)
def test_operators_read_their_own_meaning_into_a_tag(tag: str, agent: str, purpose: str, expected: str) -> None:
    assert verdict(purpose, tagged(tag), agent=agent) == expected


def test_image_directives_hold_for_image_resources_only() -> None:
    assert verdict("ai-train", tagged("noimageai")) == "silent"
    assert verdict("ai-train", tagged("noimageai", url="https://site.example/a.jpg")) == "deny"
    assert verdict("search", tagged("noimageindex", kind="image/webp")) == "deny"
    assert verdict("ai-train", tagged("noimageai", url="https://site.example/a.jpg", kind="text/html")) == "silent"


def test_duties_are_listed_whatever_the_verdict() -> None:
    html = (
        '<meta name=robots content="nofollow, notranslate, max-image-preview:none, max-video-preview:10">'
        "<p>a <span data-nosnippet>secret</span></p>"
    )
    said = Site().statements("search", tagged(html=html))
    found = {c.kind: c.value for s in said for c in s.conditions}
    assert found == {
        ConditionKind.NO_FOLLOW: None,
        ConditionKind.NO_TRANSLATE: None,
        ConditionKind.IMAGE_PREVIEW: "none",
        ConditionKind.VIDEO_PREVIEW: 10,
        ConditionKind.STRIP_NOSNIPPET: None,
    }


def test_unknown_directives_say_nothing_and_are_noted() -> None:
    page = Site().page(tagged("nobananas"))
    assert "nobananas" in page.notes[0]


def test_evidence_names_the_field_line_and_the_element() -> None:
    said = Site().statements(
        "search", tagged("nofollow", "noindex", html='<p>\n<meta name="robots" content="noindex">')
    )
    [deny] = [s for s in said if s.means]
    assert [e.place for e in deny.evidence] == [HeaderRef("x-robots-tag", 1), ElementRef("meta[name=robots]", 2)]


def test_more_tags_than_are_read_leave_a_gap() -> None:
    page = Site().page(tagged(",".join(f"a{i}" for i in range(600))))
    assert page.gaps


@pytest.mark.parametrize(("kind", "body"), [
    ("", b"\xef\xbb\xbf<meta name=robots content=noai>"), ("text/html", b"News <meta name=robots content=noai>"),
    ("Text/HTML; charset=utf-16", "<meta name=robots content=noai>".encode("utf-16")),
    ("application/xhtml+xml", b"<?xml version='1.0'?><html><head><meta name='robots' content='noai'/></head></html>"),
])
def test_a_page_is_drawn_whatever_it_begins_with(kind: str, body: bytes) -> None:
    response = Response(PAGE, 200, {"Content-Type": kind} if kind else {}, body)
    assert Site().verdict("ai-train", response) == "deny"
