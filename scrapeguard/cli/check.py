"""``scrapeguard check``: the verdict for URLs, with reasons, quotes and places."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.options import asking, held_documents, make_guard
from scrapeguard.errors import InvalidUrl
from scrapeguard.model.purpose import parse_purpose


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option(
    "--purpose", "-p", required=True, help="What the content is for: access, search, ai-train, identification, …"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@asking
def check(
    urls: tuple[str, ...],
    purpose: str,
    as_json: bool,
    agent: str,
    profile: str,
    commercial: bool | None,
    warcs: tuple[Path, ...],
    documents: tuple[str, ...],
    policy_fetch: str,
    allow_private: bool,
) -> int:
    """May these URLs be fetched and used for a purpose?

    Prints for each the verdict, the reasons with their quotes and places, and what would change the answer. Exit status 0 when
    all are allowed, 1 when one is not, 2 when a question could not be answered.

    Example: scrapeguard check https://www.example.com/page --purpose ai-train --agent examplebot/1.0
    """
    wanted = parse_purpose(purpose)
    held = held_documents(documents)
    guard = make_guard(
        agent=agent, profile=profile, warcs=warcs, policy_fetch=policy_fetch, allow_private=allow_private
    )
    status = EXIT_ALLOWED
    for number, url in enumerate(urls):
        try:
            decision = guard.allowed(url, wanted, commercial=commercial, documents=held)
        except InvalidUrl as error:
            click.echo(f"scrapeguard: {error}", err=True)
            status = EXIT_UNANSWERED
            continue
        if as_json:
            click.echo(json.dumps(decision.to_dict(), ensure_ascii=False))
        else:
            click.echo(("\n" if number else "") + str(decision))
        if not decision:
            status = max(status, EXIT_NOT_ALLOWED)
    return status
