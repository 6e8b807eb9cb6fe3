"""What a fetched page is: the document looked for, another one, or a wall in front of it.

Decided before a page is read, so that a login form, a consent dialogue, a bot check, a «not found» sent with status 200
or an application's empty shell is never taken for terms that forbid nothing. Phrases are data (`data/classify.toml`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from scrapeguard._html import HtmlPage
from scrapeguard.terms.kind import DocumentKind
from scrapeguard.terms.naming import Naming, fold, named_by_path, named_by_text

FEW_WORDS = 300
"""Pages of more words than this are no walls: a wall has nothing to say."""

_SHELL, _TITLE = 60, 160
_WINDOW, _WINDOWS = 5_000, 3
_NAMED = 3.5
_PRIVACY_LEAD = 1.6
_PER_THOUSAND = 6.0
_WALLS = (DocumentKind.BOT_WALL, DocumentKind.NOT_FOUND, DocumentKind.LOGIN_WALL, DocumentKind.CONSENT_WALL)


class Classification(NamedTuple):
    """What a page is, and why, in words for people."""

    kind: DocumentKind
    reason: str

    @property
    def readable(self) -> bool:
        """True when the page is a document, be it the one looked for or another."""
        return self.kind.binds or self.kind in {DocumentKind.PRIVACY, DocumentKind.OTHER}


def classify(page: HtmlPage, *, status: int = 200, path: str = "") -> Classification:
    """Tell what a drawn page is. ``status`` is the HTTP status, ``path`` the URL's path and query after redirects.

    >>> from scrapeguard._html import draw
    >>> classify(draw("<title>Just a moment...</title><p>Checking your browser")).kind.value
    'bot-wall'
    >>> print(classify(draw("<div id=root></div><script src=app.js></script>")).reason)
    the page has 0 words and 1 scripts: its text comes by script
    """
    said = [b for b in page.blocks if b.region == "body"] or list(page.blocks)
    words = sum(page.text.count(" ", b.start, b.end) + 1 for b in said)
    headings = [page.text[b.start:b.end] for b in said if b.kind == "heading"][:4]
    if status in {404, 410}:
        return Classification(DocumentKind.NOT_FOUND, f"the server answered {status}")
    if words <= FEW_WORDS:
        wall = _wall([page.title, *headings], page.text, page.password_fields)
        if wall:
            return wall
        if words < _SHELL and page.scripts_seen:
            return Classification(
                DocumentKind.NEEDS_JAVASCRIPT,
                f"the page has {words} words and {page.scripts_seen} scripts: its text comes by script")
        asks = _first(_phrases()["needs-javascript", "text"], fold((page.noscript or page.text)[:2_000]))
        if words < 2 * _SHELL and page.scripts_seen and asks:
            return Classification(DocumentKind.NEEDS_JAVASCRIPT, f"it has {words} words and says “{asks}”")
    return _document([page.title, *headings], page.text, path, words)


def classify_text(text: str, *, title: str = "", path: str = "") -> Classification:
    """The same for a text without markup (plain text, Markdown, a PDF's words)."""
    words = text.count(" ") + text.count("\n")
    first = [line.strip("#*=- ") for line in text[:2_000].split("\n") if line.strip("#*=- ")][:4]
    wall = _wall([title, *first[:1]], text, 0) if words <= FEW_WORDS else None
    return wall or _document([title, *first], text, path, words)


def _wall(titles: list[str], text: str, password_fields: int) -> Classification | None:
    heads, body = [fold(t) for t in titles if 0 < len(t) <= _TITLE], fold(text[:20_000])
    named = any(n.score >= _NAMED for t in titles for n in named_by_text(t[:_TITLE]).values())
    for kind in _WALLS:
        for head in heads:
            if (phrase := _first(_phrases()[kind, "title"], head)) and (
                    kind is not DocumentKind.LOGIN_WALL or password_fields):
                return Classification(kind, f"a short page with “{phrase}” in its title")
        if not named and (phrase := _first(_phrases()[kind, "text"], body)):
            return Classification(kind, f"a short page that says “{phrase}”")
    if password_fields and not named:
        return Classification(DocumentKind.LOGIN_WALL, "a short page with a password field")
    return None


def _document(titles: list[str], text: str, path: str, words: int) -> Classification:
    """The kind by its title, its address and its vocabulary, in that order of trust."""
    named: dict[DocumentKind, Naming] = {}
    for i, title in enumerate(titles[:3]):
        for kind, naming in named_by_text(title[:_TITLE]).items():
            score = naming.score - i
            if kind not in named or named[kind].score < score:
                named[kind] = naming._replace(score=score)
    by_path = named_by_path(path) if path else {}
    contract, privacy = _vocabulary(text)
    scores = {k: n.score + 0.5 * (by_path[k].score if k in by_path else 0) for k, n in named.items()}
    for kind, naming in by_path.items():
        scores.setdefault(kind, 0.8 * naming.score)
    if privacy > _PRIVACY_LEAD * contract:
        scores[DocumentKind.PRIVACY] = scores.get(DocumentKind.PRIVACY, 0.0) + 4.0
    elif contract > privacy and DocumentKind.TERMS in scores:
        scores[DocumentKind.TERMS] += 3.0
    best = max(scores, key=lambda k: scores[k], default=None)
    if best is not None and scores[best] >= _NAMED:
        source = named.get(best) or by_path.get(best)
        said = f"“{source.phrase}” in its title or address" if source else "its words are those of a privacy notice"
        return Classification(best, said)
    if contract >= _PER_THOUSAND and contract >= privacy and words > _SHELL:
        return Classification(DocumentKind.TERMS, f"{contract:.0f} of 1,000 words are a contract's")
    return Classification(DocumentKind.OTHER, "neither its title nor its words are those of terms")


def _vocabulary(text: str) -> tuple[float, float]:
    """Words of contracts and of privacy notices in a thousand."""
    step = max((len(text) - _WINDOW) // (_WINDOWS - 1), _WINDOW)
    folded = fold(" ".join(text[i * step:i * step + _WINDOW] for i in range(_WINDOWS)))
    words = folded.split()
    found = [vocabulary.occurrences(folded, words) for vocabulary in _vocabularies()]
    return 1000 * found[0] / max(len(words), 1), 1000 * found[1] / max(len(words), 1)


def _first(phrases: tuple[str, ...], folded: str) -> str:
    padded = f" {folded} "
    return next((p for p in phrases if (f" {p} " if p.isascii() else p) in padded), "")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data/classify.toml").read_text(encoding="utf-8"))


@cache
def _phrases() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(str(kind), place): tuple(fold(p) for p in _data()[kind].get(place, ()))
            for kind in (*_WALLS, DocumentKind.NEEDS_JAVASCRIPT) for place in ("title", "text")}


_STEM = 3


class _Vocabulary(NamedTuple):
    """Whole words, phrases, and beginnings of words by their first letters."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    beginnings: dict[str, tuple[str, ...]]

    def occurrences(self, folded: str, words: list[str]) -> int:
        found = sum(folded.count(f" {phrase} ") for phrase in self.phrases)
        for word in words:
            if word in self.words or ((stems := self.beginnings.get(word[:_STEM])) and word.startswith(stems)):
                found += 1
        return found


@cache
def _vocabularies() -> tuple[_Vocabulary, _Vocabulary]:
    return _vocabulary_of("contract"), _vocabulary_of("privacy-words")


def _vocabulary_of(name: str) -> _Vocabulary:
    entries = {entry for entries in _data()[name].values() for entry in entries}
    stems: dict[str, tuple[str, ...]] = {}
    for entry in sorted(entries):
        if entry.endswith("*"):
            stems[entry[:_STEM]] = (*stems.get(entry[:_STEM], ()), entry[:-1])
    whole = {e for e in entries if not e.endswith("*")}
    return _Vocabulary(frozenset(e for e in whole if " " not in e), tuple(sorted(e for e in whole if " " in e)), stems)
