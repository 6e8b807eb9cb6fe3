"""``scrapeguard report``: one self-contained page for a compliance file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from scrapeguard._url import parse_url
from scrapeguard.cli import EXIT_STOPPED
from scrapeguard.cli.given import urls_in
from scrapeguard.cli.options import URLS, Asker, asking
from scrapeguard.cli.output import fault
from scrapeguard.errors import ScrapeguardError
from scrapeguard.model.purpose import Purpose, parse_purpose


@click.command()
@URLS
@click.option(
    "--output",
    "-o",
    default="report.html",
    show_default=True,
    metavar="FILE",
    help="The page to write; - for standard output.",
)
@click.option(
    "--purpose", "-p", "purposes", multiple=True, help="A purpose to ask about; repeatable. Default: all ten."
)
@asking
def report(asker: Asker, urls: tuple[str, ...], output: str, purposes: tuple[str, ...]) -> int:
    """One page with the answers for these URLs: summary, findings with full quotes, digests, times, versions.

    The page is one file that needs no network and no script, reads on paper, and holds all the proof. Ctrl-C writes what was
    answered until then.

    \b
    Example:
      scrapeguard report https://www.example.com/page https://www.example.org/ -o report.html
    """
    from scrapeguard.integrations.report import gather, report_html  # noqa: PLC0415 - only once everything was understood

    wanted = [parse_purpose(p) for p in purposes] or list(Purpose)
    asked = urls_in(urls)
    if output != "-" and not Path(output).absolute().parent.is_dir():
        raise ScrapeguardError(f"{output}: there is no such folder; make it, or name another file with -o")
    for url in asked:
        parse_url(url)
    decisions, policies = [], {}
    status = 0
    try:
        for url in asker.waiting.over(asked):
            policies[parse_url(url).authority] = asker.guard.site(url, documents=asker.documents)
            decisions += [asker.ask(url, purpose) for purpose in wanted]
    except KeyboardInterrupt:
        fault("stopped; the page holds what was answered until then")
        status = EXIT_STOPPED
    page = report_html(gather(policies, decisions), agent=asker.guard.agent, made_at=datetime.now(UTC))
    if output == "-":
        click.echo(page, nl=False)
        return status
    try:
        Path(output).write_text(page, encoding="utf-8")
    except OSError as error:
        raise ScrapeguardError(f"{output}: cannot be written ({error.strerror}); name another file with -o") from error
    click.echo(f"wrote {output}: {len(decisions)} answers for {len(policies)} sites", err=True)
    return status
