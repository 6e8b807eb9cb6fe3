"""The tables of ``scrapeguard robots``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scrapeguard.robots import RobotsTxt
from scrapeguard.robots.availability import Availability
from scrapeguard.robots.document import printable


def show(
    document: RobotsTxt | None,
    availability: Availability | None,
    answers: Sequence[dict[str, Any]],
    *,
    agent: str,
    lint: bool,
) -> None:
    """Print groups, other records, notes and answers; with ``lint`` only the notes and answers."""
    console = Console()
    if availability is not None:
        console.print(escape(availability.reason))
    if document is not None:
        if not lint:
            _groups(console, document, agent)
            _records(console, document)
        _notes(console, document)
    for answer in answers:
        verdict = "[green]allowed[/]" if answer["allowed"] else "[red]not allowed[/]"
        console.print(f"{escape(answer['url'])}: {verdict}", soft_wrap=True)
        if answer["rule"] is not None:
            console.print(f"  line {answer['line']}: {escape(answer['rule'])}", soft_wrap=True)
        console.print(f"  {escape(answer['reason'])}", soft_wrap=True)


def _groups(console: Console, document: RobotsTxt, agent: str) -> None:
    chosen = document.select(agent)
    table = Table(title="Groups")
    for name in ("line", "crawlers", "rule", "pattern"):
        table.add_column(name, overflow="fold")
    for group in document.groups:
        names = ", ".join(token or "(nobody)" for token in group.tokens)
        style = "bold" if chosen and chosen in group.tokens else ""
        table.add_row(str(group.line), escape(printable(names)), "", "", style=style)
        for rule in group.rules:
            table.add_row(
                str(rule.line), "", "Allow" if rule.allow else "Disallow", escape(printable(rule.pattern)), style=style
            )
    console.print(table if document.groups else "No groups: nothing is disallowed.")


def _records(console: Console, document: RobotsTxt) -> None:
    if not document.extensions:
        return
    table = Table(title="Other records")
    for name in ("line", "field", "value", "for"):
        table.add_column(name, overflow="fold")
    for record in document.extensions:
        table.add_row(
            str(record.line), escape(record.name), escape(record.value), escape(", ".join(record.tokens) or "the site")
        )
    console.print(table)


def _notes(console: Console, document: RobotsTxt) -> None:
    for note in document.notes:
        place = f"line {note.line}" if note.line else "file"
        console.print(f"[yellow]{place}[/] {escape(note.code)}: {escape(note.message)}", soft_wrap=True)
