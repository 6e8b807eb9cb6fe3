"""Passages of a block: sentences, and the lettered or semicolon parts of long ones, each with the words that introduce it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

_END = re.compile(
    r"(?P<sign>[.!?。]['\"”’)\]*_]{0,3})(?=\s+[\"“(\[*_•]{0,3}[A-Z0-9À-ÝŚŻŹĆŁ])|[.:;][ \t]*\n(?:[ \t]*\n)?|\n[ \t]*\n|"
    r"(?P<note>\()(?=(?i:note):)"
)
"""Where a sentence ends. Every branch begins with a sign, so that the search skips over all other characters."""
_LINE = re.compile(r"[.:;][ \t]*\n(?:[ \t]*\n)?")
_PART = re.compile(
    r"(?:(?<=[\s,;:.])|^)\((?:[ivx]{1,5}|[a-z]{1,2}|\d{1,2})\)\s|(?<=[\s;:,])(?:[ivx]{1,5}|[a-z]|\d{1,2})\)\s"
)
_LONG = 240
_EXCEPTING = re.compile(
    r"(?:\b(?:except|unless|other than|save|provided|only|if|where|"
    r"sauf|excepté|außer|sofern nicht|salvo|excepto|exceto|tranne|tenzij|chyba że)\b[^.;]{0,60})$",
    re.IGNORECASE,
)
"""An introduction that opens an exception: the parts that follow belong to the sentence they restrict."""


class Passage(NamedTuple):
    """``text[start:end]``; ``intro`` is the span of the words in the same sentence that govern it, or None."""

    start: int
    end: int
    intro: tuple[int, int] | None


def passages(text: str, start: int, end: int) -> list[Passage]:
    """The passages of the block ``text[start:end]``, in order; together they cover its words."""
    out: list[Passage] = []
    for s, e in _sentences(text, start, end):
        cuts = [m.start() for m in _PART.finditer(text, s, e)] if text.find(")", s, e) >= 0 else []
        if len(cuts) > 1 and cuts[0] == s and (text[s] == "(") != (text[cuts[1]] == "("):
            del cuts[0]  # «iii) You shall not (a) … (b) …»: the first marker numbers the whole
        if cuts and _EXCEPTING.search(text, s, cuts[0]) is not None:
            out.append(Passage(s, e, None))
        elif len(cuts) > 1 or (cuts and e - s > _LONG):
            intro = (s, cuts[0])
            if cuts[0] - s > 2:
                out.append(Passage(s, cuts[0], None))
            out += [
                Passage(a, b, intro if cuts[0] - s > 2 else None) for a, b in zip(cuts, [*cuts[1:], e], strict=True)
            ]
        elif e - s > _LONG and text.count(";", s, e):
            out += _by_semicolon(text, s, e)
        else:
            out.append(Passage(s, e, None))
    return [p for p in (_trim(text, p) for p in out) if p.end > p.start]


def _by_semicolon(text: str, s: int, e: int) -> list[Passage]:
    cuts = [m.end() for m in re.finditer(";", text[s:e])]
    bounds = [s, *(s + c for c in cuts), e]
    colon = text.find(":", s, bounds[1])
    intro = (s, colon + 1 if colon > 0 else min(bounds[1], s + 160))
    return [Passage(a, b, None if a == s else intro) for a, b in pairwise(bounds) if b - a > 1]


@cache
def _abbreviation() -> re.Pattern[str]:
    data = tomllib.loads(files(__package__).joinpath("data/abbreviations.toml").read_text(encoding="utf-8"))
    words = "|".join(re.escape(w) for w in sorted({w for own in data.values() for w in own}))
    return re.compile(rf"(?:\b(?:{words}|\w)|^\W{{0,4}}\d{{1,3}}|\d)\.$", re.IGNORECASE)


def _abbreviated(text: str, begin: int, point: int) -> bool:
    return _abbreviation().search(text, max(begin, point - 8), point + 1) is not None


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    begin = start
    for m in _END.finditer(text, start, end):
        stop = m.start() if m.lastgroup == "note" else m.end()
        if m.lastgroup == "sign" and text[m.start()] == "." and _abbreviated(text, begin, m.start()):
            line = _LINE.match(text, m.start(), end)
            if line is None:
                continue
            stop = line.end()
        spans.append((begin, stop))
        begin = stop
    spans.append((begin, end))
    return spans


def _trim(text: str, p: Passage) -> Passage:
    s, e = p.start, p.end
    while s < e and text[s].isspace():
        s += 1
    while e > s and text[e - 1].isspace():
        e -= 1
    return Passage(s, e, p.intro)
