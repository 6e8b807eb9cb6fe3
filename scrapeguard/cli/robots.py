"""``scrapeguard robots``: what a robots.txt says, which rule decides, and what is odd about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from scrapeguard._url import parse_url
from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.following import follow
from scrapeguard.cli.given import held
from scrapeguard.cli.options import AGENT, ALLOW_PRIVATE, JSON, WARC, taking, transport_of
from scrapeguard.cli.output import Waiting, json_line
from scrapeguard.model.exchange import RequestKind
from scrapeguard.robots import RobotsTxt, parse_robots
from scrapeguard.robots.availability import Availability, RobotsState, judge_availability


@click.command()
@click.argument("source", metavar="URL|FILE|-")
@click.option("--url", "-u", "urls", multiple=True, metavar="URL", help="May the crawler fetch this? Repeatable.")
@click.option("--lint", is_flag=True, help="Show only what is odd; exit with 1 if anything is.")
@taking(JSON, AGENT, WARC, ALLOW_PRIVATE)
def robots(
    source: str,
    urls: Sequence[str],
    lint: bool,
    as_json: bool,
    agent: str,
    warcs: tuple[str, ...],
    allow_private: bool,
) -> int:
    """Show the groups, rules and records of a robots.txt; those of the crawler's own group stand out.

    Exit status: 0 if all the URLs asked for are allowed (or none was), 1 if one is not, 2 if there is no answer.

    \b
    Example:
      scrapeguard robots https://www.example.com/robots.txt --agent examplebot --url https://www.example.com/page
    """
    with Waiting("reading robots.txt"):
        document, availability = _read(source, agent, warcs, allow_private=allow_private)
    answers = [_answer(document, availability, url, agent) for url in urls]
    if as_json:
        json_line(_as_dict(document, availability, agent, answers))
    else:
        from scrapeguard.cli._robots_table import show  # noqa: PLC0415 - JSON needs no rich

        show(document, availability, answers, agent=agent, lint=lint)
    if lint and document is not None and document.notes:
        return EXIT_NOT_ALLOWED
    if document is None and not urls and availability and availability.state is RobotsState.UNREACHABLE:
        return EXIT_UNANSWERED
    return EXIT_ALLOWED if all(answer["allowed"] for answer in answers) else EXIT_NOT_ALLOWED


def _read(
    source: str, agent: str, warcs: tuple[str, ...], *, allow_private: bool
) -> tuple[RobotsTxt | None, Availability | None]:
    """The document, and for a URL what its answer meant."""
    if "://" not in source:
        return parse_robots(held(source).body), None
    url = parse_url(source)
    target = "/robots.txt" if url.target == "/" else url.target
    transport = transport_of(agent, warcs, allow_private=allow_private)
    exchange = follow(transport, url.authority + target, RequestKind.ROBOTS)
    availability = judge_availability(exchange)
    return (parse_robots(availability.copy.body) if availability.copy else None), availability


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
