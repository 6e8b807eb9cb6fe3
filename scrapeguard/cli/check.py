"""``scrapeguard check`` and ``scrapeguard explain``: the verdict for URLs, with reasons, quotes and places."""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_STOPPED, EXIT_UNANSWERED
from scrapeguard.cli.given import urls_in
from scrapeguard.cli.options import Asker, asking
from scrapeguard.cli.output import progressing
from scrapeguard.errors import InvalidUrl
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import parse_purpose

_PURPOSE = click.option("--purpose", "-p", required=True, help="What the content is for: access, search, ai-train, …")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL|FILE|-...")
@_PURPOSE
@_JSON
@asking
def check(asker: Asker, urls: tuple[str, ...], purpose: str, as_json: bool) -> int:
    """May these URLs be fetched and used for a purpose?

    Prints for each the verdict, the reasons with their quotes and places, and what would change the answer. A file's name, or -
    for standard input, gives one URL a line. Exit status 0 when all are allowed, 1 when one is not, 2 when a question could not be
    answered.

    Example: scrapeguard check https://www.example.com/page --purpose ai-train --agent examplebot/1.0
    """
    return _answer(asker, urls, purpose, as_json=as_json, words=str)


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL|FILE|-...")
@_PURPOSE
@_JSON
@asking
def explain(asker: Asker, urls: tuple[str, ...], purpose: str, as_json: bool) -> int:
    """The same with everything that was read: every statement, also those that say nothing for the purpose, and every source.

    Example: scrapeguard explain https://www.example.com/page --purpose research
    """
    return _answer(asker, urls, purpose, as_json=as_json, words=Decision.explain)


def _answer(
    asker: Asker, urls: tuple[str, ...], purpose: str, *, as_json: bool, words: Callable[[Decision], str]
) -> int:
    wanted = parse_purpose(purpose)
    asked = urls_in(urls)
    status = EXIT_ALLOWED
    for number, url in enumerate(progressing(asked, doing="reading sites")):
        try:
            decision = asker.ask(url, wanted)
        except KeyboardInterrupt:
            click.echo(f"scrapeguard: stopped after {number} of {len(asked)}; what was answered stands above", err=True)
            return EXIT_STOPPED
        except InvalidUrl as error:
            click.echo(f"scrapeguard: {error}", err=True)
            status = EXIT_UNANSWERED
            continue
        if as_json:
            click.echo(json.dumps(decision.to_dict(), ensure_ascii=False))
        else:
            click.echo(("\n" if number else "") + words(decision))
        if not decision:
            status = max(status, EXIT_NOT_ALLOWED)
    return status
