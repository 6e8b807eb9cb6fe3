"""What a command is given: URLs and sites as arguments, in files or on standard input, and documents in files."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

STANDARD_INPUT = "-"
_MARKDOWN = {".md", ".markdown"}


def urls_in(arguments: Iterable[str]) -> list[str]:
    """Every URL that the arguments name, in order.

    An argument with ``://`` is a URL, ``-`` reads standard input, the name of a file reads that file: one URL a line, empty lines
    and lines that begin with ``#`` passed over. Anything else is kept as it is, so that the error names it. Raises
    `click.BadParameter` for a file that cannot be read, `click.UsageError` where there is no URL.
    """
    found: list[str] = []
    for argument in arguments:
        if argument == STANDARD_INPUT or ("://" not in argument and Path(argument).is_file()):
            found += lines_of(argument, holds="URL")
        else:
            found.append(argument)
    if not found:
        raise click.UsageError("no URL in what was given; write one URL a line")
    return found


def lines_of(name: str, *, holds: str) -> Iterator[str]:
    """The lines of a file, or of standard input for ``-``, without comments; ``holds`` says what a line should be."""
    try:
        text = sys.stdin.read() if name == STANDARD_INPUT else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(name, error, f"a UTF-8 text file, one {holds} a line") from error
    for line in text.splitlines():
        found = line.partition(" #")[0].strip()
        if found and not found.startswith("#"):
            yield found


class Held(NamedTuple):
    """A document in a file: its bytes, the media type that its name tells, and when it was written."""

    body: bytes
    media_type: str
    modified: datetime | None


def held(name: str) -> Held:
    """The document in a file, or on standard input for ``-``. Raises `click.BadParameter`."""
    if name == STANDARD_INPUT:
        body = sys.stdin.buffer.read()
        return Held(body, "text/html" if b"</" in body else "text/markdown", None)
    path = Path(name)
    try:
        body, modified = path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise unreadable(name, error, "the path of a file you can read, or - for standard input") from error
    kind = "text/markdown" if path.suffix in _MARKDOWN else mimetypes.guess_type(path.name)[0] or "text/html"
    return Held(body, kind, modified)


def unreadable(name: str, error: Exception, advice: str) -> click.ClickException:
    """The one line about a file that cannot be read."""
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return click.ClickException(f"{name}: cannot be read ({why}); give {advice}")
