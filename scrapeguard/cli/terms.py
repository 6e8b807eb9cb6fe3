"""``scrapeguard terms``: the clauses of one terms document, grouped by activity, with quote and place."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import click
from rich.text import Text

from scrapeguard._url import parse_url
from scrapeguard.cli import EXIT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.following import NotAsked, follow, is_redirect
from scrapeguard.cli.given import held
from scrapeguard.cli.options import AGENT, ALLOW_PRIVATE, JSON, POLICY_FETCH, RENDER, WARC, taking, transport_of
from scrapeguard.cli.output import Waiting, console, json_line, prose
from scrapeguard.model.exchange import FetchFailure, Request, RequestKind
from scrapeguard.model.ports import Transport
from scrapeguard.model.statement import Effect
from scrapeguard.model.text import quote_in_one_line
from scrapeguard.terms import Clause, TermsDocument, read_terms

_OK = 200
_WHY = 6
_LEAD_IN = 160
_STYLE = {Effect.FORBID: "red", Effect.REQUIRE: "yellow", Effect.PERMIT: "green"}


@click.command()
@click.argument("source", metavar="URL|FILE|-")
@click.option("--explain", "explained", is_flag=True, help="Show the rules and features that decided each clause.")
@click.option(
    "--content-type", help="text/html, text/plain or text/markdown; else told by the answer or the file's name."
)
@click.option("--language", help="ISO 639-1 code, instead of detecting it.")
@taking(JSON, AGENT, WARC, POLICY_FETCH, RENDER, ALLOW_PRIVATE)
def terms(
    source: str,
    *,
    explained: bool,
    content_type: str | None,
    language: str | None,
    as_json: bool,
    **fetching: Any,
) -> int:
    """Read a terms document and show each clause that forbids, permits or requires something of automated use.

    Exit status 0 when the document was read, 2 when it could not be.

    \b
    Example:
      scrapeguard terms terms.html --explain
    """
    with Waiting("reading the terms") as waiting:
        url: str | None = None
        if "://" in source:
            body, told, url = _fetched(source, waiting, **fetching)
        else:
            body, told, _ = held(source)
        document = read_terms(body, content_type=content_type or told, url=url, language=language)
    if as_json:
        json_line(as_dict(document))
    else:
        prose(console(), in_words(document, explained=explained))
    return EXIT_ALLOWED if document.readable else EXIT_UNANSWERED


def as_dict(document: TermsDocument) -> dict[str, Any]:
    """The document as plain data: summary, state and clauses; without its text."""
    return {
        "url": document.url,
        "language": document.language,
        "readable": document.readable,
        "effective_date": document.effective_date.isoformat() if document.effective_date else None,
        "text_sha256": document.text_sha256,
        "reader": document.reader,
        "notes": list(document.notes),
        "summary": document.summary() if document.readable else None,
        "clauses": [
            {
                "activities": [a.value for a in c.activities],
                "effect": c.effect.value,
                "exceptions": [x.value for x in c.exceptions],
                "start": c.start,
                "end": c.end,
                "quote": c.quote,
                "section": list(c.section),
                "edition": c.edition,
                "binds": c.binds,
                "lead_in": [list(s) for s in c.lead_in],
                "confidence": c.confidence,
                "uncertain": c.uncertain,
                "rules": list(c.rules),
            }
            for c in document.clauses
        ],
    }


def in_words(document: TermsDocument, *, explained: bool) -> Text:
    """The document for people: what it comes to, then its clauses by activity."""
    lines = [
        Text(f"{document.url or 'document'}: {len(document.text):,} characters, language {document.language}", "bold")
    ]
    if document.effective_date:
        lines.append(Text(f"dated {document.effective_date.isoformat()}"))
    lines += [Text(f"note: {n}") for n in document.notes]
    if not document.readable:
        lines.append(Text("Nothing is known of what it says: this is no permission."))
        return Text("\n").join(lines)
    lines.append(Text("  ".join(f"{k}: {v}" for k, v in document.summary().items())))
    groups: defaultdict[tuple[str, Effect], list[Clause]] = defaultdict(list)
    for clause in document.clauses:
        for activity in clause.activities:
            groups[activity.value, clause.effect].append(clause)
    for (named, effect), clauses in sorted(groups.items()):
        lines += [Text(), Text.assemble(f"{named}: ", (effect.value, f"bold {_STYLE[effect]}"))]
        for c in clauses:
            lines += map(Text, _clause_lines(document, c, explained=explained))
    if not document.clauses:
        lines += [Text(), Text("No clause about automated use was found. Silence is no permission by itself.")]
    return Text("\n").join(lines)


def _clause_lines(document: TermsDocument, c: Clause, *, explained: bool) -> list[str]:
    doubt = ", uncertain" if c.uncertain else ""
    lines = [f"  «{quote_in_one_line(c.quote)}»"]
    lines += [f"    after «{quote_in_one_line(document.text[s:e])[-_LEAD_IN:]}»" for s, e in c.lead_in[-1:]]
    where = f"characters {c.start}-{c.end}, confidence {c.confidence:.2f}{doubt}"
    if c.section:
        where = f"{' › '.join(c.section)}; {where}"
    lines.append(f"    {where}")
    if c.exceptions:
        lines.append(f"    except: {', '.join(x.value for x in c.exceptions)}")
    if c.edition:
        lines.append(f"    edition: {c.edition}")
    if explained:
        lines.append(f"    because: {', '.join(c.rules[:_WHY])}")
    return lines


def _fetched(
    url: str,
    waiting: Waiting,
    *,
    agent: str,
    warcs: tuple[str, ...],
    policy_fetch: str,
    render: bool,
    allow_private: bool,
) -> tuple[bytes, str, str]:
    """Body, media type and final address of the page."""
    transport = transport_of(agent, warcs, allow_private=allow_private, render=policy_fetch if render else "")
    obeys = policy_fetch == "obey" and transport.live

    def refusal(target: str) -> str:
        return _refusal(transport, target, agent) if obeys else ""

    try:
        answer = follow(transport, url, RequestKind.TERMS, refusal=refusal)
    except NotAsked as error:
        message = f"{error}. Save the page in a browser and give the file, or say --policy-fetch always"
        raise click.ClickException(message) from error
    waiting.document(Request(answer.url, RequestKind.TERMS), answer)
    if isinstance(answer, FetchFailure):
        raise click.ClickException(f"{url}: {answer.reason}: {answer.detail}")
    if is_redirect(answer):
        raise click.ClickException(f"{url}: more redirects than are followed, or one without a usable address")
    if answer.status != _OK:
        raise click.ClickException(f"{answer.url}: status {answer.status}; nothing was read")
    return answer.body, answer.header("content-type") or "text/html", answer.url


def _refusal(transport: Transport, url: str, agent: str) -> str:
    """Why robots.txt keeps the page from us, or ''."""
    from scrapeguard.read import read_robots  # noqa: PLC0415 - only when a page is fetched
    from scrapeguard.robots import product_token  # noqa: PLC0415 - as above

    robots = Request(f"{parse_url(url).authority}/robots.txt", RequestKind.ROBOTS)
    answer = follow(transport, robots.url, RequestKind.ROBOTS)
    return read_robots(robots, answer, product_token(agent)).refusal(url)
