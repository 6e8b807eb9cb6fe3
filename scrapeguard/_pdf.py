"""The text of a PDF, drawn with pypdf where it is installed (the extra ``pdf``). Knows nothing of policies.

A PDF places lines on pages; paragraphs are put together again from them, so that a sentence is one piece of text.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

MAX_PAGES = 200
"""Pages read; the longest terms known are under 100."""
MAX_CHARACTERS = 2_000_000
"""Characters read of all pages."""
MAX_STREAM = 8_000_000
"""Bytes that any part of the file may unpack to: a page of text is under 100 kB."""


_LOCKED = "a PDF under a password or with restrictions, which is left alone"
_LIMITS: dict[str, Any] = {
    **{f"{name}_maximum_output_length": MAX_STREAM for name in ("zlib", "lzw", "run_length", "brotli", "array_based_stream")},
    "stream_decoding_work_maximum_length": 4 * MAX_STREAM,
    "jbig2dec_binary": None,  # pictures are not looked at, and no program is started
}


class PdfText(NamedTuple):
    """What was drawn: the text, '' where there is none and ``note`` says why; ``cut`` when there was more than is read.

    ``reader`` names what drew it: offsets into the text hold for that reader.
    """

    text: str
    note: str = ""
    cut: bool = False
    reader: str = ""


def is_pdf(body: bytes, kind: str) -> bool:
    """True for a body that is a PDF by its first bytes (ISO 32000 §7.5.2) or its media type.

    >>> is_pdf(b"%PDF-1.7", ""), is_pdf(b"<html>", "text/html")
    (True, False)
    """
    return kind == "application/pdf" or b"%PDF-" in body[:1024].lstrip()[:5]


@lru_cache(maxsize=64)
def draw_pdf(body: bytes) -> PdfText:
    """The text of a PDF, its paragraphs separated by empty lines. Never raises for what the file holds."""
    try:
        import pypdf  # noqa: PLC0415 - an extra
    except ImportError:
        return PdfText("", "a PDF, whose text nothing here can read; pip install scrapeguard[pdf]")
    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # its remarks on broken files are no concern of the caller
    reader = f"scrapeguard-pdf/1 pypdf/{pypdf.__version__}"
    try:
        with pypdf.apply_configuration(**_LIMITS):
            return _drawn(pypdf, body)._replace(reader=reader)
    except Exception as error:  # noqa: BLE001 - pypdf raises whatever a broken file leads it to
        locked = b"/Encrypt" in body
        why = _LOCKED if locked else f"a PDF that cannot be read: {type(error).__name__}: {str(error)[:120]}"
        return PdfText("", why, reader=reader)


def _drawn(pypdf: Any, body: bytes) -> PdfText:
    document = pypdf.PdfReader(io.BytesIO(body), root_object_recovery_limit=1_000)
    if document.is_encrypted:
        return PdfText("", _LOCKED)
    lines: list[str] = []
    size, count = 0, len(document.pages)
    for page in document.pages[:MAX_PAGES]:
        found = str(page.extract_text())[: MAX_CHARACTERS + 1 - size]
        size += len(found)
        lines += found.splitlines()
        if size > MAX_CHARACTERS:
            break
    text = "\n\n".join(paragraphs(lines))
    cut = count > MAX_PAGES or size > MAX_CHARACTERS
    return PdfText(text, "" if text else "a PDF without text, as a scan is", cut)


_MARKER = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){0,4}[.)]?|\([a-zA-Z0-9ivx]{1,4}\)|[a-zA-Z][.)]|[•●▪◦‣*–—-])\s")
_PAGE_NUMBER = re.compile(r"(?:page\s+)?[-–]?\s?\d{1,4}\s?[-–]?(?:\s?(?:of|/)\s?\d{1,4})?", re.IGNORECASE)
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xad": "", "\0": ""})
_FULL = 0.75


def paragraphs(lines: Iterable[str]) -> list[str]:
    """Lines as they stand on pages put together to paragraphs.

    A paragraph ends at an empty line, before a marker of a list or section, and after a line that stops well short of the
    usual width with the end of a sentence, or without one where a capital follows (a heading). Page numbers are left out.

    >>> paragraphs(["1. Use", "You may not copy the pages of this service, which are ours, nor", "sell them."])
    ['1. Use', 'You may not copy the pages of this service, which are ours, nor sell them.']
    """
    shown = [" ".join(line.translate(_LIGATURES).split()) for line in lines]
    shown = [line for line in shown if not _PAGE_NUMBER.fullmatch(line[:40])]
    lengths = sorted(len(line) for line in shown if line)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    found: list[str] = []
    before = ""
    for line in shown:
        if line and before and not _ends(before, line, width):
            glue = "" if before[-1] == "-" and before[-2:-1].islower() and line[0].islower() else " "
            found[-1] = (found[-1][:-1] if not glue else found[-1]) + glue + line
        elif line:
            found.append(line)
        before = line
    return found


def _ends(line: str, following: str, width: int) -> bool:
    if _MARKER.match(following):
        return True
    if len(line) >= _FULL * width:
        return False
    return line[-1] in ".:;!?。！？" or following[0].isupper()
