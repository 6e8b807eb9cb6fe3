"""Where requests go: no hop, no answer of a resolver and no trick of spelling leads to an address that is not public."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from scrapeguard.guard import drive, same_site
from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import Exchange, FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.plan import SiteAudit
from scrapeguard.transport import addresses, requests, wire
from scrapeguard.transport.requests import RequestsTransport
from tests.serving import Site, serving

PUBLIC = "93.184.215.14"
TRANSPORT = RequestsTransport("examplebot/1.0", budget=2.0)


def get(url: str) -> Exchange:
    return TRANSPORT.send(Request(url, RequestKind.TERMS))


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that a connection is made to."""
    connect = wire.MeteredSocket.connect
    seen: list[str] = []

    def noted(self: wire.MeteredSocket, address: tuple[Any, ...]) -> None:
        seen.append(address[0])
        connect(self, address)

    monkeypatch.setattr(wire.MeteredSocket, "connect", noted)
    return seen


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that counts as public although it is served on loopback: 127.0.0.1, and no other address of it."""

    def all_but_one(address: str) -> bool:
        return address == "127.0.0.1" or addresses_is_public(address)

    addresses_is_public = addresses.is_public
    for module in (addresses, wire, requests):
        monkeypatch.setattr(module, "is_public", all_but_one)
    with serving({}) as site:
        yield site


INSIDE = {
    "loopback": "127.0.0.2",
    "metadata": "169.254.169.254",
    "loopback IPv6": "[::1]",
    "site-local": "[fec0::1]",
    "IPv4-compatible": "[::127.0.0.1]",
    "IPv4-mapped": "[::ffff:127.0.0.1]",
    "IPv4-mapped, in hex": "[::ffff:7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "NAT64": "[64:ff9b::7f00:1]",
    "Teredo": "[2001:0:53aa:64c::80ff:fffe]",
    "carrier-grade NAT": "100.64.0.1",
    "multicast": "224.0.0.1",
    "unspecified": "0.0.0.0",
    "private": "10.0.0.1",
    "loopback in circled digits": "①②⑦.⓪.⓪.②",
    "loopback in full width": "１２７．０．０．２",
    "a name for loopback": "localhost",
}


@pytest.mark.parametrize("host", INSIDE.values(), ids=INSIDE.keys())
def test_choice_a_redirect_to_an_inside_address_is_not_followed(host: str, front: Site, reached: list[str]) -> None:
    with serving({"/": "secret", "/robots.txt": ""}, host="127.0.0.2") as inside:
        port = inside.origin.rpartition(":")[2]
        front.content |= {"/robots.txt": "", "/": (302, {"Location": f"http://{host}:{port}/"}, b"")}
        if host == "localhost":
            front.content["/"] = (302, {"Location": f"https://127.0.0.1.:{port}/"}, b"")
        audit = SiteAudit(front.origin + "/", "examplebot", same_site=same_site)
        drive(audit, TRANSPORT)
    home = next(s for s in audit.policy().sources if s.url == front.origin + "/")
    assert home.state.is_gap, home
    assert home.state is not SourceState.READ
    assert inside.asked == []
    assert set(reached) == {"127.0.0.1"}


@pytest.mark.parametrize("host", INSIDE.values(), ids=INSIDE.keys())
def test_choice_an_inside_address_is_refused_before_anything_is_sent(host: str, reached: list[str]) -> None:
    found = get(f"http://{host}:8080/")
    assert isinstance(found, FetchFailure), found
    assert found.reason is FailureReason.ADDRESS_REFUSED, found
    assert reached == []


def test_choice_a_cross_scheme_redirect_comes_back_as_a_hop(front: Site) -> None:
    front.content = {"/a": (301, {"Location": "file:///etc/passwd"}, b""), "/b": (301, {"Location": "https://127.0.0.1:1/"}, b"")}
    for path in ("/a", "/b"):
        found = get(front.origin + path)
        assert isinstance(found, Response)
        assert (found.status, found.body) == (301, b"")
    assert front.asked == ["/a", "/b"]


def test_choice_a_redirect_to_another_scheme_is_no_document(front: Site) -> None:
    front.content = {"/robots.txt": "", "/": (302, {"Location": "file:///etc/passwd"}, b"")}
    audit = SiteAudit(front.origin + "/", "examplebot", same_site=same_site)
    drive(audit, TRANSPORT)
    home = next(s for s in audit.policy().sources if s.url == front.origin + "/")
    assert (home.state, "without a usable Location" in home.note) == (SourceState.UNREACHABLE, True)


def test_choice_a_redirect_loop_ends_after_five_hops(front: Site) -> None:
    front.content = {"/robots.txt": "", "/": (302, {"Location": "/"}, b"")}
    audit = SiteAudit(front.origin + "/", "examplebot", same_site=same_site)
    drive(audit, TRANSPORT)
    home = next(s for s in audit.policy().sources if s.url == front.origin + "/")
    assert home.state is SourceState.UNREACHABLE
    assert "more than 5 redirects" in home.note
    assert 1 <= front.asked.count("/") <= 6


class _Resolver:
    """Answers a name differently each time it is asked, as a rebinding name server does; the last answer stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found
        ]


def test_choice_a_rebinding_name_is_resolved_once_and_the_judged_address_connected(
    monkeypatch: pytest.MonkeyPatch, reached: list[str]
) -> None:
    resolver = _Resolver([PUBLIC], ["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)

    def unreachable(self: wire.MeteredSocket, address: tuple[Any, ...]) -> None:
        reached.append(address[0])
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(wire.MeteredSocket, "connect", unreachable)
    with serving({"/": "secret"}) as site:
        port = site.origin.rpartition(":")[2]
        found = get(f"http://rebind.example:{port}/")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ADDRESS_REFUSED, found  # the second try asks anew, and gets the other answer
    assert "127.0.0.1" in found.detail
    assert set(reached) == {PUBLIC}
    assert site.asked == []


def test_choice_the_peer_of_the_connection_is_judged_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _Resolver([PUBLIC]))
    connect = wire.MeteredSocket.connect
    monkeypatch.setattr(wire.MeteredSocket, "connect", lambda self, address: connect(self, ("127.0.0.1", address[1])))
    with serving({"/": "secret"}) as site:
        port = site.origin.rpartition(":")[2]
        found = get(f"http://diverted.example:{port}/")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ADDRESS_REFUSED
    assert found.detail == "the connection to diverted.example reached 127.0.0.1, which is not public"
    assert site.asked == []


@pytest.mark.parametrize("answers", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "fec0::1"], ["64:ff9b::7f00:1"]])
def test_choice_a_mixed_answer_is_refused(
    answers: list[str], monkeypatch: pytest.MonkeyPatch, reached: list[str]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _Resolver(answers))
    found = get("http://mixed.example/")
    assert isinstance(found, FetchFailure)
    assert found.reason is FailureReason.ADDRESS_REFUSED
    assert reached == []


def test_choice_the_next_address_is_tried_when_the_first_is_dead(monkeypatch: pytest.MonkeyPatch, front: Site) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _Resolver([PUBLIC, "127.0.0.1"]))
    connect = wire.MeteredSocket.connect

    def first_is_dead(self: wire.MeteredSocket, address: tuple[Any, ...]) -> None:
        if address[0] == PUBLIC:
            raise OSError("no route to host")
        connect(self, address)

    monkeypatch.setattr(wire.MeteredSocket, "connect", first_is_dead)
    front.content = {"/": "from the second address"}
    found = get(f"http://two.example:{front.origin.rpartition(':')[2]}/")
    assert isinstance(found, Response), found
    assert found.body == b"from the second address"


def test_choice_a_kept_connection_stays_with_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch, front: Site, reached: list[str]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _Resolver(["127.0.0.1"], ["10.0.0.1"]))
    front.content = {"/": "judged"}
    url = f"http://kept.example:{front.origin.rpartition(':')[2]}/"
    for _ in range(3):
        found = get(url)
        assert isinstance(found, Response), found
        assert found.body == b"judged"
    assert reached == ["127.0.0.1"]
