"""The language of a text: what its markup declares, checked by a vote of frequent words; by block where languages mix.

A declared language is a template's default as often as a fact, so a clear vote of the words prevails. Languages that no
rules exist for are named all the same: a reader must be able to say what it could not read.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple, Protocol

UNKNOWN = "und"
"""ISO 639-2 code for a language that could not be determined."""

_SAMPLE = 2_400
_WINDOWS = 6
_CLEAR = 0.12
"""Share of a text's words that the winner's frequent words must make up; running text has 0.25-0.5."""

_OWN, _CLEARLY_OTHER, _SURELY = 0.1, 0.25, 0.8
_LEAD = 1.25
_FEW, _FAR = 15, 3.0
_SHORTEST = 8
_WORDS = re.compile(r"[^\W\d_]+")
_ADDRESSES = re.compile(r"\]\([^)\s]{0,500}|https?://\S{1,500}")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")), ("ko", re.compile("[\uac00-\ud7af]")), ("zh", re.compile("[\u4e00-\u9fff]")),
    ("el", re.compile("[\u0370-\u03ff]")), ("he", re.compile("[\u0590-\u05ff]")), ("ar", re.compile("[\u0600-\u06ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")))
_OTHER_LETTERS = re.compile("[\u0370-\u03ff\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
"""A letter of any of these scripts."""

_SCRIPT_SHARE = 0.15
_ALIASES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "sh": "hr", "bs": "hr"}


class Language(NamedTuple):
    """A language: ISO 639-1 ``code`` (`UNKNOWN` when none was found), how sure (0-1), and what said so.

    ``by`` is ``words``, ``script``, ``declared`` or ``nothing``.
    """

    code: str
    confidence: float
    by: str


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def language_of(text: str, *, declared: str | None = None) -> Language:
    """The language of a text; ``declared`` is the markup's language tag (``de-AT``), which a clear vote overrules.

    >>> language_of("Sie dürfen die Inhalte nicht mit automatisierten Mitteln auslesen und für uns speichern.").code
    'de'
    >>> language_of("OK", declared="fr-CA")
    Language(code='fr', confidence=0.5, by='declared')
    """
    tag = primary(declared)
    sample = _sample(text)
    if script := _by_script(sample):
        return Language(script, 0.99, "script")
    words = _words(sample.lower())
    vote = _vote(words)
    if vote.code != UNKNOWN and (len(words) >= _SHORTEST or not tag):
        return vote
    return Language(tag, 0.5, "declared") if tag else vote


def languages_of_blocks(text: str, blocks: Sequence[_Spanned], document: Language) -> list[str]:
    """A code for each block: the document's own unless the block's words clearly vote for another language.

    Short blocks (titles, single items) go with the block before them.
    """
    own = _lists()[0].get(document.code, frozenset())
    out: list[str] = []
    code = document.code
    for block in blocks:
        part = text[block.start:block.end].lower()
        rough = part.split()
        if len(rough) < _SHORTEST:
            pass
        elif sum(map(own.__contains__, rough)) >= _OWN * len(rough):
            code = document.code
        else:
            code = _by_script(part) or _other(_words(part), document.code)
        out.append(code)
    return out


def _other(words: list[str], own: str) -> str:
    """The language of a block that hardly has words of the document's own; in doubt it is the document's."""
    vote = _vote(words, clear=_CLEARLY_OTHER)
    return vote.code if vote.code != UNKNOWN and vote.confidence >= _SURELY else own


def _words(text: str) -> list[str]:
    return _WORDS.findall(_ADDRESSES.sub(" ", text))


def primary(tag: str | None) -> str:
    """The primary subtag of a language tag (RFC 5646) in lower case, or '' where it says no language.

    >>> primary("pt-BR"), primary("nn"), primary("x-default"), primary(None)
    ('pt', 'nb', '', '')
    """
    code = re.split(r"[-_]", (tag or "").strip().lower())[0]
    return _ALIASES.get(code, code) if code.isalpha() and code.isascii() and 2 <= len(code) <= 3 else ""


def _sample(text: str) -> str:
    """Stretches from all over a long text, so that neither a menu nor a preamble in another language decides."""
    size = _SAMPLE // _WINDOWS * 6  # a word has about six characters with its space
    if len(text) <= size * _WINDOWS:
        return text
    step = (len(text) - size) // (_WINDOWS - 1)
    return " ".join(text[i * step:i * step + size] for i in range(_WINDOWS))


def _by_script(sample: str) -> str:
    if not _OTHER_LETTERS.search(sample):
        return ""
    for code, script in _SCRIPTS:
        found = len(script.findall(sample))
        if found and found > _SCRIPT_SHARE * sum(map(str.isalpha, sample)):
            return code
    return ""


def _vote(words: Iterable[str], *, clear: float = _CLEAR) -> Language:
    """Each frequent word votes for its languages, in equal parts; the winner must be clear of the second."""
    counts = Counter(words)
    total = sum(counts.values())
    if not total:
        return Language(UNKNOWN, 0.0, "nothing")
    votes: dict[str, float] = {}
    lists, index = _lists()
    for word, n in counts.items():
        for code, part in index.get(word, ()):
            votes[code] = votes.get(code, 0.0) + n * part
    ranked = sorted(votes, key=votes.__getitem__, reverse=True)
    if not ranked:
        return Language(UNKNOWN, 0.0, "nothing")
    best, second = votes[ranked[0]], votes[ranked[1]] if len(ranked) > 1 else 0.0
    covered = sum(n for w, n in counts.items() if w in lists[ranked[0]]) / total
    far = best >= _FEW and best >= _FAR * second  # few of the words, as on a page of menus, but all for one language
    if covered < clear and not (far and clear == _CLEAR):
        return Language(UNKNOWN, 0.0, "nothing")
    lead = best / (best + second)
    return Language(ranked[0], round(lead if best >= _LEAD * second else lead / 2, 3), "words")


@cache
def _lists() -> tuple[dict[str, frozenset[str]], dict[str, tuple[tuple[str, float], ...]]]:
    data: dict[str, str] = tomllib.loads(files(__package__).joinpath("data/stopwords.toml").read_text(encoding="utf-8"))
    lists = {code: frozenset(words.split()) for code, words in data.items()}
    owners: dict[str, list[str]] = {}
    for code, words in lists.items():
        for word in words:
            owners.setdefault(word, []).append(code)
    return lists, {word: tuple((c, 1 / len(codes)) for c in codes) for word, codes in owners.items()}
