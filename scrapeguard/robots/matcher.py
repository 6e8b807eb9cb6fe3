"""Path to rule: the longest of many patterns that matches (RFC 9309 §2.2.2).

«The most specific match found MUST be used. The most specific match is the match that has the most octets. […] If an
"allow" rule and a "disallow" rule are equivalent, then the "allow" rule SHOULD be used.»

Plain prefixes are sorted and bisected: the predecessor of the target in that order, or one of the prefixes it contains
itself, is the longest one that begins the target. Patterns with a wildcard are tried from the longest down and no
further than they can win. Nothing is remembered by URL.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from scrapeguard._pattern import Pattern, decode_query, normalise, normalise_pattern

NO_RULE = -1
ROBOTS_TXT = -2


def target_of(url: str) -> str:
    """Path and query of a URL, or of what is a path already, as RFC 9309 §2.2.2 compares it: without the fragment.

    >>> target_of("https://example.com?q=/a#top"), target_of("/a#b"), target_of("")
    ('/?q=/a', '/a', '/')
    """
    if url.startswith("/"):
        target = url
    else:
        after = url.find("://") + 3
        slash = url.find("/", after) if after > 2 else -1
        if slash < 0 or url.find("?", after, slash) >= 0 or url.find("#", after, slash) >= 0:
            return _careful_target(url)
        target = url[slash:]
    return target.partition("#")[0] if "#" in target else target


def _careful_target(url: str) -> str:
    url = url.partition("#")[0]
    _, scheme_end, rest = url.partition("://")
    if not scheme_end:
        return url if url.startswith("/") else "/" + url
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    target = rest[cut:]
    return target if target.startswith("/") else "/" + target


class RuleIndex:
    """The rules of one crawler, ready to be asked.

    Rules are numbered in the order given. A rule's key is twice its octets, plus one for Allow, so that the greatest
    key is the longest pattern and Allow wins a tie. Rules that can match no path (empty, not beginning with ``/`` or
    ``*``) are left out.
    """

    __slots__ = ("_escapes", "_exact", "_keys", "_numbers", "_parents", "_prefixes", "_queries", "_wild")

    def __init__(self, allows: Sequence[bool], patterns: Sequence[str]) -> None:
        plain: dict[str, int] = {}
        exact: dict[str, int] = {}
        wild: dict[str, int] = {}
        self._escapes = False
        for number, written in enumerate(patterns):
            if written[:1] not in {"/", "*"}:
                continue
            pattern = normalise_pattern(written)
            if "%" in pattern:
                self._escapes = True
            kind = wild if "*" in pattern else exact if pattern[-1] == "$" else plain
            known = kind.get(pattern)
            if known is None or (allows[number] and not allows[known]):
                kind[pattern] = number
        self._prefixes = sorted(plain)
        self._numbers = [plain[prefix] for prefix in self._prefixes]
        self._keys = [2 * len(prefix) + allows[plain[prefix]] for prefix in self._prefixes]
        self._parents = _parents(self._prefixes)
        self._exact = {pattern[:-1]: (2 * len(pattern) + allows[number], number) for pattern, number in exact.items()}
        entries = [(2 * len(text) + allows[number], number, Pattern(text)) for text, number in wild.items()]
        entries.sort(key=lambda entry: (-entry[0], entry[1]))
        self._wild = [(key, pattern.longest_piece, pattern, number) for key, number, pattern in entries]
        self._queries = any("?" in text for kind in (plain, exact, wild) for text in kind)

    def find(self, target: str) -> int:
        """Number of the rule that decides for a `target_of`, or `NO_RULE`, or `ROBOTS_TXT` for that file itself."""
        plain = target
        if self._escapes or "%" in target:
            plain = target = normalise(target)
            if self._queries and "%" in target:
                plain = decode_query(target)  # what a pattern with a query is compared with; the path is the same
        if plain == "/robots.txt":
            return ROBOTS_TXT
        best, winner = 0, NO_RULE
        at = bisect_right(self._prefixes, plain) - 1
        while at >= 0:
            if plain.startswith(self._prefixes[at]):
                best, winner = self._keys[at], self._numbers[at]
                break
            at = self._parents[at]
        if self._exact:
            key, number = self._exact.get(plain, (0, NO_RULE))
            if key > best:
                best, winner = key, number
        for key, needle, pattern, number in self._wild:
            if key <= best:
                break
            if (needle in target or (plain is not target and needle in plain)) and pattern.matches(target):
                return number
        return winner

    def all_matches(self, target: str) -> list[int]:
        """Numbers of every rule that matches, the deciding one first; what `find` weighed, for people."""
        target = normalise(target)
        found = [(key, number) for key, _, pattern, number in self._wild if pattern.matches(target)]
        plain = decode_query(target)
        found += [
            (key, number)
            for prefix, key, number in zip(self._prefixes, self._keys, self._numbers, strict=True)
            if plain.startswith(prefix)
        ]
        if plain in self._exact:
            found.append(self._exact[plain])
        return [number for _, number in sorted(found, key=lambda entry: (-entry[0], entry[1]))]


def _parents(prefixes: list[str]) -> list[int]:
    """For each of the sorted prefixes the index of the longest other one that begins it, or -1."""
    parents: list[int] = []
    open_: list[int] = []
    for at, prefix in enumerate(prefixes):
        while open_ and not prefix.startswith(prefixes[open_[-1]]):
            open_.pop()
        parents.append(open_[-1] if open_ else -1)
        open_.append(at)
    return parents
