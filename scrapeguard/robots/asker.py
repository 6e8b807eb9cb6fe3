"""One crawler's rules: those of all groups that name its token, compiled when first asked about (RFC 9309 §2.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from scrapeguard.robots.matcher import rule_finder
from scrapeguard.robots.rules import Choice, Match, Run, read_lines


class Asker:
    """The rules chosen for one token, and the answers they can give: one a rule, none a URL.

    ``find`` is a `rule_finder`; ``matches`` holds the answers given so far by the numbers it gives.
    """

    __slots__ = ("_choice", "find", "matches")

    def __init__(self, text: bytes, token: str, runs: Sequence[Run]) -> None:
        if len(runs) == 1:
            lines = read_lines(text, runs[0])
            firsts = [0]
        else:
            parts = [read_lines(text, run) for run in runs]
            lines = [line for part in parts for line in part]
            firsts = [0, *accumulate(map(len, parts))]
        self.find = rule_finder(lines)
        self.matches: dict[int, Match] = {}
        self._choice = Choice(text, token, runs, firsts)

    @property
    def token(self) -> str:
        """The token whose groups these are, '' for none."""
        return self._choice.token

    @property
    def starts(self) -> tuple[int, ...]:
        """Where the groups begin: what two tokens with the same rules have in common."""
        return tuple(run.start for run in self._choice.runs)

    def match(self, url_or_target: str) -> Match:
        """The answer for a URL or target."""
        return self.answer(self.find(url_or_target))

    def answer(self, number: int) -> Match:
        """The answer that stands for a number from ``find``."""
        if number not in self.matches:
            self.matches[number] = Match(self._choice, number)
        return self.matches[number]
