"""What makes a lab, as a list of steps: from what was asked for and what the machine is."""

import sys
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path

from ..addresses import Network
from ..host import ROOT, Host, Owner, User
from ..managed import file_step, folder_step, link_step
from ..server.settings import Settings as ServerSettings
from ..steps import Step
from . import packages, units
from .board import Board
from .firewall import active_firewall, firewall_step
from .groups import bus_step, existing, group_step, has_buses
from .keys import Certificates, password_step
from .lan import Lan
from .layout import Layout
from .libraries import Libraries
from .notebooks import lessons, notebooks_step
from .service import enable_step, running_step, started_step, unit_step
from .settings import Settings

__all__ = ["Recipe"]

# A kernel that nobody looks at and that uses no pins is ended after a day.
_CULL_SECONDS = 24 * 3600
_FIND_LGPIO = "import importlib.util as u, sys; sys.exit(u.find_spec('lgpio') is None)"


@dataclass(frozen=True)
class Recipe:
    """One lab on one machine.

    Attributes:
        host: The machine.
        layout: Where everything goes.
        settings: What was asked for.
        user: Whose lab it is.
        clone: labkit's source, if this runs from it.
        password: A password that was typed, to be set.
        own: A certificate and its key that the person brought.
        lock: See `Libraries`.
    """

    host: Host
    layout: Layout
    settings: Settings
    user: User
    clone: Path | None
    password: str | None = None
    own: tuple[bytes, bytes] | None = None
    lock: int | None = None

    @cached_property
    def board(self) -> Board:
        """What the machine is."""
        return Board.of(self.host)

    @cached_property
    def network(self) -> Network | None:
        """The one network whose machines may connect, and that the firewall is opened for."""
        return ip_network(self.settings.lan) if self.settings.lan else Lan.of(self.host).network

    @property
    def is_ours(self) -> bool:
        """Whether root sets up the whole machine."""
        return self.layout == Layout.of_machine()

    @cached_property
    def reader(self) -> Owner | None:
        """Root and the server's group, where root keeps its secrets and the user's group may read them.

        A group that others are in as well is no use for that: then the files are the user's own.
        """
        is_private = self.host.group_of(self.user.owner.gid) == self.user.name and self.user.owner != ROOT
        return Owner(ROOT.uid, self.user.owner.gid) if self.is_ours and is_private else None

    @property
    def secret_file(self) -> tuple[int, Owner]:
        """The mode and owner of a file that only the server may read."""
        return (0o640, self.reader) if self.reader else (0o600, self.user.owner)

    @property
    def files_owner(self) -> Owner:
        """Whom programs and settings belong to."""
        return ROOT if self.is_ours else self.user.owner

    @property
    def certificates(self) -> Certificates:
        """The certificate and its authority."""
        reader = self.secret_file[1] if self.is_ours else None
        return Certificates(self.layout, self.settings, reader, self.own)

    @property
    def server_file(self) -> Path:
        """What the server is started with."""
        return self.layout.config / "server.json"

    @property
    def serve_command(self) -> tuple[str, ...]:
        """The arguments of Python that serve."""
        return ("-m", "labkit_setup.server", str(self.server_file))

    @property
    def run(self) -> Path:
        """What the server needs while it runs: systemd makes it where there is a service, else the server itself."""
        return self.layout.run if self.settings.service else self.layout.state / "run"

    def server(self) -> ServerSettings:
        """The settings of the server."""
        lan = Lan.of(self.host)
        asked = (self.network,) if self.settings.lan and self.network else lan.networks
        return ServerSettings(
            port=self.settings.port,
            notebooks=Path(self.settings.root_dir),
            state=self.layout.state,
            run=self.run,
            leaf=self.layout.pki / "server.pem",
            password=self.layout.password,
            peers=tuple(asked),
            tls=self.settings.tls,
            cull_after=_CULL_SECONDS,
        )

    def steps(self) -> list[Step]:
        """Everything, in the order in which it is made."""
        return [
            *(self._system() if self.is_ours else []),
            *self._programs(),
            *self._files(),
            *(self._service() if self.settings.service else []),
            self._libraries.tidy_step(),
        ]

    @cached_property
    def _libraries(self) -> Libraries:
        return Libraries(self.layout, self.clone, self._lgpio, self.files_owner, self.lock)

    @cached_property
    def _lgpio(self) -> str:
        """Where gpiozero's backend comes from; the packages are installed by the time it matters."""
        base = str(getattr(sys, "_base_executable", None) or sys.executable)
        if "python3-lgpio" in self._packages or self.host.run([base, "-I", "-B", "-c", _FIND_LGPIO]).ok:
            return "system"
        has_wheel = self.board.machine == "aarch64" and self.board.python <= (3, 11)
        return "wheel" if has_wheel and self.board.has_chip else "none"

    @cached_property
    def _packages(self) -> tuple[str, ...]:
        return packages.wanted(self.host, self.board) if self.is_ours else ()

    def _system(self) -> list[Step]:
        names = self._packages
        buses = (("spi", self.settings.spi), ("i2c", self.settings.i2c))
        return [
            *([packages.package_step(names)] if names else []),
            *(group_step(self.user.name, group) for group in existing(self.host)),
            *(bus_step(bus, wanted) for bus, wanted in buses if wanted is not None and has_buses(self.host)),
        ]

    def _programs(self) -> list[Step]:
        steps = [folder_step(self.layout.prefix, 0o755, self.files_owner), self._libraries.step()]
        if self.layout.command is not None:
            steps.append(link_step(self.layout.command, str(self.layout.venv / "bin" / "labkit-setup")))
        return steps

    def _files(self) -> list[Step]:
        config, owner = self.layout.config, self.files_owner
        user = self.user.owner
        mode, secret = self.secret_file
        return [
            folder_step(config, 0o755 if self.is_ours else 0o700, owner),
            file_step(self.layout.settings, self.settings.to_json(), 0o644, owner),
            file_step(self.server_file, self.server().to_json(), 0o644, owner),
            folder_step(self.layout.state, 0o700, user),
            notebooks_step(Path(self.settings.root_dir), self.user, lessons(self.clone)),
            password_step(self.layout.password, self.password, mode, secret),
            folder_step(self.layout.pki, 0o750 if self.reader else 0o700, secret),
            self.certificates.step(),
        ]

    def _service(self) -> list[Step]:
        service = units.Service(
            layout=self.layout,
            user=self.user.name,
            group=self.host.group_of(self.user.owner.gid),
            groups=existing(self.host),
            root_dir=Path(self.settings.root_dir),
            home=self.user.home,
            has_lgpio=self._lgpio != "none" and self.board.has_chip,
            memory=self.board.memory_limits,
            arguments=self.serve_command,
        )
        renew = ("-m", "labkit_setup.pi", "renew", "--if-due")
        inputs = [
            self.server_file,
            units.FOLDER / units.SERVICE,
            self.layout.venv,
            self.layout.venv / "labkit-stamp.json",
        ]
        return [
            unit_step(units.SERVICE, service.text()),
            unit_step(units.RENEW, units.renew_service(self.layout, renew)),
            unit_step(units.TIMER, units.renew_timer()),
            *self._firewall(),
            enable_step(units.SERVICE, "multi-user.target"),
            enable_step(units.TIMER, "timers.target"),
            running_step(units.SERVICE, self.layout.config / "started", inputs),
            started_step(units.TIMER),
        ]

    def _firewall(self) -> list[Step]:
        kind = active_firewall(self.host)
        if kind is None or self.network is None:
            return []
        rule = firewall_step(kind, self.settings.port, self.network)
        if kind != "nftables":
            return [rule]
        text = units.firewall_service(self.layout, self.settings.port, str(self.network))
        return [
            unit_step(units.FIREWALL, text),
            enable_step(units.FIREWALL, "multi-user.target"),
            rule,
            started_step(units.FIREWALL),
        ]
