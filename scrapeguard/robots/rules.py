"""What a match is made of: rule, group, and why (RFC 9309 §2.1, §2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapeguard._pattern import normalise_pattern
from scrapeguard.robots.matcher import ROBOTS_TXT

if TYPE_CHECKING:
    from scrapeguard.robots.asker import Asker, Run
    from scrapeguard.robots.document import RobotsTxt


class Rule:
    """An Allow line, where ``allow`` is True, or a Disallow line. What it says is read when it is asked for."""

    __slots__ = ("_document", "_line", "_read", "_run", "allow")

    def __init__(self, document: RobotsTxt, run: Run, line: int, allow: bool) -> None:
        self._document = document
        self._run = run
        self._line = line
        self._read: tuple[int, str, str] | None = None
        self.allow = allow

    def _parts(self) -> tuple[int, str, str]:
        if self._read is None:
            self._read = self._document.read_rule(self._run, self._line)
        return self._read

    @property
    def line(self) -> int:
        """The line's number, from 1."""
        return self._parts()[0]

    @property
    def pattern(self) -> str:
        """The pattern as written, '' for an empty rule; bytes that are no UTF-8 stand as lone surrogates."""
        return self._parts()[1]

    @property
    def text(self) -> str:
        """The whole line as it stands in the file, without the white space around it."""
        return self._parts()[2]

    @property
    def group(self) -> Group:
        """The group it stands in."""
        return Group(self._document, self._run)

    @property
    def octets(self) -> int:
        """How specific it is: octets of the normalised pattern, wildcards and anchor counted (RFC 9309 §2.2.2)."""
        return len(normalise_pattern(self.pattern))

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

    __slots__ = ("_document", "_rules", "_run", "tokens")

    def __init__(self, document: RobotsTxt, run: Run) -> None:
        self._document = document
        self._run = run
        self._rules: tuple[Rule, ...] | None = None
        self.tokens = run.tokens

    @property
    def line(self) -> int:
        """Number of its first User-agent line, from 1."""
        return self._document.line_at(self._run.start)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules in the order of the file, empty ones too; read at first use."""
        if self._rules is None:
            self._rules = self._document.rules_of(self._run)
        return self._rules

    def __repr__(self) -> str:
        return f"<Group {', '.join(self.tokens)} (line {self.line})>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and (self.tokens, self.rules) == (other.tokens, other.rules)

    def __hash__(self) -> int:
        return hash(self.tokens)


class Match:
    """The answer for one path. ``bool(match)`` is ``allowed``.

    ``token`` is the token whose groups were chosen: a crawler's name, ``*``, or '' where no group speaks to this crawler.
    ``robots_txt`` is True when the path is that of the file itself.
    """

    __slots__ = ("_asker", "_number", "_rule", "allowed", "robots_txt", "token")

    def __init__(self, asker: Asker, number: int) -> None:
        self._asker = asker
        self._number = number
        self._rule: Rule | None = None
        self.token = asker.token
        self.allowed = number < 0 or number & 1 == 1
        self.robots_txt = number == ROBOTS_TXT

    def __bool__(self) -> bool:
        return self.allowed

    def __repr__(self) -> str:
        return f"<Match allowed={self.allowed} rule={self.rule!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Match) and (self.allowed, self.rule, self.token) == (other.allowed, other.rule, other.token)

    def __hash__(self) -> int:
        return hash((self.allowed, self.token, self._number))

    @property
    def rule(self) -> Rule | None:
        """The rule that decided, None where none matches."""
        if self._rule is None and self._number >= 0:
            self._rule = self._asker.rule(self._number)
        return self._rule

    @property
    def group(self) -> Group | None:
        """The group that holds the rule; without a rule the first of those chosen, or None."""
        return self.rule.group if self.rule else self._asker.first_group

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        if self.robots_txt:
            return "/robots.txt itself may always be fetched (RFC 9309 §2.2.2)."
        if not self.token:
            return "No group speaks to this crawler, and there is none for '*': no rule applies (RFC 9309 §2.2.1)."
        whose = "the group for every crawler" if self.token == "*" else f"the group for {self.token!r}"  # noqa: S105 - no password
        if self.rule is None:
            return f"No rule of {whose} matches: what is not disallowed is allowed (RFC 9309 §2.2.2)."
        return (f"{self.rule} in line {self.rule.line}, in {whose}, is the matching rule with the most octets "
                f"({self.rule.octets}); Allow wins a tie (RFC 9309 §2.2.2).")
