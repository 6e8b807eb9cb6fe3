"""The terms of the largest sites, whose home pages are mostly closed to crawlers (`data/known.toml`, dated)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class _Known(NamedTuple):
    checked: str
    terms: dict[str, tuple[str, ...]]
    operators: dict[str, str]


def known(site: str) -> list[str]:
    """Terms URLs known for a host or registrable domain; empty when the site is not in the table.

    >>> known("www.youtube.com")
    ['https://www.youtube.com/t/terms']
    >>> known("example.com")
    []
    """
    table = _load()
    return next((list(table.terms[name]) for name in _names(site) if name in table.terms), [])


def known_elsewhere(url: str) -> tuple[str, ...]:
    """The domains of the table whose terms stand at ``url``: who reads that document needs it for them too.

    >>> known_elsewhere("https://x.com/en/tos")
    ('x.com', 'twitter.com')
    """
    return _by_address().get(url, ())


@cache
def _by_address() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for domain, addresses in _load().terms.items():
        for address in addresses:
            found[address] = (*found.get(address, ()), domain)
    return found


def checked() -> str:
    """The day (ISO 8601) on which the table was last checked."""
    return _load().checked


def same_operator(host: str, other: str) -> bool:
    """Whether both hosts belong to one company of the table, so that one's terms may bind on the other.

    >>> same_operator("www.youtube.com", "policies.google.com"), same_operator("example.com", "policies.google.com")
    (True, False)
    """
    operators = _load().operators
    owners = [next((operators[name] for name in _names(h) if name in operators), None) for h in (host, other)]
    return owners[0] is not None and owners[0] == owners[1]


def _names(host: str) -> Iterator[str]:
    """The host itself, then the domains above it."""
    name = host.lower().rstrip(".")
    while "." in name:
        yield name
        name = name.partition(".")[2]


@cache
def _load() -> _Known:
    data: dict[str, Any] = tomllib.loads(files(__package__).joinpath("data/known.toml").read_text(encoding="utf-8"))
    terms = {name: tuple(site["terms"]) for site in data["site"] for name in (site["domain"], *site.get("aliases", ()))}
    operators = {domain: operator["name"] for operator in data["operator"] for domain in operator["domains"]}
    return _Known(str(data["checked"]), terms, operators)
