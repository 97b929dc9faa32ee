"""Settings in, systemd's unit files out; nothing here touches the machine."""

from dataclasses import dataclass
from pathlib import Path

from .board import MIB
from .layout import Layout

__all__ = [
    "FIREWALL",
    "FOLDER",
    "RENEW",
    "SERVICE",
    "TIMER",
    "Service",
    "firewall_service",
    "renew_service",
    "renew_timer",
]

FOLDER = Path("/etc/systemd/system")
SERVICE = "labkit.service"
RENEW = "labkit-renew.service"
TIMER = "labkit-renew.timer"
FIREWALL = "labkit-firewall.service"

# Everything that a notebook with pins does not need. Not among them, because they break something:
# PrivateDevices and ProcSubset=pid hide the GPIO nodes and the board's revision; MemoryDenyWriteExecute
# breaks cffi's callbacks and numba; LoadCredential would keep an old certificate after a renewal; without the
# system calls of @resources ZeroMQ ends the process when it starts its threads.
_SANDBOX = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
PrivateTmp=yes
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
"""


@dataclass(frozen=True)
class Service:
    """What the service's unit depends on.

    Attributes:
        layout: Where everything lies.
        user: Whom it runs as.
        group: The user's primary group.
        groups: Further groups, which must exist: systemd starts no unit that names another.
        root_dir: The notebooks.
        home: The user's home folder.
        has_lgpio: Whether gpiozero is to use lgpio. Without a choice of ours any trouble ends in "Unable to
            load any default pin factory".
        memory: As `Board.memory_limits`.
        arguments: What Python is given to serve.
    """

    layout: Layout
    user: str
    group: str
    groups: tuple[str, ...]
    root_dir: Path
    home: Path
    has_lgpio: bool
    memory: tuple[int, int]
    arguments: tuple[str, ...]

    def text(self) -> str:
        """The unit file."""
        return "\n".join(
            [
                "# Written by labkit-setup. `apply` shows what a hand changed here, and keeps it unless told --force.",
                *self._unit(),
                "[Service]",
                *self._process(),
                *self._files(),
                *_devices(),
                _SANDBOX,
                "[Install]",
                "WantedBy=multi-user.target",
                "",
            ]
        )

    def _unit(self) -> list[str]:
        return [
            "[Unit]",
            "Description=JupyterLab for GPIO work (labkit)",
            "Documentation=https://github.com/gpio-labkit/gpio-labkit/blob/main/docs/setup.md",
            "After=network-online.target time-sync.target",
            "Wants=network-online.target",
            # Whatever ends it, it comes back; only what a person has to mend does not.
            "StartLimitIntervalSec=0",
            "",
        ]

    def _process(self) -> list[str]:
        high, most = self.memory
        command = " ".join(map(_quoted, (str(self.layout.python), "-I", *self.arguments)))
        return [
            # The server says when it can be reached; on a small board that takes a while.
            "Type=notify",
            "NotifyAccess=main",
            "TimeoutStartSec=300",
            f"User={self.user}",
            f"Group={self.group}",
            *([f"SupplementaryGroups={' '.join(self.groups)}"] if self.groups else []),
            f"WorkingDirectory={_escaped(self.root_dir)}",
            f"ExecStart={command}",
            "Restart=always",
            "RestartSec=5",
            "RestartPreventExitStatus=64 78",
            # Every process is asked to end, not only the server: the guard ignores that, and has this long to
            # switch off what a kernel left on.
            "KillMode=control-group",
            "TimeoutStopSec=20",
            *([] if not self.has_lgpio else ["Environment=GPIOZERO_PIN_FACTORY=lgpio"]),
            f"Environment=LG_WD={self.layout.run}",
            "UnsetEnvironment=JUPYTER_TOKEN JUPYTER_TOKEN_FILE",
            "UMask=0077",
            *([f"MemoryHigh={high // MIB}M", f"MemoryMax={most // MIB}M"] if most > 0 else []),
            "TasksMax=512",
            # A kernel that wants too much is ended; the server goes on and says so.
            "OOMPolicy=continue",
            "OOMScoreAdjust=500",
        ]

    def _files(self) -> list[str]:
        homes = ("/home", "/root", "/run/user")
        hidden = any(self.root_dir.is_relative_to(home) for home in homes)
        return [
            f"RuntimeDirectory={self.layout.run.name}",
            "RuntimeDirectoryMode=0700",
            f"StateDirectory={self.layout.state.name}",
            "StateDirectoryMode=0700",
            # Of all homes there is only the folder with the notebooks.
            "ProtectHome=tmpfs",
            *([f"BindPaths={_escaped(self.root_dir)}"] if hidden else []),
            f"ReadWritePaths={_escaped(self.root_dir)}",
            f"InaccessiblePaths=-{self.layout.pki / 'authority'}",
            f"InaccessiblePaths=-{self.layout.journal}",
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
        ]


def renew_service(layout: Layout, arguments: tuple[str, ...]) -> str:
    """The unit that the timer starts: as root, since only root may read the authority's key."""
    command = " ".join(map(_quoted, (str(layout.python), "-I", *arguments)))
    return f"""\
# Written by labkit-setup.
[Unit]
Description=Renewal of the certificate of JupyterLab (labkit)
After=network-online.target time-sync.target

[Service]
Type=oneshot
ExecStart={command}
UMask=0077
ReadWritePaths={layout.config}
ReadWritePaths={layout.journal}
ProtectHome=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK
{_SANDBOX.replace("CapabilityBoundingSet=", "CapabilityBoundingSet=CAP_CHOWN CAP_FOWNER")}\
SystemCallFilter=~@resources
SystemCallFilter=@chown
"""


def renew_timer() -> str:
    """When renewal is looked at: often enough for a new address, and soon after a start."""
    return f"""\
# Written by labkit-setup.
[Unit]
Description=Looks whether the certificate of JupyterLab (labkit) is to be renewed

[Timer]
OnBootSec=2min
OnUnitActiveSec=15min
RandomizedDelaySec=30
Unit={RENEW}

[Install]
WantedBy=timers.target
"""


def firewall_service(layout: Layout, port: int, network: str) -> str:
    """The unit that puts our rule back whenever nftables has read its own file."""
    module = f"{layout.python} -I -m labkit_setup.pi.firewall"
    return f"""\
# Written by labkit-setup.
[Unit]
Description=Lets the local network reach JupyterLab (labkit)
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={module} open {port} {network}
ExecReload={module} open {port} {network}
ExecStop={module} close {port} {network}

[Install]
WantedBy=multi-user.target
"""


def _devices() -> list[str]:
    kinds = ("char-gpiochip", "char-spi", "char-i2c", "char-pts")
    return ["DevicePolicy=closed", *(f"DeviceAllow={kind} rw" for kind in kinds), "DeviceAllow=/dev/gpiomem rw"]


def _escaped(path: Path) -> str:
    # systemd.unit(5): % begins a specifier. systemd.exec(5): quotes keep spaces and colons in one path.
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace(":", "\\:")
    return f'"{text}"' if " " in text or "\\" in text else text


def _quoted(word: str) -> str:
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if set(text) & set(' "\\;') else text
