"""``scrapeguard replay`` and ``scrapeguard verify``: deciding again from an archive, and checking a Decision against one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.text import Text

from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.given import STANDARD_INPUT, unreadable
from scrapeguard.cli.options import JSON
from scrapeguard.cli.output import Waiting, console, decision_words, fault, json_line, prose
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import parse_purpose
from scrapeguard.replay import Recording
from scrapeguard.verify import verify as check


@click.command()
@click.argument("archive", metavar="FILE.warc.gz")
@click.option("--url", help="The URL asked about; without it, every recorded question is asked again.")
@click.option("--purpose", "-p", help="What the content was for.")
@click.option("--agent", "-a", help="The crawler, for a question that was not recorded.")
@click.option("--profile", help="Another profile than the recorded one: what would it say?")
@JSON
def replay(
    archive: str, url: str | None, purpose: str | None, agent: str | None, profile: str | None, as_json: bool
) -> int:
    """Decide again from an archive that --record wrote, and say whether the Decisions are the recorded ones.

    With --url and --purpose it prints the Decision, with exit status 0 for allowed and 1 for not allowed; without, a line for
    every question, and 0 when all Decisions are the same, bit for bit. Exit status 2 when one differs or cannot be made again.

    \b
    Example:
      scrapeguard replay evidence.warc.gz --url https://example.com/page --purpose ai-train
    """
    if (url is None) != (purpose is None):
        raise click.UsageError("--url and --purpose go together; give both, or neither for every recorded question")
    with Waiting("replaying") as waiting:
        recording = Recording(archive)
        if url is None or purpose is None:
            return _all(recording, waiting, profile, as_json=as_json)
        wanted = parse_purpose(purpose)
        asked = recording.asked(url, wanted)
        if asked:
            again = next(iter(recording.replay(asked[-1:], profile=profile)))
            decision, same = again.decision, again.same
        else:
            options = {name: value for name, value in (("agent", agent), ("profile", profile)) if value is not None}
            decision, same = recording.decide(url, wanted, **options), True
    if as_json:
        json_line(decision.to_dict())
    else:
        prose(console(), decision_words(decision, str(decision)))
    if not same:
        fault("not the recorded Decision: another version of the library, or a changed archive")
        return EXIT_UNANSWERED
    return EXIT_ALLOWED if decision else EXIT_NOT_ALLOWED


def _all(recording: Recording, waiting: Waiting, profile: str | None, *, as_json: bool) -> int:
    """Every recorded question again, a line each."""
    status, out = EXIT_ALLOWED, console()
    for again in waiting.over(recording.replay(profile=profile), total=len(recording.questions)):
        decision = again.decision
        asked = f"{decision.url} for {decision.purpose}"
        with waiting.aside():
            if as_json:
                json_line(decision.to_dict())
            else:
                word = Text("same", "green") if again.same else Text("DIFFERENT", "red")
                prose(out, Text.assemble(word, f": {asked}: {decision.verdict}"))
            if not again.same:
                status = EXIT_UNANSWERED
                fault(f"{asked}: not the recorded Decision")
    return status


@click.command()
@click.argument("decision", metavar="DECISION.json|-")
@click.argument("archive", metavar="FILE.warc.gz")
@JSON
def verify(decision: str, archive: str, as_json: bool) -> int:
    """Check a Decision (or several, one JSON object a line) against an archive.

    Digests of all records, sources and texts are taken anew, every quote is looked up at its place, and texts are drawn anew from
    the recorded bodies. The first thing that does not hold is named, with exit status 1; 2 where a file cannot be read.

    \b
    Example:
      scrapeguard verify decision.json evidence.warc.gz
    """
    status, out = EXIT_ALLOWED, console()
    with Waiting("checking") as waiting:
        for found in waiting.over(_decisions(decision)):
            result = check(found, archive)
            if not result:
                status = EXIT_NOT_ALLOWED
            with waiting.aside():
                if as_json:
                    json_line(
                        {"url": found.url, "purpose": found.purpose.value, "holds": bool(result), "said": str(result)}
                    )
                else:
                    words = Text(str(result), "green" if result else "red")
                    prose(out, Text.assemble(f"{found.url} for {found.purpose}: ", words))
    return status


def _decisions(name: str) -> list[Decision]:
    try:
        text = sys.stdin.read() if name == STANDARD_INPUT else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(name, error, "the file that --json wrote") from error
    try:
        try:
            whole = json.loads(text)
            return [Decision.from_dict(d) for d in (whole if isinstance(whole, list) else [whole])]
        except json.JSONDecodeError:
            return [Decision.from_dict(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ScrapeguardError(f"{name}: no Decision: {error}; give the file that --json wrote") from error
