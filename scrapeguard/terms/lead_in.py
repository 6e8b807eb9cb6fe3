"""Which blocks govern what stands below them: by their last sign, or by words of `data/lead_in.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_CLOSING = " \t\r\n\xa0*_`\"'”’»)]\\"
_SHORT_TITLE = 5
_TAIL = 160


class Hold(IntEnum):
    """How surely a block governs the next one."""

    NONE = 0
    WEAK = 1
    """It ends without a final sign, or says «the following»: it governs a list or a fragment, not a new sentence."""
    STRONG = 2
    """It ends in a colon or a dash."""


def hold_of(text: str, start: int, end: int) -> Hold:
    """How surely ``text[start:end]`` governs what follows.

    >>> [hold_of(t, 0, len(t)).name for t in ("You must not:", "We like bots.", "Do none of the following.")]
    ['STRONG', 'NONE', 'WEAK']
    """
    last = end - 1
    while last >= start and text[last] in _CLOSING:
        last -= 1
    if last < start:
        return Hold.NONE
    sign = text[last]
    if sign in ":：—–":
        return Hold.STRONG
    if sign in ".。":
        tail = text[max(start, last - _TAIL):last]
        return Hold.WEAK if _words().following.within(tail[tail.rfind(". ") + 1:]) else Hold.NONE
    if sign in ";!?…":
        return Hold.NONE
    return Hold.NONE if _is_label(text[start:min(end, start + 400)]) else Hold.WEAK


def title_forbids(title: str) -> bool:
    """Whether a heading says by itself that what stands below is not allowed.

    >>> title_forbids("Prohibited conduct"), title_forbids("What you can’t do"), title_forbids("Our duties")
    (True, True, False)
    """
    return _words().forbidding.within(title)


def _is_label(line: str) -> bool:
    """A name, a date, a title: few words or most of them capitalised, and nothing forbidden."""
    words = line.split()
    titled = len(words) <= _SHORT_TITLE or 2 * sum(not w[0].islower() for w in words) > len(words)
    return titled and not _words().forbidding.within(line)


def is_member(text: str, start: int, last: str, hold: Hold) -> bool:
    """Whether an unmarked paragraph is one more member of the list that a lead-in opened.

    ``last`` is how the member before ended (`ending`), or '' for the first one after the lead-in.
    """
    lower = text[start].islower()
    if not last:
        return lower or hold is Hold.STRONG
    return lower or last in {"joined", "open"}


def ending(text: str, start: int, end: int) -> str:
    """How a list member ends: ``joined`` (more members come), ``open`` (no sign at all), or ``closed``.

    >>> [ending(t, 0, len(t)) for t in ("use bots; or", "use bots", "use bots.")]
    ['joined', 'open', 'closed']
    """
    tail = text[max(start, end - 24):end].rstrip(_CLOSING)
    if not tail:
        return "open"
    if tail[-1] in ";,":
        return "joined"
    if not tail[-1].isalnum():
        return "closed"
    return "joined" if tail.rpartition(" ")[2].lower() in _words().joining else "open"


class _Phrases:
    """Phrases to be found as whole words; plain substrings are tried first, since most sentences hold none of them."""

    def __init__(self, phrases: Iterable[str]) -> None:
        listed = sorted(set(phrases))
        self._stems = tuple(p.removesuffix("*") for p in listed)
        ends = (re.escape(p.removesuffix("*")) + (r"\w{0,12}" if p.endswith("*") else "") for p in listed)
        self._pattern = re.compile(rf"\b(?:{'|'.join(ends)})\b")

    def within(self, text: str) -> bool:
        text = text.lower().replace("’", "'")
        for stem in self._stems:
            if stem in text:
                return self._pattern.search(text) is not None
        return False


class _Words(NamedTuple):
    following: _Phrases
    forbidding: _Phrases
    joining: frozenset[str]


@cache
def _words() -> _Words:
    data = tomllib.loads(files(__package__).joinpath("data/lead_in.toml").read_text(encoding="utf-8"))
    following, forbidding = ((p for phrases in data[name].values() for p in phrases) for name in ("following", "forbidding"))
    return _Words(_Phrases(following), _Phrases(forbidding), frozenset(data["joining"]["words"]))
