"""`python3 setup COMMAND`: provides the virtual environment, then becomes the program in it.

Standard library only: it runs under the system's Python.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .arguments import help_text, parse_lab
from .errors import SetupError, Stopped, UsageError
from .host import Host
from .venv import Venv, clean_environment

__all__ = ["main"]

_CLONE = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str], clone: Path = _CLONE) -> int:
    """Run a command and return its exit status; returns only if it did not become another program."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _dispatch(list(arguments), clone)
    except SetupError as error:
        print(f"\n{error}" if sys.stdout.isatty() else error, file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return Stopped.exit_status


def _dispatch(arguments: list[str], clone: Path) -> int:  # noqa: RET503 - NoReturn
    match arguments:
        case [] | ["-h" | "--help" | "help", *_]:
            print(help_text(), end="")
            return 0
        case ["lab", *options]:
            parse_lab(options)
            venv = Venv(Host(), clone)
            venv.provide("ci")
            # Isolated, so that no file in the person's current folder is imported by accident.
            _become(venv, None, "-I", "-m", "labkit_setup.cli", "lab", *options)
        case ["test", *options]:
            venv = Venv(Host(), clone)
            venv.provide("test")
            _become(venv, clone, "-m", "pytest", *_side_by_side(options, clone), *options)
        case ["pi", *options]:
            # In this very process: it makes an environment of its own, away from the clone, and goes on in it.
            from .pi.main import main as set_up

            return set_up(options, clone)
        case _:
            raise UsageError(f"There is no command {arguments[0]!r}: use lab, test or pi (python3 setup --help).")


def _side_by_side(options: list[str], clone: Path) -> list[str]:
    """Run the files of the tests on all cores, unless the options name the few that are wanted."""
    named = any((clone / option.partition("::")[0]).exists() for option in options)
    return [] if named else ["-n", "auto", "--dist", "loadfile"]


def _become(venv: Venv, folder: Path | None, *arguments: str) -> NoReturn:
    Host().replace_process([venv.python, *arguments], clean_environment(os.environ), folder)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
