"""Which addresses a fetch may reach. The names of the cases are those that other address checkers have been led past by."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from scrapeguard.transport import addresses
from scrapeguard.transport.addresses import Address, AddressRefused, is_public, literal, refuse_private, resolve

PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback, last": "127.255.255.254",
    "loopback IPv6": "::1",
    "unspecified": "0.0.0.0",
    "this network": "0.1.2.3",
    "unspecified IPv6": "::",
    "private 10": "10.0.0.1",
    "private 172": "172.31.255.255",
    "private 192": "192.168.1.1",
    "link-local, cloud metadata": "169.254.169.254",
    "link-local IPv6": "fe80::1",
    "link-local IPv6 with a scope": "fe80::1%1",
    "cloud metadata IPv6": "fd00:ec2::254",
    "cloud host agent": "168.63.129.16",
    "carrier-grade NAT": "100.64.0.1",
    "site-local IPv6": "fec0::1",
    "unique local IPv6": "fc00::1",
    "IPv4-compatible": "::127.0.0.1",
    "IPv4-mapped": "::ffff:127.0.0.1",
    "IPv4-mapped metadata": "::ffff:169.254.169.254",
    "IPv4-translated": "::ffff:0:127.0.0.1",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 relay": "192.88.99.1",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 local": "64:ff9b:1::1",
    "Teredo": "2001:0:53aa:64c:0:0:80ff:fffe",
    "ORCHIDv2": "2001:20::1",
    "segment routing": "5f00::1",
    "discard only": "100::1",
    "documentation": "192.0.2.1",
    "documentation IPv6": "2001:db8::1",
    "documentation IPv6, newer": "3fff::1",
    "benchmarking": "198.18.0.1",
    "IETF protocol assignments": "192.0.0.1",
    "multicast": "224.0.0.1",
    "multicast, global scope": "233.252.0.1",
    "multicast IPv6": "ff02::1",
    "multicast IPv6, global scope": "ff0e::1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "no address": "example.com",
}


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE.keys())
def test_choice_special_purpose_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:810::200e"])
def test_choice_global_unicast_is_public(address: str) -> None:
    assert is_public(address)


def _answer(*ips: str) -> list[Address]:
    return [Address(socket.AF_INET6 if ":" in ip else socket.AF_INET, (ip, 80)) for ip in ips]


def test_choice_one_private_answer_among_public_ones_refuses_the_host() -> None:
    refuse_private(_answer("93.184.215.14", "2606:4700:4700::1111"), "good.example")
    with pytest.raises(AddressRefused, match=r"mixed\.example is at 10\.0\.0\.1, which is not public"):
        refuse_private(_answer("93.184.215.14", "10.0.0.1"), "mixed.example")


def test_choice_a_host_with_more_answers_than_are_judged_is_refused() -> None:
    with pytest.raises(AddressRefused, match="more than are looked at"):
        refuse_private(_answer("93.184.215.14") * (addresses.MAX_ADDRESSES + 1), "many.example")


def test_choice_a_literal_is_told_from_a_name() -> None:
    assert literal("127.0.0.1") == "127.0.0.1"
    assert literal("[FEC0::1]") == "fec0::1"
    assert literal("127.0.0.1.nip.io") == ""


def test_choice_names_no_resolver_can_take_are_unknown_names() -> None:
    for host in ("a" * 64 + ".example", ("a" * 60 + ".") * 5 + "example", "a\0b"):
        with pytest.raises(socket.gaierror):
            resolve(host, 80, timeout=2)


@pytest.mark.parametrize("found", [[], [(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/run/x")]])
def test_choice_a_malformed_answer_of_the_resolver_is_an_unknown_name(
    found: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    with pytest.raises(socket.gaierror, match="no IPv4 or IPv6 address"):
        resolve("odd.example", 80, timeout=2)


def test_choice_a_resolver_that_does_not_answer_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def asleep(*args: object, **kwargs: object) -> list[object]:
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", asleep)
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="no answer from the resolver"):
        resolve("slow.example", 80, timeout=0.1)
    release.set()
    assert time.monotonic() - start < 1
