"""A page that is not drawn is one that, drawn, would have said nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapeguard.model.exchange import Response
from scrapeguard.signals import SiteSignals, page, page_level
from scrapeguard.signals.prefilter import may_speak

URL = "https://example.com/p"
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def said_when_drawn(response: Response) -> tuple[object, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_level, "_says_nothing", lambda _: False)
        found = page(SiteSignals(), response)
    return (*found.voices, *found.replaces, *found.wanted, *found.gaps)


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="robots" content="noindex">',
        "<META NAME=ROBOTS CONTENT=NONE>",
        "<meta\nname='robots'\ncontent='index, max-image-preview:large'>",
        "<meta/name=robots content=noai>",
        '<meta content="nosnippet" name="examplebot">',
        '<meta name="examplebot" content="none">',
        '<meta name="robots" content="all, strange">',
        '<meta name="&#114;obots" content="n&#x6F;ai">',
        '<meta data-x="a > b" data-y="<" name="robots" content="noai">',
        "<meta data-x='\"' name=robots content=noml>",
        '<meta name="tdm-reservation" content="1">',
        '<meta name="TDM&#45;Reservation" content="1">',
        '<link rel="license" href="/l">',
        '<link href="/l.xml" type="application/rsl+xml" rel = License>',
        "<a rel='nofollow LICENSE' href='https://creativecommons.org/licenses/by/4.0/'>CC</a>",
        '<a rel="licen&#115;e" href="/l">x</a>',
        '<script type="application/ld+json">{"@type": "Article", "license": "https://example.com/l"}</script>',
        '<script type="application/ld&#x2B;json">{"@type": "Article", "license": "https://example.com/l"}</script>',
        '<script type="application/ld&plus;json">{"@type": "Article", "license": "https://example.com/l"}</script>',
        '<script type="application/ld+json">{"@type": "Article", "licen\\u0073e": "https://example.com/l"}</script>',
        '<script data-x=">" type="application/RSL+xml"><rsl xmlns="https://rslstandard.org/rsl"></rsl></script>',
        "<p data-NoSnippet>x</p>",
    ],
)
def test_choice_whatever_speaks_is_drawn(tag: str) -> None:
    for body in (f"<!DOCTYPE html><title>x</title>{tag}<p>text", f"<p>{'river ' * 200}{tag}"):
        response = Response(URL, headers=HTML, body=body)
        assert said_when_drawn(response)
        assert not page_level._says_nothing(response)
        utf_16 = Response(URL, headers=(("Content-Type", "text/html; charset=utf-16"),), body=body.encode("utf-16"))
        assert not page_level._says_nothing(utf_16)


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE html><meta charset="utf-8"><meta name="viewport" content="width=9"><link rel="stylesheet" href="s">',
        '<a rel="nofollow noopener" href="/x">The license of this car</a>',
        '<script type="application/ld+json">{"@type": "Article", "headline": "A river"}</script>',
        "<p style='display:none'>Robots noindex nothing here, says the story.",
    ],
)
def test_choice_what_ordinary_pages_hold_needs_no_drawing(body: str) -> None:
    response = Response(URL, headers=HTML, body=body)
    assert page_level._says_nothing(response)
    assert not said_when_drawn(response)


_PIECES = st.sampled_from([
    "<meta ", "<META\t", "<link ", "<a ", "<script ", "<p ", "name=", "content=", "rel=", "REL =", "type=", "'", '"', ">", "<",
    " ", "robots", "noai", "none", "examplebot", "tdm-reservation", "1", "license", "Licen", "se", "application/ld+json",
    "application/rsl+xml", "data-nosnippet", "&#110;", "&#x6e;oai", "&plus;", "index", "</script>", '{"license": "/l"}', "\n",
    "x", "href=/l", "<!--", "-->", "&amp;", "/", "=",
])  # fmt: skip


@given(st.lists(_PIECES, max_size=30))
def test_choice_no_spelling_hides_a_signal(pieces: list[str]) -> None:
    response = Response(URL, headers=HTML, body="<p>" + "".join(pieces))
    if page_level._says_nothing(response):
        assert not said_when_drawn(response)


def test_choice_real_pages_lose_nothing(shared: Path) -> None:
    silent = 0
    for path in sorted((shared / "pages").glob("*.html")):
        response = Response(URL, headers=HTML, body=path.read_bytes())
        if page_level._says_nothing(response):
            silent += 1
            assert not said_when_drawn(response), path.name
    assert silent


def test_choice_the_look_takes_linear_time_on_hostile_pages() -> None:
    for piece in (b"<meta ", b'<meta "', b"<meta '\"", b"rel=\"", b"rel='license", b"&#", b"&#0000", b"<meta x='"):
        may_speak(piece * 200_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content-usage", "train-ai=n"),
        ("Content-Signal", "ai-train=no"),
        ("X-Robots-Tag", "noai"),
        ("tdm-reservation", "1"),
        ("Link", '</l.xml>; rel="license"; type="application/rsl+xml"'),
        ("crawler-charged", "USD 0.01"),
    ],
)
def test_choice_a_field_that_speaks_is_heard(field: str, value: str) -> None:
    response = Response(URL, headers=(*HTML, (field, value)), body="<title>x</title>")
    assert said_when_drawn(response)
    assert not page_level._says_nothing(response)


@pytest.mark.parametrize("status", [206, 304, 401, 402, 403, 404, 429, 500])
def test_choice_only_a_plain_answer_is_passed_over(status: int) -> None:
    assert not page_level._says_nothing(Response(URL, status, HTML, "<title>x</title>"))
