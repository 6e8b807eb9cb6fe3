"""One style for what commands print: rich tables on a terminal, plain columns elsewhere, JSON lines; progress on standard error."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from scrapeguard.cli import Stopped
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, Request
from scrapeguard.model.statement import Verdict

PLAIN_WIDTH = 140
"""Characters of a line of a table where there is no terminal."""

PROGRESS_AFTER = 1.0
"""Seconds after which waiting is shown."""

VERDICT_STYLE: Mapping[Verdict, str] = {
    Verdict.ALLOW: "green",
    Verdict.DENY: "red",
    Verdict.CONDITIONAL: "yellow",
    Verdict.SILENT: "cyan",
}

Item = TypeVar("Item")

_QUOTED = 60
"""Characters of an address that the progress shows."""


def console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a table where there is none."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(width=PLAIN_WIDTH, highlight=False)


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


def prose(out: Console, words: str | Text, *, style: str = "") -> None:
    """Lines as they are: never wrapped, nothing in them taken for markup."""
    out.print(words, style=style or None, markup=False, soft_wrap=True)


def decision_words(decision: Decision, words: str) -> Text:
    """A Decision's words with its heads and its answer marked."""
    text = Text(words)
    text.highlight_regex(r"(?m)^\S[^:\n]*:$", "bold")
    text.highlight_regex(rf"(?m)^  {decision.purpose} as .*$", f"bold {VERDICT_STYLE[decision.verdict]}")
    return text


def json_line(value: object) -> None:
    """One JSON object on a line of its own."""
    click.echo(json.dumps(value, ensure_ascii=False))


def fault(words: str) -> None:
    """What went wrong, in one line on standard error; the command goes on."""
    click.echo(f"scrapeguard: {words}", err=True)


class Waiting:
    """What a person waits for: count, rate and time left on standard error once it takes longer than a second.

    Shown where standard error is a terminal. As a context it gives Ctrl-C its end: `Stopped`, which says how far things were
    and ``remains``, what is left of them.
    """

    def __init__(self, doing: str, *, remains: str = "what was answered stands above") -> None:
        self._doing, self._remains = doing, remains
        self._count, self._total = 0, 0
        self._last = ""
        self._bar: Progress | None = None
        self._began = time.monotonic()
        self._timer = threading.Timer(PROGRESS_AFTER, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._timer.ident is not None:
            self._timer.join()  # it may be about to draw
        if self._bar is not None:
            self._bar.stop()
        if kind is KeyboardInterrupt:
            raise Stopped(
                f"stopped{f' after {self._count:,} of {self._total:,}' if self._total else ''}; {self._remains}"
            )

    def over(self, items: Iterable[Item], *, total: int = 0) -> Iterator[Item]:
        """The items, counted; ``total`` where they cannot tell how many they are."""
        self._total = len(items) if isinstance(items, Sized) else total
        for item in items:
            yield item
            self._count += 1
            self._show()

    def document(self, request: Request, _: Exchange) -> None:
        """What was read last: `Guard` calls it."""
        self._last = request.url if len(request.url) <= _QUOTED else request.url[: _QUOTED - 1] + "…"
        self._show()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away while results are printed to the same terminal."""
        bar = self._bar if sys.stdout.isatty() else None
        if bar is None:
            yield
            return
        bar.stop()
        yield
        bar.start()

    def _begin(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}", markup=False))
        bar = Progress(
            *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
        )
        bar.add_task(self._doing, total=self._total or None, completed=self._count, state=self._state())
        bar.start()
        self._bar = bar

    def _show(self) -> None:
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(task, total=self._total or None, completed=self._count, state=self._state())

    def _state(self) -> str:
        """Count, rate, time left, and what was read last."""
        rate = self._count / max(time.monotonic() - self._began, 1e-9)
        parts = [f"{self._count:,}/{self._total:,}"] if self._total > 1 else []
        if self._count and self._total > 1:
            left = int((self._total - self._count) / rate)
            parts += [f"{rate:,.1f}/s", f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"]
        return "  ".join([*parts, self._last])
