"""``scrapeguard audit``: a list of sites, or archives, answered to Parquet."""

from __future__ import annotations

import glob
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scrapeguard.cli import EXIT_ALLOWED, EXIT_NOT_ALLOWED, Stopped
from scrapeguard.cli.given import STANDARD_INPUT
from scrapeguard.cli.options import AGENT, AGREEMENTS, ALLOW_PRIVATE, COMMERCIAL, JSON, POLICY_FETCH, PROFILE, taking
from scrapeguard.cli.output import console, fault, json_line, prose
from scrapeguard.decide.agreement import load_agreements
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.purpose import Purpose

if TYPE_CHECKING:
    from scrapeguard.batch.progress import Tally


@click.command()
@click.argument("list_", metavar="[LIST|-]", required=False, type=click.Path(allow_dash=True))
@click.option("-o", "--output", required=True, metavar="FOLDER", help="Folder of Parquet parts to write (out.parquet).")
@click.option(
    "--purposes", "-p", multiple=True, metavar="NAMES", help="Purposes, with commas or repeated; default: all ten."
)
@click.option(
    "--warc", "warcs", multiple=True, metavar="GLOB", help="WARC files; with LIST, they answer for the network."
)
@taking(AGENT, PROFILE, COMMERCIAL, AGREEMENTS, POLICY_FETCH, ALLOW_PRIVATE, JSON)
@click.option("--column", metavar="NAME", help="Column of the list; default: url, domain, host, …")
@click.option(
    "--rate", type=click.FloatRange(0), default=0.0, metavar="N", help="Requests a second of the whole run at most."
)
@click.option(
    "--connections",
    type=click.IntRange(1, 1000),
    default=32,
    show_default=True,
    help="Sites asked at once by one process; never two requests to one site.",
)
@click.option(
    "--budget",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Begin no further line after so long; --resume does the rest.",
)
@click.option("--processes", type=click.IntRange(1, 256), default=None, help="Worker processes; default: one a core.")
@click.option("--part-lines", type=click.IntRange(1), default=500, show_default=True, help="Lines that make one part.")
@click.option("--resume", is_flag=True, help="Go on where an earlier run stopped.")
@click.option("--pages", is_flag=True, help="With --warc: judge every page of the archives, not only every site.")
@click.option("--quiet", "-q", is_flag=True, help="No progress; the summary alone.")
def audit(
    list_: str | None,
    output: str,
    purposes: tuple[str, ...],
    warcs: tuple[str, ...],
    agreements: str | None,
    column: str | None,
    processes: int | None,
    resume: bool,
    pages: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """May these sites be crawled, and used for what? Answers a list, or archives, to Parquet.

    LIST is text, CSV, JSON lines or Parquet with URLs or domains; - reads text from standard input. Each line gives a row a
    purpose; `docs/batch.md` describes the columns. The result is a folder of parts that are complete or absent: after a kill or
    Ctrl-C, --resume does what is left, no line twice.

    Exit status 0 when everything was answered, 1 when the budget ended it before, 2 when it could not be done, 130 after Ctrl-C.

    \b
    Examples:
      scrapeguard audit domains.txt -o out.parquet --purposes ai-train,search --agent "examplebot/1.0 (+https://example.com/bot)"
      scrapeguard audit --warc robotstxt.warc.gz -o out.parquet --agent examplebot
    """
    if find_spec("pyarrow") is None:
        raise ScrapeguardError(
            "audit writes Parquet with pyarrow, which is not installed: pip install 'scrapeguard[arrow]'"
        )
    from scrapeguard.batch.decide import Questions  # noqa: PLC0415 - an extra
    from scrapeguard.batch.progress import summary  # noqa: PLC0415 - as above

    if list_ is None and not warcs:
        raise click.UsageError("give a LIST, or archives with --warc")
    questions = Questions(
        [part for text in purposes for part in text.split(",") if part.strip()] or tuple(Purpose),
        agent=options["agent"],
        profile=options["profile"],
        commercial=options["commercial"],
        agreements=load_agreements(agreements or ()),
    )
    files = tuple(_files(warcs))
    workers = processes or os.cpu_count() or 1
    start = time.monotonic()
    try:
        if list_ is None:
            from scrapeguard.batch.sift import audit_archives  # noqa: PLC0415 - an extra

            unit = "documents"
            tally = audit_archives(files, output, questions, processes=workers, resume=resume, pages=pages, quiet=quiet)
        else:
            from scrapeguard.batch.live import Live, audit_list  # noqa: PLC0415 - an extra

            unit = "lines"
            live = Live(
                rate=options["rate"],
                connections=options["connections"],
                budget=options["budget"],
                policy_fetch=options["policy_fetch"],
                allow_private=options["allow_private"],
                warcs=files,
            )
            how = {"column": column, "processes": workers, "resume": resume, "part_lines": options["part_lines"]}
            with _list(list_) as path:
                tally = audit_list(path, output, questions, live=live, quiet=quiet, **how)
    except KeyboardInterrupt:
        raise Stopped(f"stopped; the parts in {output} are whole, and --resume does what is left") from None
    seconds = time.monotonic() - start
    if as_json:
        json_line(_as_dict(tally, unit=unit, seconds=seconds, where=output))
    else:
        prose(console(), summary(tally, unit=unit, seconds=seconds, where=output))
    if tally.left:
        fault(f"the budget ended it; {tally.left:,} lines wait for --resume")
        return EXIT_NOT_ALLOWED
    return EXIT_ALLOWED


@contextmanager
def _list(name: str) -> Iterator[str]:
    """The list's path; standard input is kept in a file meanwhile, because every process reads the whole list."""
    if name != STANDARD_INPUT:
        yield name
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard-input.txt"
        path.write_text(sys.stdin.read(), encoding="utf-8")
        yield str(path)


def _as_dict(tally: Tally, *, unit: str, seconds: float, where: str) -> dict[str, Any]:
    purposes: dict[str, dict[str, Any]] = {
        p: {"allowed": tally.allowed[p], "verdicts": {}} for p, _ in sorted(tally.verdicts)
    }
    for (purpose, verdict), count in sorted(tally.verdicts.items()):
        purposes[purpose]["verdicts"][verdict] = count
    return {
        "output": where,
        "unit": unit,
        "done": tally.lines,
        "skipped": tally.skipped,
        "left": tally.left,
        "requests": tally.requests,
        "seconds": round(seconds, 3),
        "purposes": purposes,
        "trouble": dict(tally.trouble),
        "notes": tally.notes,
    }


def _files(patterns: Iterable[str]) -> list[str]:
    """The archives that the patterns name, in order. Raises `ScrapeguardError` for one that names none."""
    found: dict[str, None] = {}
    for pattern in patterns:
        names = [pattern] if Path(pattern).exists() else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - a Path takes no absolute pattern
        if not names:
            raise ScrapeguardError(f"{pattern}: no such archive")
        found.update(dict.fromkeys(names))
    return list(found)
