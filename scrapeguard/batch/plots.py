"""The figures as drawings: SVG written by hand, so that a report needs nothing installed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from scrapeguard.batch.figures import VERDICTS, Figures

COLOURS = {"deny": "#b2182b", "conditional": "#f4a582", "silent": "#d9d9d9", "allow": "#2166ac"}
"""Told apart by people who see no red or no green, and in print."""

_WIDTH, _LABEL, _ROW, _GAP = 760, 150, 26, 46


def draw_figures(figures: Figures, *, most: int = 15) -> str:
    """One SVG: verdicts by purpose, robots.txt against terms, agents, signals and languages."""
    pieces: list[str] = []
    top = 24
    for title, height, body in (
        _verdicts(figures),
        *(_matrix(figures, purpose) for purpose in figures.robots_against_terms),
        _bars("Agents that robots.txt names: authorities", figures.agents.most_common(most)),
        _bars("Channels on which sites speak: authorities", figures.signals.most_common(most)),
        _bars("Languages of the terms read: authorities", figures.languages.most_common(most)),
    ):
        pieces.append(f'<text x="8" y="{top}" class="t">{escape(title)}</text>')
        pieces.append(f'<g transform="translate(0,{top + 12})">{body}</g>')
        top += height + _GAP
    style = (
        "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.l{text-anchor:end}.c{text-anchor:middle}.w{fill:#fff}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}" role="img">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(pieces)}</svg>\n'
    )


def _verdicts(figures: Figures) -> tuple[str, int, str]:
    parts = []
    room = _WIDTH - _LABEL - 20
    for row, (purpose, counts) in enumerate(figures.verdicts.items()):
        y, x, every = row * _ROW, float(_LABEL), counts.total() or 1
        parts.append(f'<text x="{_LABEL - 8}" y="{y + 16}" class="l">{purpose}</text>')
        for verdict in VERDICTS:
            share = counts[verdict] / every
            if share:
                parts.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{share * room:.1f}" height="{_ROW - 6}" fill="{COLOURS[verdict]}">'
                    f"<title>{purpose}: {verdict} {counts[verdict]:,} ({share:.1%})</title></rect>"
                )
            if share > 0.08:
                white = " w" if verdict in {"deny", "allow"} else ""
                parts.append(f'<text x="{x + share * room / 2:.1f}" y="{y + 15}" class="c{white}">{share:.0%}</text>')
            x += share * room
    y = len(figures.verdicts) * _ROW + 14
    for n, verdict in enumerate(VERDICTS):
        x = _LABEL + n * 130
        parts.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{COLOURS[verdict]}"/>')
        parts.append(f'<text x="{x + 18}" y="{y}">{verdict}</text>')
    return f"Verdicts by purpose, {figures.authorities:,} authorities", y, "".join(parts)


def _matrix(figures: Figures, purpose: str) -> tuple[str, int, str]:
    counts = figures.robots_against_terms[purpose]
    every = counts.total() or 1
    words = (*VERDICTS, "unread")
    columns = [w for w in words if any(terms == w for _, terms in counts)]
    rows = [w for w in words if any(robots == w for robots, _ in counts)]
    parts = [
        f'<text x="{_LABEL + n * 110 + 55}" y="10" class="c">{escape("terms " + word)}</text>'
        for n, word in enumerate(columns)
    ]
    for row, robots in enumerate(rows):
        y = 18 + row * _ROW
        parts.append(f'<text x="{_LABEL - 8}" y="{y + 17}" class="l">robots {robots}</text>')
        for column, terms in enumerate(columns):
            n = counts[robots, terms]
            x = _LABEL + column * 110
            parts.append(
                f'<rect x="{x}" y="{y}" width="108" height="{_ROW - 2}" fill="#2166ac" '
                f'fill-opacity="{0.05 + 0.75 * n / every:.2f}"/>'
                f'<text x="{x + 54}" y="{y + 17}" class="c">{n:,} ({n / every:.0%})</text>'
            )
    return f"{purpose}: robots.txt against terms", 18 + len(rows) * _ROW, "".join(parts)


def _bars(title: str, counts: Sequence[tuple[str, int]]) -> tuple[str, int, str]:
    most = max((n for _, n in counts), default=1)
    room = _WIDTH - _LABEL - 100
    parts = []
    for row, (name, n) in enumerate(counts):
        y, width = row * (_ROW - 4), n / most * room
        parts.append(f'<text x="{_LABEL - 8}" y="{y + 14}" class="l">{escape(name[:22])}</text>')
        parts.append(f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_ROW - 9}" fill="#4393c3"/>')
        parts.append(f'<text x="{_LABEL + width + 6:.1f}" y="{y + 14}">{n:,}</text>')
    return title, max(len(counts), 1) * (_ROW - 4), "".join(parts)
