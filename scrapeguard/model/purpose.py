"""What a crawl is for: ten purposes, named after the AIPREF usage categories where those exist.

A site speaks of uses (search, training, mining), a law of persons; one closed list lets every source speak the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from scrapeguard.errors import UnknownPurpose


class Purpose(StrEnum):
    """What the fetched content will be used for.

    >>> Purpose("ai-train")
    <Purpose.AI_TRAIN: 'ai-train'>
    """

    ACCESS = "access"
    SEARCH = "search"
    AI_INPUT = "ai-input"
    AI_TRAIN = "ai-train"
    TDM = "tdm"
    RESEARCH = "research"
    ARCHIVE = "archive"
    REUSE = "reuse"
    PERSONAL_DATA = "personal-data"
    IDENTIFICATION = "identification"


USE_PURPOSES = tuple(p for p in Purpose if p not in {Purpose.ACCESS, Purpose.SEARCH})
"""All but access and search: the purposes for which an unread source closes the door (profiles strict and standard)."""

MEANING: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.ACCESS: "fetch the page at all, nothing said about later use",
        Purpose.SEARCH: "index it and show links with short excerpts",
        Purpose.AI_INPUT: "put it into a model at run time: retrieval, grounding, summaries, agents",
        Purpose.AI_TRAIN: "train or fine-tune a generative or foundation model",
        Purpose.TDM: "other automated analysis: text and data mining, analytics, non-generative models",
        Purpose.RESEARCH: "text and data mining for scientific research by a research organisation",
        Purpose.ARCHIVE: "keep and show complete copies",
        Purpose.REUSE: "republish, resell or otherwise reuse the content itself, data sets included",
        Purpose.PERSONAL_DATA: "collect data about people",
        Purpose.IDENTIFICATION: "recognise people: faces, biometrics, matching of names or usernames",
    }
)
"""One line a purpose, in words for people."""

ALIASES: Mapping[str, Purpose] = MappingProxyType(
    {
        "scraping": Purpose.ACCESS,
        "scrape": Purpose.ACCESS,
        "crawl": Purpose.ACCESS,
        "crawling": Purpose.ACCESS,
        "fetch": Purpose.ACCESS,
        "indexing": Purpose.SEARCH,
        "index": Purpose.SEARCH,
        "search-engine": Purpose.SEARCH,
        "search-index": Purpose.SEARCH,
        "rag": Purpose.AI_INPUT,
        "grounding": Purpose.AI_INPUT,
        "inference": Purpose.AI_INPUT,
        "ai-use": Purpose.AI_INPUT,
        "ai-search": Purpose.AI_INPUT,
        "agent": Purpose.AI_INPUT,
        "retrieval": Purpose.AI_INPUT,
        "train-ai": Purpose.AI_TRAIN,
        "ai-training": Purpose.AI_TRAIN,
        "training": Purpose.AI_TRAIN,
        "train": Purpose.AI_TRAIN,
        "machine-learning": Purpose.AI_TRAIN,
        "genai": Purpose.AI_TRAIN,
        "train-genai": Purpose.AI_TRAIN,
        "text-and-data-mining": Purpose.TDM,
        "data-mining": Purpose.TDM,
        "mining": Purpose.TDM,
        "analytics": Purpose.TDM,
        "scientific-research": Purpose.RESEARCH,
        "science": Purpose.RESEARCH,
        "academic": Purpose.RESEARCH,
        "archiving": Purpose.ARCHIVE,
        "archival": Purpose.ARCHIVE,
        "preservation": Purpose.ARCHIVE,
        "cache": Purpose.ARCHIVE,
        "republication": Purpose.REUSE,
        "republish": Purpose.REUSE,
        "resale": Purpose.REUSE,
        "redistribution": Purpose.REUSE,
        "dataset": Purpose.REUSE,
        "personal": Purpose.PERSONAL_DATA,
        "pii": Purpose.PERSONAL_DATA,
        "personal-information": Purpose.PERSONAL_DATA,
        "contacts": Purpose.PERSONAL_DATA,
        "facial-recognition": Purpose.IDENTIFICATION,
        "face-recognition": Purpose.IDENTIFICATION,
        "biometrics": Purpose.IDENTIFICATION,
        "biometric": Purpose.IDENTIFICATION,
        "identify": Purpose.IDENTIFICATION,
        "faces": Purpose.IDENTIFICATION,
        "person-search": Purpose.IDENTIFICATION,
    }
)
"""Other words people write for a purpose."""


def parse_purpose(value: Purpose | str) -> Purpose:
    """The purpose that ``value`` names, case and ``_``/space/``-`` ignored.

    Raises `UnknownPurpose`, which lists the valid names and the nearest one.

    >>> parse_purpose("Facial_Recognition")
    <Purpose.IDENTIFICATION: 'identification'>
    """
    if isinstance(value, Purpose):
        return value
    word = "-".join(str(value).strip().lower().replace("_", " ").replace("-", " ").split())
    if word in ALIASES:
        return ALIASES[word]
    try:
        return Purpose(word)
    except ValueError:
        pass
    import difflib  # noqa: PLC0415 - only an error needs it

    names = [p.value for p in Purpose]
    near = difflib.get_close_matches(word, [*names, *ALIASES], n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise UnknownPurpose(
        f"{value!r} is no purpose{hint} Valid are: {', '.join(names)}"
        if near
        else f"{value!r} is no purpose; valid are: {', '.join(names)}"
    )
