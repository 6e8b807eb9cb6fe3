"""The rule files, one a language: read, checked, compiled."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

from scrapeguard.terms.inflected import Inflected
from scrapeguard.terms.lexicon import Lexicon


@lru_cache(maxsize=16)
def lexicon_for(language: str) -> Lexicon | None:
    """The lexicon of a language (ISO 639-1), or None when there is no rule file for it."""
    file = resources.files("scrapeguard.terms") / "rules" / f"{language}.toml"
    if not file.is_file():
        return None
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    if data.get("patterns"):
        return Inflected(data["concepts"], data["telling"])
    return Lexicon(data["concepts"], data["telling"])
