"""The ``scrapeguard`` command."""

from __future__ import annotations

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from scrapeguard._version import __version__

COMMANDS = {
    "check": ("scrapeguard.cli.check", "May these URLs be fetched and used for a purpose?"),
    "explain": ("scrapeguard.cli.check", "The same with every statement that was read, and every source."),
    "matrix": ("scrapeguard.cli.matrix", "The ten purposes for one URL, and what decides each."),
    "purposes": ("scrapeguard.cli.matrix", "The purposes one can ask for, and what each means."),
    "audit": ("scrapeguard.cli.audit", "A list of sites, or archives, answered to Parquet."),
    "stats": (
        "scrapeguard.cli.stats",
        "Figures over the result of an audit: shares, robots against terms, agents, signals.",
    ),
    "robots": ("scrapeguard.cli.robots", "Groups and rules of a robots.txt, and the line that decides for a URL."),
    "terms": ("scrapeguard.cli.terms", "The clauses of a terms page, by activity, with quote and section."),
    "signals": ("scrapeguard.cli.signals", "What each channel says for each purpose."),
    "replay": ("scrapeguard.cli.replay", "Decide again from an archive that --record wrote."),
    "verify": ("scrapeguard.cli.replay", "Check a Decision against an archive."),
    "history": ("scrapeguard.cli.history", "What changed at a site, and when."),
    "diff": ("scrapeguard.cli.history", "What a site says at one date and not at another."),
    "watch": ("scrapeguard.cli.history", "Read the sites of a list again, and print what changed."),
    "report": ("scrapeguard.cli.report", "One self-contained page with verdicts, quotes and digests, for a file."),
    "init": ("scrapeguard.cli.config", "Write a commented settings file, and show where it is looked for."),
    "demo": ("scrapeguard.cli.demo", "Audit eight small sites on this machine and show what decides."),
}
"""Name of each command, its module and its line in the overview; a module loads when its command is called."""

EXIT_ALLOWED, EXIT_NOT_ALLOWED, EXIT_UNANSWERED, EXIT_STOPPED = 0, 1, 2, 130
"""Exit statuses of every command: yes, no, the question could not be answered, stopped with Ctrl-C."""


class Stopped(click.ClickException):
    """Ctrl-C, with how far the command was."""

    exit_code = EXIT_STOPPED


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature click calls
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib  # noqa: PLC0415 - only an error needs it

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            ctx.fail(f"no command {args[0]!r}; {hint}commands are {', '.join(sorted(COMMANDS))}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scrapeguard")
@click.pass_context
def cli(context: click.Context) -> None:
    """May a crawler fetch this URL and use it for this purpose? Reads robots.txt, usage signals and terms, and shows the proof.

    An engineering tool, not legal advice.

    \b
    Example:
      scrapeguard check https://www.example.com/page --purpose ai-train --agent examplebot/1.0
    """
    if context.invoked_subcommand != "init":
        from scrapeguard.cli.config import settings  # noqa: PLC0415 - not for --help

        context.default_map = dict.fromkeys(COMMANDS, settings())


def main(args: list[str] | None = None) -> None:
    """Entry point: what the person got wrong comes back as one line on standard error, with status 2."""
    from scrapeguard.errors import ScrapeguardError  # noqa: PLC0415 - beside the command's own imports

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a quote may hold what the terminal's character set does not
    try:
        status = cli.main(args=args, prog_name="scrapeguard", standalone_mode=False)
    except click.exceptions.Abort:
        _leave("stopped; nothing was answered", EXIT_STOPPED)
    except Stopped as error:
        click.echo(err=True)  # after the terminal's own «^C»
        _leave(error.format_message(), EXIT_STOPPED)
    except click.UsageError as error:
        whose = error.ctx.command_path if error.ctx is not None else "scrapeguard"
        words = error.format_message().rstrip(".")
        _leave(f"{words}{'' if words.endswith('?') else ';'} {whose} --help shows an example", EXIT_UNANSWERED)
    except click.ClickException as error:
        _leave(error.format_message(), EXIT_UNANSWERED)
    except ScrapeguardError as error:
        _leave(str(error), EXIT_UNANSWERED)
    raise SystemExit(status if isinstance(status, int) else EXIT_ALLOWED)


def _leave(words: str, status: int) -> NoReturn:
    click.echo(f"scrapeguard: {words}", err=True)
    raise SystemExit(status) from None
