"""JupyterLab over TLS with nothing left to chance: it checks itself before anyone can connect."""

import importlib.util
import logging
import signal
import socket
import weakref
from collections.abc import Callable
from typing import Any

from jupyter_server.serverapp import ServerApp
from jupyterlab.labapp import LabApp
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.iostream import IOStream
from tornado.platform.asyncio import BaseAsyncIOLoop
from tornado.web import decode_signed_value
from traitlets import default

from .. import network
from ..errors import ConfigurationError, SetupError
from ..subject import Address
from .checks import fault
from .configuration import configuration
from .credentials import Credentials
from .hosts import HostGate, may_connect
from .login import DESK, Desk
from .secretfile import SecretFile
from .settings import Settings
from .tls import Certificate

__all__ = ["Lab", "LabServer", "serve"]

# By name, because a list of what runs can be reviewed; Jupyter would load whatever is installed.
_EXTENSIONS = (__name__, "jupyter_server_terminals")
# The bench's own part in the server, where the bench is installed.
_BENCH = "labkit.extension"
_LOOK_EVERY_MS = 1000.0


class LabServer(ServerApp):
    """A Jupyter server that is configured by `configuration` alone and serves on sockets it is given."""

    # Jupyter would leave a file with a link in its data folder for browsers to open.
    no_browser_open_file = True

    settings: Settings
    sockets: list[socket.socket]
    certificate: Certificate
    credentials: Credentials
    on_ready: Callable[[], None]
    on_stop: Callable[[int], None]

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: a file in ~/.jupyter, /etc/jupyter or the environment would have a say."""

    def migrate_config(self) -> None:
        """Nothing: what IPython 3 left in the user's home is not ours."""

    def init_signal(self) -> None:
        """Stop on Ctrl-C without asking back, and likewise when the terminal closes."""
        self._asked_to_stop = False
        assert isinstance(self.io_loop, BaseAsyncIOLoop)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.io_loop.asyncio_loop.add_signal_handler(number, self._stop_once)

    def _stop_once(self) -> None:
        if not self._asked_to_stop:
            self._asked_to_stop = True
            self.on_stop(len(self.kernel_manager.list_kernel_ids()))
            self.stop()

    def init_httpserver(self) -> None:
        """Check what is in force now, after all of Jupyter's own steps, and only then let clients connect."""
        self._desk = self.web_app.settings[DESK] = Desk(self.credentials)
        if what := fault(self):
            raise SetupError(
                f"JupyterLab was not started, because {what}; this is a fault of labkit or of a package it "
                "uses, please report it."
            )
        self._door = self._http_server = _Door(
            HostGate(self.web_app, self._answers_for, self._is_login),
            ssl_options=self.certificate.context,
            max_body_size=self.max_body_size,
            max_buffer_size=self.max_buffer_size,
        )
        self._door.networks = self.settings.peers
        self._watch = PeriodicCallback(self.look, _LOOK_EVERY_MS)
        network.listen(self.sockets)
        self.io_loop.add_callback(self._door.add_sockets, self.sockets)
        self.io_loop.add_callback(self._watch.start)
        self.io_loop.add_callback(self.on_ready)

    def look(self) -> None:
        """Take over a new certificate or password, if there is one: kernels and downloads go on."""
        try:
            if self.certificate.refresh():
                self._door.ssl_options = self.certificate.context
                leaf = self.certificate.leaf
                names = ", ".join(map(str, (*leaf.subject.names, *leaf.subject.addresses)))
                self._desk.audit.certificate_changed(names, f"{leaf.ends:%Y-%m-%d}")
        except ConfigurationError as error:
            self._desk.audit.kept(str(error))
        try:
            if self.credentials.refresh():
                self._end_sessions()
        except ConfigurationError as error:
            self._desk.audit.kept(str(error))

    def _end_sessions(self) -> None:
        # Cookies are signed with a key that the password is part of; websockets were let in with the old one.
        self.identity_provider.set_trait("hashed_password", self.credentials.hashed)
        self.web_app.settings["cookie_secret"] = self._default_cookie_secret()
        self._door.hang_up()
        self._desk.audit.password_changed()

    def _answers_for(self, host: str | Address) -> bool:
        return self.certificate.leaf.covers(host)

    def _is_login(self, name: str, value: str) -> bool:
        secret = self.web_app.settings["cookie_secret"]
        return name.startswith("username-") and decode_signed_value(secret, name, value) is not None


class _Door(HTTPServer):
    """Jupyter's server behind a list of networks, with all its connections at hand."""

    networks: tuple[Any, ...] = ()

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Called by tornado in place of `__init__`."""
        super().initialize(*args, **kwargs)
        self._streams: weakref.WeakSet[IOStream] = weakref.WeakSet()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Tornado calls this for each connection, before the handshake."""
        if not may_connect(str(address[0]), self.networks):
            stream.close()
            return
        self._streams.add(stream)
        super().handle_stream(stream, address)

    def hang_up(self) -> None:
        """End every connection, websockets among them."""
        for stream in list(self._streams):
            stream.close()


class Lab(LabApp):  # type: ignore[misc]
    """JupyterLab's part of the server, without its configuration files."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: JupyterLab's files can set the server's options, too."""

    @default("log")
    def _server_log(self) -> logging.Logger:
        log: logging.Logger = LabServer.instance().log
        return log


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": __name__, "app": Lab}]


def serve(
    settings: Settings,
    sockets: list[socket.socket],
    on_ready: Callable[[], None],
    on_stop: Callable[[int], None],
) -> None:
    """Run JupyterLab until Ctrl-C, SIGTERM, SIGHUP or its own shut-down button; kernels end with it.

    The process must have the environment of `configuration.environment` before it imports this module.

    Args:
        settings: What to serve, and for whom.
        sockets: Bound and not listening yet; see `network.reserve`.
        on_ready: Called once clients can connect.
        on_stop: Called with the number of running kernels when a signal asks to stop.

    Raises:
        ConfigurationError: The certificate or the password can't be used.
        SetupError: Something is in force that would let somebody in.
    """
    logging.captureWarnings(True)
    certificate = Certificate(SecretFile(settings.leaf), settings.tls)
    credentials = Credentials(SecretFile(settings.password))
    server = LabServer.instance(config=configuration(settings, credentials.hashed))
    server.settings, server.sockets = settings, sockets
    server.certificate, server.credentials = certificate, credentials
    server.on_ready, server.on_stop = on_ready, on_stop
    wanted = (*_EXTENSIONS, _BENCH) if _is_there(_BENCH) else _EXTENSIONS
    server.jpserver_extensions = dict.fromkeys(wanted, True)
    try:
        server.initialize(argv=[], find_extensions=False, starter_extension=Lab.name)
        server.start()
    finally:
        credentials.close()


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
