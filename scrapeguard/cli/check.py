"""``scrapeguard check`` and ``scrapeguard explain``: the verdict for URLs, with reasons, quotes and places."""

from __future__ import annotations

from collections.abc import Callable

import click

from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.options import JSON, URLS, Asker, asking, taking
from scrapeguard.cli.output import console, decision_words, json_line, prose
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import parse_purpose

_ASKED = taking(
    URLS,
    click.option("--purpose", "-p", required=True, help="What the content is for: access, search, ai-train, …"),
    JSON,
)


@click.command()
@_ASKED
@asking
def check(asker: Asker, urls: tuple[str, ...], purpose: str, as_json: bool) -> int:
    """May these URLs be fetched and used for a purpose?

    Prints for each the verdict, the reasons with their quotes and places, and what would change the answer. A file's name, or -
    for standard input, gives one URL a line. Exit status 0 when all are allowed, 1 when one is not, 2 when a question could not be
    answered.

    \b
    Example:
      scrapeguard check https://www.example.com/page --purpose ai-train --agent examplebot/1.0
    """
    return _answer(asker, urls, purpose, as_json=as_json, words=str)


@click.command()
@_ASKED
@asking
def explain(asker: Asker, urls: tuple[str, ...], purpose: str, as_json: bool) -> int:
    """The same with everything that was read: every statement, also those that say nothing for the purpose, and every source.

    \b
    Example:
      scrapeguard explain https://www.example.com/page --purpose research
    """
    return _answer(asker, urls, purpose, as_json=as_json, words=Decision.explain)


def _answer(
    asker: Asker, urls: tuple[str, ...], purpose: str, *, as_json: bool, words: Callable[[Decision], str]
) -> int:
    wanted = parse_purpose(purpose)
    status, out = EXIT_ALLOWED, console()
    for number, (_, decision) in enumerate(asker.each(urls, lambda url: asker.ask(url, wanted))):
        if decision is None:
            status = EXIT_UNANSWERED
            continue
        with asker.waiting.aside():
            if as_json:
                json_line(decision.to_dict())
            else:
                out.print("\n" * (number > 0), end="")
                prose(out, decision_words(decision, words(decision)))
        if not decision:
            status = max(status, EXIT_NOT_ALLOWED)
    return status
