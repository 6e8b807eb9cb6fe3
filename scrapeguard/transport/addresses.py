"""Which addresses and ports a fetch may reach: public unicast only, judged on what is connected to, not on a name.

A name that was checked and is then resolved again by the client may answer differently (DNS rebinding). Here the name is
resolved once, every answer is judged, and the judged addresses themselves are connected to.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

MAX_ADDRESSES = 64
"""Answers of a resolver that are judged; more than any real host has. With more, the host is refused."""

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""IANA's registry gives out global unicast from this block alone; ``::a.b.c.d``, mapped, NAT64, site-local lie outside."""

_NEVER = (
    ipaddress.ip_network("2002::/16"),  # 6to4, RFC 3056: carries an IPv4 address
    ipaddress.ip_network("2001::/32"),  # Teredo, RFC 4380: carries an IPv4 address
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host agent, answered inside every virtual machine
    *EXTRA_BLOCKED_NET_RANGES,
)

BAD_PORTS = frozenset(
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
        110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
        531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
        4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)
"""Ports of other protocols that a browser does not speak HTTP to (WHATWG Fetch, «port blocking»)."""


class AddressRefused(Exception):
    """The host has, or the connection reached, an address that is not public.

    No OSError on purpose: urllib3 would take it for trouble of the network and wrap it.
    """


class Address(NamedTuple):
    """One answer of the resolver: address family and the socket address to connect to."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]

    @property
    def ip(self) -> str:
        """The address in its usual spelling."""
        return str(self.sockaddr[0])


def is_public(address: str) -> bool:
    """True for a global unicast address that no special use is assigned to (IANA special-purpose registries, RFC 6890).

    >>> [is_public(a) for a in ("93.184.215.14", "2606:2800:21f::1")]
    [True, True]
    >>> any(map(is_public, ("127.0.0.1", "fec0::1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1")))
    False
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _GLOBAL_UNICAST or ip.scope_id):
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NEVER)


def literal(host: str) -> str:
    """The address that a URL's host is, or '' for a name.

    >>> literal("[::1]"), literal("example.com")
    ('::1', '')
    """
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return ""


def refuse_private(addresses: Sequence[Address], host: str) -> None:
    """Raise `AddressRefused` unless all are public: of a mixed answer, nobody knows which one the next client takes."""
    for address in addresses[:MAX_ADDRESSES]:
        if not is_public(address.ip):
            raise AddressRefused(f"{host} is at {address.ip}, which is not public")
    if len(addresses) > MAX_ADDRESSES:
        raise AddressRefused(f"{host} has {len(addresses)} addresses, more than are looked at")


def resolve(host: str, port: int, *, timeout: float) -> list[Address]:
    """The host's addresses, in the resolver's order. Raises `socket.gaierror`, `TimeoutError`.

    The system's resolver cannot be interrupted, so it is asked in a thread that is left behind when it takes too long.
    """
    if literal(host):
        return _looked_up(host, port, flags=socket.AI_NUMERICHOST)
    answers: SimpleQueue[list[Address] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_looked_up(host, port))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="scrapeguard-resolve", daemon=True).start()
    try:
        found = answers.get(timeout=timeout)
    except Empty:
        raise TimeoutError(f"no answer from the resolver within {timeout:.1f} s") from None
    if isinstance(found, OSError):
        raise found
    return found


def _looked_up(host: str, port: int, *, flags: int = 0) -> list[Address]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=flags)
    except (UnicodeError, ValueError) as error:  # a label no DNS name can have
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
    families = (socket.AF_INET, socket.AF_INET6)
    addresses = [Address(family, sockaddr) for family, _, _, _, sockaddr in found if family in families]
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "no IPv4 or IPv6 address")
    return addresses
