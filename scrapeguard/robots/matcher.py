"""Path to rule: the longest of many patterns that matches (RFC 9309 §2.2.2).

«The most specific match found MUST be used. The most specific match is the match that has the most octets. […] If an
"allow" rule and a "disallow" rule are equivalent, then the "allow" rule SHOULD be used.»

Plain prefixes are sorted and bisected: the predecessor of the target in that order, or one of the prefixes it contains
itself, is the longest one that begins the target. Patterns with a wildcard are tried from the longest down and no
further than they can win. Nothing is remembered by URL.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from scrapeguard._pattern import (
    Pattern,
    decode_query,
    decode_unreserved,
    find_unreserved_escape,
    normalise,
    normalise_pattern,
)

NO_RULE = -1
ROBOTS_TXT = -2
_TELLING = 4  # a piece of so many octets is taken without looking for a longer one
_FEW = 12  # patterns that are not worth telling apart
_INSIDE_ESCAPE = re.compile(r"\*[0-9A-Fa-f]")
_MAX_TABLES = 256  # patterns are ASCII: what lies beyond is asked for by few targets and by no pattern

_Wild = tuple[int, str, int, str]
"""A pattern with a wildcard inside: its key, a literal piece that a target must hold, its number, its text."""


def target_of(url: str) -> str:
    """Path and query of a URL, or of what is a path already, as RFC 9309 §2.2.2 compares it: without the fragment.

    >>> target_of("https://example.com?q=/a#top"), target_of("/a#b"), target_of("")
    ('/?q=/a', '/a', '/')
    """
    url = url.partition("#")[0]
    _, scheme_end, rest = ("", "", "") if url[:1] == "/" else url.partition("://")
    if not scheme_end:
        return url if url[:1] == "/" else "/" + url
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    target = rest[cut:]
    return target if target[:1] == "/" else "/" + target


def rule_finder(lines: Sequence[tuple[str, str, str, str]]) -> Callable[[str], int]:
    """A function from a URL or target to the rule that decides: twice its index in ``lines``, plus one for an Allow.

    It gives `NO_RULE` where none matches and `ROBOTS_TXT` for that file itself. ``lines`` are as `Grammar.lines`
    captures them. Of equal rules the first counts. Rules that can match no path (empty, not beginning with ``/`` or
    ``*``) are left out.
    """
    plain_rules: dict[str, int] = {}
    special: list[tuple[str, int]] = []
    escapes = False
    for number, (allow, _, clean, other) in enumerate(lines):
        pattern = clean
        if not pattern:
            if not other or other[0] not in "/*":
                continue
            pattern = normalise_pattern(other)
            escapes = escapes or "%" in pattern
        if "*" in pattern or pattern[-1] == "$":
            special.append((pattern, 2 * number + bool(allow)))
        elif not allow:
            plain_rules.setdefault(pattern, 2 * number)
        elif not plain_rules.get(pattern, 0) & 1:  # of two equal patterns Allow is used
            plain_rules[pattern] = 2 * number + 1
    exact, starred, wild = _sorted_out(special) if special else ({}, {}, [])
    for prefix, (key, number) in starred.items():
        if prefix not in plain_rules or key > 2 * len(prefix) + (plain_rules[prefix] & 1):
            plain_rules[prefix] = number
    prefixes = sorted(plain_rules)
    parents = _parents(prefixes)
    best_of = [(2 * len(prefix) + ((number := plain_rules[prefix]) & 1), number) for prefix in prefixes]
    if starred:
        _favour_starred(prefixes, parents, best_of, starred)
    queries = "?" in "".join(prefixes) or any("?" in text for text, _ in special)
    wildcards = _Wildcards(wild) if wild else _NO_WILDCARDS
    # A piece after a wildcard may lie inside an escape: «A» in «%2a».
    escapes = escapes or any(_INSIDE_ESCAPE.search(text) for *_, text in wild)
    return _finder(prefixes, parents, best_of, exact, wildcards, escapes=escapes, queries=queries)


_Best = tuple[int, int]
"""A rule's key and number. The key is twice its octets, plus one for Allow: the greatest is the longest pattern, Allow
wins a tie."""


def _finder(
    prefixes: list[str], parents: list[int], best_of: list[_Best], exact: dict[str, _Best], wild: _Wildcards, *,
    escapes: bool, queries: bool,
) -> Callable[[str], int]:
    with_query, without_query, by_letter, matches = wild.with_query, wild.without_query, wild.by_letter, wild.matches

    site = ("https://?/", 9)  # the URL asked last, up to its path: a file is asked about one site, as a rule

    def find(url: str) -> int:
        nonlocal site
        known, slash = site
        if "#" in url:
            url = url[:url.index("#")]
        if url.startswith(known):
            target = url[slash:]
        elif url[:1] == "/":
            target = url
        else:
            target = target_of(url)
            slash = len(url) - len(target)
            if url.endswith(target) and slash > url.find("://") + 3:  # an authority stands before it
                site = (url[:slash + 1], slash)
        plain = target
        if escapes:
            plain = target = normalise(target)
            if queries and "%" in target and "?" in target:
                plain = decode_query(target)  # what a pattern with a query is compared with; the path is the same
        elif "%" in target:
            if find_unreserved_escape(target):
                plain = target = decode_unreserved(target)
            if queries and "?" in target:
                plain = decode_query(target)
        if plain == "/robots.txt":
            return ROBOTS_TXT
        best, winner = 0, NO_RULE
        at = bisect_right(prefixes, plain) - 1
        while at >= 0:
            if plain.startswith(prefixes[at]):
                best, winner = best_of[at]
                break
            at = parents[at]
        if exact and plain in exact and exact[plain][0] > best:
            best, winner = exact[plain]
        if with_query:
            differ = plain is not target
            candidates = with_query if "?" in plain or "=" in plain else without_query
            for key, needle, number, text in by_letter(candidates, plain) if by_letter else candidates:
                if key <= best:
                    break
                if (needle in plain or (differ and needle in target)) and matches(text, target):
                    return number
        return winner

    return find


def _sorted_out(special: list[tuple[str, int]]) -> tuple[dict[str, _Best], dict[str, _Best], list[_Wild]]:
    """Patterns that end in ``$``, by what stands before it; those that only end in ``*``, by the same; the rest."""
    exact: dict[str, _Best] = {}
    starred: dict[str, _Best] = {}
    wild: dict[int, list[_Wild]] = {}
    for text, number in special:
        key = 2 * len(text) + (number & 1)
        prefix = text.rstrip("*")
        if "*" in prefix:
            piece = text.rpartition("*")[2].rstrip("$")
            if len(piece) < _TELLING:
                piece = max(text.rstrip("$").split("*"), key=len)
            wild.setdefault(key, []).append((key, piece, number, text))
        else:
            kind, at = (exact, prefix[:-1]) if prefix[-1:] == "$" else (starred, prefix)
            if at not in kind or key > kind[at][0]:
                kind[at] = (key, number)
    return exact, starred, [rule for key in sorted(wild, reverse=True) for rule in wild[key]]


def _favour_starred(
    prefixes: list[str], parents: list[int], best_of: list[_Best], starred: dict[str, _Best]
) -> None:
    """Correct what wins where a prefix is the longest one to match, for patterns like ``/a*``.

    ``/a*`` matches what ``/a`` matches and has one octet more: only so may a shorter prefix win over a longer one.
    """
    for at, (prefix, parent) in enumerate(zip(prefixes, parents, strict=True)):
        if prefix in starred and starred[prefix][0] > best_of[at][0]:
            best_of[at] = starred[prefix]
        if parent >= 0 and best_of[parent][0] > best_of[at][0]:
            best_of[at] = best_of[parent]


class _Wildcards:
    """The patterns with a wildcard inside, longest first: all, and those that a target without a query may match.

    Where they are many, `by_letter` leaves out those that fix another character after the first slash; else it is None.
    """

    def __init__(self, wild: list[_Wild]) -> None:
        self.with_query = wild
        self.without_query = [rule for rule in self.with_query if "?" not in rule[3] and "=" not in rule[3]]
        self.by_letter = self._by_letter if len(wild) > _FEW else None
        self._tables: dict[tuple[bool, str], list[_Wild] | None] = {}
        self._compiled: dict[str, Pattern] = {}

    def matches(self, text: str, target: str) -> bool:
        """Whether the pattern of that text matches; compiled when first asked."""
        if text not in self._compiled:
            self._compiled[text] = Pattern(text)
        return self._compiled[text].matches(target)

    def _by_letter(self, candidates: list[_Wild], target: str) -> list[_Wild]:
        letter = target[1:2]
        asked = (candidates is self.with_query, letter)
        found = self._tables.get(asked)
        if found is not None:
            return found
        if asked not in self._tables:  # a table pays from the second target on
            if len(self._tables) < _MAX_TABLES:
                self._tables[asked] = None
            return candidates
        found = self._tables[asked] = [rule for rule in candidates if rule[3][0] == "*" or rule[3][1] in (letter, "*")]
        return found


_NO_WILDCARDS = _Wildcards([])


def _parents(prefixes: list[str]) -> list[int]:
    """For each of the sorted prefixes the index of the longest other one that begins it, or -1."""
    if not any(map(str.startswith, prefixes[1:], prefixes)):  # one that begins any begins its neighbour
        return [-1] * len(prefixes)
    parents: list[int] = []
    open_: list[int] = []
    for at, prefix in enumerate(prefixes):
        while open_ and not prefix.startswith(prefixes[open_[-1]]):
            open_.pop()
        parents.append(open_[-1] if open_ else -1)
        open_.append(at)
    return parents
