"""A real server as a service manager starts it, and a client that trusts it; for tests and for browsers."""

import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jupyter_server.auth.security import passwd
from labkit_setup import network
from labkit_setup.host import Host
from labkit_setup.pki import Pki
from labkit_setup.server.settings import Settings
from labkit_setup.subject import Scope, Subject
from nbformat.v4 import new_code_cell, new_notebook, writes
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ["PATIENCE", "SUBJECT", "Client", "Service", "a_service", "hang_up", "one_cell", "printing"]

# Only bounds a test that would hang; nothing is measured with it.
PATIENCE = 60.0


def one_cell(source: str) -> str:
    """A notebook's file with that cell, for Python."""
    python = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return writes(new_notebook(cells=[new_code_cell(source)], metadata={"kernelspec": python}))


@dataclass
class Client:
    """A browser as far as the login is concerned: cookies, a form, and real verification of the server."""

    port: int
    authority: Path
    # The loopback address that it comes from: each stands for another machine.
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)

    def request(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        with contextlib.closing(
            http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=PATIENCE, context=self.tls, source_address=(self.source, 0)
            )
        ) as connection:
            connection.request(method, path, body, {"Cookie": self.cookie_header, **(headers or {})})
            response = connection.getresponse()
            for header in response.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
            return response, response.read().decode()

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def log_in(self, password: str) -> http.client.HTTPResponse:
        """Send the login form as the page holds it."""
        _, page = self.request("GET", "/login?next=%2Flab")
        token = re.search(r'name="_xsrf" value="([^"]+)"', page)
        assert token is not None, page
        form = urlencode({"_xsrf": token[1], "password": password})
        response, _ = self.request(
            "POST", "/login?next=%2Flab", form, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        return response

    def start_kernel(self) -> str:
        headers = {"X-XSRFToken": self.cookies["_xsrf"], "Content-Type": "application/json"}
        response, body = self.request("POST", "/api/kernels", "{}", headers)
        assert response.status == 201, body
        return str(json.loads(body)["id"])

    async def connect(self, kernel: str) -> WebSocketClientConnection:
        """A secure websocket to a kernel, as a page has one."""
        request = HTTPRequest(
            f"wss://127.0.0.1:{self.port}/api/kernels/{kernel}/channels",
            headers={"Cookie": self.cookie_header},
            ssl_options=self.tls,
            request_timeout=PATIENCE,
        )
        return await websocket_connect(request)

    async def run_cell(self, kernel: str, code: str) -> str:
        """What a cell prints, run over a secure websocket."""
        socket = await self.connect(kernel)
        printed = "".join([text async for text in printing(socket, code)])
        await hang_up(socket)
        return printed


async def hang_up(socket: WebSocketClientConnection) -> None:
    """Close it, and wait until it is closed."""
    socket.close()
    while await socket.read_message() is not None:
        pass


async def printing(socket: WebSocketClientConnection, code: str) -> AsyncIterator[str]:
    """Run a cell, and give what it prints while it runs."""
    message = {
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": uuid.uuid4().hex,
            "username": "",
            "version": "5.4",
            "date": "2026-01-01T00:00:00Z",
        },
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
        "content": {"code": code, "silent": False},
    }
    await socket.write_message(json.dumps(message))
    while True:
        text = await socket.read_message()
        if text is None:
            raise ConnectionError("The websocket was closed while a cell ran.")
        reply: dict[str, Any] = json.loads(text)
        if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if reply["msg_type"] == "stream":
            yield reply["content"]["text"]
        if reply["msg_type"] == "error":
            yield f"{reply['content']['ename']}: {reply['content']['evalue']}\n"
        if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
            return


@dataclass
class Service:
    """A server as a service manager starts it, on loopback; a password that is known, certificates in one folder."""

    folder: Path
    process: subprocess.Popen[bytes]
    settings: Settings
    pki: Pki
    password: str

    @property
    def log(self) -> str:
        """What it said until now."""
        assert self.settings.log is not None
        return self.settings.log.read_text()

    def client(self, source: str = "127.0.0.1") -> Client:
        return Client(self.settings.port, self.pki.ca_certificate, source)

    def wait_for_log(self, words: str, times: int = 1) -> str:
        """Until it has said so that often; the whole log then."""
        deadline = time.monotonic() + PATIENCE
        while (text := self.log).count(words) < times:
            assert self.process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.05)
        return text

    def set_password(self, password: str) -> None:
        """As `passwd` does: the file is replaced as a whole."""
        self.password = password
        Host().write(self.settings.password, passwd(password, algorithm="argon2").encode())

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


# What `refuse` refuses is tested elsewhere: whoever runs the tests may be root.
START = """
import sys
from labkit_setup.server import __main__ as server
server.refuse = lambda *_: None
sys.exit(server.main(sys.argv[1:]))
"""
SUBJECT = Subject(network.host_names())


@contextlib.contextmanager
def a_service(subject: Subject = SUBJECT, scope: Scope | None = None, **options: Any) -> Iterator[Service]:
    """A running service; options are those of `Settings`."""
    # Below /tmp itself, since a kernel's socket needs a short path.
    with tempfile.TemporaryDirectory(prefix="lab-") as name:
        folder, host = Path(name), Host()
        for below in ("notebooks", "run", "pki"):
            host.make_private_dir(folder / below)
        pki = Pki(folder / "pki")
        pki.provide(host, subject, scope or Scope.around(subject), datetime.now(UTC))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        settings = Settings(
            port, folder / "notebooks", folder / "state", folder / "run", pki.leaf, folder / "password",
            log=folder / "log", **options,
        )  # fmt: skip
        host.write(folder / "server.json", settings.to_json())
        host.write(folder / "password", passwd("blue otter", algorithm="argon2").encode())
        process = _start(folder)
        service = Service(folder, process, settings, pki, "blue otter")
        try:
            yield service
        finally:
            if process.poll() is None:
                service.stop()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Start the server and wait until it says, as to systemd, that it can be reached."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(PATIENCE)
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, str(folder / "server.json")],
            env={**kept, "HOME": str(folder), "NOTIFY_SOCKET": str(folder / "notify")},
        )
        try:
            assert manager.recv(100) == b"READY=1"
        except TimeoutError:
            process.kill()
            raise
    return process
