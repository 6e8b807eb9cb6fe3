"""What a match is made of: rule, group, and why (RFC 9309 §2.1, §2.2).

All of them are places in the text; what stands there is read when it is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from scrapeguard._pattern import normalise_pattern
from scrapeguard.robots.matcher import NO_RULE, ROBOTS_TXT
from scrapeguard.robots.records import grammar


class Run(NamedTuple):
    """A run of User-agent lines: the tokens it names, and from where to where in the text it and its rules reach."""

    tokens: tuple[str, ...]
    start: int
    end: int


def read_lines(text: bytes, run: Run) -> list[tuple[str, str, str, str]]:
    """The lines of a group, from its first User-agent line, as `Grammar.lines` captures them.

    Bytes that are no UTF-8 become lone surrogates, of which `_pattern` makes ``%XX``.
    """
    return grammar().lines.findall(text[run.start:run.end + 1].decode("utf-8", "surrogateescape"))


def root_rule(text: bytes, runs: Sequence[Run]) -> int | None:
    """What `rule_finder` gives for the path ``/``; None where two patterns of one length match, which is for it to tell."""
    best: dict[int, tuple[bytes, int]] = {}
    before, several = 0, set()
    last = runs[-1] if runs else None
    for run in runs:
        for found in grammar().root.finditer(text, run.start, run.end + 1):
            allow, pattern = found[1] is not None, found[2]
            key = 2 * len(pattern) + allow
            if key not in best:
                line = before + text.count(b"\n", run.start, found.start())
                best[key] = pattern, 2 * line + allow
            elif best[key][0] != pattern:
                several.add(key)
        if run is not last:
            before += _lines_in(text, run)
    longest = max(best, default=0)
    return None if longest in several else best[longest][1] if best else NO_RULE


def _lines_in(text: bytes, run: Run) -> int:
    """How many lines `read_lines` gives."""
    return text.count(b"\n", run.start, run.end + 1)


class Rule:
    """An Allow line, where ``allow`` is True, or a Disallow line."""

    __slots__ = ("_at", "_read", "_run", "_text", "allow")

    def __init__(self, text: bytes, run: Run, at: int, allow: bool) -> None:
        self._text = text
        self._run = run
        self._at = at  # the line within the run, from 0
        self._read: tuple[str, str, int] | None = None
        self.allow = allow

    def _parts(self) -> tuple[str, str, int]:
        if self._read is not None:
            return self._read
        run, at = self._run, self._at
        return self.read(self._text[run.start:run.end].split(b"\n", at + 2)[at + 1],
                         self._text.count(b"\n", 0, run.start + 1) + at)

    def read(self, line: bytes, number: int) -> tuple[str, str, int]:
        """Take over the line and its number, for whoever has them at hand: pattern, text and number."""
        (_, _, clean, other), *_ = read_lines(b"\n" + line + b"\n", Run((), 0, len(line) + 1))
        self._read = clean or other, line.strip().decode("utf-8", "replace"), number
        return self._read

    @property
    def pattern(self) -> str:
        """The pattern as written, '' for an empty rule; bytes that are no UTF-8 stand as lone surrogates."""
        return self._parts()[0]

    @property
    def text(self) -> str:
        """The whole line as it stands in the file, without the white space around it."""
        return self._parts()[1]

    @property
    def line(self) -> int:
        """The line's number, from 1."""
        return self._parts()[2]

    @property
    def octets(self) -> int:
        """How specific it is: octets of the normalised pattern, wildcards and anchor counted (RFC 9309 §2.2.2)."""
        return len(normalise_pattern(self.pattern))

    @property
    def group(self) -> Group:
        """The group it stands in."""
        return Group(self._text, self._run)

    def __str__(self) -> str:
        return f"{'Allow' if self.allow else 'Disallow'}: {self.pattern}"

    def __repr__(self) -> str:
        return f"<Rule {self} (line {self.line})>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rule):
            return NotImplemented
        return (self.allow, self.pattern, self.line) == (other.allow, other.pattern, other.line)

    def __hash__(self) -> int:
        return hash((self.allow, self.pattern))


class Group:
    """A run of User-agent lines and the rules below them. Groups of one token are applied as one (RFC 9309 §2.2.1).

    ``tokens`` are the product tokens named, lower case, ``*`` for everyone, '' for a line that names nobody.
    """

    __slots__ = ("_rules", "_run", "_text", "tokens")

    def __init__(self, text: bytes, run: Run) -> None:
        self._text = text
        self._run = run
        self._rules: tuple[Rule, ...] | None = None
        self.tokens = run.tokens

    @property
    def line(self) -> int:
        """Number of its first User-agent line, from 1."""
        return self._text.count(b"\n", 0, self._run.start + 1)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules in the order of the file, empty ones too."""
        if self._rules is None:
            run, first = self._run, self.line
            rules: list[Rule] = []
            texts = self._text[run.start + 1:run.end].split(b"\n")
            for at, (text, (allow, disallow, *_)) in enumerate(zip(texts, read_lines(self._text, run), strict=False)):
                if allow or disallow:
                    rules.append(Rule(self._text, run, at, bool(allow)))
                    rules[-1].read(text, first + at)
            self._rules = tuple(rules)
        return self._rules

    def __repr__(self) -> str:
        return f"<Group {', '.join(self.tokens)} (line {self.line})>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and (self.tokens, self.rules) == (other.tokens, other.rules)

    def __hash__(self) -> int:
        return hash(self.tokens)


class Choice:
    """The groups that apply to one crawler, and under which token they were chosen (see `Match.token`)."""

    __slots__ = ("_firsts", "runs", "text", "token")

    def __init__(self, text: bytes, token: str, runs: Sequence[Run]) -> None:
        self.text = text
        self._firsts: list[int] = []  # how many lines the groups before have
        self.token = token
        self.runs = runs

    @property
    def first_group(self) -> Group | None:
        """The first of the groups, None where there is none."""
        return Group(self.text, self.runs[0]) if self.runs else None

    def rule(self, number: int) -> Rule:
        """The rule of a number as `rule_finder` gives it."""
        line, allow = number >> 1, number & 1 == 1
        if len(self.runs) == 1:
            return Rule(self.text, self.runs[0], line, allow)
        if not self._firsts:
            self._firsts = [0, *accumulate(_lines_in(self.text, run) for run in self.runs)]
        at = bisect_right(self._firsts, line) - 1
        return Rule(self.text, self.runs[at], line - self._firsts[at], allow)


class Match:
    """The answer for one path. ``bool(match)`` is ``allowed``.

    ``rule`` is the rule that decided, None where none matches.
    ``token`` is the token whose groups were chosen: a crawler's name, ``*``, or '' where no group speaks to this
    crawler. ``robots_txt`` is True when the path is that of the file itself.
    """

    __slots__ = ("_choice", "allowed", "robots_txt", "rule", "token")

    def __init__(self, choice: Choice, number: int) -> None:
        self._choice = choice
        self.rule = choice.rule(number) if number >= 0 else None
        self.token = choice.token
        self.allowed = number < 0 or number & 1 == 1
        self.robots_txt = number == ROBOTS_TXT

    def __bool__(self) -> bool:
        return self.allowed

    def __repr__(self) -> str:
        return f"<Match allowed={self.allowed} rule={self.rule!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Match):
            return NotImplemented
        return (self.allowed, self.rule, self.token) == (other.allowed, other.rule, other.token)

    def __hash__(self) -> int:
        return hash((self.allowed, self.token))

    @property
    def group(self) -> Group | None:
        """The group that holds the rule; without a rule the first of those chosen, or None."""
        return self.rule.group if self.rule else self._choice.first_group

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        if self.robots_txt:
            return "/robots.txt itself may always be fetched (RFC 9309 §2.2.2)."
        if not self.token:
            return "No group speaks to this crawler, and there is none for '*': no rule applies (RFC 9309 §2.2.1)."
        whose = f"the group for {self.token!r}" if self.token.strip("*") else "the group for every crawler"
        if self.rule is None:
            return f"No rule of {whose} matches: what is not disallowed is allowed (RFC 9309 §2.2.2)."
        return (f"{self.rule} in line {self.rule.line}, in {whose}, is the matching rule with the most octets "
                f"({self.rule.octets}); Allow wins a tie (RFC 9309 §2.2.2).")
