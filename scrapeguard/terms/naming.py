"""Which document a few words name: link texts, titles, URL paths, in many languages (`data/discover.toml`)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote

from scrapeguard.terms.kind import DocumentKind

GRADES = {"strong": 10.0, "medium": 8.0, "weak": 4.0}
"""How much a phrase that is the whole text of a link counts."""

_MAX_TEXT = 160
_LONGEST = 7
_FOLD = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "&": " and ", "ς": "σ"})
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u3099\u309a]+")
_WORDS = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1100-\u11ff]")
_EXTENSION = re.compile(r"\.(?:html?|php\d?|aspx?|jsp|cfm|md|txt|pdf|shtml)$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Naming(NamedTuple):
    """That some words name a document: its kind, how surely (0–10), and the phrase of the table that said so."""

    kind: DocumentKind
    score: float
    phrase: str


class Lexicon(NamedTuple):
    """The table, indexed: phrases and URL stems with kind and grade; phrases of scripts without spaces apart."""

    phrases: dict[str, tuple[DocumentKind, float]]
    unspaced: tuple[tuple[str, DocumentKind, float], ...]
    stems: dict[str, tuple[DocumentKind, float]]
    rel: dict[str, DocumentKind]
    narrowing: frozenset[str]
    third_party: frozenset[str]
    probe: tuple[str, ...]


def fold(text: str) -> str:
    """Words in lower case, without accents and punctuation, one space between them.

    >>> fold("Conditions générales d’utilisation"), fold("TERMS & Conditions")
    ('conditions generales d utilisation', 'terms and conditions')
    """
    text = text.casefold().translate(_FOLD)
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(_WORDS.findall(text))


def named_by_text(text: str) -> dict[DocumentKind, Naming]:
    """The kinds that a short text names, each with its best phrase, which counts less the more words stand around it.

    >>> {k.value: n.phrase for k, n in named_by_text("Nutzungsbedingungen").items()}
    {'terms': 'nutzungsbedingungen'}
    >>> sorted(k.value for k in named_by_text("Privacy & Terms"))
    ['privacy', 'terms']
    """
    return _named(text) if len(text) <= _MAX_TEXT else {}


@lru_cache(maxsize=4096)
def _named(text: str) -> dict[DocumentKind, Naming]:
    lexicon = load()
    folded = fold(text)
    found: dict[DocumentKind, Naming] = {}
    words = [w for w in folded.split() if w != "and"]
    taken = [False] * len(words)
    for size in range(min(_LONGEST, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            if any(taken[at:at + size]):
                continue
            phrase = " ".join(words[at:at + size])
            if hit := lexicon.phrases.get(phrase):
                taken[at:at + size] = [True] * size
                _note(found, hit[0], hit[1] * _share(size, len(words)), phrase)
    if _UNSPACED.search(folded):
        for phrase, kind, grade in lexicon.unspaced:
            if phrase in folded:
                _note(found, kind, grade * _share(len(phrase), len(folded)), phrase)
    return found


def named_by_path(target: str) -> dict[DocumentKind, Naming]:
    """The kinds that a URL's path and query name.

    >>> {k.value: round(n.score, 1) for k, n in named_by_path("/en/legal/termsOfUse.html").items()}
    {'terms': 7.0}
    """
    return _path_named(target[:300])


@lru_cache(maxsize=4096)
def _path_named(target: str) -> dict[DocumentKind, Naming]:
    lexicon = load()
    found: dict[DocumentKind, Naming] = {}
    path, _, query = unquote(target, errors="ignore").partition("?")
    segments = [s for s in path.split("/") if s]
    segments += [v for v in re.split(r"[&=]", query) if v]
    for i, raw in enumerate(segments):
        segment = _EXTENSION.sub("", raw.lower()).rstrip("0123456789")
        last = i == len(segments) - 1
        compact = fold(segment).replace(" ", "")
        if hit := lexicon.stems.get(compact):
            _note(found, hit[0], hit[1] * 0.6 + last, compact)
            continue
        for kind, naming in named_by_text(_CAMEL.sub(" ", _EXTENSION.sub("", raw))).items():
            _note(found, kind, naming.score * 0.6 + 0.5 * last, naming.phrase)
        words = fold(segment).split()
        for word in words if len(words) > 1 else ():
            if hit := lexicon.stems.get(word):
                _note(found, hit[0], hit[1] * 0.45, word)
    return found


def named_by_host(host: str) -> dict[DocumentKind, Naming]:
    """The kinds that the labels of a host name, weakly: ``terms.example.com``, ``legal.example.com``."""
    found: dict[DocumentKind, Naming] = {}
    for label in host.lower().split(".")[:-1][:4]:
        if hit := load().stems.get(label.replace("-", "")):
            _note(found, hit[0], hit[1] * 0.3, label)
    return found


def narrowing_words(text: str) -> list[str]:
    """Words that narrow a document to sellers, contests, refunds and the like."""
    return [w for w in fold(text[:_MAX_TEXT]).split() if w in load().narrowing]


def _share(size: int, total: int) -> float:
    return 0.45 + 0.55 * size / total


def _note(found: dict[DocumentKind, Naming], kind: DocumentKind, score: float, phrase: str) -> None:
    if kind not in found or found[kind].score < score:
        found[kind] = Naming(kind, score, phrase)


@cache
def load() -> Lexicon:
    """The table of `data/discover.toml`, indexed once."""
    data: dict[str, Any] = tomllib.loads(files(__package__).joinpath("data/discover.toml").read_text(encoding="utf-8"))
    phrases: dict[str, tuple[DocumentKind, float]] = {}
    unspaced: list[tuple[str, DocumentKind, float]] = []
    stems: dict[str, tuple[DocumentKind, float]] = {}
    for kind in DocumentKind:
        for grade, worth in GRADES.items():
            for language, words in data.get(kind, {}).get(grade, {}).items():
                for word in words:
                    folded = fold(word)
                    if " " in folded and folded.isascii() and worth >= GRADES["medium"]:
                        stems.setdefault(folded.replace(" ", ""), (kind, worth))
                    if language in {"zh", "ja", "ko", "th"}:
                        unspaced.append((folded, kind, worth))
                    else:
                        phrases.setdefault(" ".join(w for w in folded.split() if w != "and"), (kind, worth))
            for stem in data.get(kind, {}).get("urls", {}).get(grade, ()):
                stems.setdefault(stem, (kind, worth))
    return Lexicon(phrases, tuple(unspaced), stems, {k: DocumentKind(v) for k, v in data["rel"].items()},
                   frozenset(data["narrowing"]["words"]), frozenset(data["third-party"]["domains"]),
                   tuple(data["probe"]["paths"]))
