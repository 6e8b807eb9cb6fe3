"""``scrapeguard history``, ``diff`` and ``watch``: what changed at sites, from a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

import click
from rich.text import Text

from scrapeguard._url import parse_url
from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.given import lines_of
from scrapeguard.cli.matrix import shortened
from scrapeguard.cli.options import JSON, Asker, asking, taking
from scrapeguard.cli.output import Waiting, console, fault, json_line, prose
from scrapeguard.errors import InvalidUrl, ScrapeguardError
from scrapeguard.history import Change, changes_in, compare, standing
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.kept import SiteReading
from scrapeguard.store import readings_of

EXIT_UNCHANGED, EXIT_CHANGED = EXIT_ALLOWED, EXIT_NOT_ALLOWED

_QUOTE = 200

_STORE = click.option(
    "--store", envvar="SCRAPEGUARD_STORE", required=True, metavar="FILE|URL", help="The store to look in."
)
_AGENT = click.option(
    "--agent",
    "-a",
    envvar="SCRAPEGUARD_AGENT",
    help="The crawler whose readings count; needed where the store has those of several.",
)
_ALL = click.option(
    "--all", "everything", is_flag=True, help="Also what was moved or reworded without a change of meaning."
)
_KEPT = taking(_STORE, _AGENT, _ALL, JSON)


@click.command()
@click.argument("site", metavar="SITE")
@_KEPT
def history(site: str, store: str, agent: str | None, everything: bool, as_json: bool) -> int:
    """Each change of a site's robots.txt, signals and terms: when, and which statements came and went.

    Exit status 2 where the store knows nothing of the site.

    \b
    Example:
      scrapeguard history example.com --store policies.db
    """
    with Waiting("reading the store"):
        readings = readings_of(site, store, agent=agent)
        found = changes_in(readings)
    if not as_json:
        prose(console(), _first(readings[0]))
    _print(found, everything=everything, as_json=as_json)
    if not as_json:
        prose(console(), f"{len(readings)} different readings; the last on {readings[-1].read_at:%Y-%m-%d %H:%M} UTC")
    return EXIT_UNCHANGED


@click.command()
@click.argument("site", metavar="SITE")
@click.option(
    "--from", "start", required=True, metavar="DATE", help="2026-05-01, or with a time (UTC): 2026-05-01T12:00."
)
@click.option("--to", "end", metavar="DATE", help="The same; default: now. A day without a time means its end.")
@_KEPT
def diff(site: str, start: str, end: str | None, store: str, agent: str | None, everything: bool, as_json: bool) -> int:
    """What a site says at one date that it did not say at another.

    Exit status 0 when it says the same, 1 when not, 2 where the store knows nothing of the site at the first date.

    \b
    Example:
      scrapeguard diff example.com --from 2026-05-01 --to 2026-06-01 --store policies.db
    """
    since, until = _moment(start, "--from"), _moment(end, "--to") if end else datetime.now(UTC)
    if since > until:
        raise click.BadParameter(f"{start} comes after {end}; exchange them", param_hint="--from")
    with Waiting("reading the store"):
        readings = readings_of(site, store, agent=agent)
    before = [r for r in readings if r.read_at <= since]
    after = [r for r in readings if r.read_at <= until]
    if not before:
        first = readings[0].read_at
        raise ScrapeguardError(f"{site}: first read on {first:%Y-%m-%d %H:%M} UTC; give a later --from")
    found = compare(standing(before), standing(after)) if len(before) < len(after) else ()
    _print(found, everything=everything, as_json=as_json)
    changed = any(change.alarm for change in found)
    if not changed and not as_json:
        prose(console(), "no change in what it says")
    return EXIT_CHANGED if changed else EXIT_UNCHANGED


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option("--force", is_flag=True, help="Read every site, also those not due yet.")
@_ALL
@asking
def watch(asker: Asker, file: str, force: bool, everything: bool) -> int:
    """Read the sites of a list again where that is due, and print what changed as JSON lines.

    FILE, or - for standard input, has a site or URL a line; '#' begins a comment. Needs --store. A site is due when its last
    reading expires (RFC 9309: 24 hours, or less where it says so). Exit status for a cron job: 0 nothing changed, 1 something did,
    2 a site could not be read.

    \b
    Example:
      scrapeguard watch sites.txt --store policies.db --agent examplebot/1.0
    """
    guard, store = asker.guard, asker.guard.store
    if store is None:
        raise click.UsageError("watch needs a store: give --store FILE")
    status = EXIT_UNCHANGED
    for site in asker.waiting.over([_url(line) for line in lines_of(file, holds="site")]):
        try:
            known = store.readings(parse_url(site).authority, guard.product_token)
            if known and not force and known[-1].expires_at is not None and known[-1].expires_at > datetime.now(UTC):
                continue
            policy = guard.site(site)
        except InvalidUrl as error:
            with asker.waiting.aside():
                fault(str(error))
            status = EXIT_UNANSWERED
            continue
        if any(s.kind is RequestKind.ROBOTS and s.state.is_gap for s in policy.sources):
            with asker.waiting.aside():
                fault(f"{policy.authority}: robots.txt could not be read, so nothing was")
            status = EXIT_UNANSWERED
        now = store.readings(policy.authority, guard.product_token)
        found = compare(standing(known), standing(now)) if 0 < len(known) < len(now) else ()
        for change in _shown(found, everything=everything):
            with asker.waiting.aside():
                json_line({"site": policy.authority, **change.to_dict()})
            if change.alarm:
                status = max(status, EXIT_CHANGED)
    return status


def _url(site: str) -> str:
    return site if "://" in site else f"https://{site}/"


def _moment(words: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as error:
        raise click.BadParameter(
            f"{words!r} is no date; write 2026-05-01 or 2026-05-01T12:00", param_hint=option
        ) from error
    if len(words) <= len("2026-05-01"):
        moment = datetime.combine(moment.date(), time()) + timedelta(days=1, microseconds=-1)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _first(reading: SiteReading) -> str:
    families = {name: sum(p.family == name for p in reading.provisions) for name in ("robots", "signals", "terms")}
    said = ", ".join(f"{count} of {name}" for name, count in families.items())
    return f"{reading.read_at:%Y-%m-%d %H:%M} first read as {reading.product_token}: provisions: {said}"


def _shown(changes: Sequence[Change], *, everything: bool) -> Iterator[Change]:
    yield from (change for change in changes if everything or change.alarm or change.kind == "state")


def _print(changes: Sequence[Change], *, everything: bool, as_json: bool) -> None:
    out = console()
    for change in _shown(changes, everything=everything):
        if as_json:
            json_line(change.to_dict())
        else:
            prose(out, _in_words(change))


def _in_words(change: Change) -> Text:
    text = Text(str(change), "bold" if change.alarm else "")
    for mark, provision, style in (("-", change.before, "red"), ("+", change.after, "green")):
        if provision is not None and provision.quote:
            text.append(f"\n    {mark} «{shortened(provision.quote, _QUOTE)}»", f"not bold {style}")
    return text
