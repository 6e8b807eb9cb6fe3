"""A terms document, read: its text, blocks and clauses, and what it comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING

from scrapeguard._html import READER
from scrapeguard.terms.clause import Clause
from scrapeguard.terms.edition import effective_date
from scrapeguard.terms.extract import extractor_for
from scrapeguard.terms.language import UNKNOWN, Language, language_of, languages_of_blocks, primary
from scrapeguard.terms.segment import Block, blocks_of_html, blocks_of_text
from scrapeguard.terms.verdict import summarise

if TYPE_CHECKING:
    from bs4 import Tag

TEXT_READER = "scrapeguard-text/1"
"""Name and version of the reader of plain text and Markdown, which draws nothing."""

RULES_VERSION = "1"
"""Version of rules and weights; a change of it may change the clauses of the same text."""

_TEXT = {"text/plain", "text/markdown", "text/x-markdown"}


@dataclass(frozen=True, slots=True)
class TermsDocument:
    """The prose of a site's terms, with every clause about automated use that was found in it.

    ``text`` is what all offsets count in; for text/plain and text/markdown it is the decoded input unchanged. ``language`` is
    an ISO 639-1 code. ``readable`` is False when the library has no rules for that language: then there are no clauses, which
    says nothing about the document, and ``notes`` say so.
    """

    text: str
    language: str
    blocks: tuple[Block, ...]
    clauses: tuple[Clause, ...]
    readable: bool = True
    effective_date: date | None = None
    notes: tuple[str, ...] = ()
    reader: str = ""
    url: str | None = None
    text_sha256: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "text_sha256", hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest())

    def summary(self) -> dict[str, str]:
        """``scraping`` and ``ai``: forbidden, conditional, allowed or silent; ``identify``: forbidden or silent."""
        return summarise(self.clauses)

    def _repr_html_(self) -> str:
        """How notebooks show it; the view stands above this layer, so it is named here and not imported."""
        return str(import_module("scrapeguard.integrations.notebook").terms_html(self))


def read_terms(
    content: str | bytes | Tag,
    *,
    content_type: str = "text/html",
    url: str | None = None,
    language: str | None = None,
) -> TermsDocument:
    """Read a terms document.

    ``content`` is a page, text or Markdown (``content_type`` says which), or a Beautiful Soup the caller has. ``language`` (ISO
    639-1) overrides the detection. Never raises for what the document holds.

    >>> doc = read_terms("You may not scrape this website.", content_type="text/plain")
    >>> [(c.quote, [a.value for a in c.activities], c.effect.value) for c in doc.clauses]
    [('You may not scrape this website.', ['automated-access', 'extraction'], 'forbid')]
    """
    mime, _, parameters = content_type.partition(";")
    if mime.strip().lower() in _TEXT:
        text = content if isinstance(content, str) else _decoded(content, parameters)
        blocks = blocks_of_text(text, markdown="markdown" in mime.lower())
        return _document(text, blocks, language, None, (), TEXT_READER, url)
    text, blocks, page = blocks_of_html(content, charset_hint=_charset(parameters))
    return _document(text, blocks, language, page.lang, page.notes, READER, url)


def _document(
    text: str,
    blocks: Sequence[Block],
    language: str | None,
    declared: str | None,
    notes: Sequence[str],
    reader: str,
    url: str | None,
) -> TermsDocument:
    code = primary(language) if language else language_of(text, declared=declared).code
    extractor = extractor_for(code)
    said = list(notes)
    if extractor is None:
        said.append(
            f"no rules for the language {code!r}: nothing was read in it"
            if code != UNKNOWN
            else "the language could not be determined: nothing was read"
        )
    return TermsDocument(
        text,
        code,
        tuple(blocks),
        tuple(_clauses(text, blocks, code, language is not None, said)),
        readable=extractor is not None,
        effective_date=effective_date(text),
        notes=tuple(said),
        reader=reader,
        url=url,
    )


def _clauses(text: str, blocks: Sequence[Block], code: str, told: bool, said: list[str]) -> list[Clause]:
    """The clauses of all blocks, each read in its own language where there are rules for it, unless the language was ``told``."""
    extractor = extractor_for(code)
    if told:
        return extractor.clauses(text, blocks) if extractor else []
    spoken = languages_of_blocks(text, blocks, Language(code, 1.0, "words"))
    parts: dict[str, list[Block]] = {}
    for block, own in zip(blocks, spoken, strict=True):
        parts.setdefault(own if own == code or extractor_for(own) else code, []).append(block)
    found: list[Clause] = []
    for own, part in parts.items():
        reader = extractor_for(own)
        if reader is not None:
            found += reader.clauses(text, part)
        if own != code:
            said.append(f"{len(part)} of {len(blocks)} blocks were read as {own!r}")
    return sorted(found, key=lambda c: (c.start, c.end)) if len(parts) > 1 else found


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None


def _decoded(content: bytes | Tag, parameters: str) -> str:
    data = content if isinstance(content, bytes) else str(content).encode()
    try:
        return data.decode(_charset(parameters) or "utf-8-sig", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
