"""Who is bound by a clause: read from the subject of its sentence, else of its lead-ins, else from the headings above it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

USERS = "users"
"""Everybody who uses the site: where nothing narrower is said."""

PARTIES = ("developers", "crawlers", "businesses")
"""Those who can be named instead: who builds on the site's interface, machines by themselves, and who trades or advertises there."""

_SUBJECT = 160
"""Characters within which a sentence names whom it binds."""


class _Party(NamedTuple):
    name: str
    subject: re.Pattern[str]
    title: re.Pattern[str] | None


class _Signs(NamedTuple):
    modal: re.Pattern[str]
    after: re.Pattern[str]
    tool: re.Pattern[str]
    person: re.Pattern[str]
    role: re.Pattern[str]


def bound_by(sentence: str, lead_ins: Sequence[str] = (), section: Sequence[str] = ()) -> str:
    """``users``, or one of `PARTIES`. ``lead_ins`` and ``section`` stand outermost first.

    >>> bound_by("API clients may not store the data."), bound_by("You may not use robots.")
    ('developers', 'users')
    >>> bound_by("sell the data", ["Advertisers must not:"]), bound_by("Robots may not be used here.")
    ('businesses', 'users')
    >>> bound_by("You may not sell the data.", section=["Developer terms", "Use of data"])
    'developers'
    """
    for words in (sentence, *(s[s.rfind(". ", 0, -2) + 1 :] for s in reversed(lead_ins))):
        if named := _of_subject(words[:_SUBJECT].lower()):
            return named
    for title in reversed(section):
        lowered = title[:_SUBJECT].lower()
        for party in _parties():
            if party.title and party.title.search(lowered):
                return party.name
    return USERS


def _of_subject(lowered: str) -> str | None:
    signs = _signs()
    found = signs.modal.search(lowered)
    if found is None or signs.after.match(lowered, found.end()):
        return None
    subject = lowered[lowered.rfind(":", 0, found.start()) + 1 : found.start()]
    named = [p.name for p in _parties() if p.subject.search(subject)]
    if (signs.person.search(subject) and not signs.role.search(subject)) or signs.tool.search(subject):
        named = [n for n in named if n == "developers"]
    return named[0] if named else None


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    ends = (re.escape(p.removesuffix("*")) + (r"\w{0,12}" if p.endswith("*") else "") for p in sorted(set(phrases)))
    return re.compile(rf"\b(?:{'|'.join(ends)})\b")


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files(__package__).joinpath("data/bound.toml").read_text(encoding="utf-8"))


@cache
def _signs() -> _Signs:
    data = _data()
    after = re.compile(rf"\s+(?:{_any(data['tool']['after']).pattern})")
    person, role = _any(data["person"]["words"]), _any(data["person"]["as"])
    return _Signs(
        _any(w for own in data["modal"].values() for w in own), after, _any(data["tool"]["before"]), person, role
    )


@cache
def _parties() -> tuple[_Party, ...]:
    data = _data()
    return tuple(
        _Party(name, _any(data[name]["subject"]), _any(titles) if (titles := data[name]["title"]) else None)
        for name in PARTIES
    )
