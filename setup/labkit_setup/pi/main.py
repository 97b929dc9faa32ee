"""`labkit-setup` and `python3 setup pi`: from a command line to an exit status, without a traceback."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType

from ..errors import ConfigurationError, SetupError, Stopped
from ..host import Host
from .context import Context
from .libraries import reach
from .options import Options, parse

__all__ = ["main"]

# Where each command is; what is not used is not loaded.
_MODULES = {
    "plan": "apply",
    "apply": "apply",
    "uninstall": "uninstall",
    "renew": "upkeep",
    "passwd": "upkeep",
    "status": "report",
    "logs": "report",
    "tunnel": "report",
    "doctor": "doctor",
    "trust": "trust",
    "migrate": "migrate",
}
# EX_SOFTWARE: a fault of ours.
_OURS = 70


def main(arguments: Sequence[str] | None = None, clone: Path | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: Without the program's name.
        clone: labkit's source, if this runs from it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    wants_json = "--json" in words
    try:
        options = parse(words, "labkit-setup" if clone is None else "python3 setup pi")
        return run(Context.of(options, clone, _host(options), words))
    except SetupError as error:
        return _fail(str(error), error.exit_status, wants_json)
    except KeyboardInterrupt:
        return _fail("Stopped; the same command goes on from here.", Stopped.exit_status, wants_json)
    except BrokenPipeError:
        return 1
    except Exception as error:
        if os.environ.get("LABKIT_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}"
        sentence = f"This is a fault of labkit ({what}); please report it, with what LABKIT_TRACEBACK=1 shows."
        return _fail(sentence, _OURS, wants_json)


def run(context: Context) -> int:
    """Do what was asked for; returns the exit status."""
    if context.needs_root and not context.host.is_root:
        _become_root(context)
    reach(context.host, context.layout)
    module = import_module(f".commands.{_MODULES[context.options.command]}", __package__)
    command: Callable[[Context], int] = getattr(module, context.options.command)
    return command(context)


def _host(options: Options) -> Host:
    if options.root is None:
        return Host()
    from ..host.raspberry import PROGRAMS
    from ..host.scratch import ScratchHost

    return ScratchHost(options.root, PROGRAMS)


def _become_root(context: Context) -> None:
    sudo = shutil.which("sudo")
    if sudo is None:
        raise ConfigurationError(
            "This needs root's rights, and there is no sudo here; run it as root with --user NAME, or set up a lab "
            "without a service with --no-service."
        )
    ask = [] if sys.stdin.isatty() else ["--non-interactive"]
    if ask and not context.host.succeeds([sudo, *ask, "true"]):
        raise ConfigurationError(
            "This needs root's rights, and sudo would ask for a password where nobody can type one; "
            "run it on a terminal, or as root with --user NAME."
        )
    words = [sudo, *ask, "--", *context.command_line]
    context.host.replace_process(words, dict(os.environ))


def _fail(sentence: str, status: int, wants_json: bool) -> int:
    if wants_json:
        print(json.dumps({"ok": False, "status": status, "error": sentence}))
    print(sentence, file=sys.stderr)
    return status


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
