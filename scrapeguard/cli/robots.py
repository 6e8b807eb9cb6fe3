"""``scrapeguard robots``: what a robots.txt says, which rule decides, and what is odd about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from scrapeguard._url import join, parse_url
from scrapeguard.errors import InvalidAgent, InvalidUrl
from scrapeguard.model.exchange import Exchange, Request, RequestKind, Response
from scrapeguard.robots import RobotsTxt, parse_robots
from scrapeguard.robots.availability import MAX_REDIRECTS, Availability, RobotsState, judge_availability

ALLOWED, DENIED, UNANSWERED = 0, 1, 2


@click.command("robots")
@click.argument("source", metavar="FILE|-|URL")
@click.option("--agent", "-a", default="*", show_default=True, help="The crawler's product token or header.")
@click.option("--url", "-u", "urls", multiple=True, metavar="URL", help="May the crawler fetch this? Repeatable.")
@click.option("--lint", is_flag=True, help="Show only what is odd; exit with 1 if anything is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def robots(source: str, agent: str, urls: Sequence[str], *, lint: bool, as_json: bool) -> None:
    """Show the groups, rules and records of a robots.txt.

    Exit status: 0 if all the URLs asked for are allowed (or none was), 1 if one is not, 2 if there is no answer.
    """
    try:
        document, availability = _read(source)
        answers = [_answer(document, availability, url, agent) for url in urls]
    except (OSError, InvalidAgent, InvalidUrl) as error:
        click.echo(f"scrapeguard robots: {error}", err=True)
        sys.exit(UNANSWERED)
    if as_json:
        click.echo(json.dumps(_as_dict(document, availability, agent, answers), ensure_ascii=False, indent=2))
    else:
        from scrapeguard.cli._robots_table import show  # noqa: PLC0415 - JSON needs no rich

        show(document, availability, answers, agent=agent, lint=lint)
    if lint and document is not None and document.notes:
        sys.exit(DENIED)
    if document is None and not urls and availability and availability.state is RobotsState.UNREACHABLE:
        sys.exit(UNANSWERED)
    sys.exit(ALLOWED if all(answer["allowed"] for answer in answers) else DENIED)


def _read(source: str) -> tuple[RobotsTxt | None, Availability | None]:
    """The document, and for a URL what its answer meant."""
    if source.startswith(("http://", "https://")):
        url = parse_url(source)
        target = "/robots.txt" if url.target == "/" else url.target
        availability = judge_availability(_fetch(url.authority + target))
        return (parse_robots(availability.copy.body) if availability.copy else None), availability
    with click.open_file(source, "rb") as file:
        return parse_robots(file.read()), None


def _fetch(url: str) -> Exchange:
    """The last answer, redirects followed as far as RFC 9309 §2.3.1.2 asks."""
    from scrapeguard.transport.requests import RequestsTransport  # noqa: PLC0415 - only a URL needs the network

    transport = RequestsTransport()
    exchange = transport.send(Request(url, RequestKind.ROBOTS))
    for hop in range(1, MAX_REDIRECTS + 1):
        if not isinstance(exchange, Response) or exchange.status not in {301, 302, 303, 307, 308}:
            break
        following = join(exchange.url, exchange.header("location") or "")
        if following is None:
            break
        exchange = transport.send(Request(following, RequestKind.ROBOTS, origin=url, hop=hop))
    return exchange


def _answer(document: RobotsTxt | None, availability: Availability | None, url: str, agent: str) -> dict[str, Any]:
    if document is None:
        opened = availability is not None and availability.state is RobotsState.UNAVAILABLE
        return {
            "url": url,
            "allowed": opened,
            "line": None,
            "rule": None,
            "reason": availability.reason if availability else "there is no file",
        }
    match = document.match(url, agent)
    return {
        "url": url,
        "allowed": match.allowed,
        "line": match.rule.line if match.rule else None,
        "rule": match.rule.text if match.rule else None,
        "reason": match.reason,
    }


def _as_dict(
    document: RobotsTxt | None, availability: Availability | None, agent: str, answers: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    found: dict[str, Any] = {"agent": agent, "answers": list(answers)}
    if availability is not None:
        found |= {"state": availability.state.value, "reason": availability.reason}
    if document is not None:
        found |= document.to_dict()
        found["crawl_delay"] = document.crawl_delay(agent)
    return found
