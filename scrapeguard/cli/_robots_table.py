"""The tables of ``scrapeguard robots``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from scrapeguard.cli.output import console, new_table, prose
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
    out = console()
    if availability is not None:
        prose(out, availability.reason)
    if document is not None:
        if not lint:
            _groups(out, document, agent)
            _records(out, document)
        _notes(out, document)
    for answer in answers:
        verdict = Text("allowed", "green") if answer["allowed"] else Text("not allowed", "red")
        prose(out, Text.assemble(f"{answer['url']}: ", verdict))
        if answer["rule"] is not None:
            prose(out, f"  line {answer['line']}: {answer['rule']}")
        prose(out, f"  {answer['reason']}")


def _groups(out: Console, document: RobotsTxt, agent: str) -> None:
    if not document.groups:
        prose(out, "No groups: nothing is disallowed.")
        return
    chosen = document.select(agent)
    table = new_table(out, "line", "crawlers", "rule", "pattern", title="Groups")
    for group in document.groups:
        names = ", ".join(token or "(nobody)" for token in group.tokens)
        style = "bold" if chosen and chosen in group.tokens else ""
        table.add_row(str(group.line), escape(printable(names)), "", "", style=style)
        for rule in group.rules:
            table.add_row(
                str(rule.line), "", "Allow" if rule.allow else "Disallow", escape(printable(rule.pattern)), style=style
            )
    out.print(table)


def _records(out: Console, document: RobotsTxt) -> None:
    if not document.extensions:
        return
    table = new_table(out, "line", "field", "value", "for", title="Other records")
    for record in document.extensions:
        table.add_row(
            str(record.line), escape(record.name), escape(record.value), escape(", ".join(record.tokens) or "the site")
        )
    out.print(table)


def _notes(out: Console, document: RobotsTxt) -> None:
    for note in document.notes:
        place = f"line {note.line}" if note.line else "file"
        prose(out, Text.assemble((place, "yellow"), f" {note.code}: {note.message}"))
