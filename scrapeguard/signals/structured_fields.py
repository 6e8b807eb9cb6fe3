"""RFC 9651 Dictionary parsing (§4.2.2), whole and strict: a value that does not parse says nothing.

Only what a signal needs comes back: for each key the last member's value and its parameters. Byte sequences, dates and
display strings are checked for their syntax and kept as opaque text. Linear in the input.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_FIELD = 65_536
"""Characters of a field value that are read; RFC 9651 asks for at least 1,024 members. A longer one fails as a whole."""

# key = ( lcalpha / "*" ) *( lcalpha / DIGIT / "_" / "-" / "." / "*" )                                   RFC 9651 §3.1.2
_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
# sf-token = ( ALPHA / "*" ) *( tchar / ":" / "/" )                                                      RFC 9651 §3.3.4
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
# sf-integer = ["-"] 1*15DIGIT, sf-decimal = ["-"] 1*12DIGIT "." 1*3DIGIT                         RFC 9651 §3.3.1, §3.3.2
_NUMBER = re.compile(r"-?(?:[0-9]{1,12}\.[0-9]{1,3}|[0-9]{1,15})(?![0-9.])")
# sf-string = DQUOTE *( unescaped / "%" / bs-escaped ) DQUOTE                                            RFC 9651 §3.3.3
_STRING = re.compile(r'"(?:[ !#-\[\]-~]|\\["\\])*"')
_BYTES = re.compile(r":[A-Za-z0-9+/=]*:")
_BOOLEAN = re.compile(r"\?[01]")
_DATE = re.compile(r"@-?[0-9]{1,15}(?![0-9.])")
_DISPLAY = re.compile(r'%"(?:[ !#$&-~]|%[0-9a-f]{2})*"')
_OWS = re.compile(r"[ \t]*")
_SP = re.compile(r" *")


class Token(str):
    """A bare word, as opposed to a quoted string."""

    __slots__ = ()


class Member(NamedTuple):
    """One member of a dictionary: its bare value (None for an inner list) and its parameters as written."""

    value: Token | str | bool | None
    parameters: str = ""


class Malformed(ValueError):
    """The field value does not parse; the message says where."""


def parse_dictionary(text: str) -> dict[str, Member]:
    """The members of a Dictionary; of a repeated key the last one counts (§4.2.2 step 2.5).

    Raises `Malformed`; the caller ignores the whole field then (§4.2).

    >>> parse_dictionary("train-ai=n;exceptions=cc-cr, search")
    {'train-ai': Member(value='n', parameters=';exceptions=cc-cr'), 'search': Member(value=True, parameters='')}
    >>> parse_dictionary("train-ai=n,")
    Traceback (most recent call last):
    ...
    scrapeguard.signals.structured_fields.Malformed: trailing comma
    """
    if len(text) > MAX_FIELD:
        raise Malformed(f"longer than {MAX_FIELD} characters")
    if not text.isascii():
        raise Malformed("holds a character outside ASCII")
    members: dict[str, Member] = {}
    text = text.strip(" ")
    at = 0
    while at < len(text):
        key = _take(_KEY, text, at, "a key (lower case)")
        at += len(key)
        if text[at:at + 1] == "=":
            value, at = _item_or_list(text, at + 1)
        else:
            value = True
        parameters, at = _parameters(text, at)
        members.pop(key, None)
        members[key] = Member(value, parameters)
        at = _skip(_OWS, text, at)
        if at == len(text):
            return members
        if text[at] != ",":
            raise Malformed(f"comma expected at character {at + 1}")
        at = _skip(_OWS, text, at + 1)
        if at == len(text):
            raise Malformed("trailing comma")
    return members


def _take(pattern: re.Pattern[str], text: str, at: int, what: str) -> str:
    match = pattern.match(text, at)
    if not match:
        raise Malformed(f"{what} expected at character {at + 1}")
    return match[0]


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _item_or_list(text: str, at: int) -> tuple[Token | str | bool | None, int]:
    if text[at:at + 1] != "(":
        return _bare_item(text, at)
    at += 1
    while True:
        at = _skip(_SP, text, at)
        if text[at:at + 1] == ")":
            return None, at + 1
        _, at = _bare_item(text, at)
        _, at = _parameters(text, at)
        if text[at:at + 1] not in {" ", ")"}:
            raise Malformed(f"space or ) expected at character {at + 1}")


def _bare_item(text: str, at: int) -> tuple[Token | str | bool, int]:
    first = text[at:at + 1]
    if first == "?":
        word = _take(_BOOLEAN, text, at, "?0 or ?1")
        return word == "?1", at + len(word)
    if first.isalpha() or first == "*":
        word = _take(_TOKEN, text, at, "a token")
        return Token(word), at + len(word)
    pattern = {'"': _STRING, ":": _BYTES, "@": _DATE, "%": _DISPLAY}.get(first, _NUMBER)
    word = _take(pattern, text, at, "a value")
    return word, at + len(word)


def _parameters(text: str, at: int) -> tuple[str, int]:
    start = at
    while text[at:at + 1] == ";":
        at = _skip(_SP, text, at + 1)
        at += len(_take(_KEY, text, at, "a parameter"))
        if text[at:at + 1] == "=":
            _, at = _bare_item(text, at + 1)
    return text[start:at], at
