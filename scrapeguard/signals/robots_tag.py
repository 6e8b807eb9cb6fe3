"""X-Robots-Tag and ``<meta name="robots">``: one grammar, two places, read as Google's page of 2026-03-24 has it.

::

    X-Robots-Tag = [ agent ":" ] directive *( "," directive )      ; field repeatable, its lines are never joined
    meta         = <meta name=( "robots" / agent ) content="directive *( , directive )">
    directive    = name [ ":" value ]

The negative rules of the generic and the agent's own tags add up; nothing positive takes one back. What Bing, Apple, Amazon,
DeviantArt and Mojeek add is in the vocabulary. Directives that are not known say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import NamedTuple

from scrapeguard.model.evidence import Evidence, Source
from scrapeguard.model.exchange import Response
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Family, Statement, Verdict
from scrapeguard.signals.documents import header_evidence
from scrapeguard.signals.vocabulary import vocabulary

SIGNAL = "robots-meta"
MAX_DIRECTIVES = 500
"""Directives read of one page; the longest real tag seen has a dozen."""

_EVERYONE = {"", "*", "robots"}
_VALUED = {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"}
_EFFECTLESS = {"all", "index", "follow", "archive", "snippet"}
_IMAGES_ONLY = {"noimageindex", "noimageai"}
_FORBIDS = {"noindex", "nofollow", "none", "nosnippet", "noarchive", "nocache", "noai", "noml", "notranslate",
            "indexifembedded", *_IMAGES_ONLY}
RESTRICTIONS = _VALUED | _FORBIDS
"""The directives that restrict something."""
KNOWN = RESTRICTIONS | _EFFECTLESS
"""Every directive this module understands."""

# RFC 822 and RFC 850 dates have a comma after the weekday, which is not the end of the directive.
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\Z", re.IGNORECASE)
_IMAGE_PATH = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?|ico|heic)\Z", re.IGNORECASE)


class Directive(NamedTuple):
    """One directive: for whom (``''`` is everybody), its name in lower case, its value as written, and where it stands."""

    agent: str
    name: str
    value: str
    evidence: Evidence


def parse_tag(text: str, evidence: Evidence, *, agent: str = "") -> Iterator[Directive]:
    """The directives of one field line or ``content`` attribute.

    An item ``name: value`` whose name is no directive is an agent and changes the scope of what follows it on the line.

    >>> from scrapeguard.model.evidence import Evidence, Source, SourceState
    >>> from scrapeguard.model.exchange import RequestKind
    >>> e = Evidence(Source("https://example.com/", RequestKind.PAGE, SourceState.READ))
    >>> [d[:3] for d in parse_tag("examplebot: noindex, unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT", e)]
    [('examplebot', 'noindex', ''), ('examplebot', 'unavailable_after', 'Fri, 25 Jun 2010 15:00:00 GMT')]
    """
    items = iter(text.split(",", MAX_DIRECTIVES + 1)[:MAX_DIRECTIVES + 1])
    for item in items:
        name, colon, value = (part.strip() for part in item.partition(":"))
        if colon and name.lower() not in KNOWN:
            agent = name.lower()
            agent = "" if agent in _EVERYONE else agent.partition("/")[0].strip()
            name, _, value = (part.strip() for part in value.partition(":"))
        name = name.lower()
        if name == "unavailable_after" and _WEEKDAY.match(value):
            value = f"{value}, {next(items, '').strip()}"
        if name:
            yield Directive(agent, name, value, evidence)


def parse_date(text: str) -> datetime | None:
    """A date in RFC 822, RFC 850 or ISO 8601 form, UTC where it names no zone; None where it is none of these.

    >>> parse_date("2020-09-21"), parse_date("soon")
    (datetime.datetime(2020, 9, 21, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rare, and it loads a dozen modules

    if len(text) > 100:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = read(text)
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def is_image(response: Response) -> bool:
    """Whether the resource is an image: by its media type, without one by its path.

    >>> is_image(Response("https://example.com/a.jpg")), is_image(Response("https://example.com/a"))
    (True, False)
    """
    kind = response.header("content-type")
    if kind:
        return kind.strip().lower().startswith("image/")
    return bool(_IMAGE_PATH.search(response.url.partition("?")[0].partition("#")[0]))


class RobotsTagVoice:
    """Header fields and meta elements of one page together."""

    __slots__ = ("_directives", "_image", "_strip", "scoped")

    def __init__(self, directives: Sequence[Directive], *, image: bool, strip: Evidence | None = None) -> None:
        self._directives = tuple(directives)
        self._image = image
        self._strip = strip
        self.scoped = True

    def says(self, query: Query) -> Sequence[Statement]:
        """The sum of what is said to everybody and to this crawler."""
        token = query.product_token.lower()
        mine = [d for d in self._directives if d.agent in {"", token}]
        given: dict[str, list[Directive]] = {}
        for directive in mine:
            for name in ("noindex", "nofollow") if directive.name == "none" else (directive.name,):
                given.setdefault(name, []).append(directive)
        statements = _most_restrictive([*self._refusals(given, query), *_limits(given, query)])
        statements += _obligations(given)
        if self._strip:
            statements.append(_obligation(
                ConditionKind.STRIP_NOSNIPPET, "text marked data-nosnippet must be left out of excerpts and model input",
                None, (self._strip,)))
        return statements

    def _refusals(self, given: dict[str, list[Directive]], query: Query) -> Iterator[Statement]:
        words = vocabulary()
        token = query.product_token
        # Microsoft reads a page with both tags as one with nocache alone.
        ignored = {"noarchive"} if "nocache" in given and f"{SIGNAL}/nocache@{token.lower()}" in words.entries else set()
        if not self._image:
            ignored |= _IMAGES_ONLY
        for name, directives in given.items():
            if name not in _FORBIDS or name == "indexifembedded" or name in ignored:
                continue
            value = "indexifembedded" if name == "noindex" and "indexifembedded" in given else name
            entry = words.get(f"{SIGNAL}/{value}", token)
            if entry:
                yield entry.statement(*_where(directives), retained=query.retain, text=f"{name}: {entry.text}")


def _most_restrictive(statements: list[Statement]) -> list[Statement]:
    """Of rules that conflict the most restrictive applies (Google): what is refused is not offered on a condition as well."""
    refused = {m.purpose for s in statements for m in s.means if m.verdict is Verdict.DENY}
    return [replace(s, means=tuple(m for m in s.means if m.verdict is Verdict.DENY or m.purpose not in refused))
            for s in statements]


def _where(directives: Sequence[Directive]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(d.evidence for d in directives[:8]))


def _number(text: str) -> int | None:
    digits = text[1:] if text[:1] == "-" else text
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


def _limits(given: dict[str, list[Directive]], query: Query) -> Iterator[Statement]:
    words = vocabulary()
    # Several limits: the smallest; -1 is no limit, 0 is nosnippet, what is no number is ignored (Google).
    limits = [(n, d) for d in given.get("max-snippet", ()) if (n := _number(d.value)) is not None and n >= 0]
    if limits:
        number, directive = min(limits, key=itemgetter(0))
        if number == 0:
            entry = words.get(f"{SIGNAL}/nosnippet", query.product_token) or words["robots-meta/nosnippet"]
            yield entry.statement(directive.evidence, retained=query.retain, text=f"max-snippet:0: {entry.text}")
        else:
            entry = words["robots-meta/max-snippet"]
            limit = Condition(ConditionKind.MAX_SNIPPET, f"keep excerpts within {number} characters", number)
            yield entry.statement(directive.evidence, conditions=(limit,),
                                  text=f"max-snippet:{number}: excerpts of at most {number} characters")
    ends = [(when, d) for d in given.get("unavailable_after", ()) if (when := parse_date(d.value)) is not None]
    if ends:
        when, directive = min(ends, key=itemgetter(0))
        if query.now is not None and query.now > when:
            entry = words["robots-meta/unavailable_after"]
            yield entry.statement(directive.evidence, text=f"unavailable_after {directive.value}: {entry.text}")
        else:
            yield _obligation(ConditionKind.EXPIRES, f"remove it from search results after {when:%Y-%m-%d %H:%M} UTC",
                              when.isoformat(), (directive.evidence,))


_DUTIES = {
    "nofollow": (ConditionKind.NO_FOLLOW, "do not follow the page's links"),
    "notranslate": (ConditionKind.NO_TRANSLATE, "offer no translation"),
    "max-image-preview": (ConditionKind.IMAGE_PREVIEW, "image previews no larger than"),
    "max-video-preview": (ConditionKind.VIDEO_PREVIEW, "video previews no longer than (seconds)"),
}


def _obligations(given: dict[str, list[Directive]]) -> Iterator[Statement]:
    for name, (kind, text) in _DUTIES.items():
        directives = given.get(name)
        if not directives:
            continue
        value: float | str | None = None
        if name == "max-image-preview":
            sizes = ("none", "standard", "large")
            known = [sizes.index(d.value.lower()) for d in directives if d.value.lower() in sizes]
            if not known:
                continue
            value = sizes[min(known)]
        elif name == "max-video-preview":
            numbers = [n for d in directives if (n := _number(d.value)) is not None and n >= 0]
            if not numbers:
                continue
            value = min(numbers)
        yield _obligation(kind, f"{text} {value}" if value is not None else text, value, _where(directives))


def _obligation(kind: ConditionKind, text: str, value: float | str | None,
                evidence: tuple[Evidence, ...]) -> Statement:
    return Statement(SIGNAL, Family.SIGNALS, Effect.REQUIRE, text, evidence,
                     conditions=(Condition(kind, text, value, evidence),))


def from_header(response: Response, source: Source) -> list[Directive]:
    """The directives of all X-Robots-Tag lines, each line read for itself."""
    found: list[Directive] = []
    for index, value in enumerate(response.header_values("x-robots-tag")):
        if len(found) > MAX_DIRECTIVES:
            break
        found += parse_tag(value, header_evidence(source, "x-robots-tag", index, value))
    return found


def notes_of(directives: Sequence[Directive]) -> list[str]:
    """What of it is not understood: unknown directives, values that are no value."""
    notes = []
    for agent, name, value, _ in directives:
        whom = f" (for {agent[:40]})" if agent else ""
        if name not in KNOWN:
            notes.append(f"robots tag{whom}: {name[:60]!r} is no known directive and says nothing")
        elif (name in {"max-snippet", "max-video-preview"} and _number(value) is None) or (
                name == "unavailable_after" and parse_date(value) is None):
            notes.append(f"robots tag{whom}: {name}: {value[:60]!r} cannot be read and is ignored")
    return list(dict.fromkeys(notes))
