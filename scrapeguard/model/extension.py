"""Records of a robots.txt that RFC 9309 leaves to others (§2.2.4), kept with their line and scope for whoever reads them."""

from __future__ import annotations

from typing import NamedTuple


class Extension(NamedTuple):
    """One such record.

    ``name`` is the field name in its one spelling (``crawl-delay``, ``content-signal``, ``license``, …; an unknown one in lower
    case as written), ``value`` the
    rest of the line without comment and outer white space, ``line`` its number from 1. ``tokens`` are the product tokens of
    the User-agent run it stands in, lower case; empty when it stands before any group. ``trailing`` is True when it follows
    the group's last rule after a blank line or a Sitemap line (RSL reads a License there as meant for the whole site).
    """

    name: str
    value: str
    line: int
    tokens: tuple[str, ...] = ()
    trailing: bool = False
