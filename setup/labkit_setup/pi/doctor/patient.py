"""The machine that is looked at, with what several checks want to know of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ConfigurationError
from ...host import Host, User
from ..board import Board
from ..context import Context
from ..lan import Lan
from ..layout import Layout
from ..proof import enter, own_visit
from ..recipe import Recipe
from ..settings import Settings
from ..units import SERVICE
from ..visit import Visit

if TYPE_CHECKING:
    from ...leaf import Leaf

__all__ = ["Listener", "Patient"]

_SHOWN = (
    "LoadState", "ActiveState", "SubState", "Result", "ExecMainStatus", "ExecMainCode", "MainPID", "FragmentPath",
    "DropInPaths", "NeedDaemonReload", "UnitFileState", "NRestarts", "Environment", "User",
)  # fmt: skip
_LISTENS = "0A"


@dataclass(frozen=True)
class Listener:
    """Who waits for connections at a port.

    Attributes:
        address: Where, as in `127.0.0.1` or `::`.
        pid: The process, or None where the system does not tell.
        program: Its name.
    """

    address: str
    pid: int | None
    program: str


@dataclass(frozen=True)
class Patient:
    """One machine with its lab, if it has one.

    Attributes:
        context: The command that looks.
        now: The time.
        visit: Makes a visitor of the lab from this machine; raises `OSError` or `VisitError`.
    """

    context: Context
    now: datetime
    visit: Callable[["Patient"], Visit]

    @classmethod
    def of(cls, context: Context) -> "Patient":
        """This machine, now."""
        return cls(context, datetime.now(UTC), lambda patient: own_visit(patient.recipe))

    @property
    def host(self) -> Host:
        """The machine."""
        return self.context.host

    @property
    def layout(self) -> Layout:
        """Where its lab is."""
        return self.context.layout

    @cached_property
    def settings(self) -> Settings | None:
        """What was asked for; None where nothing is set up."""
        return Settings.load(self.host, self.layout.settings)

    @property
    def lab(self) -> Settings:
        """The settings of the lab that must be there by now."""
        if self.settings is None:
            raise ConfigurationError("No lab is set up here.")
        return self.settings

    @cached_property
    def user(self) -> User:
        """Whose lab it is."""
        return self.context.person(self.settings.user if self.settings else None)

    @cached_property
    def recipe(self) -> Recipe:
        """The steps of this lab."""
        return Recipe(self.host, self.layout, self.lab, self.user, self.context.clone)

    @cached_property
    def board(self) -> Board:
        """What the machine is."""
        return Board.of(self.host)

    @cached_property
    def lan(self) -> Lan:
        """Its networks."""
        return Lan.of(self.host)

    @cached_property
    def unit(self) -> dict[str, str]:
        """What systemd says of the service."""
        return self.shown(SERVICE)

    def shown(self, unit: str) -> dict[str, str]:
        """What systemd says of a unit, by property; empty where there is no systemd."""
        ran = self.host.run(["systemctl", "show", unit, f"--property={','.join(_SHOWN)}"])
        return dict(line.split("=", 1) for line in ran.output.splitlines() if "=" in line) if ran.ok else {}

    @property
    def server_pid(self) -> int | None:
        """The server's process."""
        number = self.unit.get("MainPID", "0")
        return int(number) if number.isdigit() and number != "0" else None

    @cached_property
    def leaf(self) -> "Leaf | None":
        """The certificate that is to be served; None where the file is missing or no certificate is in it."""
        from ...leaf import BadLeaf, Leaf

        content = self.host.read(self.layout.pki / "server.pem")
        try:
            return Leaf.parse(content) if content else None
        except BadLeaf:
            return None

    @cached_property
    def authority(self) -> bytes | None:
        """The authority's certificate, PEM."""
        return self.host.read(self.layout.pki / "ca.pem")

    @property
    def wanted(self) -> list[str]:
        """The names and addresses that the lab goes by today."""
        certificates = self.recipe.certificates
        return [*certificates.names(self.host), *map(str, certificates.addresses(self.lan))]

    def inside(self) -> Visit:
        """A visitor who is in, without a password."""
        visit = self.visit(self)
        enter(self.host, self.recipe, visit)
        return visit

    def listeners(self, port: int) -> list[Listener]:
        """Who listens at a TCP port."""
        found = []
        for table, version in (("tcp", 4), ("tcp6", 6)):
            rows = (self.host.read(Path("/proc/net", table)) or b"").decode().splitlines()[1:]
            # proc_pid_net(5): sl local_address rem_address st … inode.
            for words in map(str.split, rows):
                if words[3] == _LISTENS and words[1].endswith(f":{port:04X}"):
                    pid, program = self._holder(f"socket:[{words[9]}]")
                    found.append(Listener(_address(words[1], version), pid, program))
        return found

    def processes(self) -> list[int]:
        """Every process that this user may see."""
        return [int(entry.name) for entry in self.host.entries(Path("/proc")) if entry.name.isdigit()]

    def open_files(self, pid: int) -> list[str]:
        """What a process has open, as /proc names it; nothing where that is not told."""
        try:
            links = [self.host.look(entry) for entry in self.host.entries(Path(f"/proc/{pid}/fd"))]
        except ConfigurationError:
            return []
        return [link.target for link in links if link is not None]

    def program(self, pid: int) -> str:
        """A process's name. Only that: a command line may hold secrets."""
        return (self.host.read(Path(f"/proc/{pid}/comm")) or b"?").decode(errors="replace").strip()

    def is_ours(self, pid: int) -> bool:
        """Whether a process belongs to the service."""
        groups = (self.host.read(Path(f"/proc/{pid}/cgroup")) or b"").decode(errors="replace")
        return re.search(rf"/{re.escape(SERVICE)}(/|$)", groups, re.MULTILINE) is not None

    def _holder(self, link: str) -> tuple[int | None, str]:
        for pid in self.processes():
            if link in self.open_files(pid):
                return pid, self.program(pid)
        return None, "a program"


def _address(text: str, version: int) -> str:
    from ipaddress import IPv4Address, IPv6Address

    digits = text.split(":")[0]
    # Each 32-bit word is in this machine's byte order, which on all that labkit runs on is little-endian.
    data = b"".join(bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    return str(IPv4Address(data) if version == 4 else IPv6Address(data))
