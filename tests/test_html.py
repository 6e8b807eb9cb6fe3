"""Drawing HTML: what is text, where it stands, what else the page says, and that nothing from outside breaks it."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings

from scrapeguard._html import MAX_CHARACTERS, MAX_LINKS, HtmlPage, draw


def blocks(page: HtmlPage) -> list[tuple[str, int, str]]:
    return [(b.kind, b.level, page.text[b.start:b.end]) for b in page.blocks]


def texts(html: str) -> list[str]:
    page = draw(html)
    return [page.text[b.start:b.end] for b in page.blocks]


def hold(page: HtmlPage) -> None:
    """What is true of every drawn page: blocks in order, not touching, stripped, never empty."""
    last = 0
    for block in page.blocks:
        part = page.text[block.start:block.end]
        assert last <= block.start < block.end <= len(page.text)
        assert part == part.strip() != ""
        last = block.end
    assert all(0 <= a.position <= len(page.text) for a in page.anchors)


@pytest.mark.parametrize(("html", "want"), [
    ("<p>one <b>two</b>\n three</p>", ["one two three"]),
    ("<p>a&nbsp;&amp;&#32;b</p>", ["a & b"]),
    ("one<br>two", ["one\ntwo"]),
    ("one<br><br>two<br>\n<br/>three", ["one", "two", "three"]),
    ("You must not:<br>- scrape<br>- resell", ["You must not:", "- scrape", "- resell"]),
    ("Not allowed:<br>use bots;<br>use spiders;", ["Not allowed:", "use bots;", "use spiders;"]),
    ("<div>a<div>b</div>c</div>", ["a", "b", "c"]),
    ("<p>a<p>b", ["a", "b"]),
    ("<table><tr><td>a<td>b</tr><tr><th>c</table>", ["a", "b", "c"]),
    ("<dl><dt>Bot<dd>A program.</dl>", ["Bot", "A program."]),
    ("<details><summary>More</summary>Hidden rule.</details>", ["More", "Hidden rule."]),
    ("<p style='display:none'>Folded rule.</p><p hidden>Other rule.</p>", ["Folded rule.", "Other rule."]),
    ("<noscript>Without scripts.</noscript>", ["Without scripts."]),
    ("<textarea>Rule one.\n\nRule two.</textarea>", ["Rule one.", "Rule two."]),
    ("<pre>Rule one,\n  indented.\n\n\nRule two.</pre>", ["Rule one,\n  indented.", "Rule two."]),
    ("a<script>var b = 'c';</script><style>d{}</style><template>e</template><svg><text>f</text></svg>g", ["ag"]),
    ("<a href=x>Terms</a><a href=y>Privacy</a>", ["Terms Privacy"]),
    ("<select><option>en<option>fr</select>", ["en fr"]),
    ("<button>Yes</button><button>No</button> <x-part>One.</x-part><x-part>Two.</x-part>", ["Yes No One. Two."]),
    ("scra\u00adping and craw\u200bling", ["scraping and crawling"]),
    ("<p>|</p><hr><p>•</p>", []),
    ("<!-- not shown --><p>shown", ["shown"]),
    ("", []), (" \n ", []), ("<", []), ("<>", []),
])
def test_what_is_drawn_and_where_a_block_ends(html: str, want: list[str]) -> None:
    got = texts(html)
    assert [g for g in got if g.strip("<>")] == want


def test_lists_carry_depth_and_the_marker_a_browser_shows_outside_the_block() -> None:
    page = draw("<ol type=a start=3><li>c<ul><li>dot</ul><li value=9>i<p>more</ol><ol reversed start=2><li>x<li>y</ol>")
    assert [(b.marker, b.level, b.kind, page.text[b.start:b.end]) for b in page.blocks] == [
        ("c.", 1, "item", "c"), ("•", 2, "item", "dot"), ("i.", 1, "item", "i"), ("", 1, "paragraph", "more"),
        ("2.", 1, "item", "x"), ("1.", 1, "item", "y")]
    assert "c. c\n\n  • dot\n\ni. i" in page.text


def test_headings_have_their_level_and_a_line_that_is_only_bold_is_one() -> None:
    page = draw("<h2>Two</h2><p><strong>Bold title</strong></p><p><b>Bold</b> start.</p><p><b>A bold sentence.</b></p>"
                "<div role=heading aria-level=3>Three</div>")
    assert blocks(page) == [("heading", 2, "Two"), ("heading", 7, "Bold title"), ("paragraph", 0, "Bold start."),
                            ("paragraph", 0, "A bold sentence."), ("heading", 3, "Three")]


@pytest.mark.parametrize(("html", "region"), [
    ("<nav>x</nav>", "navigation"), ("<footer>x</footer>", "footer"), ("<header>x</header>", "header"),
    ("<aside>x</aside>", "navigation"), ("<div role=contentinfo>x</div>", "footer"),
    ("<div role=navigation>x</div>", "navigation"), ("<div class='site-footer dark'>x</div>", "footer"),
    ("<div id=main-nav>x</div>", "navigation"), ("<ul class=menu><li>x</ul>", "navigation"),
    ("<article><header>x</header></article>", "body"), ("<main><footer>x</footer></main>", "body"),
    ("<div class='has-footer'>x</div>", "body"), ("<body class='nav-open'>x</body>", "body"),
    ("<div class=navy>x</div>", "body"), ("<footer>f</footer>x", "body"),
])
def test_regions_are_labels_of_landmarks_and_of_names(html: str, region: str) -> None:
    assert draw(html).blocks[-1].region == region


def test_links_have_words_or_a_label_place_and_heading() -> None:
    page = draw("<h2>Legal</h2><p>See <a href='/t' rel='NOFOLLOW license'>our <i>terms</i></a>.</p>"
                "<a href=/i><img alt='Imprint'></a><a href=/l aria-label='Laws'></a><a name=x>no link</a>"
                "<map><area href=/m alt=Map></map>words<footer><a href='/f'>Foot</a></footer>")
    assert [(a.href, a.text, a.region, a.heading) for a in page.anchors] == [
        ("/t", "our terms", "body", "Legal"), ("/i", "Imprint", "body", "Legal"), ("/l", "Laws", "body", "Legal"),
        ("/m", "Map", "body", "Legal"), ("/f", "Foot", "footer", "Legal")]
    assert page.anchors[0].rel == ("nofollow", "license")
    assert page.text[page.anchors[0].position:].startswith("See our terms.")


def test_meta_link_and_script_elements_come_with_their_lines() -> None:
    page = draw('<html lang="de-AT">\n<head><base href="/b/">\n<!-- <meta name=no content=no> -->\n'
                '<meta name="Robots" content="noai">\n<meta property="tdm" content="1">'
                '<meta http-equiv="Content-Language" content="de">\n'
                '<script>if (a < "<meta name=x>") b();</script>\n'
                '<link rel="License" type="application/rsl+xml" href="/l.xml">\n'
                '<script type="application/ld+json">{"a":\n1}</script><script src=x></script>'
                '<title> A\n title </title></head><body><form><input type=password></form>')
    assert [(m.name, m.content, m.attribute, m.line) for m in page.metas] == [
        ("robots", "noai", "name", 4), ("tdm", "1", "property", 5), ("content-language", "de", "http-equiv", 5)]
    assert [(r.rel, r.href, r.type, r.line) for r in page.relations] == [
        (("license",), "/l.xml", "application/rsl+xml", 7)]
    assert [(s.type, s.body, s.line) for s in page.scripts] == [("application/ld+json", '{"a":\n1}', 8)]
    assert (page.base, page.lang, page.title, page.scripts_seen, page.password_fields) == ("/b/", "de-AT", "A title", 3, 1)


def test_stretches_of_another_language_and_of_no_snippet() -> None:
    page = draw("<p>One.</p><div lang=fr><p>Deux.</p><p>Trois.</p></div><p>Four <span data-nosnippet>five</span> six.</p>")
    assert [(s.value, page.text[s.start:s.end]) for s in page.languages] == [("fr", "Deux.\n\nTrois.")]
    assert [page.text[s.start:s.end] for s in page.nosnippet] == ["five"]


def test_noscript_is_drawn_and_repeated_for_those_who_ask() -> None:
    page = draw("<p>a</p><noscript><p>Turn on scripts.</p></noscript>")
    assert page.noscript == "Turn on scripts."
    assert page.text.endswith("Turn on scripts.")


@pytest.mark.parametrize(("body", "hint", "text", "encoding"), [
    ("<p>Übung".encode(), None, "Übung", "utf-8"),
    ("<p>Übung".encode("latin-1"), "iso-8859-1", "Übung", "cp1252"),
    ("<meta charset=iso-8859-2><p>łódź".encode("iso-8859-2"), None, "łódź", "iso8859-2"),
    ("<meta charset=iso-8859-2><p>Übung".encode(), "utf-8", "Übung", "utf-8"),
    ("\ufeff<meta charset=iso-8859-2><p>Übung".encode(), "latin-1", "Übung", "utf-8"),
    ("\ufeff<p>Übung".encode("utf-16-le"), None, "Übung", "utf-16-le"),
    ("<meta http-equiv=content-type content='text/html; charset=windows-1251'><p>Правила".encode("cp1251"), None,
     "Правила", "cp1251"),
    ("<meta charset=shift_jis><p>利用規約".encode("cp932"), None, "利用規約", "cp932"),
    (b"<meta charset=utf-16><p>plain", None, "plain", "utf-8"),
])
def test_whatwg_order_of_encodings_bom_header_meta(body: bytes, hint: str | None, text: str, encoding: str) -> None:
    page = draw(body, charset_hint=hint)
    assert (page.text, page.encoding) == (text, encoding)


def test_an_undeclared_encoding_is_guessed_and_said() -> None:
    words = "Условия использования сайта. Пользователь не может собирать данные автоматически. " * 8
    page = draw(f"<p>{words}".encode("cp1251"))
    assert "Пользователь не может" in page.text
    assert "guessed" in page.notes[0]


def test_a_charset_that_does_not_exist_and_bytes_that_do_not_fit_are_noted() -> None:
    assert any("does not exist" in n for n in draw(b"<p>x", charset_hint="utf-99").notes)
    assert any("does not exist" in n for n in draw(b"<p>x", charset_hint="hex").notes)
    page = draw(b"<p>caf\xe9 open", charset_hint="utf-8")
    assert page.text == "caf\ufffd open"
    assert page.notes == ("some bytes are no utf-8",)


def test_what_is_cut_is_said() -> None:
    page = draw("<p>" + "word " * (MAX_CHARACTERS // 5 + 10))
    assert page.truncated
    assert len(page.text) <= MAX_CHARACTERS
    assert str(MAX_CHARACTERS) in page.notes[0]
    assert not draw("<p>word").truncated


def test_a_soup_that_the_caller_has_is_drawn_like_its_markup() -> None:
    html = "<h1>Rules</h1><ul><li>No bots.</ul><a href=/t>T</a>"
    assert draw(BeautifulSoup(html, "html.parser")).text == draw(html).text


HOSTILE = {
    "nested": "<div>" * 100_000 + "x", "nested lists": "<ul><li>" * 50_000 + "x", "inline": "<b>" * 100_000 + "x",
    "comments": "<!--" * 50_000, "open tags": "<a " * 60_000, "attributes": "<a " + " ".join(f"a{i}" for i in range(60_000)),
    "one word": "x" * MAX_CHARACTERS, "less-than": "<" * 200_000, "end tags": "</span>" * 100_000,
    "scripts": "<script>" * 50_000, "cells": "<table><tr><td>" * 20_000, "links": "<a href=x>" * 50_000,
    "zeros": "\0" * 100_000 + "x", "breaks": "x<br>" * 100_000, "titles": "<title>" * 50_000,
    "long class": f"<div class='{'nav-' * 50_000}'>x", "no-snippets": "<i data-nosnippet>" * 30_000 + "x",
    "languages": "<div lang=fr>x" * 20_000, "instructions": "<?" * 100_000, "doctypes": "<!DOCTYPE " * 50_000,
    "surrogate": "<p>\ud800 x", "controls": "<p>\x01\x02\x0b\x1f x", "deep heading": "<h1>" * 50_000 + "x",
    "numbers": "<ol start=99999999999999999999><li value=-9>x", "metas": "<meta name=a content=b>" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_hostile_markup_is_drawn_without_an_exception_and_in_linear_time(name: str) -> None:
    page = draw(HOSTILE[name])
    hold(page)
    assert len(page.anchors) <= MAX_LINKS


TAGS = st.sampled_from([
    "a", "p", "div", "span", "ul", "ol", "li", "h1", "h3", "b", "br", "table", "tr", "td", "dl", "dt", "dd", "pre", "script",
    "style", "noscript", "nav", "footer", "main", "select", "option", "textarea", "template", "svg", "title", "meta", "link",
    "base", "html", "head", "body", "img", "blockquote", "details", "summary", "form", "input"])
PIECES = st.one_of(
    st.text(max_size=12), TAGS.map(lambda t: f"<{t}>"), TAGS.map(lambda t: f"</{t}>"), TAGS.map(lambda t: f"<{t} "),
    st.sampled_from(["href=/x", "class=footer", 'lang="de"', "data-nosnippet", "<!--", "-->", "&amp;", "&#0;", "]]>", "'", '"',
                     "\x00", "<![CDATA[", "<?php", "\n\n", "type=application/ld+json", "start=-3", "value=x", "role=heading"]))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_property_any_text_as_markup_gives_blocks_that_are_the_text_at_their_offsets(html: str) -> None:
    hold(draw(html))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-16", "shift_jis", "x-user-defined", "", "idna", "rot13"]))
def test_property_any_bytes_are_drawn(body: bytes, hint: str | None) -> None:
    hold(draw(body, charset_hint=hint))
