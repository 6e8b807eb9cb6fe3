"""One crawler's rules: those of all groups that name its token, compiled when first asked about (RFC 9309 §2.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from scrapeguard.robots.matcher import ROBOTS_TXT, RuleIndex
from scrapeguard.robots.records import grammar
from scrapeguard.robots.rules import Group, Match, Rule

if TYPE_CHECKING:
    from scrapeguard.robots.document import RobotsTxt


class Run(NamedTuple):
    """A run of User-agent lines: the tokens it names, and from where to where in the body it and its rules reach."""

    tokens: tuple[str, ...]
    start: int
    end: int


def rule_lines(body: bytes, runs: Sequence[Run]) -> Iterator[re.Match[bytes]]:
    """The Allow and Disallow lines of these groups, in order; groups 1 and 2 are the field's name and the value."""
    find = grammar().rule.finditer
    return chain.from_iterable(find(body, run.start, run.end + 1) for run in runs)


def is_allow(name: bytes) -> bool:
    """Whether a rule's field name, in any of its spellings, is Allow."""
    return name[:1] in b"Aa"


def pattern_text(value: bytes) -> str:
    """A rule's value as text; bytes that are no UTF-8 as lone surrogates, of which `_pattern` makes ``%XX``."""
    return value.strip(b" \t").decode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    """The same without lone surrogates, for JSON and the screen."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Asker:
    """The rules chosen for one token, and the answers they can give: one a rule, none a URL."""

    __slots__ = ("_body", "_document", "_matches", "_runs", "find", "index", "token")

    def __init__(self, document: RobotsTxt, body: bytes, token: str, runs: Sequence[Run]) -> None:
        self._document = document
        self._body = body
        self._runs = runs
        self._matches: dict[int, Match] = {}
        self.token = token
        find = grammar().rule.findall
        lines = [line for run in runs for line in find(body, run.start, run.end + 1)]
        self.index = RuleIndex([is_allow(name) for name, _ in lines], [pattern_text(value) for _, value in lines])
        self.find = self.index.find

    def match(self, target: str) -> Match:
        """The answer for a target (`target_of`)."""
        number = self.find(target)
        known = self._matches.get(number)
        return self.answer(number) if known is None else known

    @property
    def starts(self) -> tuple[int, ...]:
        """Where its groups begin: what two tokens with the same rules have in common."""
        return tuple(run.start for run in self._runs)

    def rule(self, number: int) -> Rule:
        """The rule of that number, found again in the file."""
        return self._document.rule_at(next(islice(rule_lines(self._body, self._runs), number, None)))

    def answer(self, number: int) -> Match:
        """The answer that stands for a number from ``find``."""
        if number in self._matches:
            return self._matches[number]
        if number < 0:
            group = Group(self._document, self._runs[0]) if self._runs else None
            made = Match(True, None, group, self.token, number == ROBOTS_TXT)
        else:
            rule = self.rule(number)
            run = next(run for run in self._runs if run.start <= rule.offset < run.end)
            made = Match(rule.allow, rule, Group(self._document, run), self.token)
        self._matches[number] = made
        return made
