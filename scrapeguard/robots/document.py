"""A robots.txt that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from scrapeguard._pattern import compile_pattern, normalise
from scrapeguard.model.extension import Extension
from scrapeguard.robots import extensions as ext
from scrapeguard.robots.asker import Asker
from scrapeguard.robots.matcher import target_of
from scrapeguard.robots.notes import Comment, LineNote, file_notes, read_comments, read_notes
from scrapeguard.robots.product_token import product_token
from scrapeguard.robots.records import ADDRESSES, find_field, grammar, records
from scrapeguard.robots.rules import Group, Match, Rule, Run

if TYPE_CHECKING:
    from scrapeguard.robots.parser import Cleaned


_T = TypeVar("_T")
Agent = str | tuple[str, ...]
"""A crawler: its product token or User-Agent header, or its tokens, most specific first."""

_MAX_AGENTS = 1024  # how many spellings of agents one document remembers


class RobotsTxt:
    """What one robots.txt says; made by `parse_robots`.

    Agents may be given as a product token or as a whole User-Agent header (see `product_token`), or as a sequence of
    tokens, most specific first: the first for which a group exists is taken (as Google documents), then ``*``.

    >>> from scrapeguard.robots import parse_robots
    >>> robots = parse_robots("User-agent: a\\nDisallow: /x\\nCrawl-delay: 2\\n\\nSitemap: https://example.com/map.xml")
    >>> robots.allowed("/x", "A"), robots.allowed("/x", "b"), robots.crawl_delay("a"), robots.sitemaps
    (False, True, 2.0, ('https://example.com/map.xml',))
    """

    def __init__(self, body: bytes, runs: Sequence[Run], cleaned: Cleaned) -> None:
        self._body = body
        self._runs = runs
        self._cleaned = cleaned
        self._askers: dict[Agent, Asker] = {}
        self._by_token: dict[str, list[Run]] | None = None
        self._own: dict[str, tuple[Extension, ...]] = {}

    # ── matching ──

    def allowed(self, url_or_path: str, agent: Agent) -> bool:
        """Whether the file lets ``agent`` fetch it; `match` without the reasons, and raises as it does."""
        return self.match(url_or_path, agent).allowed

    def match(self, url_or_path: str, agent: Agent) -> Match:
        """The rule that decides, and its group. Of a URL only path and query count (RFC 9309 §2.2.2).

        An agent '' is one that no group names. Raises `InvalidAgent` for a User-Agent header that names no crawler.
        """
        try:
            asker = self._askers[agent]
        except KeyError:
            asker = self._asker(agent)
        number = (asker.find or asker.compiled())(url_or_path)
        try:
            return asker.matches[number]
        except KeyError:
            return asker.answer(number)

    def explain(self, url_or_path: str, agent: Agent) -> tuple[Rule, ...]:
        """Every rule that matches, the deciding one first.

        >>> from scrapeguard.robots import parse_robots
        >>> parse_robots("User-agent: *\\nDisallow: /\\nAllow: /a").explain("/a/b", "bot")
        (<Rule Allow: /a (line 3)>, <Rule Disallow: / (line 2)>)
        """
        target = normalise(target_of(url_or_path))
        runs = self._named.get(self.select(agent), [])
        found = [
            (-pattern.octets, not rule.allow, rule.line, rule)
            for run in runs for rule in Group(self._body, run).rules
            if (pattern := compile_pattern(rule.pattern)) is not None and pattern.matches(target)
        ]
        return tuple(rule for *_, rule in sorted(found, key=lambda entry: entry[:3]))

    def select(self, agent: Agent) -> str:
        """The token whose groups apply: the first of the agent's that a group names, ``*``, or '' (RFC 9309 §2.2.1).

        >>> from scrapeguard.robots import parse_robots
        >>> parse_robots("User-agent: maker\\nDisallow: /").select(("maker-news", "maker"))
        'maker'
        """
        named = self._named
        for name in (agent,) if isinstance(agent, str) else agent:
            if name and (token := product_token(name)) in named:
                return token
        return "*" if "*" in named else ""

    @property
    def _named(self) -> dict[str, list[Run]]:
        if self._by_token is None:
            self._by_token = self._groups_by_token()
        return self._by_token

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token that a group names, lower case, in the order of the file."""
        return tuple(filter(None, self._named))

    def _groups_by_token(self) -> dict[str, list[Run]]:
        named: dict[str, list[Run]] = {}
        for run in self._runs:
            for token in run.tokens if len(run.tokens) == 1 else dict.fromkeys(run.tokens):
                named.setdefault(token, []).append(run)
        return named

    def asker(self, agent: Agent) -> Asker:
        """The compiled rules for an agent, kept on the document: for callers that ask about many URLs."""
        return self._askers.get(agent) or self._asker(agent)

    def silent_asker(self) -> Asker:
        """The same for a crawler to which no group speaks, not even ``*``."""
        return Asker(self._body, "", [])

    def _asker(self, agent: Agent) -> Asker:
        token = self.select(agent)
        shared = self._askers.get((token,))
        if shared is None:
            shared = self._askers[token,] = Asker(self._body, token, self._named.get(token, []) if token else [])
        if len(self._askers) < _MAX_AGENTS:
            self._askers[agent] = shared
        return shared

    # ── what else it says ──

    def crawl_delay(self, agent: Agent) -> float | None:
        """Seconds to wait between fetches, or None. The first valid Crawl-delay of the crawler's group counts.

        One that stands before any group counts for crawlers that no group names and ``*`` gives none.
        """
        return self._first(ext.CRAWL_DELAY, agent, ext.parse_delay)

    def request_rate(self, agent: Agent) -> ext.RequestRate | None:
        """How many fetches in how many seconds, in which hours (Request-rate), or None."""
        return self._first(ext.REQUEST_RATE, agent, ext.parse_rate)

    def visit_time(self, agent: Agent) -> ext.VisitTime | None:
        """Between which hours, UTC, the crawler may come (Visit-time), or None."""
        return self._first(ext.VISIT_TIME, agent, ext.parse_visit_time)

    def governing(self, name: str, agent: Agent) -> tuple[Extension, ...]:
        """The records of that name which count for the agent, in the order of the file (see `crawl_delay`)."""
        if self.select(agent) not in self._own and not self.may_hold(frozenset({name})):
            return ()
        mine = tuple(e for e in self.extensions_for(agent) if e.name == name)
        if mine or agent == "*" or self.select(agent) not in {"", "*"}:
            return mine
        return tuple(e for e in self.ungrouped if e.name == name)

    def _first(self, name: str, agent: Agent, parse: Callable[[str], _T | None]) -> _T | None:
        read = (parse(record.value) for record in self.governing(name, agent))
        return next((value for value in read if value is not None), None)

    @cached_property
    def extensions(self) -> tuple[Extension, ...]:
        """Every record that is no group and no rule (RFC 9309 §2.2.4), in the order of the file."""
        return self._read_extensions([Run((), 0, len(self._body) - 1)])

    def _read_extensions(self, runs: Iterable[Run]) -> tuple[Extension, ...]:
        lines = chain.from_iterable(records(self._body, run.start, run.end + 1, skim=True) for run in runs)
        return ext.read_extensions(self._body, lines, keep_unknown=self._cleaned.html is None)

    def records_named(self, names: frozenset[str]) -> tuple[Extension, ...]:
        """The `extensions` of these names; a file without any is not read for its others.

        >>> from scrapeguard.robots import parse_robots
        >>> [e.value for e in parse_robots("Sitemap: /s\\nHost: a.example").records_named(frozenset({"host"}))]
        ['a.example']
        """
        return tuple(e for e in self.extensions if e.name in names) if self.may_hold(names) else ()

    def may_hold(self, names: frozenset[str]) -> bool:
        """False where no record has one of these names, told without reading them."""
        return (not self._silent or bool(names & ADDRESSES)) and find_field(self._body, names) >= 0

    @cached_property
    def _silent(self) -> bool:
        """True where nothing is odd and no record but addresses stands beside the rules: most files."""
        found = grammar().silent.match(self._body)
        return found is not None and found.end() == len(self._body)

    def extensions_for(self, agent: Agent) -> tuple[Extension, ...]:
        """Those that stand in the groups which apply to the agent (`select`)."""
        token = self.select(agent)
        if not token:
            return ()
        if token not in self._own:
            found = self._read_extensions(self._named[token])
            self._own[token] = tuple(e for e in found if token in e.tokens)
        return self._own[token]

    @cached_property
    def ungrouped(self) -> tuple[Extension, ...]:
        """Those that stand before any group."""
        end = self._runs[0].start if self._runs else len(self._body) - 1
        return self._read_extensions([Run((), 0, end)])

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """Addresses of sitemaps as written, each once. They belong to no group."""
        return tuple(dict.fromkeys(e.value for e in self.extensions if e.name == ext.SITEMAP))

    @property
    def host(self) -> str | None:
        """The preferred host (Yandex until 2018), or None; of several the last."""
        return next((e.value for e in reversed(self.extensions) if e.name == ext.HOST and e.value), None)

    @property
    def clean_params(self) -> tuple[ext.CleanParam, ...]:
        """Query parameters without effect on the content (Yandex), for deduplication only."""
        return tuple(ext.parse_clean_param(e.value) for e in self.extensions if e.name == ext.CLEAN_PARAM and e.value)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups as they stand in the file."""
        return tuple(Group(self._body, run) for run in self._runs)

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """The comments, lines that follow one another taken together, with the addresses in them."""
        return tuple(read_comments(self._body))

    @cached_property
    def notes(self) -> tuple[LineNote, ...]:
        """What was odd, and what was done about it; what a comment announces."""
        return (*self.file_notes, *read_notes(self._body, self._cleaned, silent=self._silent))

    def first_notes(self, count: int) -> tuple[LineNote, ...]:
        """The first of the `notes`: the file is read no further than that."""
        return (*self.file_notes, *islice(read_notes(self._body, self._cleaned, silent=self._silent), count))[:count]

    @cached_property
    def file_notes(self) -> tuple[LineNote, ...]:
        """Those of the `notes` that concern the file as a whole: its encoding, a cut, a page of HTML."""
        return file_notes(self._cleaned)

    def text_of_line(self, line: int) -> str:
        """A line by its number, from 1, without the white space around it."""
        pos = -1
        for _ in range(line):
            pos = self._body.find(b"\n", pos + 1)
        return self._body[pos + 1:self._body.find(b"\n", pos + 1)].strip().decode("utf-8", "replace")

    def __str__(self) -> str:
        """The text that was read: without byte order mark and NUL, cut at the limit, lines ended by a line feed.

        Bytes that are no UTF-8 are lone surrogates, so that reading it again gives the same document.
        """
        text = self._cleaned.text if self._cleaned.html is None else self._cleaned.html
        return text.decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"<RobotsTxt: {len(self._runs)} groups, {len(self._body) - 2} bytes>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RobotsTxt) and self._body == other._body

    def __hash__(self) -> int:
        return hash(self._body)

    def to_dict(self) -> dict[str, Any]:
        """Groups, records and notes as plain values for JSON."""
        return {
            "groups": [
                {"tokens": list(group.tokens), "line": group.line,
                 "rules": [{"allow": r.allow, "pattern": printable(r.pattern), "line": r.line} for r in group.rules]}
                for group in self.groups
            ],
            "extensions": [e._asdict() | {"tokens": list(e.tokens)} for e in self.extensions],
            "sitemaps": list(self.sitemaps),
            "host": self.host,
            "notes": [note._asdict() for note in self.notes],
            "comments": [{"line": c.line, "text": c.text, "urls": list(c.urls)} for c in self.comments],
        }


def printable(text: str) -> str:
    """The same without lone surrogates, which neither JSON nor a screen takes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
