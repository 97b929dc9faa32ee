"""Who is answered: requests for this host's own names, from networks that may connect."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
    parse_cookie,
)

from ..subject import LOOPBACK, Address, Network

__all__ = ["HostGate", "host_of", "may_connect"]

# A login form and JupyterLab's reports fit many times; what is larger comes from somebody who is logged in.
_STRANGERS_BODY = 64 * 1024


def may_connect(peer: str, networks: Iterable[Network]) -> bool:
    """Whether a connection from this address is accepted: from loopback always, else from the networks."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or any(address in network for network in networks)


def host_of(header: str) -> str | Address | None:
    """The host that a Host header names, without its port; None where it names none."""
    header = header.strip().lower()
    if header.startswith("["):
        host, bracket, port = header[1:].partition("]")
        host = host if bracket and (not port or port[0] == ":") else ""
    else:
        host, _, port = header.partition(":")
        host = "" if ":" in port else host
    try:
        return ip_address(host)
    except ValueError:
        return host.removesuffix(".") or None


class HostGate(HTTPServerConnectionDelegate):
    """Stands before the whole application: what asks for another host gets no further.

    A stranger's page whose name was pointed at this machine (DNS rebinding) would otherwise be the same site as
    JupyterLab to a browser. Jupyter has its own check, which admits no address or drops out altogether.
    """

    def __init__(
        self, application: Any, answers_for: Callable[[str | Address], bool], knows: Callable[[str, str], bool]
    ) -> None:
        """Let requests through to an application.

        Args:
            application: Tornado's.
            answers_for: Whether this host goes by a name or an address.
            knows: Whether a cookie, by name and value, is that of somebody who is logged in.
        """
        self._application = application
        self._answers_for = answers_for
        self._knows = knows

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Tornado calls this when a request begins."""
        return _Request(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """Tornado calls this when a connection ends."""
        self._application.on_close(server_conn)

    def admits(self, headers: HTTPHeaders) -> bool:
        """Whether a request is for this host; one that names none, or two, is not."""
        hosts = headers.get_list("Host")
        host = host_of(hosts[0]) if len(hosts) == 1 else None
        return host is not None and (host == "localhost" or host in LOOPBACK or self._answers_for(host))

    def is_stranger(self, headers: HTTPHeaders) -> bool:
        """Whether nobody is logged in at the other end."""
        return not any(self._knows(name, value) for name, value in parse_cookie(headers.get("Cookie", "")).items())

    def route(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """The application's own delegate."""
        delegate: HTTPMessageDelegate = self._application.start_request(server_conn, request_conn)
        return delegate


class _Request(HTTPMessageDelegate):
    """One request: the application's, or refused."""

    def __init__(self, gate: HostGate, server_conn: object, request_conn: HTTPConnection) -> None:
        self._gate = gate
        self._server_conn = server_conn
        self._request_conn = request_conn
        self._inner = HTTPMessageDelegate()

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> Any:
        if not self._gate.admits(headers):
            return _refuse(self._request_conn)
        # A body is kept in memory until it is complete, and only then is it seen whether somebody is logged in.
        has_body = "Content-Length" in headers or "Transfer-Encoding" in headers
        if has_body and isinstance(self._request_conn, HTTP1Connection) and self._gate.is_stranger(headers):
            self._request_conn.set_max_body_size(_STRANGERS_BODY)
        self._inner = self._gate.route(self._server_conn, self._request_conn)
        return self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        self._inner.finish()

    def on_connection_close(self) -> None:
        self._inner.on_connection_close()


def _refuse(connection: HTTPConnection) -> None:
    text = b"This server does not go by that name; `labkit-setup renew` takes over new names and addresses.\n"
    headers = HTTPHeaders(
        {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(text)), "Connection": "close"}
    )
    connection.write_headers(ResponseStartLine("HTTP/1.1", 421, "Misdirected Request"), headers, text)
    connection.finish()
