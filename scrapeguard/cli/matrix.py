"""``scrapeguard matrix`` and ``scrapeguard purposes``: the ten purposes, in general and for one URL."""

from __future__ import annotations

import click
from rich.markup import escape
from rich.text import Text

from scrapeguard.cli import EXIT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.options import JSON, URLS, Asker, asking
from scrapeguard.cli.output import VERDICT_STYLE, console, json_line, new_table, prose
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import ALIASES, MEANING, Purpose
from scrapeguard.model.text import place_in_words, quote_in_one_line

_QUOTE = 120


@click.command()
@URLS
@JSON
@asking
def matrix(asker: Asker, urls: tuple[str, ...], as_json: bool) -> int:
    """The ten purposes for each URL: verdict, yes or no, and what decided.

    \b
    Example:
      scrapeguard matrix https://www.example.com/page --agent examplebot/1.0
    """
    status = EXIT_ALLOWED
    for url, decisions in asker.each(urls, lambda url: [asker.ask(url, purpose) for purpose in Purpose]):
        if decisions is None:
            status = EXIT_UNANSWERED
            continue
        with asker.waiting.aside():
            if as_json:
                for decision in decisions:
                    json_line(decision.to_dict())
            else:
                _print(url, decisions)
    return status


def _print(url: str, decisions: list[Decision]) -> None:
    out = console()
    title = Text(f"{url} as {decisions[0].product_token} (profile {decisions[0].profile})")
    table = new_table(out, "purpose", "allowed", "verdict", "what decided", title=title, lines=True)
    for decision in decisions:
        verdict = Text(decision.verdict.value, VERDICT_STYLE[decision.verdict])
        table.add_row(decision.purpose.value, "yes" if decision else "no", verdict, escape(deciding(decision)))
    out.print(table)
    for gap in decisions[0].gaps:
        prose(out, f"Could not be read: {gap.url}: {gap.state}. {gap.note}")


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
    return f"{first.statement.signal}: «{shortened(evidence.quote, _QUOTE)}» ({place_in_words(evidence)})"


def shortened(quote: str, most: int) -> str:
    """A quote in one line, cut between words.

    >>> shortened("no robots,\\n no scrapers", 12)
    'no robots, …'
    """
    whole = quote_in_one_line(quote)
    return whole if len(whole) <= most else whole[:most].rsplit(" ", 1)[0] + " …"


@click.command()
@JSON
def purposes(as_json: bool) -> None:
    """The purposes one can ask for, what each means, and other words that are understood.

    \b
    Example:
      scrapeguard purposes
    """
    also = {p: sorted(word for word, meant in ALIASES.items() if meant is p) for p in Purpose}
    if as_json:
        for purpose in Purpose:
            json_line({"purpose": purpose.value, "means": MEANING[purpose], "also": also[purpose]})
        return
    out = console()
    table = new_table(out, "purpose", "means", "also written", lines=True)
    for purpose in Purpose:
        table.add_row(purpose.value, MEANING[purpose], ", ".join(also[purpose]))
    out.print(table)
