"""Path to rule: the longest of many patterns that matches (RFC 9309 §2.2.2).

«The most specific match found MUST be used. The most specific match is the match that has the most octets. […] If an
"allow" rule and a "disallow" rule are equivalent, then the "allow" rule SHOULD be used.»

Plain prefixes are sorted and bisected: the predecessor of the target in that order, or one of the prefixes it contains
itself, is the longest one that begins the target. Patterns with a wildcard are tried from the longest down and no
further than they can win. Nothing is remembered by URL.
"""

from __future__ import annotations

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
_FEW = 12
_MAX_LETTERS = 128  # patterns are ASCII: what lies beyond is asked for by few targets and by no pattern

_Wild = tuple[int, int, str]
"""A pattern with a wildcard inside: its key, its number made negative (so that the greatest tuple is tried first), its text."""


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
    """A function from a URL or target to the rule that decides: twice its index in ``lines``, plus one if it is an Allow.

    It gives `NO_RULE` where none matches and `ROBOTS_TXT` for that file itself. ``lines`` are as `Grammar.lines` captures
    them. Of equal rules the first counts. Rules that can match no path (empty, not beginning with ``/`` or ``*``) are left
    out.
    """
    allowed: dict[str, int] = {}
    disallowed: dict[str, int] = {}
    special: list[tuple[str, int]] = []
    escapes = False
    for number, (allow, _, plain, other) in enumerate(lines):
        if plain:
            if allow:
                allowed.setdefault(plain, 2 * number + 1)
            else:
                disallowed.setdefault(plain, 2 * number)
        elif other and other[0] in "/*":
            pattern = normalise_pattern(other)
            if "%" in pattern:
                escapes = True
            if "*" in pattern or pattern[-1] == "$":
                special.append((pattern, 2 * number + bool(allow)))
            elif allow:
                allowed.setdefault(pattern, 2 * number + 1)
            else:
                disallowed.setdefault(pattern, 2 * number)
    return _finder(disallowed | allowed, special, escapes=escapes)


def _finder(plain_rules: dict[str, int], special: list[tuple[str, int]], *, escapes: bool) -> Callable[[str], int]:
    # A rule's key is twice its octets, plus one for Allow: the greatest is the longest pattern, and Allow wins a tie.
    exact: dict[str, tuple[int, int]] = {}
    starred: dict[str, tuple[int, int]] = {}
    wild: list[_Wild] = []
    for text, number in special:
        key = 2 * len(text) + (number & 1)
        prefix = text.rstrip("*")
        if "*" in prefix:
            wild.append((key, -number, text))
        else:
            kind, at = (exact, prefix[:-1]) if prefix[-1:] == "$" else (starred, prefix)
            if at not in kind or key > kind[at][0]:
                kind[at] = (key, number)
    wild.sort(reverse=True)
    prefixes = sorted(plain_rules.keys() | starred.keys() if starred else plain_rules)
    parents = _parents(prefixes)
    best_of = _best_of(prefixes, parents, plain_rules, starred)
    queries = "?" in "".join(prefixes) or any("?" in text for text, _ in special)
    with_query, without_query = _WildTable(wild, query=True), _WildTable(wild, query=False)

    def find(url: str) -> int:
        # `target_of` for what most callers ask: a target, or a URL whose first slash after the host begins it.
        try:
            if "#" in url:
                target = target_of(url)
            elif url[0] == "/":
                target = url
            elif url[6] == "/" and (url[5] == ":" or url[4] == ":"):  # https://, http://
                slash = url.index("/", 8)
                target = url[slash:] if "?" not in url or url.find("?", 8, slash) < 0 else target_of(url)
            else:
                target = target_of(url)
        except (IndexError, ValueError):
            target = target_of(url)
        plain = target
        if escapes:
            plain = target = normalise(target)
        elif "%" in target and find_unreserved_escape(target):
            plain = target = decode_unreserved(target)
        if queries and "%" in target and "?" in target:
            plain = decode_query(target)  # what a pattern with a query is compared with; the path is the same
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
        if wild:
            table = with_query if "?" in plain or "=" in plain else without_query
            for key, needle, number, pattern in table[plain[1:2]]:
                if key <= best:
                    break
                if (needle in target or needle in plain) and pattern.matches(target):
                    return number
        return winner

    return find


def _best_of(
    prefixes: list[str], parents: list[int], plain_rules: dict[str, int], starred: dict[str, tuple[int, int]]
) -> list[tuple[int, int]]:
    """For each of the sorted prefixes the key and the number of the rule that wins where it is the longest one to match.

    ``/a*`` matches what ``/a`` matches and has one octet more: only so may a shorter prefix win over a longer one.
    """
    if not starred:
        return [(2 * len(prefix) + (plain_rules[prefix] & 1), plain_rules[prefix]) for prefix in prefixes]
    best_of: list[tuple[int, int]] = []
    for prefix, parent in zip(prefixes, parents, strict=True):
        best = best_of[parent] if parent >= 0 else (0, NO_RULE)
        if prefix in plain_rules:
            number = plain_rules[prefix]
            best = max(best, (2 * len(prefix) + (number & 1), number), key=_key)
        best_of.append(max(best, starred.get(prefix, best), key=_key))
    return best_of


def _key(rule: tuple[int, int]) -> int:
    return rule[0]


class _WildTable(dict[str, list[tuple[int, str, int, Pattern]]]):
    """The patterns that a target may match, by its character after the first slash: key, longest piece, number, pattern.

    Filled as characters are met; a few patterns are not told apart. ``query`` says whether the target has a ``?`` or ``=``; without one, patterns that ask for
    it are left out.
    """

    def __init__(self, wild: list[_Wild], *, query: bool) -> None:
        super().__init__()
        self._wild = wild
        self._query = query
        self._compiled: list[tuple[int, str, int, Pattern]] | None = None

    def __missing__(self, letter: str) -> list[tuple[int, str, int, Pattern]]:
        if self._compiled is None:
            self._compiled = [
                (key, pattern.longest_piece, -number, pattern)
                for key, number, text in self._wild if self._query or ("?" not in text and "=" not in text)
                for pattern in (Pattern(text),)
            ]
        found = self._compiled
        if len(found) > _FEW:
            found = [rule for rule in found if rule[3].text[0] == "*" or rule[3].text[1] in {letter, "*"}]
        if len(self) < _MAX_LETTERS:
            self[letter] = found
        return found


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
