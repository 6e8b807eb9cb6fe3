"""Terms in a PDF, made here line by line, from the server to the Decision."""

from __future__ import annotations

import builtins
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapeguard import _pdf
from scrapeguard._pdf import draw_pdf, is_pdf, paragraphs
from scrapeguard.guard import Guard
from scrapeguard.model.evidence import SourceState
from scrapeguard.replay import Recording
from scrapeguard.transport.requests import RequestsTransport
from scrapeguard.verify import verify
from tests.serving import serving

AGENT = "examplebot/1.0"
PAGES = (
    (
        "Terms of Service",
        "1. The contract",
        "These terms are a contract between you and the Example company, and hold for all that we offer, on this",
        "site and elsewhere.",
        "2. What you may not do",
        "You may not use robots, spiders or other automated means to access the service or to col-",
        "lect its content, and you may",
    ),
    (
        "2",
        "not use our content to train models for machine learning or artificial intelligence, whatever they are",
        "made for.",
        "(a) sell the content;",
        "(b) rent it out.",
    ),
)


def make_pdf(pages: Sequence[Sequence[str]], *, trailer: str = "") -> bytes:
    """A PDF 1.4 with one line of text under the other (ISO 32000-1, 7.5 and 9.4)."""
    kids = [3 + 2 * n for n in range(len(pages))]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), b" ".join(b"%d 0 R" % k for k in kids)),
    ]
    font = b"<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>"
    for kid, lines in zip(kids, pages, strict=True):
        drawn = b"BT /F1 11 Tf 14 TL 50 780 Td " + b" ".join(
            b"(" + line.replace("(", "\\(").replace(")", "\\)").encode("cp1252") + b") Tj T*" for line in lines
        )
        stream = zlib.compress(drawn + b" ET")
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font %s>>/Contents %d 0 R>>" % (font, kid + 1),
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
        ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    xref = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF"
    return out + xref % (size, table, size, trailer.encode(), len(out))


def _site(pdf: bytes) -> dict[str, Any]:
    return {
        "/robots.txt": "User-agent: *\nDisallow:\n",
        "/": '<p>Welcome to all of you.<footer><a href="/terms.pdf">Terms of Service</a></footer>',
        "/terms.pdf": (200, {"Content-Type": "application/pdf"}, pdf),
    }


def test_choice_terms_in_a_pdf_are_read_and_quoted() -> None:
    with serving(_site(make_pdf(PAGES))) as site:
        guard = Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True))
        decision = guard.allowed(site.origin + "/page", "ai-train")
        document = guard.site(site.origin + "/").documents[site.origin + "/terms.pdf"]
    assert decision.verdict.value == "deny"
    assert document.reader.startswith("scrapeguard-pdf/1 pypdf/")
    clause = next(c for c in document.clauses if "train models" in c.quote)
    assert document.text[clause.start : clause.end] == clause.quote
    assert "you may not use our content to train models" in document.text, "a sentence goes on over the page"
    assert "to collect its content" in document.text


def test_choice_a_recorded_pdf_is_verified_and_gives_the_same_decision(tmp_path: Path) -> None:
    archive = tmp_path / "a.warc.gz"
    with serving(_site(make_pdf(PAGES))) as site:
        transport = RequestsTransport(AGENT, allow_private=True)
        with Guard(AGENT, transport=transport, record=str(archive)) as guard:
            decision = guard.allowed(site.origin + "/page", "ai-train")
    found = verify(decision, archive)
    assert found, found
    assert found.quotes >= 1
    (again,) = Recording(archive).replay()
    assert again.same


def test_choice_without_the_extra_a_pdf_is_a_gap_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = builtins.__import__

    def bare(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "pypdf":
            raise ImportError(name)
        return installed(name, *args, **kwargs)

    draw_pdf.cache_clear()
    monkeypatch.setattr(builtins, "__import__", bare)
    with serving(_site(make_pdf(PAGES))) as site:
        guard = Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True))
        decision = guard.allowed(site.origin + "/page", "ai-train")
        source = next(s for s in guard.site(site.origin + "/").sources if s.url.endswith("/terms.pdf"))
    draw_pdf.cache_clear()
    assert source.state is SourceState.UNREADABLE
    assert "pip install scrapeguard[pdf]" in source.note
    assert not decision


def test_choice_paragraphs_are_put_together_from_lines() -> None:
    found = paragraphs([line for page in PAGES for line in page])
    assert found[0] == "Terms of Service"
    assert found[2].endswith("on this site and elsewhere.")
    assert found[-2:] == ["(a) sell the content;", "(b) rent it out."]
    assert not any(p == "2" for p in found)


def test_choice_a_scan_is_unreadable() -> None:
    assert draw_pdf(make_pdf([[]])).note == "a PDF without text, as a scan is"


def test_choice_a_pdf_with_restrictions_is_left_alone() -> None:
    locked = "/Encrypt<</Filter/Standard/V 1/R 2/O(" + "x" * 32 + ")/U(" + "y" * 32 + ")/P -4>>/ID[(a)(b)]"
    found = draw_pdf(make_pdf(PAGES, trailer=locked))
    assert (found.text, "restrictions" in found.note) == ("", True)


def test_choice_what_is_longer_than_is_read_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pdf, "MAX_PAGES", 1)
    long = make_pdf([*PAGES, ["the end of a longer one"]])
    assert draw_pdf(long).cut
    with serving(_site(long)) as site:
        sources = Guard(AGENT, transport=RequestsTransport(AGENT, allow_private=True)).site(site.origin + "/").sources
    source = next(s for s in sources if s.url.endswith("/terms.pdf"))
    assert (source.state, "longer than is read" in source.note) == (SourceState.UNREADABLE, True)


def test_choice_a_stream_that_unpacks_to_more_than_a_page_has_is_refused() -> None:
    bomb = make_pdf([["x" * 30_000_000]])
    start = time.monotonic()
    found = draw_pdf(bomb)
    assert time.monotonic() - start < 5
    assert found.text == ""
    assert "cannot be read" in found.note


@given(st.binary(max_size=200), st.integers(0, 900), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_choice_a_broken_pdf_is_a_note(noise: bytes, at: int, drop: int) -> None:
    whole = make_pdf(PAGES)
    found = draw_pdf(whole[:at] + noise + whole[at + drop :])
    assert isinstance(found.text, str)
    assert found.text or found.note


def test_iso32000_7_5_2_a_pdf_is_known_by_its_first_bytes() -> None:
    assert is_pdf(b"%PDF-1.7\n", "application/octet-stream")
    assert is_pdf(b"\r\n%PDF-1.7\n", "")
    assert not is_pdf(b"<p>%PDF-1.7", "text/html")
