"""URLs: what is judged is what a client would connect to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapeguard._url import join, parse_url
from scrapeguard.errors import InvalidUrl


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://example.com", "https://example.com", "/"),
        ("HTTPS://EXAMPLE.com:443/A?b=C#d", "https://example.com", "/A?b=C"),
        ("http://example.com:80", "http://example.com", "/"),
        ("http://example.com:8080?x", "http://example.com:8080", "/?x"),
        ("https://example.com:443?x=https://a.b/", "https://example.com", "/?x=https://a.b/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example", "/"),
        ("https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443", "/x"),
        ("http://192.0.2.7/a", "http://192.0.2.7", "/a"),
        ("https://example.com:/x", "https://example.com", "/x"),
        ("https://example.com/a b\\c", "https://example.com", "/a b\\c"),
    ],
)
def test_rfc9309_2_3_authority_is_scheme_host_and_port(url: str, authority: str, target: str) -> None:
    parsed = parse_url(url)
    assert (parsed.authority, parsed.target) == (authority, target)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "empty"),
        ("example.com/x", "https://example.com/x"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("not a url", "no absolute URL"),
        ("https://", "names no host"),
        ("https:///path", "names no host"),
        ("https://?q", "names no host"),
        ("ftp://example.com/x", "'ftp'"),
        ("javascript:alert(1)", "'javascript'"),
        ("https:example.com", "'//' must follow"),
        ("https://example.com\\@evil.example/", "backslash"),
        ("https:\\\\evil.example/", "'//' must follow"),
        ("https://exa\tmple.com/", "control character"),
        ("https://example.com/\x00", "control character"),
        ("https://example.com\n", "control character"),
        ("https://user@example.com/", "user information"),
        ("https://example.com:pw@evil.example/", "user information"),
        ("https://example.com:99999/", "no port"),
        ("https://example.com:8o/", "no port"),
        ("https://exa mple.com/", "no host name has"),
        ("https://exa%6dple.com/", "no host name has"),
        ("https://a..b/", "no valid host name"),
        ("https://-/", "no valid host name"),
        ("https://0x7f.1/", "IPv4"),
        ("https://0x7f000001/", "IPv4"),
        ("https://example.0x7f/", "IPv4"),
        ("https://2130706433/", "IPv4"),
        ("https://[::1", "IPv6"),
        ("https://[zz]/", "IPv6"),
    ],
)
def test_choice_what_readers_of_urls_take_differently_is_refused(url: str, says: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        parse_url(url)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/public/../private", "/private"),
        ("/a/./b/", "/a/b/"),
        ("/a/%2E%2e/b", "/b"),
        ("/a/..", "/"),
        ("/a/b/.", "/a/b/"),
        ("/../../x", "/x"),
        ("/..a/.b/c..", "/..a/.b/c.."),
        ("/a?x=/../b", "/a?x=/../b"),
        ("/a/..?q", "/?q"),
    ],
)
def test_rfc3986_5_2_4_the_path_judged_is_the_path_a_client_sends(path: str, sent: str) -> None:
    assert parse_url("https://example.com" + path).target == sent
    assert parse_url("HTTPS://Example.com" + path).target == sent


def test_rfc3986_5_references_resolve_and_others_come_to_nothing() -> None:
    assert join("https://example.com/a/b?c", "//help.example.org/x") == "https://help.example.org/x"
    assert join("https://example.com/a", "javascript:void(0)") is None
    assert join("https://example.com/a", "http://[") is None


@given(st.text(max_size=60))
def test_choice_any_text_parses_or_says_what_is_wrong(text: str) -> None:
    try:
        parsed = parse_url("https://" + text)
    except InvalidUrl:
        return
    assert parse_url(str(parsed)) == parsed


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "1.2.3.256", "01.2.3.4", "1.2.3", "1.2.3.4.5", "1..2.3", "255.255.255.255", "0.0.0.0", "1.2.3.4."],
)
def test_whatwg_3_5_addresses_are_read_as_strictly_on_the_short_way(host: str) -> None:
    try:
        expected: str | None = str(ipaddress.IPv4Address(host))
    except ValueError:
        expected = None
    try:
        found: str | None = parse_url(f"http://{host}:8000/p").host
    except InvalidUrl:
        found = None
    assert found == expected
