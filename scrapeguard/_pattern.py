"""Path patterns and the paths they are compared with (RFC 9309 §2.2.2, §2.2.3).

robots.txt, AIPREF Content-Usage, TDMRep, RSL and ai.txt share this language: a pattern is compared from the first
octet, ``*`` stands for any run of octets, a final ``$`` for the end, everything else for itself. Nothing here builds a
regular expression from a pattern: matching is a chain of substring searches, linear in the target for each piece of
the pattern.

Both sides are brought into one form before they are compared:

=====================================  ======================================================================
octets                                 become
=====================================  ======================================================================
outside ASCII, controls, space and     ``%XX`` of their UTF-8, upper-case (RFC 9309 §2.2.2; RFC 3986 §2.1 for
``" < > \\ ^ ` { | }``                  the ASCII ones, which no URI may hold)
``%xx`` of an unreserved character     that character (RFC 3986 §6.2.2.2)
any other ``%xx``                      ``%XX``: ``%2F`` never equals ``/``
``*``, ``$`` meant literally           ``%2A``, ``%24`` (RFC 9309 §2.2.3)
``%3A %2F %3F %40`` after the ``?``    ``: / ? @`` where the pattern has a query itself: RFC 3986 §3.4 lets a query
                                       hold them raw, and RFC 9309's table treats both spellings as one
=====================================  ======================================================================

A ``%`` that starts no escape stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
"""RFC 3986 §2.3."""

# What needs work: escapes of unreserved characters or with lower-case digits, and every character that is neither
# unreserved nor reserved (RFC 3986 §2.2). `*` and `$` are special in a pattern and literal in a target.
_ESCAPE = "%(?:2[DEde]|3[0-9]|4[1-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9AEae]|[0-9A-F][a-f]|[a-f][0-9A-Fa-f])"
_TARGET_ODD = re.compile(_ESCAPE + r"|[^A-Za-z0-9._~!&'()+,;=:@/?#\[\]%-]+")
_as_it_is = re.compile(r"[A-Za-z0-9._~!&'()+,;=:@/?#\[\]-]*+").fullmatch  # one run is found faster than no odd place
_PATTERN_ODD = re.compile(_ESCAPE + r"|\$(?!\Z)|[^A-Za-z0-9._~!&'()+,;=:@/?#\[\]%*$-]+")
_UNRESERVED_ESCAPE = re.compile("%(?:2[DEde]|3[0-9]|4[1-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9AEae])")
find_unreserved_escape = _UNRESERVED_ESCAPE.search
_QUERY_ESCAPE = re.compile("%(?:3[AFaf]|2[Ff]|40)")


_ASCII_ESCAPES = {chr(octet): f"%{octet:02X}" for octet in range(128) if chr(octet) != "%"}


def _decoded(match: re.Match[str]) -> str:
    return chr(int(match[0][1:], 16))


def _canonical(match: re.Match[str]) -> str:
    found = match[0]
    if found in _ASCII_ESCAPES:
        return _ASCII_ESCAPES[found]
    if found[0] == "%":
        char = chr(int(found[1:], 16))
        return char if char in UNRESERVED else found.upper()
    try:
        octets = found.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = found.encode("utf-8", "surrogatepass")
    return "%" + octets.hex("%").upper()


def normalise(target: str) -> str:
    """A request target (path and query) in the form that patterns are compared with.

    Octets that were no UTF-8 may stand in it as lone surrogates (``errors="surrogateescape"``).

    >>> normalise("/b\\u00e4r/%62%2f*?q=a b")
    '/b%C3%A4r/b%2F%2A?q=a%20b'
    """
    return target if _as_it_is(target) else _TARGET_ODD.sub(_canonical, target)


def decode_unreserved(target: str) -> str:
    """Only the escapes of unreserved characters decoded: all that matters where no pattern holds an escape.

    >>> decode_unreserved("/%61%2f%7E")
    '/a%2f~'
    """
    return _UNRESERVED_ESCAPE.sub(_decoded, target)


def normalise_pattern(pattern: str) -> str:
    """A pattern in the same form; ``*`` and a final ``$`` keep their meaning. Its length in characters is that in
    octets.

    >>> normalise_pattern("/a$b%2f*.%67if$")
    '/a%24b%2F*.gif$'
    >>> normalise_pattern("/find?to=https%3A%2F%2Fhost")
    '/find?to=https://host'
    """
    pattern = _PATTERN_ODD.sub(_canonical, pattern)
    return decode_query(pattern) if "%" in pattern and "?" in pattern else pattern


def decode_query(target: str) -> str:
    """The same with ``: / ? @`` raw after the first ``?``, as a pattern that has a query is compared.

    >>> decode_query("/a%2Fb?u=c%2Fd")
    '/a%2Fb?u=c/d'
    """
    if not _QUERY_ESCAPE.search(target):
        return target
    path, mark, query = target.partition("?")
    return path + mark + _QUERY_ESCAPE.sub(_decoded, query)


def chain(target: str, start: int, pieces: tuple[str, ...], anchored: bool) -> bool:
    """Whether ``pieces`` follow one another in ``target`` from ``start`` on, the last one at the end if ``anchored``.

    Taking the first place for each piece is right: an earlier place never leaves less room for the rest.

    >>> chain("/a/b.gif", 1, ("b", ".gif"), True)
    True
    """
    last = len(pieces) - 1
    for i, piece in enumerate(pieces):
        if anchored and i == last:
            return len(target) - len(piece) >= start and target.endswith(piece)
        at = target.find(piece, start)
        if at < 0:
            return False
        start = at + len(piece)
    return True


class Pattern:
    """A compiled pattern.

    ``text`` is its normalised form and ``octets`` that form's length, wildcards and anchor counted: the measure of
    «most octets» (RFC 9309 §2.2.2). ``has_query`` is True when it holds a ``?`` itself. ``longest_piece`` is
    the longest literal run: a target without it (in the form compared) cannot match.
    """

    __slots__ = ("anchored", "has_query", "head", "longest_piece", "octets", "pieces", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.octets = len(text)
        self.has_query = "?" in text
        self.anchored = text.endswith("$")
        self.head, *rest = (text[:-1] if self.anchored else text).split("*")
        # An empty piece is matched anywhere; only the last one matters, where it frees the end.
        self.pieces = tuple(piece for piece in rest if piece)
        if rest and not rest[-1]:
            self.anchored = False
        self.longest_piece = max((self.head, *self.pieces), key=len)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def matches(self, target: str) -> bool:
        """Whether it matches a target that went through `normalise`.

        >>> compile_pattern("/*.php$").matches(normalise("/a/b.php")), compile_pattern("/a%2Fb").matches("/a/b")
        (True, False)
        """
        if self.has_query and "%" in target:
            target = decode_query(target)
        if not target.startswith(self.head):
            return False
        if not self.pieces:
            return not self.anchored or len(target) == len(self.head)
        return chain(target, len(self.head), self.pieces, self.anchored)


def compile_pattern(pattern: str) -> Pattern | None:
    """The pattern compiled, or None where it can match no path: empty, or beginning with neither ``/`` nor ``*``.

    RFC 9309's ABNF asks for the ``/``, its own §5.1 writes ``*.gif$`` (erratum 7995): both are taken.

    >>> compile_pattern("*.gif$"), compile_pattern("images/")
    (Pattern('*.gif$'), None)
    """
    return Pattern(normalise_pattern(pattern)) if pattern[:1] in {"/", "*"} else None


def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells of a raw target whether ``pattern`` matches it; no target where it can match no path.

    >>> matcher("/a*")("/%61bc")
    True
    """
    compiled = compile_pattern(pattern)
    return (lambda _target: False) if compiled is None else (lambda target: compiled.matches(normalise(target)))
