"""What a robots.txt says to one crawler, as Statements: the gate, control tokens, and what it says to AI crawlers.

The gate: a disallow closes every purpose; an allow, no rule, or no file opens access and says nothing
of any use. Statements are made once a rule and shared by every URL that the rule decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from scrapeguard.model.evidence import Evidence, LineRef, Source
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Family, Meaning, Statement, Verdict
from scrapeguard.robots import extensions as ext
from scrapeguard.robots.agents import KnownAgent, agent_table, find_agent
from scrapeguard.robots.asker import Asker
from scrapeguard.robots.availability import Availability, RobotsState
from scrapeguard.robots.document import RobotsTxt

_ACCESS = (Meaning(Purpose.ACCESS, Verdict.ALLOW),)
_CLOSED = tuple(Meaning(purpose, Verdict.DENY) for purpose in Purpose)
_SHOWN = 5
_EVERYONE = "*"
_ODD = frozenset({"html", "cut", "utf-16", "nul", "not-utf-8"})


class RobotsVoice:
    """robots.txt, answering for one crawler (`scrapeguard.model.ports.Voice`).

    ``robots`` is what `judge_availability` found to parse, or None; without it the state alone speaks.
    ``product_token`` is the caller's. Where it is a known crawler, what its operator documents holds: groups tried
    before ``*``, and whether ``*`` speaks to it.

    >>> from scrapeguard.model.evidence import SourceState
    >>> from scrapeguard.model.exchange import RequestKind, Response
    >>> from scrapeguard.robots import parse_robots
    >>> from scrapeguard.robots.availability import judge_availability
    >>> url = "https://example.com/robots.txt"
    >>> source = Source(url, RequestKind.ROBOTS, SourceState.READ, 200)
    >>> file = Response(url, body="User-agent: *\\nDisallow: /private")
    >>> voice = RobotsVoice(judge_availability(file), parse_robots(file.body), source, product_token="examplebot")
    >>> gate, = voice.says(Query("https://example.com/private/a", "/private/a", Purpose.SEARCH, "examplebot"))
    >>> gate.effect.value, gate.evidence[0].quote, gate.evidence[0].place
    ('forbid', 'Disallow: /private', LineRef(line=2))
    >>> voice.may_fetch("/terms")
    True
    """

    scoped = True

    def __init__(
        self, availability: Availability, robots: RobotsTxt | None, source: Source, *, product_token: str
    ) -> None:
        self.availability = availability
        self.robots = robots
        self.source = source
        self.product_token = product_token
        self._said: dict[int, tuple[Statement, ...]] = {}
        self._gate: Asker | None = None
        self._more: tuple[_ControlToken | _TrainingCrawlers, ...] = ()
        if robots is None:
            self._said[0] = (self._without_file(),)
        else:
            known = find_agent(product_token)
            self._gate = robots.asker((product_token, *(known.fallback_groups if known else ())))
            if known and known.ignores_star_group and self._gate.token == _EVERYONE:
                self._gate = robots.silent_asker()
            # An allow out of a file that could not be read as it should must show that.
            self._odd = "".join([f" {note.message}" for note in robots.file_notes if note.code in _ODD])
            self._pace = _pace(robots, self._gate.token, product_token, source)
            self._more = (*_control_tokens(robots, known, source), *_training_crawlers(robots, self._gate, source))

    def says(self, query: Query) -> Sequence[Statement]:
        """The gate's statement for the query's target, then what else the file says there."""
        asker = self._gate
        if asker is None:
            return self._said[0]
        number = asker.number(query.target)
        said = self._said.get(number) or self._say(asker, number)
        if not self._more:
            return said
        return (*said, *(statement for speaker in self._more if (statement := speaker.says(query.target, said[0]))))

    def may_fetch(self, url_or_target: str) -> bool:
        """Whether the gate is open: for the library's own fetches of this site."""
        if self._gate is None:
            return self._said[0][0].effect is Effect.PERMIT
        return self._gate.match(url_or_target).allowed

    def _say(self, asker: Asker, number: int) -> tuple[Statement, ...]:
        match = asker.answer(number)
        rule = match.rule
        evidence = Evidence(self.source, rule.text, LineRef(rule.line)) if rule else Evidence(self.source)
        who = f"{self.product_token!r}"
        if match.allowed:
            text = f"robots.txt lets {who} fetch this. {match.reason}{self._odd}"
            statement = Statement("robots", Family.ROBOTS, Effect.PERMIT, text, (evidence,), _ACCESS,
                                  conditions=self._pace, gate=True)
        else:
            text = f"robots.txt keeps {who} out here. {match.reason}"
            statement = Statement("robots", Family.ROBOTS, Effect.FORBID, text, (evidence,), _CLOSED, gate=True)
        self._said[number] = (statement,)
        return self._said[number]

    def _without_file(self) -> Statement:
        opened = self.availability.state is RobotsState.UNAVAILABLE
        text = self.availability.reason[:1].upper() + self.availability.reason[1:] + "."
        evidence = (Evidence(self.source),)
        if opened:
            return Statement("robots", Family.ROBOTS, Effect.PERMIT, text, evidence, _ACCESS, gate=True)
        return Statement("robots-status", Family.ROBOTS, Effect.FORBID, text, evidence, _CLOSED, gate=True)


def _pace(robots: RobotsTxt, group: str, product_token: str, source: Source) -> tuple[Condition, ...]:
    """Crawl-delay, Request-rate and Visit-time as obligations, each with its line."""
    if not robots.may_hold(ext.PACE):
        return ()
    agent = group or product_token
    found: list[Condition] = []
    for kind, name, parse in (
        (ConditionKind.CRAWL_DELAY, ext.CRAWL_DELAY, ext.parse_delay),
        (ConditionKind.REQUEST_RATE, ext.REQUEST_RATE, ext.parse_rate),
        (ConditionKind.VISIT_TIME, ext.VISIT_TIME, ext.parse_visit_time),
    ):
        for record in robots.governing(name, agent if group != "*" else product_token):
            value = parse(record.value)
            if value is not None:
                quote = robots.text_of_line(record.line)
                found.append(Condition(kind, _PACE_TEXT[kind].format(_words(value)),
                                       value if isinstance(value, float) else record.value,
                                       (Evidence(source, quote, LineRef(record.line)),)))
                break
    return tuple(found)


_PACE_TEXT = {
    ConditionKind.CRAWL_DELAY: "wait {} between fetches",
    ConditionKind.REQUEST_RATE: "fetch at most {}",
    ConditionKind.VISIT_TIME: "come only {}",
}


def _words(value: float | ext.RequestRate | ext.VisitTime) -> str:
    if isinstance(value, ext.RequestRate):
        hours = f" between {value.start:%H:%M} and {value.end:%H:%M} UTC" if value.start and value.end else ""
        return f"{value.requests} times in {value.seconds} seconds{hours}"
    if isinstance(value, ext.VisitTime):
        return f"between {value.start:%H:%M} and {value.end:%H:%M} UTC"
    return f"{value:g} seconds"


def _name(token: str) -> str:
    known = find_agent(token)
    return known.token if known else token


class _ControlToken:
    """A token that answers for what its operator's crawler fetched, evaluated as if it were a crawler."""

    def __init__(self, asker: Asker, token: str, purposes: tuple[Purpose, ...], source: Source) -> None:
        self._asker = asker
        self._token = token
        self._means = tuple(Meaning(purpose, Verdict.DENY) for purpose in purposes)
        self._source = source
        self._said: dict[int, Statement] = {}

    def says(self, target: str, _gate: Statement) -> Statement | None:
        number = self._asker.number(target)
        if number in self._said:
            return self._said[number]
        match = self._asker.answer(number)
        if match.rule is None or match.allowed:
            return None
        purposes = " and ".join(meaning.purpose for meaning in self._means)
        self._said[number] = Statement(
            "control-token", Family.SIGNALS, Effect.FORBID,
            f"robots.txt refuses {self._token!r}, which stands for {purposes}. {match.reason}",
            (Evidence(self._source, match.rule.text, LineRef(match.rule.line)),), self._means)
        return self._said[number]


def _control_tokens(robots: RobotsTxt, known: KnownAgent | None, source: Source) -> list[_ControlToken]:
    purposes: dict[str, list[Purpose]] = {}
    for purpose, token in (known.purpose_tokens if known else {}).items():
        purposes.setdefault(token, []).append(purpose)
    return [_ControlToken(robots.asker((token,)), _name(token), tuple(of), source) for token, of in purposes.items()]


class _TrainingCrawlers:
    """A file that refuses crawlers known for AI training while the caller's own token is free (evidence
    ``robots-agents``).

    A group named by several tokens is asked once.
    """

    def __init__(self, askers: Sequence[tuple[Asker, tuple[str, ...]]], threshold: int, source: Source) -> None:
        self._askers = askers
        self._threshold = threshold
        self._source = source
        self._said: dict[tuple[int, ...], Statement | None] = {}

    def says(self, target: str, gate: Statement) -> Statement | None:
        if gate.effect is Effect.FORBID:
            return None
        key = tuple(asker.number(target) for asker, _ in self._askers)
        if key not in self._said:
            self._said[key] = self._say(key)
        return self._said[key]

    def _say(self, numbers: tuple[int, ...]) -> Statement | None:
        refused: list[str] = []
        evidence: list[Evidence] = []
        for (asker, tokens), number in zip(self._askers, numbers, strict=True):
            match = asker.answer(number)
            if match.rule is not None and not match.allowed:
                refused += tokens
                evidence.append(Evidence(self._source, match.rule.text, LineRef(match.rule.line)))
        if len(refused) < self._threshold:
            return None
        names = [_name(token) for token in sorted(refused)]
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        asked = Condition(ConditionKind.PERMISSION, "ask the site whether its refusal of AI training means yours too")
        return Statement(
            "robots-agents", Family.SIGNALS, Effect.FORBID,
            f"robots.txt refuses {len(refused)} crawlers known for AI training here ({shown}) and does not name yours.",
            tuple(evidence[:_SHOWN]), (Meaning(Purpose.AI_TRAIN, Verdict.CONDITIONAL, False, (asked,)),))


def _training_crawlers(robots: RobotsTxt, gate: Asker, source: Source) -> list[_TrainingCrawlers]:
    if gate.token not in {"", "*"}:  # the site speaks to this crawler by name
        return []
    table = agent_table()
    named = [token for token in robots.tokens if token in table.training]
    if len(named) < table.threshold:
        return []
    shared: dict[tuple[int, ...], tuple[Asker, list[str]]] = {}
    for token in named:
        asker = robots.asker((token,))
        shared.setdefault(asker.starts, (asker, []))[1].append(token)
    return [_TrainingCrawlers([(asker, tuple(tokens)) for asker, tokens in shared.values()], table.threshold, source)]
