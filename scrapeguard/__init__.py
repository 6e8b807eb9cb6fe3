"""scrapeguard: may a crawler fetch this URL and use it for this purpose, and what proves it.

>>> import scrapeguard
>>> robots = scrapeguard.parse_robots("User-agent: *\\nDisallow: /private")
>>> robots.allowed("https://example.com/private/x", "examplebot")
False

An engineering tool, not legal advice. Submodules load when a name is first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scrapeguard._version import __version__

if TYPE_CHECKING:
    from scrapeguard.decide.agreement import Agreement as Agreement
    from scrapeguard.errors import ScrapeguardError as ScrapeguardError
    from scrapeguard.guard import Guard as Guard
    from scrapeguard.guard import allowed as allowed
    from scrapeguard.integrations import plot as plot
    from scrapeguard.integrations.sessions import session as session
    from scrapeguard.integrations.tables import frame as frame
    from scrapeguard.model.decision import Decision as Decision
    from scrapeguard.model.exchange import FetchFailure as FetchFailure
    from scrapeguard.model.exchange import Request as Request
    from scrapeguard.model.exchange import Response as Response
    from scrapeguard.model.purpose import Purpose as Purpose
    from scrapeguard.model.statement import Activity as Activity
    from scrapeguard.model.statement import Effect as Effect
    from scrapeguard.model.statement import Verdict as Verdict
    from scrapeguard.robots import RobotsTxt as RobotsTxt
    from scrapeguard.robots import parse_robots as parse_robots
    from scrapeguard.terms import TermsDocument as TermsDocument
    from scrapeguard.terms import read_terms as read_terms
    from scrapeguard.transport.browser import BrowserTransport as BrowserTransport
    from scrapeguard.transport.memory import MemoryTransport as MemoryTransport
    from scrapeguard.transport.requests import RequestsTransport as RequestsTransport
    from scrapeguard.transport.warc import WarcTransport as WarcTransport

_HOME = {
    "Activity": "scrapeguard.model.statement",
    "Agreement": "scrapeguard.decide.agreement",
    "BrowserTransport": "scrapeguard.transport.browser",
    "Decision": "scrapeguard.model.decision",
    "Effect": "scrapeguard.model.statement",
    "FetchFailure": "scrapeguard.model.exchange",
    "Guard": "scrapeguard.guard",
    "MemoryTransport": "scrapeguard.transport.memory",
    "Purpose": "scrapeguard.model.purpose",
    "Request": "scrapeguard.model.exchange",
    "Response": "scrapeguard.model.exchange",
    "RequestsTransport": "scrapeguard.transport.requests",
    "RobotsTxt": "scrapeguard.robots",
    "ScrapeguardError": "scrapeguard.errors",
    "TermsDocument": "scrapeguard.terms",
    "Verdict": "scrapeguard.model.statement",
    "WarcTransport": "scrapeguard.transport.warc",
    "allowed": "scrapeguard.guard",
    "frame": "scrapeguard.integrations.tables",
    "parse_robots": "scrapeguard.robots",
    "plot": "scrapeguard.integrations.plot",
    "read_terms": "scrapeguard.terms",
    "session": "scrapeguard.integrations.sessions",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - the names are the table's own keys


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'scrapeguard' has no attribute {name!r}")
    home = import_module(_HOME[name])
    value = getattr(home, name, home)  # some names are modules
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
