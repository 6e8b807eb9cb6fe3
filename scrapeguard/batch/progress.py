"""How far a run is: counts that workers send, and the lines a person reads on standard error."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from scrapeguard.batch.columns import Row


@dataclass
class Tally:
    """Counts of a run, or of a piece of it: they add up.

    ``lines`` are entries of the list or documents of archives, ``skipped`` those done by an earlier
    run, ``left`` those not done, ``verdicts`` by (purpose, verdict), ``trouble`` by what went
    wrong: the state of a source that could not be read, ``no URL``, ``archive``. ``notes`` are sentences for people.
    """

    lines: int = 0
    skipped: int = 0
    left: int = 0
    sites: int = 0
    requests: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    allowed: Counter[str] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take another tally's counts in."""
        self.lines += other.lines
        self.skipped += other.skipped
        self.left += other.left
        self.sites += other.sites
        self.requests += other.requests
        self.verdicts.update(other.verdicts)
        self.allowed.update(other.allowed)
        self.trouble.update(other.trouble)
        self.notes += other.notes

    def take(self, rows: Iterable[Row]) -> None:
        """Count the rows of one URL."""
        first = True
        for row in rows:
            decision = row.decision
            if decision is None:
                self.trouble["no URL"] += first
            else:
                self.verdicts[row.purpose, decision.verdict.value] += 1
                self.allowed[row.purpose] += decision.allowed
                if first:
                    for state in sorted({g.state.value for g in decision.gaps}):
                        self.trouble[state] += 1
            first = False


class Meter:
    """Prints a run's progress to standard error: in place on a terminal, else a line now and then. ``quiet`` prints nothing."""

    def __init__(self, total: int | None, *, unit: str, quiet: bool = False) -> None:
        self.total = total
        self.unit = unit
        self._quiet = quiet
        self._start = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._every = 0.5 if self._terminal else 10.0
        self._last = self._start

    def show(self, tally: Tally) -> None:
        """Print where it stands, if it is time to."""
        now = time.monotonic()
        if self._quiet or now - self._last < self._every:
            return
        self._last = now
        line = self.line(tally, now - self._start)
        sys.stderr.write(f"\r\x1b[2K{line}" if self._terminal else line + "\n")
        sys.stderr.flush()

    def line(self, tally: Tally, seconds: float) -> str:
        """Done, rate, share by verdict, trouble, time left.

        >>> Meter(200, unit="lines").line(Tally(lines=50, trouble=Counter(blocked=3)), 10.0)
        '50 of 200 lines, 5.0/s, trouble: blocked 3, 0:00:30 left'
        """
        done = tally.lines + tally.skipped
        rate = tally.lines / seconds if seconds > 0 else 0.0
        parts = [f"{done:,} of {self.total:,} {self.unit}" if self.total is not None else f"{done:,} {self.unit}"]
        parts.append(f"{rate:,.1f}/s")
        verdicts: Counter[str] = Counter()
        for (_, verdict), count in tally.verdicts.items():
            verdicts[verdict] += count
        every = verdicts.total()
        if every:
            parts.append(" ".join(f"{v} {100 * n / every:.0f} %" for v, n in verdicts.most_common()))
        if tally.trouble:
            parts.append("trouble: " + " ".join(f"{k} {n:,}" for k, n in tally.trouble.most_common(3)))
        if self.total is not None and rate > 0:
            left = int(max(0, self.total - done) / rate)
            parts.append(f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left")
        return ", ".join(parts)

    def end(self) -> None:
        """Leave the line on the terminal."""
        if self._terminal and not self._quiet:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def summary(tally: Tally, *, unit: str, seconds: float, where: str) -> str:
    """What a run came to, in a few lines."""
    lines = [f"{tally.lines:,} {unit} in {seconds:,.1f} s, {tally.requests:,} requests; written to {where}"]
    purposes = list(dict.fromkeys(p for p, _ in sorted(tally.verdicts)))
    for purpose in purposes:
        counts = {v: n for (p, v), n in tally.verdicts.items() if p == purpose}
        every = sum(counts.values())
        shares = ", ".join(
            f"{v} {n:,} ({100 * n / every:.1f} %)" for v, n in sorted(counts.items(), key=lambda c: -c[1])
        )
        lines.append(f"  {purpose}: allowed {tally.allowed[purpose]:,} of {every:,}; {shares}")
    if tally.trouble:
        lines.append("  could not be read: " + ", ".join(f"{k} {n:,}" for k, n in tally.trouble.most_common()))
    lines += [f"  {note}" for note in tally.notes[:20]]
    if len(tally.notes) > 20:
        lines.append(f"  and {len(tally.notes) - 20} more of these")
    return "\n".join(lines)
