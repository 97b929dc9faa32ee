"""The Jupyter server's part: the link between pages and kernels, what pages load, and no waiting in kernel websockets.

It runs in the server, not in a kernel, and reaches a kernel by its socket alone. Installing the package enables it.
"""

from __future__ import annotations

import asyncio
import functools
import json
import socket
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from labkit.errors import UnsafeFolder
from labkit.frontend import front_end
from labkit.link.wire import MAX_FROM_KERNEL, MAX_FROM_PAGE, NAME, PREFIX, Speaker, socket_path

__all__ = ["KernelLink"]

PING_S = 0.5
MISSED = 3
# Little: what lies there delays the pings behind it.
SEND_BUFFER = 1 << 17
WAITED_S = 0.05
YEAR_S = 31_536_000
# Five and twenty times Jupyter's own: more than a kernel makes of widgets, less than what stops a browser.
LIMITS = {"iopub_msg_rate_limit": 5_000, "iopub_data_rate_limit": 20_000_000}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = server.web_app.settings["base_url"]
    places = {
        r"/labkit": Presence,
        r"/labkit/lab\.js": LabExtension,
        r"/labkit/kernel/([^/]*)": KernelLink,
        r"/labkit/bokeh/([^/]+)/bokeh\.min\.js": BokehJS,
    }
    server.web_app.add_handlers(".*$", [(url_path_join(base, path), handler) for path, handler in places.items()])
    _send_at_once(KernelWebsocketHandler)
    _leave_status_alone(server.web_app.settings)
    _let_panels_through(server.config)


def _let_panels_through(config: Any) -> None:
    """Have the server pass on what a column of a hundred panels is made of: six thousand messages in three seconds.

    Above its limits it drops messages, the end of the cell among them, so that the cell seems to run for ever. What
    somebody configured stays.
    """
    for name, value in LIMITS.items():
        if name not in config.ServerApp:
            config.ZMQChannelsWebsocketConnection.setdefault(name, value)


def _leave_status_alone(settings: dict[str, Any]) -> None:
    """Have JupyterLab's pages not draw "busy" and "idle" anew for each message of a widget.

    It takes a page several milliseconds, and the answer to a click waits behind it. What counts as activity, for
    servers that end kernels which nobody uses, stays as it is.
    """
    before = settings.get("page_config_hook")

    def configured(handler: Any, page: dict[str, Any]) -> dict[str, Any]:
        page = before(handler, page) if before is not None else page
        known = page.get("untracked_message_types") or []
        return {**page, "untracked_message_types": [*known, "comm_msg"]}

    settings["page_config_hook"] = configured


def _send_at_once(handler: Any) -> None:
    """Have a websocket send each message when it is written.

    Stock waits up to 40 ms for the acknowledgement of the one before: every reply follows a status message.
    """
    stock = handler.open
    if hasattr(stock, "labkit"):
        return

    @functools.wraps(stock)
    async def opened(self: Any, *args: Any, **named: Any) -> Any:
        try:
            self.set_nodelay(True)
        except Exception as error:  # noqa: BLE001 - quicker is not worth a broken kernel connection
            self.log.debug("labkit could not set TCP_NODELAY: %s", error)
        return await ensure_async(stock(self, *args, **named))

    opened.labkit = True  # type: ignore[attr-defined]
    handler.open = opened


class Presence(JupyterHandler):
    """Tells pages that the extension is there; a page that gets no such answer uses comms."""

    @web.authenticated
    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"labkit": 1}))


class LabExtension(JupyterHandler):
    """What JupyterLab's page loads of labkit, by etc/labextension; the page asks each time whether it has changed."""

    @web.authenticated
    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(front_end("lab.js"))


class BokehJS(JupyterHandler):
    """The installed Bokeh's front end, for browsers to keep: the address has the version."""

    @web.authenticated
    async def get(self, wanted: str) -> None:
        file = _bokeh_file()
        if file is None or wanted != version("bokeh"):
            raise web.HTTPError(404, "The server's environment has no Bokeh of that version.")
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", f"private, max-age={YEAR_S}, immutable")
        self.finish(await asyncio.to_thread(file.read_bytes))


def _bokeh_file() -> Path | None:
    # Found, not imported: Bokeh costs a small machine seconds, and the server never draws.
    try:
        version("bokeh")
    except PackageNotFoundError:
        return None
    spec = find_spec("bokeh")
    folders = (spec.submodule_search_locations or []) if spec is not None else []
    files = (Path(folder, "server", "static", "js", "bokeh.min.js") for folder in folders)
    return next((file for file in files if file.is_file()), None)


class KernelLink(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """A page's websocket to the socket of one kernel of this server. Nothing piles up here.

    What the page does not take is not read from the kernel; what the kernel does not take is not read from
    the page. Pings tell that the page is there, without its timers, which browsers throttle in hidden tabs.
    """

    auth_resource = "kernels"
    ping_interval = 0  # Jupyter's own would be every 30 s
    max_message_size = MAX_FROM_PAGE

    def set_default_headers(self) -> None:
        """None: they make no sense for a websocket."""

    def get_compression_options(self) -> None:
        """None: small frames many times a second."""

    @ws_authenticated
    async def get(self, kernel_id: str) -> None:
        """Refuse before the upgrade whoever may not run code in that very kernel."""
        allowed = await ensure_async(self.authorizer.is_authorized(self, self.current_user, "execute", "kernels"))
        if not allowed:
            raise web.HTTPError(403)
        page = self.get_argument("page", "")
        if not NAME.fullmatch(kernel_id) or kernel_id not in self.kernel_manager:
            raise web.HTTPError(404, "This server has no such kernel.")
        if not NAME.fullmatch(page):
            raise web.HTTPError(400, "The page does not say who it is.")
        try:
            self._reader, self._writer = await asyncio.open_unix_connection(socket_path(kernel_id))
        except (OSError, UnsafeFolder) as error:
            raise web.HTTPError(404, f"That kernel has no link: {error}") from None
        self._page = page
        self._gone: tuple[str, float] = ("closed", 0.0)
        self._tasks: list[asyncio.Task[None]] = []
        try:
            await super().get(kernel_id)
        finally:
            if not self._tasks:
                self._writer.close()

    async def open(self, kernel_id: str) -> None:
        self.set_nodelay(True)
        stream = self.ws_connection.stream if self.ws_connection else None
        assert stream is not None
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._heard = asyncio.get_running_loop().time()
        self._tell({"type": "came", "page": self._page})
        self._tasks = [asyncio.create_task(self._to_page()), asyncio.create_task(self._watch())]

    async def on_message(self, message: str | bytes) -> None:
        """A frame for the kernel; the next is not read before this one is on its way."""
        self._heard = asyncio.get_running_loop().time()
        if isinstance(message, bytes):
            self._writer.write(PREFIX.pack(len(message), Speaker.PAGE) + message)
            try:
                await self._writer.drain()
            except OSError:
                self.close(1012, "the kernel ended")

    def on_pong(self, data: bytes) -> None:
        self._heard = asyncio.get_running_loop().time()

    def on_close(self) -> None:
        for task in self._tasks:
            task.cancel()
        reason, silent_s = self._gone
        self._tell({"type": "gone", "reason": reason, "silent_s": silent_s})
        self._writer.close()

    def _tell(self, what: dict[str, Any]) -> None:
        text = json.dumps(what).encode()
        if not self._writer.is_closing():
            self._writer.write(PREFIX.pack(len(text), Speaker.SERVER) + text)

    async def _to_page(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                length, _ = PREFIX.unpack(await self._reader.readexactly(PREFIX.size))
                if length > MAX_FROM_KERNEL:
                    raise ConnectionError("a frame too long")
                frame = await self._reader.readexactly(length)
                begun = loop.time()
                # Done when there was room for it: until then nothing more is read from the kernel.
                await self.write_message(frame, binary=True)
                if loop.time() - begun > WAITED_S:
                    # Room came because the page's machine took something: a slow network is not a dead one.
                    self._heard = loop.time()
        except (asyncio.IncompleteReadError, OSError, WebSocketClosedError):
            self.close(1012, "the kernel ended")

    async def _watch(self) -> None:
        """Ping for as long as the page answers."""
        loop = asyncio.get_running_loop()
        missed = 0
        try:
            while missed < MISSED:
                self._pinged = loop.time()
                self.ping(b"")
                await asyncio.sleep(PING_S)
                # A server that was busy itself has not read what the page may have answered.
                was_busy = loop.time() - self._pinged > 2 * PING_S
                missed = 0 if self._heard >= self._pinged else missed + (not was_busy)
        except WebSocketClosedError:
            return
        # Told now: closing would wait for an answer first.
        self._gone = ("no pong", loop.time() - self._heard)
        self._tell({"type": "gone", "reason": self._gone[0], "silent_s": self._gone[1]})
        self.close(1001, "no pong")
