"""Pages that a script builds, built by a browser that cannot reach the network.

Chromium renders; every document, script and datum that it asks for is fetched by the transport below, with its checks of
addresses, its bounds and its pace, and only where the robots.txt of its host lets this crawler. So nothing that a page does
leads anywhere a plain GET would not go, and an archive can be rendered as a live site can.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scrapeguard._headers import media_type
from scrapeguard._html import draw
from scrapeguard._url import parse_url
from scrapeguard.errors import InvalidUrl, ScrapeguardError
from scrapeguard.inquiry import Inquiry, PolicyFetch
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.ports import Clock, Transport
from scrapeguard.read import RENDERED
from scrapeguard.robots import product_token
from scrapeguard.terms.classify import classify
from scrapeguard.terms.kind import DocumentKind

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Route, WebSocketRoute
    from playwright.async_api import Request as PageRequest

BUDGET = 30.0
"""Seconds for one rendering, the start of the browser included."""
SETTLED = 8.0
"""Seconds after which a page that still changes is taken as it is."""
QUIET = 0.4
"""Seconds between two looks; when nothing is being fetched and both see the same, the page is built."""
MAX_PARTS = 60
"""Scripts and data fetched for one page."""
PARTS_LIMIT = 20 * 1024 * 1024
"""Bytes of them in all."""
DOM_LIMIT = 5 * 1024 * 1024
"""Characters read of the built page."""

_CLOSING = 5.0
_LOOKED_FOR = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # what escapes the route below finds no host
    "--js-flags=--max-old-space-size=512",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
_RENDERED_KINDS = {RequestKind.HOME, RequestKind.TERMS}
_PARTS = {"script", "xhr", "fetch"}
_KEPT_FIELDS = ("content-type", "content-security-policy", "x-content-type-options", "access-control-")


def says_too_little(exchange: Exchange) -> bool:
    """True for a page whose text comes by script: what `scrapeguard.terms.classify` calls «needs-javascript».

    That is a page of few words (under 60, or under 120 with a sentence that asks for JavaScript) that has scripts and is no
    wall. Walls, errors and what is no HTML are never rendered.

    >>> says_too_little(Response("https://example.com/", body="<div id=root></div><script src=app.js></script>"))
    True
    >>> says_too_little(Response("https://example.com/", 403, body="<div id=root></div><script src=app.js></script>"))
    False
    """
    if not isinstance(exchange, Response) or not 200 <= exchange.status < 300 or exchange.truncated:
        return False
    kind, charset = media_type(exchange.header("content-type"))
    if kind not in {"", "text/html", "application/xhtml+xml"}:
        return False
    page = draw(exchange.body, charset_hint=charset)
    return classify(page, path=parse_url(exchange.url).target).kind is DocumentKind.NEEDS_JAVASCRIPT


class BrowserTransport:
    """Renders the home and terms pages that say too little without JavaScript; gives all else as ``fallback_of`` gives it.

    ``user_agent`` is what the browser says to scripts, and whose robots.txt rules the parts of a page obey (``policy_fetch``
    ``always``: none). ``executable_path`` is a Chromium; without it, one on the PATH, else Playwright's own. ``budget`` is in
    seconds. ``sandbox`` False starts Chromium without its sandbox; the default is to do so only for root, who cannot have one.

    One page is rendered at a time, each in a browser of its own with an empty profile: no cookies, no storage, GET only, no
    pictures, frames, sockets or workers. What a browser could not build is a `FetchFailure` with the reason ``render``.

    ::

        agent = "examplebot/1.0 (+https://example.com/bot)"
        guard = Guard(agent, transport=BrowserTransport(RequestsTransport(agent), agent))

    Raises `ScrapeguardError` when Playwright is not installed.
    """

    def __init__(
        self,
        fallback_of: Transport,
        user_agent: str,
        *,
        executable_path: str | None = None,
        budget: float = BUDGET,
        policy_fetch: PolicyFetch | str = PolicyFetch.OBEY,
        sandbox: bool | None = None,
    ) -> None:
        try:
            import playwright.async_api  # noqa: F401, PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise ScrapeguardError("rendering needs Playwright; pip install scrapeguard[browser]") from error
        self._below = fallback_of
        self.live = fallback_of.live
        self.latest: Any = getattr(fallback_of, "latest", None)
        self.clock: Clock | None = getattr(fallback_of, "clock", None)
        self._user_agent = user_agent
        self._executable = executable_path or next(filter(None, map(shutil.which, _LOOKED_FOR)), None)
        self._budget = budget
        self._policy_fetch = PolicyFetch(policy_fetch) if self.live else PolicyFetch.HELD
        self._sandbox = os.geteuid() != 0 if sandbox is None and hasattr(os, "geteuid") else sandbox is not False
        self._one_at_a_time = threading.Lock()

    def send(self, request: Request) -> Exchange:
        """The answer of the transport below, or the page that a browser builds of it."""
        exchange = self._below.send(request)
        if request.kind not in _RENDERED_KINDS or not isinstance(exchange, Response) or not says_too_little(exchange):
            return exchange
        parts = _Parts(self._below, self._user_agent, self._policy_fetch)
        with self._one_at_a_time:
            return self._apart(exchange, parts)

    def _apart(self, shell: Response, parts: _Parts) -> Exchange:
        """In a thread of its own: the caller's may have an event loop, as in a notebook."""
        results: list[Exchange] = []
        thread = threading.Thread(target=lambda: results.append(asyncio.run(self._within_budget(shell, parts))))
        thread.start()
        thread.join()
        return results[0] if results else _failed(shell, "the browser's thread died")

    async def _within_budget(self, shell: Response, parts: _Parts) -> Exchange:
        from playwright.async_api import Error, async_playwright  # noqa: PLC0415 - as above

        try:
            async with asyncio.timeout(self._budget), async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=self._executable, args=_FLAGS, chromium_sandbox=self._sandbox
                )
                try:
                    return await self._rendered(shell, parts, browser)
                finally:
                    with suppress(Error, TimeoutError):  # what does not close goes with Playwright's own process
                        await asyncio.wait_for(browser.close(), _CLOSING)
        except TimeoutError:
            return _failed(shell, f"the browser did not build the page within {self._budget:g} s")
        except (Error, OSError) as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            return _failed(shell, f"the browser failed: {lines[0][:200]}")

    async def _rendered(self, shell: Response, parts: _Parts, browser: Browser) -> Exchange:
        context = await browser.new_context(
            user_agent=self._user_agent, service_workers="block", accept_downloads=False, locale="en"
        )
        page = await context.new_page()
        await context.route("**/*", lambda route: _answer(route, shell, parts, page))
        await context.route_web_socket("**/*", _no_socket)
        await page.goto(shell.url, wait_until="domcontentloaded", timeout=self._budget * 1000)
        dom = await _settled(context, page, parts)
        body = b"\xef\xbb\xbf<!DOCTYPE html>" + dom.encode("utf-8", "replace")  # the mark outweighs what a meta element says
        headers = [(k, v) for k, v in shell.headers if k.lower() not in _OF_THE_SHELL]
        headers += [("Content-Type", "text/html; charset=utf-8"), (RENDERED, f"Chromium/{browser.version}{parts.note}")]
        return Response(
            shell.url, shell.status, tuple(headers), body[:DOM_LIMIT], shell.fetched_at, truncated=len(body) > DOM_LIMIT
        )


_OF_THE_SHELL = {"content-type", "content-length", "content-encoding", "transfer-encoding", RENDERED.lower()}


class _Parts:
    """What a page asks for, fetched by the transport below; one at a time, as a polite crawler does."""

    def __init__(self, below: Transport, user_agent: str, policy_fetch: PolicyFetch) -> None:
        self._below = below
        self._inquiry = Inquiry(product_token(user_agent), policy_fetch, held={})
        self._turn = asyncio.Lock()
        self._count = 0
        self._left = PARTS_LIMIT
        self.waiting = 0
        self._missing = 0

    @property
    def note(self) -> str:
        """What was not to be had, for the evidence."""
        return f" ({self._missing} of its parts not fetched)" if self._missing else ""

    async def get(self, url: str) -> Response | None:
        """The part after its redirects, or None: kept by robots.txt, refused, failed or beyond the limits."""
        self.waiting += 1
        try:
            async with self._turn:
                found = await asyncio.to_thread(self._fetched, url)
        finally:
            self.waiting -= 1
        self._missing += found is None
        return found

    def _fetched(self, url: str) -> Response | None:
        try:
            wanted = str(parse_url(url))
        except InvalidUrl:
            return None
        self._count += 1
        if self._count > MAX_PARTS or self._left <= 0:
            return None
        self._inquiry.want(Request(wanted, RequestKind.PAGE, via="a part of a page that a script builds"))
        while requests := self._inquiry.pending():
            for request in requests:
                self._inquiry.receive(request, self._below.send(request))
        _, exchange = self._inquiry.answers.get(wanted, (None, None))
        if not isinstance(exchange, Response) or exchange.truncated:
            return None
        self._left -= len(exchange.body)
        return exchange


async def _answer(route: Route, shell: Response, parts: _Parts, page: Page) -> None:
    from playwright.async_api import Error  # noqa: PLC0415 - as above

    try:
        answer = await _answer_to(route.request, shell, parts, page)
        if answer is None:
            await route.abort()
        else:
            await route.fulfill(status=answer.status, headers=_fields(answer), body=answer.body)
    except Error:
        with suppress(Error):  # the page is gone, or the request came from one that is not there yet: a popup
            await route.abort()


async def _answer_to(request: PageRequest, shell: Response, parts: _Parts, page: Page) -> Response | None:
    """The shell for the page itself, parts for its scripts and data, nothing for all else."""
    if request.method != "GET":
        return None
    if request.is_navigation_request():
        same = request.url.partition("#")[0] == shell.url
        return shell if same and request.frame == page.main_frame else None
    return await parts.get(request.url) if request.resource_type in _PARTS else None


def _fields(response: Response) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.headers:
        if name.lower().startswith(_KEPT_FIELDS):
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return found


async def _no_socket(socket: WebSocketRoute) -> None:
    await socket.close()


async def _settled(context: BrowserContext, page: Page, parts: _Parts) -> str:
    """The built page, once two looks at it agree while nothing is being fetched; at the latest after `SETTLED` seconds."""
    cdp = await context.new_cdp_session(page)

    async def look(expression: str) -> Any:
        # In a world of our own: what the page has made of document or String is not what answers here.
        frame = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await cdp.send("Page.createIsolatedWorld", {"frameId": frame})
        asked = {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True}
        return (await cdp.send("Runtime.evaluate", asked))["result"].get("value")

    loop = asyncio.get_running_loop()
    end, before, now = loop.time() + SETTLED, None, None
    while loop.time() < end and (now is None or now != before or parts.waiting):
        await asyncio.sleep(QUIET)
        before, now = now, await look(_SIZE)
    return str(await look(f"(document.documentElement?.outerHTML ?? '').slice(0, {DOM_LIMIT + 1})"))


_SIZE = "document.getElementsByTagName('*').length + ' ' + (document.documentElement?.textContent ?? '').length"


def _failed(shell: Response, detail: str) -> FetchFailure:
    return FetchFailure(shell.url, FailureReason.RENDER, f"the page needs JavaScript, and {detail}", shell.fetched_at)
