"""URLs, taken apart once and strictly: the authority judged must be the authority a client would connect to.

RFC 3986 §3 gives the grammar; the refusals are where the WHATWG URL standard and RFC 3986 read one string as two different
authorities (backslash, control characters, user information), which is how a checker is led past a site's rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

from scrapeguard.errors import InvalidUrl

_PLAIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?((?:[/?][!-\[\]-~]*)?)")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?=[0-9])|$)){4}")
_DEFAULT_PORT = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")


class Url(NamedTuple):
    """A URL that can be judged.

    ``host`` is lower case, in its A-label form (RFC 5891) or a bracketed IPv6 literal; ``port`` is always set. ``target`` is
    path and query as written, beginning with ``/``; the fragment is dropped.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Scheme, host and port in one string, the port only where it is not the scheme's own (RFC 9309 §2.3).

        >>> parse_url("HTTPS://Example.com:443/a?b#c").authority
        'https://example.com'
        """
        return _authority(self.scheme, self.host, self.port)

    def __str__(self) -> str:
        return self.authority + self.target


def _authority(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}" if port == _DEFAULT_PORT[scheme] else f"{scheme}://{host}:{port}"


def parse_url(url: str) -> Url:
    """Take a URL apart.

    Raises `InvalidUrl` with what is wrong and what would be right.

    >>> parse_url("https://bücher.example/straße?q=1#top")
    Url(scheme='https', host='xn--bcher-kva.example', port=443, target='/straße?q=1')
    """
    plain = _PLAIN.fullmatch(url)
    if plain and "#" not in url and ".." not in plain[2]:
        scheme, host, port, target = plain.groups()
        if "/." in target or "%2" in target:
            target = _without_dot_segments(target)
        last = host.rpartition(".")[2]
        name = (not last.isdigit() and not last.startswith("0x")) or _IPV4.fullmatch(host)
        if name and (port is None or 0 < int(port) < 65536):
            return Url(
                scheme,
                host,
                int(port) if port else _DEFAULT_PORT[scheme],
                target if target[:1] == "/" else "/" + target,
            )
    return _careful(url)


def _careful(url: str) -> Url:
    shown = repr(url if len(url) <= 120 else url[:120] + "…")
    text = url.strip(" ")
    if not text:
        raise InvalidUrl("the URL is empty; write https://host/path")
    if any(c < " " or c == "\x7f" for c in text):
        raise InvalidUrl(
            f"{shown}: holds a control character, which readers of URLs drop or keep differently; remove it"
        )
    scheme, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) or (rest[:1].isdigit() and "//" not in rest):
        raise InvalidUrl(f"{shown} is no absolute URL; write https://{text.lstrip('/') or 'host/path'}")
    scheme = scheme.lower()
    if scheme not in _DEFAULT_PORT:
        raise InvalidUrl(f"{shown}: the scheme is {scheme!r}, only http and https can be judged; write https://…")
    if not rest.startswith("//"):
        raise InvalidUrl(f"{shown}: '//' must follow the scheme; write {scheme}://host/path")
    rest = rest[2:].partition("#")[0]
    cut = min((i for i in (rest.find("/"), rest.find("?")) if i >= 0), default=len(rest))
    netloc, target = rest[:cut], rest[cut:]
    if "\\" in netloc or (not netloc and "\\" in rest[:2]):
        raise InvalidUrl(f"{shown}: a backslash in the authority means different hosts to different readers; use '/'")
    if "@" in netloc:
        raise InvalidUrl(
            f"{shown}: user information before the host ({netloc.rpartition('@')[0]}@) hides which host is "
            "meant; leave it out"
        )
    if any(c in netloc for c in " \t%<>\"'`{}|^"):
        raise InvalidUrl(f"{shown}: the authority {netloc!r} holds a character no host name has; correct the host")
    host, port = _split_port(netloc, shown)
    if not host:
        raise InvalidUrl(f"{shown} names no host; write {scheme}://host/path")
    target = _without_dot_segments(target if target[:1] == "/" else "/" + target)
    return Url(scheme, _host(host, shown), port or _DEFAULT_PORT[scheme], target)


_DOT = re.compile(r"(?:\.|%2[eE]){1,2}")


def _without_dot_segments(target: str) -> str:
    """The path as clients send it (RFC 3986 §5.2.4; ``%2e`` is a dot there too, WHATWG URL §4.4), the query untouched."""
    path, mark, query = target.partition("?")
    segments = path.split("/")
    if not any(_DOT.fullmatch(segment) for segment in segments):
        return target
    kept: list[str] = []
    for number, segment in enumerate(segments):
        if not _DOT.fullmatch(segment):
            kept.append(segment)
            continue
        if len(segment.lower().replace("%2e", ".")) == 2 and len(kept) > 1:
            kept.pop()
        if number == len(segments) - 1:
            kept.append("")
    return "/".join(kept) + mark + query


def _split_port(netloc: str, shown: str) -> tuple[str, int | None]:
    host, colon, port = netloc.rpartition(":")
    if not colon or (netloc.startswith("[") and not host.endswith("]")):
        return netloc, None
    if port == "":
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise InvalidUrl(f"{shown}: {port!r} is no port; a port is a number from 1 to 65535")
    return host, int(port)


@lru_cache(maxsize=4096)
def _host(host: str, shown: str) -> str:
    name = host.lower()
    if name.startswith("["):
        import ipaddress  # noqa: PLC0415 - only literals need it

        try:
            if not name.endswith("]"):
                raise ValueError
            return f"[{ipaddress.IPv6Address(name.strip('[]')).compressed}]"
        except ValueError:
            raise InvalidUrl(f"{shown}: {host} is no IPv6 address; write it as [2001:db8::1]") from None
    if not name.isascii():
        import idna  # noqa: PLC0415 - only international names need it

        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError as error:
            raise InvalidUrl(
                f"{shown}: {host!r} is no valid international host name ({error}); correct the host"
            ) from None
    if not _HOST.fullmatch(name) or ".." in name:
        raise InvalidUrl(f"{shown}: {host!r} is no valid host name; correct the host")
    last = name.rstrip(".").rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        import ipaddress  # noqa: PLC0415 - only literals need it

        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise InvalidUrl(
                f"{shown}: {host!r} is read as an IPv4 address by some clients and is none; write four decimal numbers"
            ) from None
    return name


def join(base: str, reference: str) -> str | None:
    """``reference`` resolved against ``base`` (RFC 3986 §5), or None where no http(s) URL comes of it.

    >>> join("https://example.com/a/b", "../legal#top")
    'https://example.com/legal'
    >>> join("https://example.com/", "mailto:x@example.com") is None
    True
    """
    try:
        return str(parse_url(urljoin(base, reference.strip())))
    except ValueError:
        return None
