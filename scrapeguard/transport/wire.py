"""Connections under an allowance: public addresses, a deadline for every read, and a bound on the bytes of an answer.

Timeouts of requests and urllib3 hold for one read; a server that sends a byte a second outlasts them, in the header
fields as in the body. Here each read of the socket gets what is left of the document's time and counts what came.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from scrapeguard._url import parse_url
from scrapeguard.transport.addresses import AddressRefused, is_public, refuse_private, resolve

MAX_TRIED = 4
"""Addresses of a host that are tried one after the other."""


class BudgetSpent(TimeoutError):
    """The document's time is over."""


class TooManyBytes(OSError):
    """More came than a document with its header fields may have."""


class Allowance:
    """What one document may take: seconds in all, seconds a connection and a read, bytes from the wire."""

    def __init__(
        self, *, budget: float, connect_timeout: float, read_timeout: float, wire_bytes: int, allow_private: bool
    ) -> None:
        self.deadline = time.monotonic() + budget
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.bytes_left = wire_bytes
        self.allow_private = allow_private

    @property
    def left(self) -> float:
        """Seconds left, never less than 0."""
        return max(0.0, self.deadline - time.monotonic())

    def seconds(self, at_most: float) -> float:
        """The timeout of one step. Raises `BudgetSpent`."""
        left = self.left
        if not left:
            raise BudgetSpent("the document's time is over")
        return min(left, at_most)

    def took(self, count: int) -> int:
        """Count bytes that came. Raises `TooManyBytes`."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise TooManyBytes("the answer has more bytes than a document with its header fields may have")
        return count


ALLOWANCE: ContextVar[Allowance] = ContextVar("scrapeguard_allowance")
"""The allowance of the request that this thread is sending: urllib3 makes the connections, and has no place for it."""


class MeteredSocket(socket.socket):
    """A socket that reads under an allowance."""

    allowance: Allowance | None = None

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As `socket.socket.recv_into`; http.client reads through this alone."""
        if self.allowance is None:
            return super().recv_into(buffer, nbytes, flags)
        self.settimeout(self.allowance.seconds(self.allowance.read_timeout))
        return self.allowance.took(super().recv_into(buffer, nbytes, flags))


class MeteredTLSSocket(MeteredSocket, ssl.SSLSocket):  # type: ignore[misc] # typeshed: optional where socket has a default
    """The same over TLS; made by `ssl.SSLContext.wrap_socket`."""


class _Answer(http.client.HTTPResponse):
    """Reads on where a line among the header fields is none: http.client takes all that follows it for the body."""

    def begin(self) -> None:
        super().begin()
        rest = self.msg.get_payload()
        if not isinstance(rest, str) or not rest:
            return
        for line in rest.splitlines():
            name, colon, value = line.partition(":")
            if not colon or not name.strip() or name != name.strip():
                continue
            if name.lower() in {"content-length", "transfer-encoding"}:
                raise http.client.HTTPException("a broken header line hides how long the body is")
            self.msg.add_header(name, value.strip())
        self.msg.set_payload("")
        self.msg.defects.clear()


class _Checked(HTTPConnection):
    """Connects to the addresses it has judged, and looks at the peer it has reached before a byte is sent."""

    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        allowance = ALLOWANCE.get()
        judged = not allowance.allow_private and self.proxy is None
        try:
            addresses = resolve(self.host, self.port, timeout=allowance.seconds(allowance.connect_timeout))
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        if judged:
            refuse_private(addresses, self.host)
        failed: OSError | None = None
        for family, sockaddr in addresses[:MAX_TRIED]:
            sock = MeteredSocket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(allowance.seconds(allowance.connect_timeout))
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.connect(sockaddr)
                sock.allowance = allowance
                peer = str(sock.getpeername()[0])
            except OSError as error:
                sock.close()
                failed = error
                continue
            if judged and not is_public(peer):
                sock.close()
                raise AddressRefused(f"the connection to {self.host} reached {peer}, which is not public")
            return sock
        if isinstance(failed, TimeoutError):
            raise ConnectTimeoutError(self, f"no connection to {self.host} within the time allowed") from failed
        raise NewConnectionError(self, f"no connection to {self.host}: {failed}") from failed

    def request(self, *args: Any, **kwargs: Any) -> None:
        """A kept connection goes on under the allowance of the request it now serves."""
        if isinstance(self.sock, MeteredSocket):
            self.sock.allowance = ALLOWANCE.get()
        super().request(*args, **kwargs)


class _CheckedTLS(_Checked, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, MeteredSocket):
            self.sock.allowance = ALLOWANCE.get()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTLS


_POOLS = {"http": _Pool, "https": _TLSPool}


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Certificates and host names verified, against ``ca_file`` or the Mozilla list that requests brings."""
    context = ssl.create_default_context(cafile=ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = MeteredTLSSocket
    return context


class CheckedAdapter(HTTPAdapter):
    """Gives requests the connections above. Scheme, host, port and target are those that `parse_url` found, not parsed anew."""

    def __init__(self, tls: ssl.SSLContext, *, connections: int) -> None:
        self._tls = tls
        super().__init__(pool_connections=connections, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """urllib3's manager, with the pools above."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        """The same for a proxy that the caller asked for."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' signature
        """Always: the context has the certificates, and nothing turns it off."""
        conn.cert_reqs = "CERT_REQUIRED"

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002 - requests' signature
        cert: Any = None,  # noqa: ARG002 - requests' signature
    ) -> tuple[Any, Any]:
        """Where to connect to, and with which TLS context."""
        url = parse_url(request.url or "")
        return (
            {"scheme": url.scheme, "host": url.host.strip("[]"), "port": url.port},
            {"ssl_context": self._tls, "cert_reqs": "CERT_REQUIRED"},
        )

    def request_url(self, request: requests.PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """The target as judged; requests would drop an empty query and a second leading slash."""
        through_proxy = super().request_url(request, proxies)
        return through_proxy if through_proxy.startswith("http") else parse_url(request.url or "").target
