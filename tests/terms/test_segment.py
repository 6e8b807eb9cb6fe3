"""Blocks of terms: where they are cut, what kind they are, and that offsets are exact on every real file."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from scrapeguard.terms.segment import Block, blocks_of_html, blocks_of_text

UNIT = re.compile(r"\n\s*\n|\n(?=\s*(?:[\*\-•·]|\(?[a-zA-Z0-9]{1,4}[\.\)])\s)")


def cut(text: str, *, markdown: bool = True) -> list[tuple[str, str]]:
    return [(b.kind, text[b.start:b.end]) for b in blocks_of_text(text, markdown=markdown)]


def hold(text: str, blocks: list[Block]) -> None:
    """Blocks come in order and do not overlap; each is the stripped text at its offsets; what governs stands before."""
    last = 0
    for block in blocks:
        part = text[block.start:block.end]
        assert last <= block.start < block.end <= len(text)
        assert part == part.strip() != ""
        spans = [*block.lead_in, (block.start, block.end)]
        assert spans == sorted(spans)
        assert all(end <= following for (_, end), (following, _) in itertools.pairwise(spans))
        last = block.end


@pytest.mark.parametrize(("text", "want"), [
    ("one\ntwo\n\nthree", [("paragraph", "one\ntwo"), ("paragraph", "three")]),
    ("# A\ntext", [("heading", "# A"), ("paragraph", "text")]),
    ("A title\n=====\n\ntext", [("heading", "A title"), ("paragraph", "text")]),
    ("A title\n---\ntext", [("heading", "A title"), ("paragraph", "text")]),
    ("**Bold title**\n\ntext", [("heading", "**Bold title**"), ("paragraph", "text")]),
    ("**A bold sentence.**", [("paragraph", "**A bold sentence.**")]),
    ("LIMITS OF USE\n\ntext", [("heading", "LIMITS OF USE"), ("paragraph", "text")]),
    ("* a\n* b\n    - c", [("item", "* a"), ("item", "* b"), ("item", "- c")]),
    ("1. a\n2) b\n(c) c", [("item", "1. a"), ("item", "2) b"), ("item", "(c) c")]),
    ("*   \n    deep text", [("item", "*   \n    deep text")]),
    ("*   \n\n    deep text", [("paragraph", "deep text")]),
    ("> quoted\n> words", [("quote", "> quoted\n> words")]),
    ("| a | b |\n|---|---|\n| c | |", [("cell", "a"), ("cell", "b"), ("cell", "c")]),
    ("text\n\n* * *\n\n---\n\nmore", [("paragraph", "text"), ("paragraph", "more")]),
    ("### \n**A**\n\nb", [("heading", "**A**"), ("paragraph", "b")]),
    ("\ufeffone\r\n\r\ntwo\x85", [("paragraph", "\ufeffone"), ("paragraph", "two")]),
    ("", []), ("\n \n\t", []), ("***", []),
])
def test_where_blocks_of_markdown_end_and_what_they_are(text: str, want: list[tuple[str, str]]) -> None:
    assert cut(text) == want


def test_plain_text_has_no_heading_marks() -> None:
    assert cut("# not a title\n\nA line\n---", markdown=False) == [
        ("paragraph", "# not a title"), ("paragraph", "A line\n---")]


def test_the_heading_trail_goes_in_and_out() -> None:
    text = "# A\n\n## B\n\nb\n\n### C\n\nc\n\n## D\n\nd\n\n**E**\n\ne"
    assert {text[b.start:b.end]: b.section for b in blocks_of_text(text, markdown=True) if b.kind == "paragraph"} == {
        "b": ("A", "B"), "c": ("A", "B", "C"), "d": ("A", "D"), "e": ("A", "D", "E")}


def test_a_footer_has_no_section_of_the_body_and_the_body_goes_on_after_an_aside() -> None:
    text, blocks, _ = blocks_of_html("<h1>A</h1><p>a</p><aside><h2>N</h2><p>n</p></aside><p>b</p><footer><p>f</p></footer>")
    assert [(text[b.start:b.end], b.section) for b in blocks if b.kind == "paragraph"] == [
        ("a", ("A",)), ("n", ("N",)), ("b", ("A",)), ("f", ())]


def test_real_pages_blocks_are_the_text_at_their_offsets(shared: Path) -> None:
    pages = sorted((shared / "pages").glob("*.html"))
    assert len(pages) == 64
    for path in pages:
        text, blocks, page = blocks_of_html(path.read_bytes())
        hold(text, blocks)
        assert [(b.start, b.end) for b in blocks] == [(b.start, b.end) for b in page.blocks]
        assert len(blocks) >= 5, path.name


def test_real_terms_blocks_lie_in_the_annotated_units_and_miss_none(shared: Path) -> None:
    for name in ("dev_en.jsonl", "dev_multi.jsonl"):
        for line in (shared / "terms" / name).read_bytes().splitlines():
            text = json.loads(line)["text"]
            blocks = blocks_of_text(text, markdown=True)
            hold(text, blocks)
            waiting = iter(blocks)
            block = next(waiting, None)
            at = 0
            for part in filter(None, map(str.strip, UNIT.split(text))):
                start = text.index(part, at)
                at = start + len(part)
                inside = 0
                while block and block.start < at:
                    assert start <= block.start
                    assert block.end <= at
                    inside += 1
                    block = next(waiting, None)
                assert inside or not re.search(r"\w", part)
            assert block is None


LINES = st.sampled_from(["* ", "- ", "1. ", "(a) ", "  i. ", "\n", "\n\n", "# ", "===\n", "**", "| ", "|--|\n", ": ", ";", "> ",
                         "You must not", "scrape", "\t", "\r\n", "\u2028", "\x0c", "•", "§ 1.2 ", "\\"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=8)), max_size=40).map("".join), st.booleans())
def test_property_any_text_gives_blocks_that_are_the_text_at_their_offsets(text: str, markdown: bool) -> None:
    hold(text, blocks_of_text(text, markdown=markdown))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", [
    "x" * 3_000_000, "\n" * 1_000_000, " " * 1_000_000 + "x", "* " * 500_000, "* a\n" * 100_000, "|" * 500_000,
    "|a|\n|-|\n" + "|b" * 200_000, "(a) " * 200_000, "You must not:\n\n" * 50_000, "# a\n" * 50_000, "a\n=\n" * 50_000,
    "\n".join(" " * (i % 50) + "* x:" for i in range(50_000)), "\n".join(" " * i + "* x" for i in range(2_000)),
    "1." * 500_000, "**" * 500_000, "- \n\n" * 100_000, "> " * 300_000, "#" * 500_000, "\n \t" * 300_000,
])
def test_hostile_text_is_cut_in_linear_time(text: str) -> None:
    hold(text, blocks_of_text(text, markdown=True))
