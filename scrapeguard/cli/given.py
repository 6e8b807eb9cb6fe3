"""The URLs a command is given: as arguments, in files, or on standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click


def urls_in(arguments: Iterable[str]) -> list[str]:
    """Every URL that the arguments name, in order.

    An argument with ``://`` is a URL, ``-`` reads standard input, the name of a file reads that file: one URL a line, empty lines
    and lines that begin with ``#`` passed over. Anything else is kept as it is, so that the error names it. Raises
    `click.BadParameter` for a file that cannot be read.
    """
    found: list[str] = []
    for argument in arguments:
        if argument == "-":
            found += _lines(sys.stdin)
        elif "://" not in argument and Path(argument).is_file():
            try:
                found += _lines(Path(argument).read_text(encoding="utf-8-sig").splitlines())
            except (OSError, UnicodeDecodeError) as error:
                message = (
                    f"{argument}: cannot be read as a list of URLs ({error}); give a UTF-8 text file, one URL a line"
                )
                raise click.BadParameter(message, param_hint="URL") from error
        else:
            found.append(argument)
    if not found:
        raise click.UsageError("no URL in what was given; write one URL a line")
    return found


def _lines(lines: Iterable[str]) -> Iterator[str]:
    stripped = (line.strip() for line in lines)
    return (line for line in stripped if line and not line.startswith("#"))
