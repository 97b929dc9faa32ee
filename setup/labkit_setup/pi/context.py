"""What every command starts from: the machine, what was asked for, and where things are."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..host import ROOT, Host, User
from ..journal import Journal
from ..paths import State
from .layout import Layout
from .options import Options
from .service import has_systemd
from .settings import Settings

__all__ = ["Context", "layout_for"]

# Everything else only looks, and at what anybody may see, or is about another machine.
_ROOTS = frozenset({"plan", "apply", "doctor", "status", "renew", "passwd", "logs", "uninstall"})


@dataclass(frozen=True)
class Context:
    """One command's surroundings.

    Attributes:
        options: What was asked for.
        host: The machine.
        layout: Where the lab lies, or will.
        clone: labkit's source, if this runs from it.
        environment: This process's.
        words: The command line, without the program.
    """

    options: Options
    host: Host
    layout: Layout
    clone: Path | None
    environment: Mapping[str, str]
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: Options, clone: Path | None, host: Host, words: Sequence[str] = ()) -> "Context":
        """For this process."""
        return cls(options, host, layout_for(host, options, os.environ), clone, dict(os.environ), tuple(words))

    @property
    def is_ours(self) -> bool:
        """Whether the lab is the machine's, and not one user's."""
        return self.layout == Layout.of_machine()

    @property
    def needs_root(self) -> bool:
        """Whether the command is about what only root can read or change."""
        remote = self.options.command == "doctor" and self.options.url is not None
        return self.is_ours and self.options.command in _ROOTS and not remote

    @property
    def command_line(self) -> list[str]:
        """The same command again, for sudo."""
        if self.clone is not None:
            # -B: no compiled files of root's in somebody's clone, or beside the system's packages.
            return [sys.executable, "-B", str(self.clone / "setup"), "pi", *self.words]
        return [sys.executable, "-I", "-B", "-m", "labkit_setup.pi", *self.words]

    @property
    def journal(self) -> Journal:
        """What was there before."""
        owner = ROOT if self.is_ours else self.person().owner
        return Journal(self.host, self.layout.journal, owner)

    def settings(self) -> Settings:
        """Those of the lab that is set up.

        Raises:
            ConfigurationError: None is.
        """
        found = Settings.load(self.host, self.layout.settings)
        if found is None:
            raise ConfigurationError("No lab is set up here; `labkit-setup apply` sets one up.")
        return found

    def person(self, name: str | None = None) -> User:
        """The account that a lab is for: the one named, or who asked for it.

        Raises:
            ConfigurationError: There is no such account, or nobody but root asked.
        """
        name = name or self.environment.get("SUDO_USER")
        if name is None:
            own = self.host.user_of(os.geteuid()) if not self.host.is_root else None
            if own is None and not self.is_ours:
                own = self.host.user_of(0)
            if own is None:
                raise ConfigurationError("Root has no lab: say whose it is to be with --user NAME, such as --user pi.")
            return own
        user = self.host.user(name)
        if user is None:
            raise ConfigurationError(f"There is no user {name!r} on this machine; make one with `sudo adduser {name}`.")
        return user

    def say(self, *lines: str) -> None:
        """Tell the person how it goes, beside the answer."""
        print(*lines, sep="\n", file=sys.stderr, flush=True)

    def answer(self, lines: Sequence[str], **values: Any) -> None:
        """The command's answer: lines for people, or values as JSON."""
        if self.options.json:
            print(json.dumps(values, default=str))
        elif lines:
            print(*lines, sep="\n", flush=True)


def layout_for(host: Host, options: Options, environment: Mapping[str, str]) -> Layout:
    """The machine's lab, or the user's own where that is what is there or was asked for."""
    machine = Layout.of_machine()
    if host.is_root:
        return machine
    own = Layout.of_user(State.of(environment, host.platform).root)
    asked = options.values.get("service")
    is_there = host.look(own.settings) is not None and host.look(machine.settings) is None
    if asked is False or is_there or not has_systemd(host):
        return own
    return machine
