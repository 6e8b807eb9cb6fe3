"""Pictures (extra ``scrapeguard[plot]``): of a long table that `scrapeguard.frame` made, and of a site over time from a store.

Each draws into the matplotlib axes it is given, or into new ones, and returns them. Verdicts and effects are told apart by colour
and by a letter or a label, so that a grey print still reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scrapeguard.integrations.timeline import timeline
from scrapeguard.model.ports import Store
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Effect, Verdict
from scrapeguard.store import readings_of

ORDER = (Verdict.ALLOW, Verdict.SILENT, Verdict.CONDITIONAL, Verdict.DENY)
"""From open to closed."""

COLOURS = {Verdict.ALLOW: "#4c9f70", Verdict.SILENT: "#c3c9d0", Verdict.CONDITIONAL: "#e2b04a", Verdict.DENY: "#c1534b"}
"""Readable with the common forms of colour blindness in this order of lightness."""

MAX_ROWS = 60
"""Rows a matrix shows; of more URLs only the first are drawn, and the title says so."""

_EFFECT: dict[Effect | None, str] = {
    Effect.PERMIT: COLOURS[Verdict.ALLOW],
    Effect.REQUIRE: COLOURS[Verdict.CONDITIONAL],
    Effect.FORBID: COLOURS[Verdict.DENY],
}
_LETTER = {Verdict.ALLOW: "a", Verdict.SILENT: "·", Verdict.CONDITIONAL: "c", Verdict.DENY: "d"}


def matrix(frame: Any, *, ax: Any = None) -> Any:
    """URLs down, purposes across, the verdict in each cell."""
    wide = frame.drop_duplicates(["url", "purpose"], keep="last").pivot(
        index="url", columns="purpose", values="verdict"
    )
    wide = wide.reindex(columns=_purposes(frame), index=frame["url"].unique())
    shown = wide.iloc[:MAX_ROWS]
    axes = _axes(ax, (1.6 + 0.8 * len(shown.columns), 1.2 + 0.32 * len(shown)))
    for row, (_, verdicts) in enumerate(shown.iterrows()):
        for column, value in enumerate(verdicts):
            if not isinstance(value, str):
                continue
            verdict = Verdict(value)
            axes.add_patch(_rectangle(column - 0.5, row - 0.5, COLOURS[verdict]))
            axes.text(column, row, _LETTER[verdict], ha="center", va="center", color="#000000")
    axes.set(xlim=(-0.5, len(shown.columns) - 0.5), ylim=(len(shown) - 0.5, -0.5))
    axes.set_xticks(range(len(shown.columns)), shown.columns, rotation=45, ha="right")
    axes.set_yticks(range(len(shown)), [_short(url) for url in shown.index])
    more = f" (first {MAX_ROWS} of {len(wide)})" if len(wide) > MAX_ROWS else ""
    axes.set_title(f"Verdicts{more}: a allow, · silent, c conditional, d deny", fontsize="medium")
    return axes


def restrictions(frame: Any, *, ax: Any = None) -> Any:
    """Share of sites by verdict, one bar a purpose. A site counts with the most restrictive of its URLs."""
    axes = _axes(ax, (7.5, 4))
    purposes = _purposes(frame)
    worst = _worst(frame, "verdict")
    left = [0.0] * len(purposes)
    for level, verdict in enumerate(ORDER):
        shares = []
        for purpose in purposes:
            of_purpose = worst[worst["purpose"] == purpose]["level"]
            shares.append(float((of_purpose == level).mean()) if len(of_purpose) else 0.0)
        axes.barh(
            range(len(purposes)), shares, left=left, color=COLOURS[verdict], edgecolor="white", label=verdict.value
        )
        left = [a + b for a, b in zip(left, shares, strict=True)]
    axes.set_yticks(range(len(purposes)), purposes)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel=f"share of {frame['site'].nunique()} sites")
    axes.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    return axes


def robots_vs_terms(frame: Any, *, purpose: str | Purpose | None = None, ax: Any = None) -> Any:
    """The 2 × 2 of what robots.txt and what the terms say: sites by whether each restricts (denies, or allows on a condition).

    Of one ``purpose``, or of all in the table: a site restricts when it does so for any of them.
    """
    held = frame if purpose is None else frame[frame["purpose"] == str(purpose)]
    axes = _axes(ax, (4.6, 4))
    closed = ORDER.index(Verdict.CONDITIONAL)
    both = {name: _worst(held, name).groupby("site")["level"].max() >= closed for name in ("robots", "terms")}
    counts = [[int(((both["robots"] == r) & (both["terms"] == t)).sum()) for t in (False, True)] for r in (False, True)]
    total = sum(map(sum, counts)) or 1
    axes.imshow(counts, cmap="Greys", vmin=0, vmax=total * 1.6)
    for row, numbers in enumerate(counts):
        for column, number in enumerate(numbers):
            axes.text(column, row, f"{number}\n{number / total:.0%}", ha="center", va="center", color="#000000")
    axes.set_xticks([0, 1], ["terms open", "terms restrict"])
    axes.set_yticks([0, 1], ["robots.txt open", "robots.txt restricts"])
    axes.set_title("Sites" + (f", {purpose}" if purpose else ""), fontsize="medium")
    return axes


def verdicts(frame: Any, *, ax: Any = None) -> Any:
    """How answers changed: time across (``decided_at``), one line a site and purpose.

    The table holds Decisions of several times, for instance `scrapeguard.integrations.tables.decisions_frame` of recorded ones.
    """
    axes = _axes(ax, (7.5, 3.5))
    for number, ((site, purpose), rows) in enumerate(frame.groupby(["site", "purpose"], sort=True)):
        ordered = rows.sort_values("decided_at")
        levels = [ORDER.index(Verdict(v)) + 0.04 * number for v in ordered["verdict"]]
        axes.step(list(ordered["decided_at"]), levels, where="post", marker="o", label=f"{purpose}, {_short(site)}")
    axes.set_yticks(range(len(ORDER)), [v.value for v in ORDER])
    axes.set_ylim(-0.4, len(ORDER) - 0.3)
    axes.legend(fontsize="small", frameon=False)
    axes.figure.autofmt_xdate()
    return axes


def history(site: str, *, store: str | Path | Store, agent: str | None = None, ax: Any = None) -> Any:
    """What a site provided over time, from a store: a row a clause, signal, or crawler that robots.txt names, a bar while it stood.

    A bar begins anew where exceptions or rules changed; it is hatched where the reading was uncertain. What could not be read
    is taken to stand as before, and that time is shaded. Rows that changed come first; at most `MAX_ROWS` are drawn. Raises as
    `scrapeguard.store.readings_of`; ImportError without matplotlib.
    """
    readings = readings_of(site, store, agent=agent)
    rows, shaded = timeline(readings)
    shown = rows[:MAX_ROWS]
    axes = _axes(ax, (9, 1.4 + 0.34 * len(shown)))
    for number, row in enumerate(shown):
        for bar in row.bars:
            width = bar.end - bar.start
            hatch = "//" if bar.uncertain else None
            axes.barh(
                number,
                width,
                left=bar.start,
                height=0.7,
                color=_EFFECT.get(bar.effect, COLOURS[Verdict.SILENT]),
                edgecolor="white",
                hatch=hatch,
            )
            axes.text(bar.start, number, f" {bar.said}", va="center", fontsize="small", color="#000000", clip_on=True)
    for start, end in shaded:
        axes.axvspan(start, end, color="#000000", alpha=0.12, lw=0)
    axes.set_yticks(range(len(shown)), [row.name for row in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.xaxis_date()
    more = f" (first {MAX_ROWS} of {len(rows)})" if len(rows) > MAX_ROWS else ""
    gap = ", shaded: something could not be read" if shaded else ""
    axes.set_title(f"{_short(readings[0].authority)} as {readings[0].product_token}{more}{gap}", fontsize="medium")
    axes.figure.autofmt_xdate()
    return axes


def _worst(frame: Any, column: str) -> Any:
    """Each site and purpose with the most restrictive of its URLs, as ``level``."""
    levels = frame[["site", "purpose"]].copy()
    levels["level"] = [ORDER.index(Verdict(v)) for v in frame[column]]
    return levels.groupby(["site", "purpose"], as_index=False)["level"].max()


def _purposes(frame: Any) -> list[str]:
    present = set(frame["purpose"])
    return [p.value for p in Purpose if p.value in present]


def _short(url: str) -> str:
    bare = url.partition("://")[2]
    return bare if len(bare) <= 40 else bare[:39] + "…"


def _axes(ax: Any, size: tuple[float, float]) -> Any:
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'scrapeguard[plot]'") from error
    return plt.subplots(figsize=size, layout="constrained")[1]


def _rectangle(x: float, y: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - an extra

    return Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="white")
