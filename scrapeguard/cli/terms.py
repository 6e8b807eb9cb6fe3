"""``scrapeguard terms``: the clauses of one terms document, grouped by activity, with quote and place."""

from __future__ import annotations

import json
import mimetypes
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import click

from scrapeguard._url import parse_url
from scrapeguard.cli import EXIT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.guard import DEFAULT_AGENT
from scrapeguard.model.exchange import FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import Transport
from scrapeguard.terms import Clause, TermsDocument, read_terms

_HOPS = 5
"""Redirects followed, as many as RFC 9309 §2.3.1.2 asks for robots.txt."""
_REDIRECTS = {301, 302, 303, 307, 308}
_OK = 200
_MARKDOWN = {".md", ".markdown"}
_WHY = 6


@click.command()
@click.argument("source", metavar="URL|FILE|-")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--explain", "explained", is_flag=True, help="Show the rules and features that decided each clause.")
@click.option(
    "--content-type", help="text/html, text/plain or text/markdown; else told by the answer or the file's name."
)
@click.option("--language", help="ISO 639-1 code, instead of detecting it.")
@click.option("--agent", "-a", default=DEFAULT_AGENT, show_default=True, help="The User-Agent for fetching a URL.")
@click.option(
    "--policy-fetch",
    type=click.Choice(["obey", "always"]),
    default="obey",
    show_default=True,
    help="obey: fetch only what robots.txt leaves open; always: your own decision to read the page.",
)
@click.option(
    "--allow-private", is_flag=True, help="Also fetch from loopback and private addresses (your own servers)."
)
def terms(
    source: str,
    *,
    as_json: bool,
    explained: bool,
    content_type: str | None,
    language: str | None,
    agent: str,
    policy_fetch: str,
    allow_private: bool,
) -> int:
    """Read a terms document and show each clause that forbids, permits or requires something of automated use.

    Exit status 0 when the document was read, 2 when it could not be.

    Example: scrapeguard terms terms.html --explain
    """
    if source.startswith(("http://", "https://")):
        body, told, url = _fetched(source, agent, obey=policy_fetch == "obey", allow_private=allow_private)
    else:
        body, told, url = _held(source)
    document = read_terms(body, content_type=content_type or told, url=url, language=language)
    if as_json:
        click.echo(json.dumps(as_dict(document), ensure_ascii=False))
    else:
        click.echo(in_words(document, explained=explained))
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


def in_words(document: TermsDocument, *, explained: bool) -> str:
    """The document for people: what it comes to, then its clauses by activity."""
    lines = [f"{document.url or 'document'}: {len(document.text):,} characters, language {document.language}"]
    if document.effective_date:
        lines.append(f"dated {document.effective_date.isoformat()}")
    lines += [f"note: {n}" for n in document.notes]
    if not document.readable:
        return "\n".join([*lines, "Nothing is known of what it says: this is no permission."])
    lines.append("  ".join(f"{k}: {v}" for k, v in document.summary().items()))
    groups: defaultdict[tuple[str, str], list[Clause]] = defaultdict(list)
    for clause in document.clauses:
        for activity in clause.activities:
            groups[activity.value, clause.effect.value].append(clause)
    for (named, effect), clauses in sorted(groups.items()):
        lines += ["", f"{named}: {effect}"]
        for c in clauses:
            lines += _clause_lines(document, c, explained=explained)
    if not document.clauses:
        lines += ["", "No clause about automated use was found. Silence is no permission by itself."]
    return "\n".join(lines)


def _clause_lines(document: TermsDocument, c: Clause, *, explained: bool) -> list[str]:
    doubt = ", uncertain" if c.uncertain else ""
    lines = [f"  «{' '.join(c.quote.split())}»"]
    lines += [f"    after «{' '.join(document.text[s:e].split())[-160:]}»" for s, e in c.lead_in[-1:]]
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


def _held(name: str) -> tuple[bytes, str, str | None]:
    """A file's bytes and the media type its name tells; ``-`` is standard input."""
    if name == "-":
        body = sys.stdin.buffer.read()
        return body, "text/html" if b"</" in body else "text/markdown", None
    path = Path(name)
    try:
        body = path.read_bytes()
    except OSError as error:
        message = f"{name}: {error.strerror}; give a URL, the path of a file you can read, or - for standard input"
        raise click.BadParameter(message, param_hint="URL|FILE|-") from error
    return (
        body,
        "text/markdown" if path.suffix in _MARKDOWN else mimetypes.guess_type(path.name)[0] or "text/html",
        None,
    )


def _fetched(url: str, agent: str, *, obey: bool, allow_private: bool) -> tuple[bytes, str, str | None]:
    from scrapeguard.transport.requests import RequestsTransport  # noqa: PLC0415 - loads requests

    transport = RequestsTransport(agent, allow_private=allow_private)
    for _ in range(_HOPS + 1):
        if obey and (refusal := _refusal(transport, url, agent)):
            message = f"{refusal}. Save the page in a browser and give the file, or say --policy-fetch always"
            raise click.ClickException(message)
        answer = transport.send(Request(url, RequestKind.TERMS, via="command line"))
        if isinstance(answer, FetchFailure):
            message = f"{url}: {answer.reason.value}: {answer.detail}"
            raise click.ClickException(message)
        location = answer.header("location")
        if answer.status in _REDIRECTS and location:
            url = urljoin(url, location)
            continue
        if answer.status != _OK:
            message = f"{url}: status {answer.status}; nothing was read"
            raise click.ClickException(message)
        return answer.body, answer.header("content-type") or "text/html", url
    message = f"{url}: more than {_HOPS} redirects"
    raise click.ClickException(message)


def _refusal(transport: Transport, url: str, agent: str) -> str:
    """Why robots.txt keeps the page from us, or ''."""
    from scrapeguard.read import read_robots  # noqa: PLC0415 - only when a page is fetched
    from scrapeguard.robots import product_token  # noqa: PLC0415 - as above

    robots = Request(f"{parse_url(url).authority}/robots.txt", RequestKind.ROBOTS)
    answer = transport.send(robots)
    if isinstance(answer, Response) and answer.status in _REDIRECTS and (location := answer.header("location")):
        answer = transport.send(Request(urljoin(robots.url, location), RequestKind.ROBOTS, origin=robots.url, hop=1))
    return read_robots(robots, answer, product_token(agent)).refusal(url)
