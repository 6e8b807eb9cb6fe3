"""``scrapeguard audit``: a list of sites, or archives, answered to Parquet."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

import click

from scrapeguard.cli import EXIT_NOT_ALLOWED
from scrapeguard.decide.agreement import load_agreements
from scrapeguard.errors import ScrapeguardError
from scrapeguard.guard import DEFAULT_AGENT
from scrapeguard.model.purpose import Purpose


@click.command()
@click.argument("list_", metavar="[LIST]", required=False, type=click.Path())
@click.option("-o", "--output", required=True, metavar="FOLDER", help="Folder of Parquet parts to write (out.parquet).")
@click.option(
    "--purposes", "-p", multiple=True, metavar="NAMES", help="Purposes, with commas or repeated; default: all ten."
)
@click.option(
    "--warc", "warcs", multiple=True, metavar="GLOB", help="WARC files; with LIST, they answer for the network."
)
@click.option("--agent", "-a", default=DEFAULT_AGENT, show_default=True, help="The crawler's User-Agent.")
@click.option("--profile", default="standard", show_default=True, help="strict, standard, open, or a TOML file's path.")
@click.option(
    "--commercial/--non-commercial", default=None, help="Whether the use is commercial; say it where you know."
)
@click.option("--agreements", metavar="FILE", help="A TOML file with what sites have agreed with you.")
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
@click.option(
    "--policy-fetch",
    type=click.Choice(["obey", "always"]),
    default="obey",
    show_default=True,
    help="obey: own fetches of home and terms pages obey robots.txt; always: your own decision to read them.",
)
@click.option(
    "--allow-private", is_flag=True, help="Also fetch from loopback and private addresses (your own servers)."
)
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
    **options: Any,
) -> int:
    """May these sites be crawled, and used for what? Answers a list, or archives, to Parquet.

    LIST is text, CSV, JSON lines or Parquet with URLs or domains. Each line gives a row a purpose; `docs/batch.md` describes the
    columns. The result is a folder of parts that are complete or absent: after a kill, --resume does what is left, no line twice.

    Exit status 0 when everything was answered, 1 when the budget ended it before, 2 when it could not be done.

    Examples:

      scrapeguard audit domains.txt -o out.parquet --purposes ai-train,search --agent "examplebot/1.0 (+https://example.com/bot)"

      scrapeguard audit --warc robotstxt.warc.gz -o out.parquet --agent examplebot
    """
    if find_spec("pyarrow") is None:
        raise ScrapeguardError(
            "audit writes Parquet with pyarrow, which is not installed: pip install 'scrapeguard[arrow]'"
        )
    from scrapeguard.batch.decide import Questions  # noqa: PLC0415 - an extra
    from scrapeguard.batch.progress import summary  # noqa: PLC0415

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
    if list_ is None:
        from scrapeguard.batch.sift import audit_archives  # noqa: PLC0415

        unit = "documents"
        tally = audit_archives(files, output, questions, processes=workers, resume=resume, pages=pages, quiet=quiet)
    else:
        from scrapeguard.batch.live import Live, audit_list  # noqa: PLC0415

        unit = "lines"
        live = Live(
            rate=options["rate"],
            connections=options["connections"],
            budget=options["budget"],
            policy_fetch=options["policy_fetch"],
            allow_private=options["allow_private"],
            warcs=files,
        )
        tally = audit_list(
            list_,
            output,
            questions,
            live=live,
            column=column,
            processes=workers,
            resume=resume,
            part_lines=options["part_lines"],
            quiet=quiet,
        )
    click.echo(summary(tally, unit=unit, seconds=time.monotonic() - start, where=output))
    if tally.left:
        click.echo(f"scrapeguard: the budget ended it; {tally.left:,} lines wait for --resume", err=True)
        return EXIT_NOT_ALLOWED
    return 0


def _files(patterns: Iterable[str]) -> list[str]:
    """The archives that the patterns name, in order. Raises `ScrapeguardError` for one that names none."""
    found: dict[str, None] = {}
    for pattern in patterns:
        names = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH110, PTH207
        if not names:
            raise ScrapeguardError(f"{pattern}: no such archive")
        found.update(dict.fromkeys(names))
    return list(found)
