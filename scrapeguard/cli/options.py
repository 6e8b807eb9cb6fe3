"""Options that several commands share, each written once: who asks, under which profile, where documents come from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from scrapeguard.cli.given import held, urls_in
from scrapeguard.cli.output import Waiting, fault
from scrapeguard.errors import InvalidUrl
from scrapeguard.guard import DEFAULT_AGENT, Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Response
from scrapeguard.model.ports import Transport
from scrapeguard.model.purpose import Purpose

Answer = TypeVar("Answer")
Option = Callable[[Callable[..., Any]], Callable[..., Any]]

URLS = click.argument("urls", nargs=-1, required=True, metavar="URL|FILE|-...")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON lines: one object a line.")
AGENT = click.option(
    "--agent",
    "-a",
    envvar="SCRAPEGUARD_AGENT",
    default=DEFAULT_AGENT,
    show_default=True,
    help="The crawler's User-Agent.",
)
PROFILE = click.option(
    "--profile",
    envvar="SCRAPEGUARD_PROFILE",
    default="standard",
    show_default=True,
    help="strict, standard, open, or a TOML file's path.",
)
COMMERCIAL = click.option(
    "--commercial/--non-commercial", default=None, help="Whether the use is commercial; say it where you know."
)
WARC = click.option(
    "--warc", "warcs", multiple=True, metavar="FILE", help="Answer from this archive, not the network; repeatable."
)
DOCUMENT = click.option(
    "--document", "documents", multiple=True, metavar="URL=FILE", help="A policy document you hold; repeatable."
)
AGREEMENTS = click.option(
    "--agreements",
    envvar="SCRAPEGUARD_AGREEMENTS",
    metavar="FILE",
    help="A TOML file with what sites have agreed with you.",
)
NO_CONTEXT = click.option("--no-context", is_flag=True, help="Leave enforcement actions and legal floors out.")
POLICY_FETCH = click.option(
    "--policy-fetch",
    type=click.Choice(["obey", "always"]),
    default="obey",
    show_default=True,
    help="obey: own fetches of home and terms pages obey robots.txt; always: your own decision to read them.",
)
STORE = click.option(
    "--store",
    envvar="SCRAPEGUARD_STORE",
    metavar="FILE|URL",
    help="Keep what is fetched and decided here; answer from it while fresh.",
)
STORE_OPTIONAL = click.option("--store-optional", is_flag=True, help="Go on without the store where it fails.")
RECORD = click.option(
    "--record", metavar="FILE", help="Add every exchange and question to this WARC file, for replay and verify."
)
RENDER = click.option(
    "--render",
    is_flag=True,
    help="Build pages that say too little without JavaScript in a browser (pip install scrapeguard[browser]).",
)
ALLOW_PRIVATE = click.option(
    "--allow-private", is_flag=True, help="Also fetch from loopback and private addresses (your own servers)."
)


def taking(*options: Option) -> Option:
    """Give a command these options, in the order in which its help shows them."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@dataclass(frozen=True)
class Asker:
    """Who asks: a Guard, the documents in hand, whether the use is commercial, and what a person sees meanwhile."""

    guard: Guard
    documents: tuple[Response, ...]
    commercial: bool | None
    waiting: Waiting

    def ask(self, url: str, purpose: Purpose) -> Decision:
        """The Decision for one URL."""
        return self.guard.allowed(url, purpose, commercial=self.commercial, documents=self.documents)

    def each(self, urls: Iterable[str], answer: Callable[[str], Answer]) -> Iterator[tuple[str, Answer | None]]:
        """Every URL that the arguments name with its answer; None for one that is no URL, which standard error then names."""
        for url in self.waiting.over(urls_in(urls)):
            found: Answer | None = None
            try:
                found = answer(url)
            except InvalidUrl as error:
                with self.waiting.aside():
                    fault(str(error))
            yield url, found


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a question; they reach it as one argument, ``asker``."""

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
        with (
            Waiting("reading sites") as waiting,
            Guard(
                agent,
                profile,
                transport=transport_of(
                    agent, warcs, allow_private=allow_private, render=policy_fetch if render else ""
                ),
                agreements=agreements or (),
                policy_fetch=policy_fetch,
                context=not no_context,
                store=store,
                store_optional=store_optional,
                record=record,
                progress=waiting.document,
            ) as guard,
        ):
            return command(asker=Asker(guard, tuple(map(_held_document, documents)), commercial, waiting), **own)

    options = (AGENT, PROFILE, COMMERCIAL, WARC, DOCUMENT, AGREEMENTS, NO_CONTEXT, POLICY_FETCH)
    return taking(*options, STORE, STORE_OPTIONAL, RECORD, RENDER, ALLOW_PRIVATE)(with_asker)


def transport_of(agent: str, warcs: tuple[str, ...], *, allow_private: bool, render: str = "") -> Transport:
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
    document = held(name)
    kind = (("Content-Type", document.media_type),)
    return Response(url, 200, kind, document.body, document.modified, held=True)
