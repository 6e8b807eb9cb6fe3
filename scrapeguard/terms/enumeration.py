"""List markers and how they count: «•», «3.», «3.2», «(b)», «iv)», and which of two enumerations a marker continues."""

from __future__ import annotations

import re
from typing import NamedTuple

_BULLET = re.compile(r"[*\-+•·‣▪●○◦–—]\s+")
_NUMBER = re.compile(
    r"[*_]{0,3}(?:[§$]\s?)?(?:(?P<decimal>\d{1,3}(?:\.\d{1,3}){1,4})(?:\\?[.)])?|\(?(?P<number>\d{1,3})\\?[.)]|"
    r"[(\[]?(?P<letters>[A-Za-z]|[ivxlcdm]{2,6}|[IVXLCDM]{2,6})\\?[.)\]])[*_]{0,3}(?=\s|$)")
_ROMAN_VALUE = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
BULLET = "bullet"


class Marker(NamedTuple):
    """A list marker: its style (``bullet decimal2 number lower UPPER roman ROMAN``) and value.

    A single letter of ``ivxlcdm`` is both a letter and a numeral; ``roman`` is its value as a numeral, else 0.
    ``length`` counts the characters up to the item's own words.
    """

    style: str
    value: int
    roman: int
    length: int


def marker_of(text: str, start: int, end: int) -> Marker | None:
    """The marker that ``text[start:end]`` begins with, or None.

    >>> marker_of("(b) to resell", 0, 13)
    Marker(style='lower', value=2, roman=0, length=4)
    >>> marker_of("* iv. to resell", 0, 15)
    Marker(style='roman', value=4, roman=4, length=6)
    >>> marker_of("To resell", 0, 9) is None
    True
    """
    at = start
    bullet = _BULLET.match(text, at, end)
    if bullet:
        at = bullet.end()
    elif not (text[start].isalnum() or text[start] in "([*_§$"):
        return Marker(BULLET, 0, 0, 1) if end - start == 1 and text[start] in "*-+•·" else None
    found = _NUMBER.match(text, at, end)
    if not found:
        return Marker(BULLET, 0, 0, at - start) if bullet else None
    length = found.end() - start
    while start + length < end and text[start + length].isspace():
        length += 1
    if decimal := found["decimal"]:
        return Marker(f"decimal{decimal.count('.') + 1}", int(decimal.rpartition(".")[2]), 0, length)
    if number := found["number"]:
        return Marker("number", int(number), 0, length)
    letters = found["letters"]
    case = "lower" if letters.islower() else "UPPER"
    roman = _roman(letters.lower())
    if len(letters) == 1:
        return Marker(case, ord(letters.lower()) - 96, roman, length)
    if not roman:
        return Marker(BULLET, 0, 0, at - start) if bullet else None
    return Marker("roman" if case == "lower" else "ROMAN", roman, roman, length)


def continues(style: str, value: int, marker: Marker) -> bool:
    """Whether ``marker`` can follow an item of this style and value in one list.

    >>> continues("lower", 8, marker_of("(i) x", 0, 5)), continues("roman", 4, marker_of("v. x", 0, 4))
    (True, True)
    """
    if style == BULLET or style.startswith("decimal"):
        return marker.style == style
    if style in {"roman", "ROMAN"}:
        if marker.style == style:
            return marker.roman > value
        return marker.roman == value + 1 and marker.style == ("lower" if style == "roman" else "UPPER")
    if marker.style != style:
        return False
    if marker.roman == 1 and style != "number":  # «i» after «h» is the letter, anywhere else the numeral
        return value == 8
    return True


def opens(marker: Marker) -> Marker:
    """The marker read as the first of a new list: a lone «i», «I», «v» … is then the numeral."""
    if marker.style in {"lower", "UPPER"} and marker.roman == 1:
        return marker._replace(style="roman" if marker.style == "lower" else "ROMAN", value=marker.roman)
    return marker


def _roman(letters: str) -> int:
    """The value of a well-formed Roman numeral, or 0."""
    total = previous = 0
    for letter in reversed(letters):
        value = _ROMAN_VALUE.get(letter)
        if value is None:
            return 0
        total += value if value >= previous else -value
        previous = max(previous, value)
    return max(0, total)
