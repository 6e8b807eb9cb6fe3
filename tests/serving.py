"""Real servers on loopback for tests: one port an authority, answers from a mapping, every request noted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Mapping[str, str], bytes]
Content = str | bytes | Answer | Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A served site: its ``origin``, its content by path (changeable), and the paths asked for so far."""

    def __init__(self, content: Mapping[str, Content]) -> None:
        self.content = dict(content)
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.origin = ""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.agents.append(self.headers.get("User-Agent", ""))
            content = site.content.get(self.path, (404, {}, b"no such page"))
            if callable(content):
                content(self)
                self.close_connection = True
                return
            if isinstance(content, str | bytes):
                kind = "text/plain" if self.path.endswith(".txt") else "text/html"
                content = (200, {"Content-Type": kind}, content.encode() if isinstance(content, str) else content)
            status, fields, body = content
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def serving(content: Mapping[str, Content], host: str = "127.0.0.1") -> Iterator[Site]:
    """Serve ``content`` on a free port until the block ends."""
    site = Site(content)
    server = ThreadingHTTPServer((host, 0), _handler(site))
    server.daemon_threads = True
    site.origin = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
