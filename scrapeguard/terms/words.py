"""Words of a passage, folded to stems."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[a-z][a-z0-9]*(?:[.'’-][a-z0-9]+)*|\d+")
_IRREGULAR = {
    "used": "use",
    "uses": "use",
    "using": "use",
    "usage": "use",
    "made": "make",
    "making": "make",
    "sold": "sell",
    "built": "build",
    "gotten": "get",
    "has": "have",
    "does": "do",
    "was": "be",
    "is": "be",
    "are": "be",
    "been": "be",
    "were": "be",
    "being": "be",
    "doing": "do",
    "going": "go",
    "goes": "go",
    "lies": "lie",
}


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A light stem: plural, -ing, -ed and final -e taken off.

    >>> [stem(w) for w in ("scraping", "scrapes", "scraped", "copies", "access", "uses")]
    ['scrap', 'scrap', 'scrap', 'copy', 'access', 'use']
    """
    word = word.replace("’", "'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    word = word.removesuffix("'s")
    if len(word) <= 3:
        return word
    if word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ing") and len(word) > 5:
        word = word[:-3]
    elif word.endswith("ed") and len(word) > 4:
        word = word[:-2]
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word


def stems(text: str) -> list[str]:
    """Stems of the words of ``text``, in order."""
    return [stem(w) for w in WORD.findall(text.lower())]
