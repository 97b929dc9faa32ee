"""The commands that run inside the virtual environment; `python3 setup` leads here."""

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from . import network, password
from .arguments import LabOptions, parse_lab
from .errors import ConfigurationError, SetupError, Stopped, UsageError
from .host import Host
from .paths import State
from .pki import Pki
from .server.runfolder import run_folder
from .server.settings import Settings
from .server.start import start
from .subject import Scope, Subject
from .words import address, stopping, welcome

__all__ = ["main"]

_NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; what a person can mend is said in one sentence on stderr."""
    try:
        match list(sys.argv[1:] if arguments is None else arguments):
            case ["lab", *options]:
                _lab(parse_lab(options), Host())
                return 0
            case _:
                raise UsageError("Start the lab with `python3 setup lab`.")
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return Stopped.exit_status


def _lab(options: LabOptions, host: Host) -> None:
    state = State.of(os.environ, sys.platform)
    lessons = _lessons(host)
    # First of all, so that a port that is taken costs nobody a password.
    sockets = network.reserve(options.port)
    port: int = sockets[0].getsockname()[1]
    for folder in state.folders:
        host.make_private_dir(folder)
    with run_folder(host, state.run(port), is_kept=False) as run:
        with host.locked(state.root, _say_waiting):
            chosen = password.provide(
                host,
                state.password,
                replace=options.new_password,
                make_up=options.generate or not sys.stdin.isatty(),
            )
            subject = Subject(network.host_names())
            pki = Pki(state.pki)
            told = pki.provide(host, subject, Scope.around(subject), datetime.now(UTC))
        host.write(state.log(port), b"")
        settings = Settings(port, _NOTEBOOKS, state.jupyter, run, pki.leaf, state.password, log=state.log(port))
        lesson = address(port, lessons)
        remote = network.remote(os.environ)
        shown = options.open_browser and network.has_display(os.environ, sys.platform)

        def on_ready() -> None:
            _say(*told, *welcome(state, port, lesson, chosen.told, remote, sys.platform))
            if shown and not network.open_browser(lesson):
                _say("No browser could be started; open the address yourself.")

        def on_stop(kernels: int) -> None:
            _say(stopping(kernels))

        if os.geteuid() == 0:
            told.append("You are root, so a notebook can change all of this machine; better use another account.")
        start(settings, host, sockets, on_ready, on_stop)
    _say("Stopped.")


def _lessons(host: Host) -> list[str]:
    if not _NOTEBOOKS.is_dir():
        raise ConfigurationError(f"The lessons are missing ({_NOTEBOOKS}); get them with `git checkout notebooks`.")
    return [entry.name for entry in host.entries(_NOTEBOOKS) if entry.suffix == ".ipynb"]


def _say(*lines: str) -> None:
    # The terminal may be gone by the time there is something to say; stopping matters more.
    with contextlib.suppress(OSError):
        print(*lines, sep="\n", flush=True)


def _say_waiting() -> None:
    _say("Another lab is being set up for this user; waiting for it.")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
