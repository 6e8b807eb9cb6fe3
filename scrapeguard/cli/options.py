"""Options that several commands share: who asks, under which profile, and where documents come from."""

from __future__ import annotations

import functools
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from scrapeguard.guard import DEFAULT_AGENT, Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Response
from scrapeguard.model.ports import Transport
from scrapeguard.model.purpose import Purpose

_OPTIONS = (
    click.option(
        "--agent",
        "-a",
        envvar="SCRAPEGUARD_AGENT",
        default=DEFAULT_AGENT,
        show_default=True,
        help="The crawler's User-Agent.",
    ),
    click.option(
        "--profile",
        envvar="SCRAPEGUARD_PROFILE",
        default="standard",
        show_default=True,
        help="strict, standard, open, or a TOML file's path.",
    ),
    click.option(
        "--commercial/--non-commercial", default=None, help="Whether the use is commercial; say it where you know."
    ),
    click.option(
        "--warc", "warcs", multiple=True, metavar="FILE", help="Answer from this archive, not the network; repeatable."
    ),
    click.option(
        "--document", "documents", multiple=True, metavar="URL=FILE", help="A policy document you hold; repeatable."
    ),
    click.option(
        "--agreements",
        envvar="SCRAPEGUARD_AGREEMENTS",
        metavar="FILE",
        help="A TOML file with what sites have agreed with you.",
    ),
    click.option("--no-context", is_flag=True, help="Leave enforcement actions and legal floors out."),
    click.option(
        "--policy-fetch",
        type=click.Choice(["obey", "always"]),
        default="obey",
        show_default=True,
        help="obey: own fetches of home and terms pages obey robots.txt; always: your own decision to read them.",
    ),
    click.option(
        "--store",
        envvar="SCRAPEGUARD_STORE",
        metavar="FILE|URL",
        help="Keep what is fetched and decided here; answer from it while fresh.",
    ),
    click.option("--store-optional", is_flag=True, help="Go on without the store where it fails."),
    click.option(
        "--record", metavar="FILE", help="Add every exchange and question to this WARC file, for replay and verify."
    ),
    click.option(
        "--render",
        is_flag=True,
        help="Build pages that say too little without JavaScript in a browser (pip install scrapeguard[browser]).",
    ),
    click.option(
        "--allow-private", is_flag=True, help="Also fetch from loopback and private addresses (your own servers)."
    ),
)


@dataclass(frozen=True)
class Asker:
    """Who asks: a Guard, the documents in hand, and whether the use is commercial."""

    guard: Guard
    documents: tuple[Response, ...]
    commercial: bool | None

    def ask(self, url: str, purpose: Purpose) -> Decision:
        """The Decision for one URL."""
        return self.guard.allowed(url, purpose, commercial=self.commercial, documents=self.documents)


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the shared options; they reach it as one argument, ``asker``."""

    @functools.wraps(command)
    def with_asker(
        *,
        agent: str,
        profile: str,
        commercial: bool | None,
        warcs: tuple[str, ...],
        documents: tuple[str, ...],
        agreements: str | None,
        no_context: bool,
        policy_fetch: str,
        render: bool,
        allow_private: bool,
        store: str | None,
        store_optional: bool,
        record: str | None,
        **own: Any,
    ) -> Any:
        with Guard(
            agent,
            profile,
            transport=_transport(agent, warcs, allow_private=allow_private, render=policy_fetch if render else ""),
            agreements=agreements or (),
            policy_fetch=policy_fetch,
            context=not no_context,
            store=store,
            store_optional=store_optional,
            record=record,
        ) as guard:
            return command(asker=Asker(guard, tuple(map(_held_document, documents)), commercial), **own)

    for option in reversed(_OPTIONS):
        with_asker = option(with_asker)
    return with_asker


def _transport(agent: str, warcs: tuple[str, ...], *, allow_private: bool, render: str) -> Transport:
    """The archive's or the network's; with ``render``, the policy of fetching the parts of a page, through a browser."""
    found: Transport
    if warcs:
        from scrapeguard.transport.warc import WarcTransport  # noqa: PLC0415 - only with --warc

        found = WarcTransport(*warcs)
    else:
        from scrapeguard.transport.requests import RequestsTransport  # noqa: PLC0415 - loads requests

        found = RequestsTransport(agent, allow_private=allow_private)
    if render:
        from scrapeguard.transport.browser import BrowserTransport  # noqa: PLC0415 - only with --render

        return BrowserTransport(found, agent, policy_fetch=render)
    return found


def _held_document(pair: str) -> Response:
    """The document of ``--document URL=FILE``, with the media type that the file's name tells."""
    url, _, name = pair.rpartition("=")
    if not url or not name:
        message = f"{pair!r}: write URL=FILE, for instance https://example.com/terms=terms.html"
        raise click.BadParameter(message, param_hint="--document")
    path = Path(name)
    try:
        body = path.read_bytes()
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        message = f"{name}: {error.strerror}; give the path of a file you can read"
        raise click.BadParameter(message, param_hint="--document") from error
    kind = "text/markdown" if path.suffix in {".md", ".markdown"} else mimetypes.guess_type(path.name)[0] or "text/html"
    return Response(url, 200, (("Content-Type", kind),), body, modified, held=True)
