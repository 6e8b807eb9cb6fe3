"""The readings of a site as rows of bars: what stood from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from scrapeguard.history import standing
from scrapeguard.model.kept import Provision, SiteReading
from scrapeguard.model.statement import Effect, Family

_MARGIN = 0.06
"""Share of the whole time by which what stood at the last reading is drawn past it."""


class Bar(NamedTuple):
    """A time during which a row said the same: ``said`` in words (``forbid``, ``3 rules``); a signal says it in its name."""

    start: datetime
    end: datetime
    effect: Effect | None
    uncertain: bool
    said: str


@dataclass
class Row:
    """A clause's activity, a signal, or a crawler that robots.txt names, with the bars of its time in order."""

    name: str
    bars: list[Bar] = field(default_factory=list)


def timeline(readings: Sequence[SiteReading]) -> tuple[list[Row], list[tuple[datetime, datetime]]]:
    """The rows, those that changed first, and the times in which something could not be read.

    Raises ValueError for no readings.
    """
    stood = standing(readings[:1])
    ends = [*(r.read_at for r in readings[1:]), readings[-1].read_at + _past(readings)]
    rows: dict[tuple[str, str], Row] = {}
    last: dict[tuple[str, str], frozenset[object]] = {}
    shaded = []
    for reading, end in zip(readings, ends, strict=True):
        stood = standing([stood, reading])
        now = _by_row(stood.provisions)
        for key, provisions in now.items():
            row = rows.setdefault(key, Row(_name(*key)))
            meanings = frozenset(p.meaning for p in provisions)
            if last.get(key) == meanings:
                row.bars[-1] = row.bars[-1]._replace(end=end)
            else:
                row.bars.append(_bar(provisions, reading.read_at, end))
            last[key] = meanings
        for key in last.keys() - now.keys():
            del last[key]
        if any(s.state.is_gap for s in reading.sources):
            shaded.append((reading.read_at, end))
    whole = (readings[0].read_at, ends[-1])
    return sorted(rows.values(), key=lambda r: len(r.bars) == 1 and (r.bars[0].start, r.bars[0].end) == whole), shaded


def _past(readings: Sequence[SiteReading]) -> timedelta:
    return max((readings[-1].read_at - readings[0].read_at) * _MARGIN, timedelta(hours=1))


def _by_row(provisions: Iterable[Provision]) -> dict[tuple[str, str], list[Provision]]:
    """Rules of robots.txt together by crawler; everything else by what it is about."""
    found: dict[tuple[str, str], list[Provision]] = {}
    for p in provisions:
        about = p.subject if p.family is Family.ROBOTS else f"{p.about} {p.subject}".strip()
        found.setdefault((p.signal, about), []).append(p)
    return found


def _name(signal: str, about: str) -> str:
    return f"robots.txt for {about}" if signal == "robots" else f"{signal}: {about}"


def _bar(provisions: Sequence[Provision], start: datetime, end: datetime) -> Bar:
    if provisions[0].family is Family.SIGNALS:
        return Bar(start, end, None, False, "")
    effects = {p.effect for p in provisions}
    effect = next(e for e in (Effect.FORBID, Effect.REQUIRE, Effect.PERMIT) if e in effects)
    if provisions[0].family is Family.ROBOTS:
        said = f"{len(provisions)} rule{'s' * (len(provisions) > 1)}"
    else:
        exceptions = sorted({x for p in provisions for x in p.exceptions})
        said = effect.value + (f", except {', '.join(exceptions)}" if exceptions else "")
    return Bar(start, end, effect, all(p.uncertain for p in provisions), said)
