"""Options that several commands share, and how they become a Guard."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from scrapeguard.guard import DEFAULT_AGENT, Guard, Progress
from scrapeguard.model.exchange import Response
from scrapeguard.model.ports import Transport


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command knows who asks, and where documents come from."""
    for option in reversed(
        [
            click.option(
                "--agent",
                "-a",
                default=DEFAULT_AGENT,
                show_default=True,
                help="The crawler's User-Agent; its product token is looked up in robots.txt.",
            ),
            click.option(
                "--profile",
                default="standard",
                show_default=True,
                help="strict, standard, open, or the path of a TOML file.",
            ),
            click.option(
                "--commercial/--non-commercial",
                default=None,
                help="Whether the use is commercial; say it where you know.",
            ),
            click.option(
                "--warc",
                "warcs",
                multiple=True,
                type=click.Path(path_type=Path),
                metavar="FILE",
                help="Answer from this archive and not from the network; may be given again.",
            ),
            click.option(
                "--document",
                "documents",
                multiple=True,
                metavar="URL=FILE",
                help="A policy document that you hold (terms, robots.txt); may be given again.",
            ),
            click.option(
                "--policy-fetch",
                type=click.Choice(["obey", "always"]),
                default="obey",
                show_default=True,
                help="obey: own fetches of home and terms pages obey robots.txt; always: your own decision to read them.",
            ),
            click.option(
                "--allow-private",
                is_flag=True,
                help="Also fetch from loopback and private addresses (your own servers).",
            ),
        ]
    ):
        command = option(command)
    return command


def make_guard(
    *,
    agent: str,
    profile: str,
    warcs: tuple[Path, ...],
    policy_fetch: str,
    allow_private: bool,
    progress: Progress | None = None,
) -> Guard:
    """The Guard that the options describe."""
    transport: Transport
    if warcs:
        from scrapeguard.transport.warc import WarcTransport  # noqa: PLC0415 - only with --warc

        transport = WarcTransport(*warcs)
    else:
        from scrapeguard.transport.requests import RequestsTransport  # noqa: PLC0415 - loads requests

        transport = RequestsTransport(agent, allow_private=allow_private)
    return Guard(agent, profile, transport=transport, policy_fetch=policy_fetch, progress=progress)


def held_documents(pairs: tuple[str, ...]) -> tuple[Response, ...]:
    """The documents of ``--document URL=FILE``, with the media type that the file's name tells."""
    return tuple(_held_document(pair) for pair in pairs)


def _held_document(pair: str) -> Response:
    url, _, name = pair.rpartition("=")
    if not url or not name:
        raise click.BadParameter(
            f"{pair!r}: write URL=FILE, for instance https://example.com/terms=terms.html", param_hint="--document"
        )
    path = Path(name)
    try:
        body = path.read_bytes()
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise click.BadParameter(
            f"{name}: {error.strerror}; give the path of a file you can read", param_hint="--document"
        ) from error
    kind = "text/markdown" if path.suffix in {".md", ".markdown"} else mimetypes.guess_type(path.name)[0] or "text/html"
    return Response(url, 200, (("Content-Type", kind),), body, modified, held=True)
