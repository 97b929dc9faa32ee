"""The extension in a real Jupyter server with a real kernel: who gets in, what passes, and what is told of pages."""

from __future__ import annotations

import asyncio
import base64
import http.cookiejar
import json
import logging
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import bokeh
import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect
from traitlets.config import Config

from labkit import extension
from labkit.link.wire import MAX_FROM_PAGE, pack, unpack

pytestmark = pytest.mark.process

# What the tests ask the kernel: the channel echoes, and keeps what happened.
KERNEL = """
import queue
import labkit
from labkit.link.serving import serving
bench = labkit.bench("simulated")
hub, name = serving()
events = queue.Queue()
probe = hub.channel("probe")
probe.open(
    lambda page, view, message, buffers: probe.send(page, view, message, buffers),
    came=lambda page: events.put(["came", page]), gone=lambda page, why: events.put([why.reason, page, why.silent_s]),
)
def happened(what, page):
    while True:
        event = events.get(timeout=60)
        if event[:2] == [what, page]:
            return event
"""


class Jupyter:
    """A server with a password, one kernel, and a client that logged in."""

    def __init__(self, home: Path) -> None:
        from jupyter_server.auth import passwd

        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.home = home
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_", "GPIOZERO_"))
        }
        folders = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "c", "JUPYTER_RUNTIME_DIR": home / "r"}
        (home / "x").mkdir()
        options = {
            "ServerApp.ip": "127.0.0.1", "ServerApp.port": self.port, "ServerApp.port_retries": 0,
            "ServerApp.root_dir": home, "ServerApp.open_browser": False, "ServerApp.allow_root": True,
            "IdentityProvider.token": "", "PasswordIdentityProvider.hashed_password": passwd("sesame"),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *(f"--{name}={value}" for name, value in options.items())],
            env={**kept, **{name: str(path) for name, path in folders.items()}, "XDG_RUNTIME_DIR": str(home / "x")},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Control-C" in line:
                break
        # Read on, or the server would block in its log.
        self._reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self._reader.start()
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        # It says that it runs a moment before it listens.
        while not self._listens() and self.process.poll() is None:
            time.sleep(0.02)
        self._log_in()
        self.kernel = json.loads(self.request("/api/kernels", b"{}").body)["id"]
        self.client = self._kernel_client()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _log_in(self) -> None:
        page = self.request("/login").body.decode()
        token = re.search(r'name="_xsrf" value="([^"]+)"', page)[1]
        self.request("/login", urllib.parse.urlencode({"_xsrf": token, "password": "sesame"}).encode())

    def _kernel_client(self) -> BlockingKernelClient:
        client = BlockingKernelClient(connection_file=str(self.home / "r" / f"kernel-{self.kernel}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        return client

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    def request(self, path: str, body: bytes | None = None, logged_in: bool = True) -> Any:
        token = next((cookie.value for cookie in self.jar if cookie.name == "_xsrf"), "")
        xsrf = {"X-XSRFToken": token or ""}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, xsrf)
        try:
            opener = self._opener if logged_in else urllib.request.build_opener()
            with opener.open(request, timeout=60) as answer:
                return SimpleNamespace(status=answer.status, body=answer.read(), headers=answer.headers, url=answer.url)
        except urllib.error.HTTPError as error:
            error.close()
            return SimpleNamespace(status=error.code, body=b"", headers=error.headers, url=error.url)

    def run(self, source: str) -> Any:
        """Run code in the kernel; the value of its last expression."""
        reply = self.client.execute(source.rstrip(), user_expressions={"it": "_"}, reply=True, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        return eval(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])  # what repr wrote

    async def connect(
        self, page: str = "page0001", kernel: str | None = None, **headers: str
    ) -> WebSocketClientConnection:
        kernel = self.kernel if kernel is None else kernel
        url = f"ws://127.0.0.1:{self.port}/labkit/kernel/{kernel}?page={page}"
        return await websocket_connect(HTTPRequest(url, headers={"Cookie": self.cookie, **headers}, request_timeout=60))

    def refusal(self, **options: Any) -> int:
        """The status with which a websocket is refused."""

        async def attempt() -> int:
            try:
                await leave(await self.connect(**options))
            except HTTPClientError as error:
                return error.code
            return 101

        return asyncio.run(attempt())

    def raw(self, page: str) -> socket.socket:
        """A websocket of which the test speaks the protocol itself: it answers no ping."""
        opened = socket.create_connection(("127.0.0.1", self.port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET /labkit/kernel/{self.kernel}?page={page} HTTP/1.1", f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie}", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13", "", "",
        ]  # fmt: skip
        opened.sendall("\r\n".join(lines).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += opened.recv(1)
        assert b" 101 " in answer.split(b"\r\n")[0], answer
        return opened

    def close(self) -> None:
        self.client.stop_channels()
        self.process.terminate()
        self.process.wait(timeout=60)
        self._reader.join()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def jupyter() -> Iterator[Jupyter]:
    home = Path(tempfile.mkdtemp(prefix="lk"))
    started = Jupyter(home)
    started.run(KERNEL + "None")
    yield started
    started.close()
    shutil.rmtree(home)


async def leave(connection: WebSocketClientConnection) -> None:
    connection.close()
    while await connection.read_message() is not None:
        pass


async def next_of(connection: WebSocketClientConnection, channel: str) -> Any:
    while True:
        frame = await connection.read_message()
        assert frame is not None, "the server closed"
        found, _, message, buffers = unpack(frame)
        if found == channel:
            return message, [bytes(part) for part in buffers]


def test_installing_the_package_enables_it_and_pages_can_ask(jupyter):
    assert "labkit.extension | extension was successfully loaded" in jupyter.said
    assert json.loads(jupyter.request("/labkit").body) == {"labkit": 1}
    assert "/login" in jupyter.request("/labkit", logged_in=False).url


def test_frames_pass_both_ways(jupyter):
    async def talk() -> None:
        page = await jupyter.connect()
        assert (await next_of(page, "link"))[0] == {"type": "welcome"}
        big = os.urandom(MAX_FROM_PAGE - 1000)
        await page.write_message(pack("probe", "v", {"n": 1}, [big, b"abc"]), binary=True)
        assert await next_of(page, "probe") == ({"n": 1}, [big, b"abc"])
        await leave(page)

    asyncio.run(talk())
    assert jupyter.run("happened('closed', 'page0001')")[0] == "closed"


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (403, {"Cookie": ""}),
        (403, {"Cookie": "username-127-0-0-1-8888=forged"}),
        (403, {"Origin": "https://evil.example"}),
        (403, {"Origin": "null"}),
        (404, {"kernel": "00000000-0000-0000-0000-000000000000"}),
        (404, {"kernel": ""}),
        (404, {"kernel": "..%2f..%2fsecret"}),
        (404, {"kernel": "%2e%2e"}),
        (404, {"kernel": "x" * 70}),
        (400, {"page": ""}),
        (400, {"page": "..%2f"}),
    ],
)
def test_who_is_refused_before_the_upgrade(jupyter, status, options):
    assert jupyter.refusal(**options) == status


def test_its_own_origin_is_let_in(jupyter):
    assert jupyter.refusal(Origin=f"http://127.0.0.1:{jupyter.port}") == 101


def test_a_kernel_without_a_link_is_not_found_rather_than_waited_for(jupyter):
    other = json.loads(jupyter.request("/api/kernels", b"{}").body)["id"]
    assert jupyter.refusal(kernel=other) == 404


def test_a_frame_that_is_too_big_ends_that_page(jupyter):
    async def shout() -> int | None:
        page = await jupyter.connect("page0big")
        await page.write_message(bytes(MAX_FROM_PAGE + 1), binary=True)
        while await page.read_message() is not None:
            pass
        page.close()
        return page.close_code

    assert asyncio.run(shout()) in (1009, None)
    jupyter.run("happened('closed', 'page0big')")


def test_a_page_that_is_killed_is_gone_at_once(jupyter):
    page = jupyter.raw("pagekill")
    jupyter.run("happened('came', 'pagekill')")
    page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    page.close()  # a reset, as of a browser that was killed
    assert jupyter.run("happened('closed', 'pagekill')") == ["closed", "pagekill", 0.0]


def test_a_page_that_answers_no_ping_is_gone(jupyter):
    page = jupyter.raw("pagemute")
    assert jupyter.run("happened('no pong', 'pagemute')")[2] >= 1.0
    page.close()


def test_a_slow_reader_costs_no_memory(jupyter):
    page = jupyter.raw("pageslow")
    jupyter.run("happened('came', 'pageslow')")
    # It is alive, says it, and reads nothing.
    ended = threading.Event()

    def live() -> None:
        while not ended.wait(0.2):
            try:
                page.sendall(b"\x8a\x80\0\0\0\0")
            except OSError:
                return

    threading.Thread(target=live).start()
    before = psutil.Process(jupyter.process.pid).memory_info().rss
    jupyter.run("block, sent = bytes(50_000), 0\nwhile probe.send('pageslow', '', None, [block]): sent += 1\nsent")
    assert jupyter.run("happened('too slow', 'pageslow')")[0] == "too slow"
    grown = psutil.Process(jupyter.process.pid).memory_info().rss - before
    ended.set()
    page.close()
    assert grown < 8_000_000


def test_stop_works_while_a_cell_runs(jupyter):
    jupyter.run("from gpiozero import LED\nimport time\nred = LED(17)\nred.on()\nNone")
    jupyter.client.execute("print('busy', flush=True)\nwhile red.value: sum(range(100))")
    while jupyter.client.get_iopub_msg(timeout=60)["content"].get("text") != "busy\n":
        pass

    async def stop() -> Any:
        page = await jupyter.connect("pagestop")
        await page.write_message(pack("stop", "v", {"type": "stop"}), binary=True)
        while True:
            state, _ = await next_of(page, "stop")
            if state["stopped"]:
                await leave(page)
                return state

    state = asyncio.run(stop())
    assert re.fullmatch(r"stopped at \d\d:\d\d:\d\d by the STOP button", state["stopped"])
    assert jupyter.run("red.value") == 0
    jupyter.run("bench.resume()\nred.close()\nNone")


def test_labkit_stop_stops_every_bench_of_the_user(jupyter):
    jupyter.run("bench.resume()\nNone")
    runtime = jupyter.home / "x" / "labkit"
    (runtime / "killed.link").touch()
    deaf = socket.socket(socket.AF_UNIX)
    deaf.bind(str(runtime / "deaf.link"))
    deaf.listen()
    command = [sys.executable, "-m", "labkit.cli", "stop"]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(jupyter.home / "x")}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "deaf: no answer within 2 s" in ran.stderr
    assert re.search(r"\(process \d+\): stopped at .* by labkit stop in a terminal", ran.stdout), ran.stdout
    assert jupyter.run("bench.is_stopped")
    assert not (runtime / "killed.link").exists()
    deaf.close()
    (runtime / "deaf.link").unlink()
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    jupyter.run("bench.resume()\nNone")


def test_bokehjs_comes_from_the_server_and_stays_in_the_browser(jupyter):
    version = bokeh.__version__
    answer = jupyter.request(f"/labkit/bokeh/{version}/bokeh.min.js")
    assert answer.status == 200
    assert answer.body == (Path(bokeh.__file__).parent / "server/static/js/bokeh.min.js").read_bytes()
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert jupyter.request("/labkit/bokeh/0.0.1/bokeh.min.js").status == 404
    assert jupyter.request(f"/labkit/bokeh/{version}/..%2fbokeh.min.js").status == 404
    assert "/login" in jupyter.request(f"/labkit/bokeh/{version}/bokeh.min.js", logged_in=False).url


def test_pages_draw_no_busy_for_a_widgets_messages_and_another_hook_goes_first():
    settings = {"page_config_hook": lambda handler, page: {**page, "other": True}}
    extension._leave_status_alone(settings)
    page = settings["page_config_hook"](None, {"untracked_message_types": ["status"]})
    assert page == {"other": True, "untracked_message_types": ["status", "comm_msg"]}
    bare = {}
    extension._leave_status_alone(bare)
    assert bare["page_config_hook"](None, {}) == {"untracked_message_types": ["comm_msg"]}


def test_what_a_hundred_panels_are_made_of_passes_unless_somebody_said_otherwise():
    config = Config()
    extension._let_panels_through(config)
    assert config.ZMQChannelsWebsocketConnection == {"iopub_msg_rate_limit": 5_000, "iopub_data_rate_limit": 20_000_000}
    own = Config(ServerApp={"iopub_msg_rate_limit": 7}, ZMQChannelsWebsocketConnection={"iopub_data_rate_limit": 8})
    extension._let_panels_through(own)
    assert own.ZMQChannelsWebsocketConnection == {"iopub_data_rate_limit": 8}


def test_jupyterlab_is_told_of_our_extension_and_gets_it_by_the_server(jupyter):
    page = jupyter.request("/lab").body.decode()
    settings = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    assert "comm_msg" in settings["untracked_message_types"]
    (found,) = [each for each in settings["federated_extensions"] if each["name"] == "gpio-labkit"]
    entry = jupyter.request(f"/lab/extensions/gpio-labkit/{found['load']}")
    assert b"labkit/lab.js" in entry.body
    module = jupyter.request("/labkit/lab.js")
    assert module.headers["Content-Type"].startswith("text/javascript")
    assert module.headers["Cache-Control"] == "no-cache"
    assert b'id: "gpio-labkit:views"' in module.body
    assert "/login" in jupyter.request("/labkit/lab.js", logged_in=False).url


def test_kernel_websockets_send_at_once():
    from labkit import extension

    class Handler:
        calls: ClassVar[list[Any]] = []

        def open(self) -> None:
            self.calls.append("opened")

        def set_nodelay(self, on: bool) -> None:
            self.calls.append(on)
            raise AttributeError("no socket any more")

        log = logging.getLogger("test")

    extension._send_at_once(Handler)
    extension._send_at_once(Handler)
    asyncio.run(Handler().open())
    assert Handler.calls == [True, "opened"]


def test_a_restarted_kernel_takes_its_pages_back(jupyter):
    async def across() -> None:
        page = await jupyter.connect("pagerest")
        await next_of(page, "link")
        await asyncio.to_thread(jupyter.request, f"/api/kernels/{jupyter.kernel}/restart", b"")
        while await page.read_message() is not None:
            pass
        page.close()
        assert page.close_code == 1012

    asyncio.run(across())
    jupyter.client.wait_for_ready(timeout=60)
    assert jupyter.refusal() == 404
    jupyter.run(KERNEL + "None")
    assert jupyter.refusal() == 101
