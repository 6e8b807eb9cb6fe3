"""One crawler's rules: those of all groups that name its token, compiled when first asked about (RFC 9309 §2.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from scrapeguard.robots.matcher import rule_finder
from scrapeguard.robots.rules import Choice, Match, Run, read_lines, root_rule


class Asker:
    """The rules chosen for one token, and the answers they can give: one a rule, none a URL.

    ``find`` is a `rule_finder`, None until `compiled` was called; ``matches`` holds the answers given so far by its numbers.
    """

    __slots__ = ("_choice", "_root", "find", "matches")

    def __init__(self, text: bytes, token: str, runs: Sequence[Run]) -> None:
        self.find: Callable[[str], int] | None = None
        self.matches: dict[int, Match] = {}
        self._choice = Choice(text, token, runs)
        self._root: int | None = None

    def compiled(self) -> Callable[[str], int]:
        """``find``, made when first asked for."""
        if self.find is None:
            text, runs = self._choice.text, self._choice.runs
            parts = [read_lines(text, run) for run in runs]
            self.find = rule_finder(parts[0] if len(parts) == 1 else list(chain(*parts)))
        return self.find

    def number(self, target: str) -> int:
        """``find`` of a target; for the root alone the rules are not compiled."""
        if target != "/":
            return self.compiled()(target)
        if self._root is None:
            root = root_rule(self._choice.text, self._choice.runs)
            self._root = self.compiled()(target) if root is None else root
        return self._root

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
        return self.answer(self.number(url_or_target))

    def answer(self, number: int) -> Match:
        """The answer that stands for a number from ``find``."""
        if number not in self.matches:
            self.matches[number] = Match(self._choice, number)
        return self.matches[number]
