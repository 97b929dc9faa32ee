"""JupyterLab over TLS 1.3 with nothing left to chance: it checks itself before anyone can connect."""

import logging
import signal
import socket
import ssl
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from jupyterlab.labapp import LabApp
from tornado.httpserver import HTTPServer
from tornado.platform.asyncio import BaseAsyncIOLoop
from traitlets import default

from . import network
from .errors import ConfigurationError, SetupError
from .jupyter_settings import Settings, configuration
from .pki import Pki

__all__ = ["Lab", "LabServer", "serve"]

# By name, because a list of what runs can be reviewed; Jupyter would load whatever is installed.
_EXTENSIONS = (__name__, "jupyter_server_terminals")
_LOOPBACK = ("127.0.0.1", "::1")


class LabServer(ServerApp):
    """A Jupyter server that is configured by `configuration` alone and serves on sockets it is given."""

    # Jupyter would leave a file with a link in its data folder for browsers to open.
    no_browser_open_file = True

    settings: Settings
    sockets: list[socket.socket]
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
        if fault := _fault(self):
            raise SetupError(
                f"JupyterLab was not started, because {fault}; this is a fault of labkit or of a package it "
                "uses, please report it."
            )
        self._http_server = HTTPServer(
            self.web_app,
            ssl_options=tls_context(self.settings.pki),
            max_body_size=self.max_body_size,
            max_buffer_size=self.max_buffer_size,
        )
        network.listen(self.sockets)
        self.io_loop.add_callback(self._http_server.add_sockets, self.sockets)
        self.io_loop.add_callback(self.on_ready)


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

    The process must have the environment of `jupyter_settings.environment` before it imports this module.

    Args:
        settings: What to serve, and for whom.
        sockets: Bound to loopback addresses and not listening yet; see `network.reserve`.
        on_ready: Called once clients can connect.
        on_stop: Called with the number of running kernels when a signal asks to stop.
    """
    logging.captureWarnings(True)
    server = LabServer.instance(config=configuration(settings))
    server.settings, server.sockets = settings, sockets
    server.on_ready, server.on_stop = on_ready, on_stop
    server.jpserver_extensions = dict.fromkeys(_EXTENSIONS, True)
    server.initialize(argv=[], find_extensions=False, starter_extension=Lab.name)
    server.start()


def tls_context(pki: Pki) -> ssl.SSLContext:
    """TLS 1.3 with the X25519 key exchange, which all current browsers have and which satisfies Mozilla's
    "modern" profile; Jupyter's own options can set neither.

    Raises:
        ConfigurationError: The certificate and the key can't be used together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_ecdh_curve("X25519")
    try:
        context.load_cert_chain(pki.certificate, pki.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"The certificate {pki.certificate} can't be served with its key ({error}); delete it and start again."
        ) from error
    return context


def _fault(server: LabServer) -> str | None:
    """What is wrong with the settings in force, in words that fit after "because"."""
    identity = server.identity_provider
    cookie = server.web_app.settings.get("xsrf_cookie_kwargs", {})
    # Another class would have other rules for who gets in.
    if type(identity) is not PasswordIdentityProvider:
        return "the login is not Jupyter's password login"
    wrong = {
        "the password is not the one that was set": not server.settings.hashed_password
        or identity.hashed_password != server.settings.hashed_password,
        "a token would be accepted beside the password": bool(identity.token),
        "the password could be changed from the login page": identity.allow_password_change,
        "login cookies would be sent without https": identity.secure_cookie is not True,
        "the XSRF cookie would be sent without https": not cookie.get("secure"),
        "cross-site requests would not be checked": server.disable_check_xsrf,
        "other origins would be let in": bool(
            server.allow_origin or server.allow_origin_pat or server.allow_credentials
        ),
        "pages would be served without a login": server.allow_unauthenticated_access,
        "requests for other hosts would be answered": server.allow_remote_access,
        "it would listen beyond this machine": not server.sockets
        or any(opened.getsockname()[0] not in _LOOPBACK for opened in server.sockets),
        "kernels would listen on open ports": server.kernel_manager.config.KernelManager.transport != "ipc",
        "another certificate would be served": (server.certfile, server.keyfile)
        != (str(server.settings.pki.certificate), str(server.settings.pki.key)),
    }
    return next((what for what, is_wrong in wrong.items() if is_wrong), None)
