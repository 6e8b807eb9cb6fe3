"""Editions of one document («If you live in the European Region»), and the date from which it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

_PLACES = (
    r"european (?:union|region|economic area|users?)|eu|eea|europe|united states|u\.?s\.?a?\.?|united kingdom|uk|"
    r"california|canada|australia|new zealand|india|brazil|japan|germany|france|switzerland|korea|china|russia|turkey|mexico|"
    r"latin america|asia|africa|middle east|singapore|indonesia|austria|italy|spain|netherlands|belgium"
)
_EDITION = re.compile(
    rf"\b(?:if you (?:live|reside|are (?:located|based|resident|a resident))\b.{{0,60}}|"
    rf"(?:outside|inside|within|residents? of|users? (?:in|from|of)|"
    rf"consumers? (?:in|from)|living in)\s+(?:of\s+)?(?:the\s+)?(?:{_PLACES})\b|"
    rf"(?:{_PLACES})\s+(?:users?|residents?|customers?|consumers?|edition|version|terms)\b)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def edition_of(section: Sequence[str]) -> str | None:
    """The heading that limits what stands under it to readers of some place, innermost first; None when none does.

    >>> edition_of(("Terms", "If you live in the European Region", "2. Rules"))
    'If you live in the European Region'
    >>> edition_of(("Terms", "European history"))
    """
    return next((h for h in reversed(section) if _EDITION.search(h[:200])), None)


_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(p, re.IGNORECASE)
    for p in (
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b",
        rf"\b{_YEAR}-(?P<number>\d\d)-{_DAY}\b",
        rf"\b(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.{_YEAR}\b",
        rf"\b(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/{_YEAR}\b",
    )
)
_STATED = re.compile(
    r"\b(?:effective|in force|in effect|takes? effect|valid from|applicable (?:from|as of)|"
    r"last (?:updated|modified|revised|amended|changed)|"
    r"updated|revised|modified|version|date of last revision)\b",
    re.IGNORECASE,
)
_EFFECTIVE = re.compile(r"\b(?:effective|in force|in effect|takes? effect|valid from|applicable)", re.IGNORECASE)
_REACH = 80
_HEAD, _TAIL = 6000, 3000


def effective_date(text: str) -> date | None:
    """The date from which the document holds, as it says itself near its beginning or end; else the date of its last revision.

    Of 03/04/2024 nobody knows the month: such a date counts only when one of its numbers is above 12.

    >>> effective_date("Terms of Use. Effective date: March 3rd, 2024. Welcome.")
    datetime.date(2024, 3, 3)
    >>> effective_date("Founded on March 3, 1999.")
    """
    revised = None
    for part in (text[:_HEAD], text[-_TAIL:] if len(text) > _HEAD else ""):
        for stated in _STATED.finditer(part):
            found = _first_date(part[stated.start() : stated.end() + _REACH])
            if found and _EFFECTIVE.match(stated[0]):
                return found
            revised = revised or found
    return revised


def _first_date(text: str) -> date | None:
    hits = sorted((m.start(), i, m) for i, p in enumerate(_DATES) if (m := p.search(text)))
    for _, _, m in hits:
        if found := _date(m.groupdict()):
            return found
    return None


def _date(parts: dict[str, str | None]) -> date | None:
    year = int(parts["year"] or 0)
    if name := parts.get("month"):
        month, day = (
            next(i for i, full in enumerate(_MONTHS, 1) if full.startswith(name[:3].lower())),
            int(parts["day"] or 0),
        )
    elif parts.get("number"):
        month, day = int(parts["number"] or 0), int(parts["day"] or 0)
    else:
        a, b = int(parts["a"] or 0), int(parts["b"] or 0)
        if (a > 12) == (b > 12):
            return None
        month, day = (b, a) if a > 12 else (a, b)
    try:
        return date(year, month, day)
    except ValueError:
        return None
