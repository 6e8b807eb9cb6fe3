"""A terms document, read: its text, blocks and clauses, and what it comes to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING

from scrapeguard.terms.clause import Clause
from scrapeguard.terms.extract import extractor_for
from scrapeguard.terms.segment import Block, blocks_of_html, blocks_of_text
from scrapeguard.terms.verdict import summarise

if TYPE_CHECKING:
    from bs4 import BeautifulSoup


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
    content: str | bytes | BeautifulSoup,
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
    mime = content_type.split(";")[0].strip().lower()
    if mime in {"text/plain", "text/markdown", "text/x-markdown"}:
        text = content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")
        blocks = blocks_of_text(text, markdown=mime != "text/plain")
        reader = "scrapeguard-text/1"
    else:
        text, blocks, _ = blocks_of_html(content)
        reader = "scrapeguard-html/1"
    language = language or "en"
    extractor = extractor_for(language)
    clauses = extractor.clauses(text, blocks) if extractor else []
    return TermsDocument(text, language, tuple(blocks), tuple(clauses), readable=extractor is not None, reader=reader, url=url)
