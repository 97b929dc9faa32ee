"""The command line of `labkit-setup`: a wrong one is refused before anything is looked at."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ..errors import UsageError
from .addressing import address, host_name, local_network, port

__all__ = ["COMMANDS", "Options", "parse"]

COMMANDS = {
    "plan": "what apply would do, as a diff, and how each change is undone; writes nothing",
    "apply": "set this machine up, or bring it up to date; run it as often as you like",
    "doctor": "check everything that can go wrong, with remedies",
    "status": "what is set up, and how it is",
    "renew": "renew the certificate if it is time",
    "passwd": "set another password; ends all sessions",
    "trust": "export the certificate authority, or trust a lab's on this computer",
    "migrate": "what becomes of an old Jupyter configuration; runs none of it, changes nothing unless asked",
    "logs": "what the lab had to say",
    "tunnel": "the ssh command that reaches the lab from anywhere, without a certificate",
    "uninstall": "take everything back but the notebooks",
}


@dataclass(frozen=True)
class Options:
    """What was asked for; None where nothing was said. See `parse` for what each command takes."""

    command: str
    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def parse(arguments: list[str], prog: str) -> Options:
    """The options of one command; `apply` where none is named.

    Raises:
        UsageError: Not a valid command line. The text never repeats what may be a password.
        SystemExit: After `--help`.
    """
    if any(word == "--password" or word.startswith("--password=") for word in arguments):
        raise UsageError(
            "A password on the command line is visible to everyone on this machine (ps); type it when asked, "
            "or use --password-stdin or --generate."
        )
    command = arguments[0] if arguments and not arguments[0].startswith("-") else None
    if command is None and not {"-h", "--help"} & set(arguments[:1]):
        command, arguments = "apply", ["apply", *arguments]
    if command is not None and command not in COMMANDS:
        raise UsageError(f"There is no command {command!r}: use {', '.join(COMMANDS)} ({prog} --help).")
    found = vars(_parser(prog).parse_args(arguments))
    _check(found)
    return Options(found.pop("command"), found)


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=prog, description="A secure JupyterLab on this machine, for its local network.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    made = {}
    for name, text in COMMANDS.items():
        made[name] = commands.add_parser(
            name, help=text, description=f"{text[:1].upper()}{text[1:]}.", allow_abbrev=False
        )
        made[name].add_argument("--json", action="store_true", help="answer in JSON")
        made[name].add_argument("--root", type=Path, help=argparse.SUPPRESS)
    for name in ("plan", "apply"):
        _add_settings(made[name])
    _add_password(made["apply"])
    _add_password(made["passwd"])
    for name in ("apply", "uninstall"):
        made[name].add_argument("--yes", action="store_true", help="do not ask")
        made[name].add_argument("--force", action="store_true", help="replace files that were edited by hand")
    _add_migration(made["migrate"])
    _add_rest(made)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    both = argparse.BooleanOptionalAction
    parser.add_argument("--port", type=port, help="default 8443")
    parser.add_argument("--root-dir", metavar="DIR", help="the folder with the notebooks; default ~/notebooks")
    parser.add_argument("--name", type=host_name, action="append", help="a further name of this machine; repeatable")
    parser.add_argument("--ip", type=address, action="append", help="a further address of this machine; repeatable")
    parser.add_argument(
        "--lan", type=local_network, metavar="CIDR", help="who may connect; default: the network it is in"
    )
    parser.add_argument("--tls", choices=("1.3", "1.2"), help="the oldest version of TLS; default 1.3")
    parser.add_argument("--ca", choices=("local", "offline", "discard"), help="what becomes of the authority's key")
    parser.add_argument("--cert", type=Path, help="a certificate of your own, with its chain, in PEM")
    parser.add_argument("--key", type=Path, help="its private key, in PEM")
    parser.add_argument("--user", metavar="NAME", help="whom the lab runs as; default: you")
    parser.add_argument("--service", action=both, default=None, help="start it with the machine; default yes")
    parser.add_argument("--spi", action=both, default=None, help="switch SPI on, or off")
    parser.add_argument("--i2c", action=both, default=None, help="switch I²C on, or off")
    parser.add_argument("--trust-clock", action="store_true", help="the clock is right though nothing confirms it")


def _add_password(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    how.add_argument("--generate", action="store_true", help="make up a password and show it once")


def _add_migration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="default: those Jupyter would look for")
    parser.add_argument("--user", metavar="NAME", help="whose lab it is to be; default: you")
    parser.add_argument("--apply", action="store_true", help="go on with the `apply` that carries over what can be")
    parser.add_argument("--yes", action="store_true", help="with --apply: do not ask")
    _add_password(parser)


def _add_rest(parsers: dict[str, _Parser]) -> None:
    doctor = parsers["doctor"]
    doctor.add_argument("--from", dest="url", metavar="URL", help="check a lab from another computer")
    doctor.add_argument("--ca-file", type=Path, help="with --from: the authority to expect, in PEM")
    doctor.add_argument("--password-stdin", action="store_true", help="with --from: log in and run a cell, too")
    parsers["renew"].add_argument("--if-due", action="store_true", help="say nothing where nothing is due (the timer)")
    parsers["renew"].add_argument("--ca-key", type=Path, help="the authority's key, where it is kept elsewhere")
    parsers["renew"].add_argument("--force", action="store_true", help="renew it though it is not time")
    parsers["trust"].add_argument(
        "--export", choices=("pem", "der", "mobileconfig"), help="write it to standard output"
    )
    parsers["trust"].add_argument("--from", dest="source", metavar="USER@HOST", help="fetch it over ssh, trust it here")
    parsers["trust"].add_argument("--yes", action="store_true", help="do not ask about the fingerprint")
    parsers["logs"].add_argument("--follow", action="store_true", help="go on as lines come")
    parsers["logs"].add_argument("--lines", type=int, default=100, help="default %(default)s")
    parsers["uninstall"].add_argument(
        "--purge", action="store_true", help="remove the notebooks that apply brought, too"
    )


def _check(found: dict[str, Any]) -> None:
    if bool(found.get("cert")) != bool(found.get("key")):
        raise UsageError("--cert and --key go together: the certificate and its private key.")
