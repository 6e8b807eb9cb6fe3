"""``scrapeguard replay`` and ``scrapeguard verify``: deciding again from an archive, and checking a Decision against one."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import parse_purpose


@click.command()
@click.argument("archive", metavar="FILE.warc.gz")
@click.option("--url", help="The URL asked about; without it, every recorded question is asked again.")
@click.option("--purpose", "-p", help="What the content was for.")
@click.option("--agent", "-a", help="The crawler, for a question that was not recorded.")
@click.option("--profile", help="Another profile than the recorded one: what would it say?")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def replay(archive: str, url: str | None, purpose: str | None, agent: str | None, profile: str | None, as_json: bool) -> int:
    """Decide again from an archive that --record wrote, and say whether the Decisions are the recorded ones.

    With --url and --purpose it prints the Decision, with exit status 0 for allowed and 1 for not allowed; without, a line for
    every question, and 0 when all Decisions are the same, bit for bit. Exit status 2 when one differs or cannot be made again.

    Example: scrapeguard replay evidence.warc.gz --url https://example.com/page --purpose ai-train
    """
    from scrapeguard.replay import Recording  # noqa: PLC0415 - reads archives

    if (url is None) != (purpose is None):
        raise click.UsageError("--url and --purpose go together; give both, or neither for every recorded question")
    recording = Recording(archive)
    if url is None or purpose is None:
        status = EXIT_ALLOWED
        for again in recording.replay(profile=profile):
            decision = again.decision
            if as_json:
                click.echo(_json(decision))
            else:
                word = "same" if again.same else "DIFFERENT"
                click.echo(f"{word}: {decision.url} for {decision.purpose}: {decision.verdict}")
            if not again.same:
                status = EXIT_UNANSWERED
                click.echo(f"scrapeguard: {decision.url} for {decision.purpose}: not the recorded Decision", err=True)
        return status
    wanted = parse_purpose(purpose)
    asked = recording.asked(url, wanted)
    if asked:
        again = next(iter(recording.replay(asked[-1:], profile=profile)))
        decision, same = again.decision, again.same
    else:
        options = {name: value for name, value in (("agent", agent), ("profile", profile)) if value is not None}
        decision, same = recording.decide(url, wanted, **options), True
    click.echo(_json(decision) if as_json else str(decision))
    if not same:
        click.echo("scrapeguard: not the recorded Decision: another version of the library, or a changed archive", err=True)
        return EXIT_UNANSWERED
    return EXIT_ALLOWED if decision else EXIT_NOT_ALLOWED


@click.command()
@click.argument("decision", metavar="DECISION.json")
@click.argument("archive", metavar="FILE.warc.gz")
def verify(decision: str, archive: str) -> int:
    """Check a Decision (or several, one JSON object a line) against an archive.

    Digests of all records, sources and texts are taken anew, every quote is looked up at its place, and texts are drawn anew from
    the recorded bodies. The first thing that does not hold is named, with exit status 1; 2 where a file cannot be read.

    Example: scrapeguard verify decision.json evidence.warc.gz
    """
    from scrapeguard.verify import verify as check  # noqa: PLC0415 - reads archives

    status = EXIT_ALLOWED
    for found in _decisions(Path(decision)):
        result = check(found, archive)
        click.echo(f"{found.url} for {found.purpose}: {result}")
        if not result:
            status = EXIT_NOT_ALLOWED
    return status


def _decisions(path: Path) -> list[Decision]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScrapeguardError(f"{path}: cannot be read: {error}; give the file that --json wrote") from error
    try:
        try:
            whole = json.loads(text)
            return [Decision.from_dict(d) for d in (whole if isinstance(whole, list) else [whole])]
        except json.JSONDecodeError:
            return [Decision.from_dict(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ScrapeguardError(f"{path}: no Decision: {error}; give the file that --json wrote") from error


def _json(decision: Decision) -> str:
    return json.dumps(decision.to_dict(), ensure_ascii=False)
