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

from scrapeguard._pattern import Pattern, decode_query, normalise, normalise_pattern

NO_RULE = -1
ROBOTS_TXT = -2

# The escapes that matter where no pattern holds one: of unreserved characters, and those a query may spell either way.
_TELLING_ESCAPE = re.compile("%(?:2[DEFdef]|3[0-9AFaf]|4[0-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9AEae])")


def target_of(url: str) -> str:
    """Path and query of a URL, or of what is a path already, as RFC 9309 §2.2.2 compares it: without the fragment.

    >>> target_of("https://example.com?q=/a#top"), target_of("/a#b"), target_of("")
    ('/?q=/a', '/a', '/')
    """
    if "#" in url:
        url = url[:url.index("#")]
    if url[5:8] == "://" or url[4:7] == "://":  # https, http
        slash = url.find("/", 8)
        if slash > 0 and ("?" not in url or url.find("?", 7, slash) < 0):
            return url[slash:]
    elif url[:1] == "/":
        return url
    _, scheme_end, rest = url.partition("://")
    if not scheme_end:
        return url if url[:1] == "/" else "/" + url
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    target = rest[cut:]
    return target if target[:1] == "/" else "/" + target


def rule_finder(lines: Sequence[tuple[str, str, str, str]]) -> Callable[[str], int]:
    """A function from a target to the rule that decides: twice its index in ``lines``, plus one if it is an Allow.

    It gives `NO_RULE` where none matches and `ROBOTS_TXT` for that file itself. ``lines`` are as `Grammar.lines`
    captures them. Inside, a rule's key is twice its octets, plus one for Allow, so that the greatest key is the
    longest pattern and Allow wins a tie. Of equal rules the first counts. Rules that can match no path (empty, not
    beginning with ``/`` or ``*``) are left out.
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
    prefixes = sorted(plain_rules)
    numbers = [plain_rules[prefix] for prefix in prefixes]
    parents = _parents(prefixes)
    exact: dict[str, tuple[int, int]] = {}
    wild: list[tuple[int, str, Callable[[str], bool], int]] = []
    queries = any("?" in prefix for prefix in prefixes)
    for text, number in sorted(special, key=lambda rule: (-len(rule[0]), -(rule[1] & 1), rule[1])):
        queries = queries or "?" in text
        key = 2 * len(text) + (number & 1)
        if "*" in text:
            pattern = Pattern(text)
            wild.append((key, pattern.longest_piece, pattern.matches, number))
        else:
            exact.setdefault(text[:-1], (key, number))

    def find(target: str) -> int:
        plain = target
        if escapes or ("%" in target and _TELLING_ESCAPE.search(target)):
            plain = target = normalise(target)
            if queries and "%" in target:
                plain = decode_query(target)  # what a pattern with a query is compared with; the path is the same
        if plain == "/robots.txt":
            return ROBOTS_TXT
        best, winner = 0, NO_RULE
        at = bisect_right(prefixes, plain) - 1
        while at >= 0:
            if plain.startswith(prefixes[at]):
                winner = numbers[at]
                best = 2 * len(prefixes[at]) + (winner & 1)
                break
            at = parents[at]
        if plain in exact and exact[plain][0] > best:
            best, winner = exact[plain]
        for key, needle, matches, number in wild:
            if key <= best:
                break
            if (needle in target or needle in plain) and matches(target):
                return number
        return winner

    return find


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
