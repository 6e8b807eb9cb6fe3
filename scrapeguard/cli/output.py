"""One style for what commands print: rich tables on a terminal, plain columns elsewhere, progress on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

PLAIN_WIDTH = 140
"""Characters of a line of a table where there is no terminal."""

PROGRESS_AFTER = 1.0
"""Seconds after which waiting is shown."""

Item = TypeVar("Item")


def console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a table where there is none."""
    out = Console()
    return out if out.is_terminal else Console(width=PLAIN_WIDTH)


def new_table(out: Console, *heads: str, title: object = None, lines: bool = False, fold: bool = True) -> Table:
    """A table with rules on a terminal, and without any where a program may read it."""
    drawn = out.is_terminal
    table = Table(title=title, show_lines=lines and drawn)  # type: ignore[arg-type]  # rich takes any text here
    if not drawn:
        table.box, table.title_justify, table.title_style = None, "left", ""
        table.padding = (0, 2, 0, 0)
    for head in heads:
        table.add_column(head, overflow="fold" if fold else "ellipsis", no_wrap=not fold)
    return table


def progressing(items: Sequence[Item], *, doing: str) -> Iterator[Item]:
    """The items, with count, rate and time left on standard error once they take longer than a second, if that is a terminal."""
    began = time.monotonic()
    bar: Progress | None = None
    task: Any = None
    try:
        for done, item in enumerate(items):
            if bar is None and done and sys.stderr.isatty() and time.monotonic() - began > PROGRESS_AFTER:
                bar = Progress(
                    TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
                    TimeRemainingColumn(), console=Console(stderr=True), transient=True,
                )  # fmt: skip
                bar.start()
                task = bar.add_task(doing, total=len(items), rate="")
            if bar is not None:
                rate = done / (time.monotonic() - began)
                bar.update(task, completed=done, rate=f"{rate:.1f}/s")
            yield item
    finally:
        if bar is not None:
            bar.stop()
