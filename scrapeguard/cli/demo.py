"""``scrapeguard demo``: eight small sites served on loopback, audited through the real transport."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scrapeguard.cli.matrix import deciding
from scrapeguard.cli.options import JSON
from scrapeguard.cli.output import VERDICT_STYLE, Waiting, console, decision_words, json_line, new_table, prose
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import Purpose
from scrapeguard.transport.requests import RequestsTransport

AGENT = "examplebot/1.0 (+https://example.com/bot)"
PURPOSES = (Purpose.SEARCH, Purpose.AI_TRAIN, Purpose.RESEARCH, Purpose.IDENTIFICATION)
SITES = {
    "video platform": ("video", "/watch?v=1"),
    "social network": ("social", "/someone"),
    "professional network": ("professional", "/in/someone"),
    "payments feed": ("payments", "/feed"),
    "publisher": ("publisher", "/2026/river-rises"),
    "open encyclopaedia": ("encyclopaedia", "/wiki/River"),
    "French newspaper": ("french", "/"),
    "German directory": ("german", "/"),
}
"""Each site, its folder under ``demo_sites``, and the path asked about."""

_OTHER_COLUMNS = 72
"""Characters of a line that the other columns and the frame take."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root: Traversable

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/") or "index"
        for name, kind in ((path, "text/plain"), (f"{path}.html", "text/html")):
            found = self.root.joinpath(*name.split("/"))
            if ".." not in name and found.is_file():
                self._answer(200, kind, found.read_bytes())
                return
        self._answer(404, "text/plain", b"not found\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Say nothing: standard error belongs to the progress."""


@contextmanager
def serve_sites() -> Iterator[dict[str, str]]:
    """Serve every demo site on a free loopback port of its own; yields the site's name → its origin."""
    servers = []
    origins = {}
    try:
        for name, (folder, _) in SITES.items():
            root = files("scrapeguard.cli") / "demo_sites" / folder
            handler = type("Handler", (_Handler,), {"root": root})
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            servers.append(server)
            origins[name] = f"http://127.0.0.1:{server.server_address[1]}"
        yield origins
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


@click.command()
@JSON
def demo(as_json: bool) -> None:
    """Audit eight small sites on this machine and show what decides.

    The sites are served on loopback, one port each; nothing leaves the machine.

    \b
    Example:
      scrapeguard demo
    """
    decisions: dict[str, list[Decision]] = {}
    with serve_sites() as origins, Waiting("reading sites") as waiting:
        transport = RequestsTransport(AGENT, allow_private=True)
        guard = Guard(AGENT, transport=transport, progress=waiting.document)
        for name, (_, path) in waiting.over(SITES.items()):
            decisions[name] = [guard.allowed(origins[name] + path, purpose) for purpose in PURPOSES]
    if as_json:
        for row in decisions.values():
            for decision in row:
                json_line(decision.to_dict())
        return
    out = console()
    out.print(_table(decisions, out))
    shown = next(d for d in decisions["video platform"] if d.purpose is Purpose.IDENTIFICATION)
    prose(out, "\nOne of them in full:\n", style="bold")
    prose(out, decision_words(shown, str(shown)))


def _table(decisions: dict[str, list[Decision]], out: Console) -> Table:
    heads = ("site", "purpose", "allowed", "verdict", "what decided")
    table = new_table(out, *heads, title=f"May {AGENT.partition(' ')[0]} fetch it and use it for …?", fold=False)
    for name, row in decisions.items():
        for number, decision in enumerate(row):
            table.add_row(
                name if number == 0 else "",
                decision.purpose.value,
                "yes" if decision else "no",
                f"[{VERDICT_STYLE[decision.verdict]}]{decision.verdict}[/]",
                escape(_cut(deciding(decision), max(out.width - _OTHER_COLUMNS, 20))),
                end_section=number == len(row) - 1,
            )
    return table


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
