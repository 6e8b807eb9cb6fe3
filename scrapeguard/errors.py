"""Every exception of the library, in one tree.

::

    ScrapeguardError
    ├── InvalidUrl          (ValueError)   a URL nobody can judge
    ├── InvalidAgent        (ValueError)   no product token can be read from the agent
    ├── UnknownPurpose      (ValueError)   not one of the ten purposes, nor an alias
    ├── InvalidConfiguration (ValueError)  a profile, agreement or rule file with faults, all of them named
    ├── StoreError                         the store cannot be opened, read or written
    └── Denied                             raised only by the adapters that stop a request; carries the Decision

Only what the *caller* wrote raises. What a site sent never does: it becomes evidence in the Decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ScrapeguardError(Exception):
    """Base of all errors raised by this library."""


class InvalidUrl(ScrapeguardError, ValueError):
    """The URL cannot be judged: not http(s), no host, or ambiguous between readers.

    >>> import scrapeguard
    >>> scrapeguard.allowed("ftp://example.com/x", "search")
    Traceback (most recent call last):
    ...
    scrapeguard.errors.InvalidUrl: 'ftp://example.com/x': the scheme is 'ftp', only http and https can be judged; \
write https://…
    """


class InvalidAgent(ScrapeguardError, ValueError):
    """The agent string holds no product token (RFC 9309 §2.2.1) that a robots.txt could name."""


class UnknownPurpose(ScrapeguardError, ValueError):
    """The purpose is none of the ten, nor one of their aliases; the message names the nearest."""


class InvalidConfiguration(ScrapeguardError, ValueError):
    """A profile, an agreement or a rule file has faults; ``faults`` lists all of them, each with its place."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__(f"{source}: " + "; ".join(self.faults))


class StoreError(ScrapeguardError):
    """The store cannot be opened, read or written; the message says which file and what to do."""


class Denied(ScrapeguardError):
    """A request was stopped because the Decision does not allow it. ``decision`` says why."""

    def __init__(self, decision: Any) -> None:
        self.decision = decision
        super().__init__(decision)

    def __str__(self) -> str:
        return str(self.decision)
