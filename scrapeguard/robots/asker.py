"""One crawler's rules: those of all groups that name its token, compiled when first asked about (RFC 9309 §2.2.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from scrapeguard.robots.matcher import rule_finder
from scrapeguard.robots.records import grammar
from scrapeguard.robots.rules import Group, Match, Rule

if TYPE_CHECKING:
    from scrapeguard.robots.document import RobotsTxt


class Run(NamedTuple):
    """A run of User-agent lines: the tokens it names, and from where to where in the body it and its rules reach."""

    tokens: tuple[str, ...]
    start: int
    end: int


def read_lines(body: bytes, run: Run) -> list[tuple[str, str, str, str]]:
    """The lines of a group, from its first User-agent line, as `Grammar.lines` captures them.

    Bytes that are no UTF-8 become lone surrogates, of which `_pattern` makes ``%XX``.
    """
    return grammar().lines.findall(body[run.start:run.end + 1].decode("utf-8", "surrogateescape"))


class Asker:
    """The rules chosen for one token, and the answers they can give: one a rule, none a URL.

    Rules are numbered as the `rule_finder` ``find`` numbers the lines of these groups.
    """

    __slots__ = ("_document", "_firsts", "_runs", "find", "lines", "matches", "token")

    def __init__(self, document: RobotsTxt, body: bytes, token: str, runs: Sequence[Run]) -> None:
        self._document = document
        self._runs = runs
        self.token = token
        self.matches: dict[int, Match] = {}
        parts = [read_lines(body, run) for run in runs]
        self._firsts = [0, *accumulate(map(len, parts))]
        self.find = rule_finder(parts[0] if len(parts) == 1 else [line for part in parts for line in part])

    @property
    def starts(self) -> tuple[int, ...]:
        """Where its groups begin: what two tokens with the same rules have in common."""
        return tuple(run.start for run in self._runs)

    @property
    def first_group(self) -> Group | None:
        """The first of its groups, None if it has none."""
        return Group(self._document, self._runs[0]) if self._runs else None

    def rule(self, number: int) -> Rule:
        """The rule of that number."""
        line, allow = divmod(number, 2)
        at = bisect_right(self._firsts, line) - 1
        return Rule(self._document, self._runs[at], line - self._firsts[at], bool(allow))

    def match(self, url_or_target: str) -> Match:
        """The answer for a URL or target."""
        number = self.find(url_or_target)
        try:
            return self.matches[number]
        except KeyError:
            return self.answer(number)

    def answer(self, number: int) -> Match:
        """The answer that stands for a number from ``find``."""
        if number not in self.matches:
            self.matches[number] = Match(self, number)
        return self.matches[number]
