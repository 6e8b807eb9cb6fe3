"""requests and httpx: a session that asks before it sends.

The client stays the caller's own: proxies, authentication, cookies, retries and caches work as before. Each hop of a redirect is
a request of its own and is judged as one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import requests
from requests.adapters import BaseAdapter

from scrapeguard.errors import Denied
from scrapeguard.guard import Guard
from scrapeguard.model.purpose import Purpose, parse_purpose

_Client = TypeVar("_Client")


def session(
    client: _Client,
    purpose: Purpose | str,
    *,
    guard: Guard | None = None,
    agent: str | None = None,
    commercial: bool | None = None,
) -> _Client:
    """Make a ``requests.Session``, ``httpx.Client`` or ``httpx.AsyncClient`` raise `Denied` before it sends what is not allowed.

    The same client is given back. ``agent`` is the crawler's User-Agent, sent with every request; without it the client's own
    header counts. ``guard`` is a `Guard` made elsewhere (with its profile and agreements), instead of one made here; several
    clients may share it. What only the page itself says comes after: give the response to `Guard.decide`.

    Raises `InvalidAgent`, `UnknownPurpose`, and TypeError for another kind of client; when sending, `Denied`, whose ``decision``
    says why, and `InvalidUrl`.

    >>> import requests, scrapeguard
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /private"})
    >>> guard = scrapeguard.Guard("examplebot/1.0", transport=site)
    >>> client = scrapeguard.session(requests.Session(), purpose="search", guard=guard)
    >>> try:
    ...     client.get("https://example.com/private/x")
    ... except scrapeguard.errors.Denied as error:
    ...     print(error.decision.signal, error.decision.reasons[0].statement.evidence[0].quote)
    robots Disallow: /private
    """
    any_client: Any = client
    is_requests, is_httpx = isinstance(client, requests.Session), hasattr(client, "event_hooks")
    if not (is_requests or is_httpx):
        raise TypeError(f"{type(client).__name__} is no requests.Session, httpx.Client or httpx.AsyncClient")
    if agent is not None:
        any_client.headers["User-Agent"] = agent
    chosen = guard or Guard(str(any_client.headers.get("User-Agent") or ""))
    for_what = parse_purpose(purpose)

    def ask(url: str) -> None:
        decision = chosen.allowed(url, for_what, commercial=commercial)
        if not decision:
            raise Denied(decision)

    if is_requests:
        for prefix, adapter in any_client.adapters.items():
            any_client.adapters[prefix] = AskingAdapter(adapter, ask)
    else:
        hooks = any_client.event_hooks
        before = _hook_aside(ask) if hasattr(client, "aclose") else lambda request: ask(str(request.url))
        any_client.event_hooks = {**hooks, "request": [*hooks.get("request", ()), before]}
    return client


class AskingAdapter(BaseAdapter):
    """A transport adapter of requests that asks, and hands on to another one what may be sent."""

    def __init__(self, adapter: BaseAdapter, ask: Callable[[str], None]) -> None:
        super().__init__()
        self._adapter = adapter
        self._ask = ask

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send it, or raise `Denied`."""
        self._ask(str(request.url))
        return self._adapter.send(request, *args, **options)

    def close(self) -> None:
        """Close the other one."""
        self._adapter.close()


def _hook_aside(ask: Callable[[str], None]) -> Callable[[Any], Any]:
    """Asking reads sites and waits for them: done in a thread, while the event loop goes on."""
    from anyio.to_thread import run_sync  # noqa: PLC0415 - httpx brings it

    async def hook(request: Any) -> None:
        await run_sync(ask, str(request.url))

    return hook
