"""A visit to a lab, as a browser makes it: TLS that is really checked, a login, a cell run over a secure websocket."""

import contextlib
import hashlib
import hmac
import http.client
import json
import re
import socket
import ssl
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from ..errors import SetupError

__all__ = ["Answer", "Visit", "VisitError", "context_for", "context_for_one"]

_PATIENCE_SECONDS = 60.0
# A kernel on a board with a slow card and little memory.
_KERNEL_SECONDS = 240.0


class VisitError(SetupError):
    """The lab did not do what a browser needs; the text says what."""


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    text: str


def context_for(authority: bytes | None) -> ssl.SSLContext:
    """How to check the server: by this authority alone, in PEM, or by those that this computer trusts."""
    if authority is None:
        return ssl.create_default_context()
    return ssl.create_default_context(cadata=authority.decode())


def context_for_one(certificate: bytes) -> ssl.SSLContext:
    """How to check that the server shows this very certificate, in PEM, whoever issued it."""
    context = ssl.create_default_context(cadata=certificate.decode())
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


@dataclass
class Visit:
    """One visitor.

    Attributes:
        name: The name or address in the address bar: what the certificate must be for.
        port: The port in the address bar.
        context: How the server is checked.
        at: Where to connect, if not there.
        cookies: What the server wants back.
        patience: How long to wait for whatever the server does, in seconds.
    """

    name: str
    port: int
    context: ssl.SSLContext
    at: tuple[str, int] | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    patience: float = _PATIENCE_SECONDS

    @property
    def host(self) -> str:
        """As the Host header has it."""
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"

    def connect(self) -> ssl.SSLSocket:
        """A connection after the handshake.

        Raises:
            OSError: No connection, or one that is not to be trusted (`ssl.SSLError`).
        """
        raw = socket.create_connection(self.at or (self.name, self.port), self.patience)
        try:
            return self.context.wrap_socket(raw, server_hostname=self.name)
        except BaseException:
            raw.close()
            raise

    def request(self, method: str, path: str, body: str | None = None, kind: str = "") -> Answer:
        """Ask for something; `kind` is the body's media type."""
        connection = http.client.HTTPSConnection(self.name, self.port, timeout=self.patience)
        connection.sock = self.connect()
        headers = {"Host": self.host, "Cookie": self._cookie_header}
        if kind:
            headers |= {"Content-Type": kind, "X-XSRFToken": self.cookies.get("_xsrf", "")}
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            for header in response.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
            return Answer(response.status, dict(response.headers), response.read().decode(errors="replace"))

    def log_in(self, password: str) -> None:
        """Send the login form as the page holds it.

        Raises:
            VisitError: The password is not the right one, or the server takes none now.
        """
        page = self.request("GET", "/login")
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        if token is None:
            raise VisitError(f"The login page is not one of JupyterLab's (HTTP {page.status}).")
        form = urlencode({"_xsrf": token[1], "password": password})
        answer = self.request("POST", "/login", form, "application/x-www-form-urlencoded")
        if answer.status == 429:
            raise VisitError(f"Too many tries lately; wait {answer.headers.get('Retry-After', 'some')} seconds.")
        if answer.status != 302:
            raise VisitError(f"The password was not accepted (HTTP {answer.status}).")

    def enter(self, secret: bytes, hashed_password: str) -> None:
        """Come in with the server's own key for cookies, which only its user and root can read: no password needed.

        Args:
            secret: The content of the server's file for it.
            hashed_password: The hash in force, which is part of the key, so that a new password ends all sessions.
        """
        from tornado.web import create_signed_value

        self.request("GET", "/login")
        key = hmac.new(secret, hashed_password.encode(), hashlib.sha256).digest()
        name = re.sub(r"[^A-Za-z0-9]", "-", f"username-{self.host}")
        person = dict.fromkeys(("username", "name", "display_name"), "labkit-setup")
        value = json.dumps({**person, "initials": "ls", "color": None, "avatar_url": None})
        self.cookies[name] = create_signed_value(key, name, value).decode()

    def run(self, code: str) -> str:
        """What a cell prints, in a kernel of its own, which is ended afterwards.

        Raises:
            VisitError: There was no kernel, no websocket or no reply.
        """
        started = self.request("POST", "/api/kernels", "{}", "application/json")
        if started.status != 201:
            raise VisitError(f"No kernel could be started (HTTP {started.status}).")
        kernel = str(json.loads(started.text)["id"])
        try:
            return self._execute(kernel, code)
        finally:
            self.request("DELETE", f"/api/kernels/{kernel}", "", "application/json")

    def _execute(self, kernel: str, code: str) -> str:
        message = _execute_request(code)
        try:
            with self._websocket(f"/api/kernels/{kernel}/channels") as channel:
                channel.send(json.dumps(message))
                return _printed(channel, message["header"]["msg_id"])
        except (OSError, ValueError) as error:
            raise VisitError(f"The kernel did not reply over the secure websocket ({error}).") from error

    @contextlib.contextmanager
    def _websocket(self, path: str) -> Iterator[Any]:
        import websocket

        try:
            channel = websocket.create_connection(
                f"wss://{self.host}{path}",
                socket=self.connect(),
                cookie=self._cookie_header,
                origin=f"https://{self.host}",
                timeout=_KERNEL_SECONDS,
            )
        except websocket.WebSocketException as error:
            raise VisitError(f"The secure websocket to the kernel was refused ({error}).") from error
        try:
            channel.settimeout(_KERNEL_SECONDS)
            yield channel
        except websocket.WebSocketException as error:
            raise VisitError(f"The kernel did not reply over the secure websocket ({error}).") from error
        finally:
            channel.close()

    @property
    def _cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def _execute_request(code: str) -> dict[str, Any]:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "",
        "version": "5.4",
        "date": "2026-01-01T00:00:00Z",
    }
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    return {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell", "content": content}


def _printed(channel: Any, message_id: str) -> str:
    printed = ""
    while True:
        reply: dict[str, Any] = json.loads(channel.recv() or "{}")
        if reply.get("parent_header", {}).get("msg_id") != message_id:
            continue
        if reply["msg_type"] == "stream":
            printed += reply["content"]["text"]
        elif reply["msg_type"] == "error":
            raise VisitError(f"The cell failed: {reply['content']['ename']}: {reply['content']['evalue']}")
        elif reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
            return printed
