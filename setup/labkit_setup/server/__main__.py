"""`python -I -m labkit_setup.server FILE`: what a service manager starts, as the user whose notebooks they are."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .. import network
from ..errors import ConfigurationError, SetupError, UsageError
from ..host import Host
from .runfolder import run_folder
from .settings import Settings
from .start import start

__all__ = ["main", "notify", "refuse"]


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM; what is in the way is one sentence on stderr and an exit status of sysexits.h."""
    try:
        if len(arguments) != 1:
            raise UsageError("Start the server with the file of its settings: python -I -m labkit_setup.server FILE")
        host, path = Host(), Path(arguments[0])
        content = host.read(path)
        if content is None:
            raise ConfigurationError(f"{path} is not there; run `apply` to have it written.")
        settings = Settings.from_json(content, path)
        refuse(os.environ, os.geteuid())
        sockets = network.reserve(settings.port, everywhere=bool(settings.peers))
        # Not for kernels: what they say to it would count as the server's word.
        manager = os.environ.pop("NOTIFY_SOCKET", "")
        # systemd says so of a folder that it made, and takes away itself.
        is_kept = "RUNTIME_DIRECTORY" in os.environ
        with run_folder(host, settings.run, is_kept) as run:
            start(
                replace(settings, run=run), host, sockets,
                lambda: notify(manager, b"READY=1"), lambda _: notify(manager, b"STOPPING=1"),
            )  # fmt: skip
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


def refuse(environment: Mapping[str, str], user: int) -> None:
    """What a service must not be started with.

    Raises:
        ConfigurationError: It would run as root, or somebody set a token in its environment.
    """
    if user == 0:
        raise ConfigurationError(
            "The server does not run as root: a notebook could change the whole machine; set User=."
        )
    for name in ("JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE"):
        if name in environment:
            raise ConfigurationError(
                f"{name} is set, and whoever has the token would need no password; take it out of the environment."
            )


def notify(address: str, message: bytes) -> None:
    """Tell systemd, as sd_notify(3) describes, if it started us; else the address is empty."""
    if address.startswith(("/", "@")):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect("\0" + address[1:] if address[0] == "@" else address)
            channel.send(message)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
