"""``scrapeguard matrix`` and ``scrapeguard purposes``: the ten purposes, in general and for one URL."""

from __future__ import annotations

import json

import click
from rich.markup import escape
from rich.text import Text

from scrapeguard.cli.options import Asker, asking
from scrapeguard.cli.output import console, new_table
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import ALIASES, MEANING, Purpose
from scrapeguard.model.text import place_in_words, quote_in_one_line

_QUOTE = 120


@click.command()
@click.argument("url", metavar="URL")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a purpose and line.")
@asking
def matrix(asker: Asker, url: str, as_json: bool) -> None:
    """The ten purposes for one URL: verdict, yes or no, and what decided.

    Example: scrapeguard matrix https://www.example.com/page --agent examplebot/1.0
    """
    decisions = [asker.ask(url, purpose) for purpose in Purpose]
    if as_json:
        for decision in decisions:
            click.echo(json.dumps(decision.to_dict(), ensure_ascii=False))
        return
    out = console()
    title = Text(f"{url} as {decisions[0].product_token} (profile {decisions[0].profile})")
    table = new_table(out, "purpose", "allowed", "verdict", "what decided", title=title, lines=True)
    for decision in decisions:
        table.add_row(
            decision.purpose.value, "yes" if decision else "no", decision.verdict.value, escape(deciding(decision))
        )
    out.print(table)
    for gap in decisions[0].gaps:
        out.print(f"Could not be read: {gap.url}: {gap.state}. {gap.note}", markup=False, highlight=False)


def deciding(decision: Decision) -> str:
    """What decided, in a table's cell: the channel, its words and where they stand.

    >>> import scrapeguard
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /"})
    >>> deciding(scrapeguard.Guard("examplebot", transport=site).allowed("https://example.com/", "search"))
    'robots: «Disallow: /» (https://example.com/robots.txt line 2)'
    """
    first = next((r for r in decision.reasons if r.decisive), None)
    if first is None:
        return decision.why
    evidence = next((e for e in first.statement.evidence if e.quote), None)
    if evidence is None:
        return f"{first.statement.signal}: {first.text}"
    quote = quote_in_one_line(evidence.quote)
    short = quote if len(quote) <= _QUOTE else quote[:_QUOTE].rsplit(" ", 1)[0] + " …"
    return f"{first.statement.signal}: «{short}» ({place_in_words(evidence)})"


@click.command()
def purposes() -> None:
    """The purposes one can ask for, what each means, and other words that are understood.

    Example: scrapeguard purposes
    """
    out = console()
    table = new_table(out, "purpose", "means", "also written", lines=True)
    for purpose in Purpose:
        also = sorted(word for word, meant in ALIASES.items() if meant is purpose)
        table.add_row(purpose.value, MEANING[purpose], ", ".join(also))
    out.print(table)
