"""Figures over the result of an audit: shares by verdict, robots against terms, agents named, signals, languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Verdict

VERDICTS = (Verdict.DENY.value, Verdict.CONDITIONAL.value, Verdict.SILENT.value, Verdict.ALLOW.value)
"""Strictest first: an authority with several URLs counts by the strictest of their verdicts."""

_COLUMNS = (
    "authority",
    "purpose",
    "verdict",
    "allowed",
    "incomplete",
    "by_robots",
    "by_terms",
    "signal",
    "agents_named",
    "signals_seen",
    "languages",
)
_PLACE = {p.value: 2 * n for n, p in enumerate(Purpose)}


@dataclass
class Figures:
    """What `read_figures` counts.

    ``verdicts`` has authorities by purpose and verdict; ``allowed`` answers of yes by purpose, ``answers`` all of them;
    ``robots_against_terms`` by purpose authorities by (what robots.txt says, what the terms say), each at its first URL;
    ``decided_by`` answers by the channel that decided; ``agents``, ``signals``, ``languages`` authorities that name them.
    """

    authorities: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    unasked: int = 0
    incomplete: int = 0
    allowed: Counter[str] = field(default_factory=Counter)
    verdicts: dict[str, Counter[str]] = field(default_factory=dict)
    robots_against_terms: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    decided_by: dict[str, Counter[str]] = field(default_factory=dict)
    agents: Counter[str] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def to_dict(self, *, most: int = 50) -> dict[str, Any]:
        """The same as plain values for JSON; of agents, signals and languages the ``most`` frequent."""
        return {
            "authorities": self.authorities,
            "unasked": self.unasked,
            "incomplete": self.incomplete,
            "purposes": {
                purpose: {
                    "answers": self.answers[purpose],
                    "allowed": self.allowed[purpose],
                    "authorities": {v: counts[v] for v in VERDICTS},
                    "decided_by": dict(self.decided_by[purpose].most_common()),
                    "robots_against_terms": [
                        {"robots": robots, "terms": terms, "authorities": n}
                        for (robots, terms), n in sorted(self.robots_against_terms[purpose].items())
                    ],
                }
                for purpose, counts in self.verdicts.items()
            },
            "agents": dict(self.agents.most_common(most)),
            "signals": dict(self.signals.most_common(most)),
            "languages": dict(self.languages.most_common(most)),
        }


def read_figures(path: str | Path) -> Figures:
    """Count over a result: the folder of an audit, what Spark wrote, or one Parquet file.

    Reads batch by batch; what it keeps is some 100 bytes an authority. Raises `ScrapeguardError` where there is no result.
    """
    if not Path(path).exists():
        raise ScrapeguardError(f"{path}: no such file or folder")
    try:
        data = ds.dataset(str(path), format="parquet", partitioning=ds.partitioning(flavor="hive"))
        missing = [name for name in _COLUMNS if name not in data.schema.names]
        if missing:
            raise ScrapeguardError(f"{path}: no result of an audit: it has no column {', '.join(missing)}")
        return count_figures(data.to_batches(columns=list(_COLUMNS)))
    except (pa.ArrowInvalid, OSError) as error:
        raise ScrapeguardError(f"{path}: cannot be read as Parquet: {error}") from error


def count_figures(batches: Iterable[Any]) -> Figures:
    """The same over RecordBatches with the columns of `scrapeguard.batch.DECISIONS`."""
    figures = Figures()
    seen: dict[int, int] = {}
    incomplete: set[int] = set()
    for batch in batches:
        columns = [batch.column(batch.schema.get_field_index(name)) for name in _COLUMNS]
        plain = [c.to_pylist() for c in columns[:8]]
        lists = columns[8:]
        for row, (authority, purpose, verdict, allowed, gaps, robots, terms, signal) in enumerate(
            zip(*plain, strict=True)
        ):
            if verdict is None:
                figures.unasked += 1
                continue
            key = hash(authority)
            known = seen.get(key)
            if known is None:
                for counter, column in zip((figures.agents, figures.signals, figures.languages), lists, strict=True):
                    counter.update(column[row].as_py() or ())
            if gaps:
                incomplete.add(key)
            place = _PLACE[purpose]
            rank = len(VERDICTS) - 1 - VERDICTS.index(verdict)
            before = ((known or 0) >> 2 * place) & 15
            if not before:
                pairs = figures.robots_against_terms.setdefault(purpose, Counter())
                pairs[robots, terms] += 1
            seen[key] = (known or 0) & ~(15 << 2 * place) | max(before, rank + 1) << 2 * place
            figures.answers[purpose] += 1
            figures.allowed[purpose] += allowed
            figures.decided_by.setdefault(purpose, Counter())[signal] += 1
    figures.authorities = len(seen)
    figures.incomplete = len(incomplete)
    for purpose in (p.value for p in Purpose if p.value in figures.answers):
        ranks = Counter((packed >> 2 * _PLACE[purpose]) & 15 for packed in seen.values())
        figures.verdicts[purpose] = Counter({v: ranks[len(VERDICTS) - n] for n, v in enumerate(VERDICTS)})
    return figures
