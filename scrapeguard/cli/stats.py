"""``scrapeguard stats``: figures over the result of an audit."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from scrapeguard.cli.options import JSON
from scrapeguard.cli.output import Waiting, console, json_line, new_table, prose
from scrapeguard.errors import ScrapeguardError

if TYPE_CHECKING:
    from scrapeguard.batch.figures import Figures


@click.command()
@click.argument("result", metavar="RESULT", type=click.Path())
@JSON
@click.option("--plot", metavar="FILE.svg", type=click.Path(dir_okay=False), help="Also draw them into an SVG file.")
@click.option("--most", type=click.IntRange(1), default=15, show_default=True, help="Agents, signals, languages shown.")
def stats(result: str, as_json: bool, plot: str | None, most: int) -> None:
    """Share of authorities by verdict and purpose, robots.txt against terms, agents named, signals seen, languages.

    RESULT is what `scrapeguard audit` or `scrapeguard-spark` wrote. An authority with several URLs counts by the
    strictest verdict.

    \b
    Example:
      scrapeguard stats out.parquet --plot out.svg
    """
    if find_spec("pyarrow") is None:
        raise ScrapeguardError(
            "stats reads Parquet with pyarrow, which is not installed: pip install 'scrapeguard[arrow]'"
        )
    from scrapeguard.batch.figures import read_figures  # noqa: PLC0415 - an extra
    from scrapeguard.batch.plots import draw_figures  # noqa: PLC0415 - an extra

    with Waiting("reading the result"):
        figures = read_figures(result)
    if plot:
        try:
            Path(plot).write_text(draw_figures(figures, most=most), encoding="utf-8")
        except OSError as error:
            raise ScrapeguardError(f"{plot}: cannot be written: {error.strerror or error}") from error
    if as_json:
        json_line(figures.to_dict(most=most))
    else:
        _print(figures, most)


def _print(figures: Figures, most: int) -> None:
    from scrapeguard.batch.figures import VERDICTS  # noqa: PLC0415 - an extra

    out = console()
    table = new_table(out, title=f"{figures.authorities:,} authorities by verdict")
    table.add_column("purpose")
    for head in (*VERDICTS, "allowed"):
        table.add_column(head, justify="right")
    for purpose, counts in figures.verdicts.items():
        every, answers = counts.total() or 1, figures.answers[purpose] or 1
        cells = [f"{counts[v]:,} ({counts[v] / every:.1%})" for v in VERDICTS]
        table.add_row(purpose, *cells, f"{figures.allowed[purpose] / answers:.1%} of answers")
    out.print(table)
    for purpose, pairs in figures.robots_against_terms.items():
        _print_matrix(out, purpose, pairs)
    for title, counter in (
        ("Agents that robots.txt names", figures.agents),
        ("Channels on which sites speak", figures.signals),
        ("Languages of the terms read", figures.languages),
    ):
        listed = ", ".join(f"{name} {n:,}" for name, n in counter.most_common(most))
        prose(out, f"{title}: {listed or 'none'}")
    prose(out, f"Authorities of which something could not be read: {figures.incomplete:,}")
    if figures.unasked:
        prose(out, f"Answers that could not be asked for (no URL, broken archives): {figures.unasked:,}")


def _print_matrix(out: Console, purpose: str, pairs: Counter[tuple[str, str]]) -> None:
    columns = sorted({terms for _, terms in pairs})
    table = new_table(out, title=f"{purpose}: robots.txt (rows) against terms (columns), authorities")
    table.add_column("robots.txt")
    for column in columns:
        table.add_column(column, justify="right")
    for robots in sorted({robots for robots, _ in pairs}):
        table.add_row(robots, *(f"{pairs[robots, terms]:,}" for terms in columns))
    out.print(table)
