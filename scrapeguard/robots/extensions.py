"""Records that are no group and no rule (RFC 9309 §2.2.4), and the values of those that concern a crawler's pace.

None of them has a standard; the forms are those met in real files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from typing import NamedTuple

from scrapeguard.model.extension import Extension
from scrapeguard.robots.product_token import file_token
from scrapeguard.robots.records import Record, known_fields

CRAWL_DELAY = "crawl-delay"
REQUEST_RATE = "request-rate"
VISIT_TIME = "visit-time"
PACE = frozenset({CRAWL_DELAY, REQUEST_RATE, VISIT_TIME})
SITEMAP = "sitemap"
HOST = "host"
CLEAN_PARAM = "clean-param"

_FLAGS = re.IGNORECASE | re.ASCII
_BLANK_LINE = re.compile(rb"\n[ \t]*+\n")
_DELAY = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})[ \t]*(?:s|secs?|seconds?)?", _FLAGS)
_RATE = re.compile(r"(\d{1,9})[ \t]*(?:/[ \t]*(\d{1,9})[ \t]*([smhd]?))?(?:[ \t]+(\S.*))?", _FLAGS)
_HOURS = re.compile(r"(\d\d):?(\d\d)(?:[ \t]*-[ \t]*|[ \t]+)(\d\d):?(\d\d)(?:[ \t]*(?:utc|gmt|z))?", _FLAGS)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class RequestRate(NamedTuple):
    """At most ``requests`` fetches in ``seconds``; between ``start`` and ``end`` (UTC) where hours are given."""

    requests: int
    seconds: int
    start: time | None = None
    end: time | None = None


class VisitTime(NamedTuple):
    """The hours, UTC, in which a crawler may come; ``end`` before ``start`` means over midnight."""

    start: time
    end: time


class CleanParam(NamedTuple):
    """Query parameters that change nothing, for paths that begin with ``path``."""

    names: tuple[str, ...]
    path: str


def parse_delay(value: str) -> float | None:
    """Seconds of a Crawl-delay, or None where it is no number that a clock could wait.

    >>> parse_delay("0.5"), parse_delay("10 s"), parse_delay("-1"), parse_delay("soon")
    (0.5, 10.0, None, None)
    """
    found = _DELAY.fullmatch(value)
    return float(found[1]) if found else None


def parse_rate(value: str) -> RequestRate | None:
    """``n/m[s|m|h|d] [HHMM-HHMM]``: n fetches in m units; ``n`` alone is per second.

    >>> parse_rate("1/10m 0600-0845")
    RequestRate(requests=1, seconds=600, start=datetime.time(6, 0), end=datetime.time(8, 45))
    """
    found = _RATE.fullmatch(value)
    if not found:
        return None
    requests, seconds = int(found[1]), int(found[2] or 1) * _SECONDS[(found[3] or "").lower()]
    hours = parse_visit_time(found[4]) if found[4] else None
    if requests == 0 or seconds == 0 or (found[4] and hours is None):
        return None
    return RequestRate(requests, seconds, *(hours or ()))


def parse_visit_time(value: str) -> VisitTime | None:
    """``HHMM-HHMM``; ``HHMM HHMM`` and ``HH:MM`` are seen too.

    >>> parse_visit_time("0200 0630")
    VisitTime(start=datetime.time(2, 0), end=datetime.time(6, 30))
    """
    found = _HOURS.fullmatch(value)
    if not found:
        return None
    hour, minute, to_hour, to_minute = map(int, found.groups())
    if hour > 24 or to_hour > 24 or minute > 59 or to_minute > 59:
        return None
    return VisitTime(time(hour % 24, minute), time(to_hour % 24, to_minute))


def parse_clean_param(value: str) -> CleanParam:
    """``p1[&p2…] [path]`` (Yandex).

    >>> parse_clean_param("ref&sid /a")
    CleanParam(names=('ref', 'sid'), path='/a')
    """
    names, _, path = value.partition(" ")
    return CleanParam(tuple(name for name in names.split("&") if name), path.strip() or "/")


def read_extensions(body: bytes, lines: Iterable[Record], *, keep_unknown: bool = True) -> tuple[Extension, ...]:
    """All of them in order, each with the tokens its run had collected when it came. ``lines`` are the file's records, skimmed.

    Of an HTML page only the fields that are known are kept: its style sheets are full of lines with colons.
    """
    known = known_fields()
    found: list[Extension] = []
    tokens: list[str] = []
    closed = broken = False
    first_of_group = last_end = 0
    for record in lines:
        if record.name == "user-agent":
            if closed:
                tokens, closed = [], False
                first_of_group = len(found)
            tokens.append(file_token(record.value))
        elif record.name in {"allow", "disallow"}:
            if tokens:
                closed, broken = True, False
                for at in range(first_of_group, len(found)):
                    found[at] = found[at]._replace(trailing=False)
                first_of_group = len(found)
        else:
            name, value = record.name, record.value.decode("utf-8", "replace")
            if is_bare_sitemap(name, value):
                name, value = SITEMAP, f"{name}:{value}"
            if closed and not broken:
                broken = name == SITEMAP or bool(_BLANK_LINE.search(body, last_end, record.pos + 1))
            if keep_unknown or name in known:
                found.append(Extension(name, value, record.pos, tuple(dict.fromkeys(tokens)), closed and broken))
        last_end = record.end
    return _with_lines(body, found)


def is_bare_sitemap(name: str, value: str) -> bool:
    """Whether a line is the address of a sitemap that forgot its field name."""
    return name in {"http", "https"} and value.startswith("//") and "sitemap" in value.lower() and " " not in value


def _with_lines(body: bytes, found: list[Extension]) -> tuple[Extension, ...]:
    """Positions, which ascend, made line numbers in one pass."""
    line, at = 0, 0
    counted: list[Extension] = []
    for extension in found:
        line += body.count(b"\n", at, extension.line + 1)
        at = extension.line + 1
        name, value, _, tokens, trailing = extension
        counted.append(Extension(name, value, line, tokens, trailing))
    return tuple(counted)
