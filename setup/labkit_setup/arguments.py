"""The command line, readable without the venv: a wrong one is refused before anything is installed."""

import argparse
from dataclasses import dataclass
from typing import NoReturn

from .errors import UsageError

__all__ = ["DEFAULT_PORT", "LabOptions", "help_text", "parse_lab"]

# The usual unprivileged port for https; 8888 stays free for a JupyterLab of the person's own.
DEFAULT_PORT = 8443

_HELP = """\
usage: python3 setup COMMAND

commands:
  lab     set up this clone and start JupyterLab over https, on this machine only
  test    set up this clone and run its tests; everything after `test` goes to pytest
  pi      set up this machine as a lab for its local network, as a service; doctor, renew, uninstall and more

python3 setup lab --help lists the options of `lab`, python3 setup pi --help the commands of `pi`.
"""


@dataclass(frozen=True)
class LabOptions:
    """What `lab` was asked for. Port 0 means any free port."""

    port: int = DEFAULT_PORT
    open_browser: bool = True
    generate: bool = False
    new_password: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `python3 setup lab --help`.")


def help_text() -> str:
    """What `python3 setup --help` prints."""
    return _HELP


def parse_lab(arguments: list[str]) -> LabOptions:
    """The options of `lab`.

    Raises:
        UsageError: Not a valid command line. The text never repeats a value, since people
            type passwords where they do not belong.
        SystemExit: After `--help`.
    """
    parser = _Parser(
        prog="python3 setup lab",
        description="Start JupyterLab over https on this machine; the first time, set everything up.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default %(default)s; 0 takes any free port")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, only print the address")
    parser.add_argument("--generate", action="store_true", help="make up a password and show it once; do not ask")
    parser.add_argument("--new-password", action="store_true", help="replace the password")
    if any(word.split("=")[0] == "--password" or word.startswith("--new-password=") for word in arguments):
        raise UsageError(
            "A password on the command line is visible to everyone on this machine; "
            "leave it out and type it when asked, or use --generate."
        )
    known, unknown = parser.parse_known_args(arguments)
    if unknown:
        names = [word.split("=")[0] for word in unknown if word.startswith("-")]
        what = f"the option {names[0]}" if names else f"what to do with {len(unknown)} extra argument(s)"
        raise UsageError(f"`lab` does not know {what}; see `python3 setup lab --help`.")
    return LabOptions(known.port, not known.no_browser, known.generate, known.new_password)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port: use a number from 1 to 65535")
