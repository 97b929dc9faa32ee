"""This machine on the network: its names, its ports and who holds them. Standard library only."""

import contextlib
import errno
import os
import re
import socket
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigurationError

__all__ = [
    "Remote",
    "has_display",
    "host_names",
    "listen",
    "open_browser",
    "port_holder",
    "remote",
    "reserve",
    "sane_names",
]

_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_EVERYWHERE = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))  # noqa: S104 - asked for, and `hosts` guards it
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def host_names() -> tuple[str, ...]:
    """The names this host goes by: `localhost`, its short name, NAME.local, and its full name if it has one.

    Asks no name server: a laptop without a network would wait for it.
    """
    try:
        hosts = Path("/etc/hosts").read_text(errors="replace")
    except OSError:
        hosts = ""
    return sane_names(socket.gethostname(), hosts)


def sane_names(own: str, hosts: str) -> tuple[str, ...]:
    """The names of a host that calls itself `own` and has this /etc/hosts; what can't be one is left out."""
    own = own.lower().rstrip(".")
    short = own.split(".")[0]
    lines = (line.split("#")[0].lower().split()[1:] for line in hosts.splitlines())
    full = [name for names in lines if short in names for name in names if name.startswith(f"{short}.")]
    if short in ("", "localhost"):
        return ("localhost",)
    candidates = ["localhost", short, f"{short}.local", own, *full[:1]]
    return tuple(dict.fromkeys(name for name in candidates if _is_host_name(name)))


def _is_host_name(name: str) -> bool:
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))


def reserve(port: int, everywhere: bool = False) -> list[socket.socket]:
    """Sockets bound to 127.0.0.1 and, where this machine has it, ::1; nobody can connect before `listen`.

    Port 0 takes any that is free on both. With `everywhere` they are bound to all addresses that this machine has
    or will get.

    Raises:
        ConfigurationError: The port is taken (says by whom, where the system tells) or needs privileges.
    """
    # A free IPv4 port may be taken on IPv6: with port 0 another one does as well.
    for _ in range(20 if port == 0 else 1):
        sockets: list[socket.socket] = []
        try:
            for family, address in _EVERYWHERE if everywhere else _LOOPBACK:
                with contextlib.ExitStack() as undo:
                    try:
                        opened = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
                        _bind(opened, address, sockets[0].getsockname()[1] if sockets else port)
                    except OSError as error:
                        # A machine without IPv6 has no ::1 to offer, and nobody else can take it.
                        if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                            continue
                        raise
                    undo.pop_all()
                    sockets.append(opened)
            return sockets
        except OSError as error:
            for opened in sockets:
                opened.close()
            failure = error
    raise _no_port(port, failure)


def listen(sockets: list[socket.socket]) -> None:
    """Let clients connect to reserved sockets.

    Raises:
        ConfigurationError: Another program reserved the same port and was faster.
    """
    for reserved in sockets:
        try:
            reserved.listen(128)
        except OSError as error:
            raise _no_port(reserved.getsockname()[1], error) from error


def _bind(opened: socket.socket, address: str, port: int) -> None:
    # A port that was served a minute ago is not taken.
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. Without it a reply that follows a status message waits some 40 ms for
    # the browser's delayed acknowledgement.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if opened.family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    opened.setblocking(False)
    opened.bind((address, port))


def _no_port(port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        free = port + 1 if port < 65535 else port - 1
        return ConfigurationError(
            f"Port {port} is taken by {port_holder(port) or 'another program'}; "
            f"stop that, or choose another port, such as --port {free}."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigurationError(
            f"Port {port} is below 1024 and needs administrator's rights; choose a higher one, such as --port 8443."
        )
    return ConfigurationError(f"Port {port} can't be used ({error.strerror}); choose another with --port.")


def port_holder(port: int) -> str | None:
    """Who listens on a TCP port, as in `process 1234 (python3)`; None where the system does not tell.

    Linux only, and there only for the user's own processes unless run as root.
    """
    sockets = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _listeners(table, port)}
    for folder in Path("/proc").glob("[0-9]*/fd") if sockets else ():
        try:
            if any(os.readlink(link) in sockets for link in folder.iterdir()):
                # Only the name: a command line may hold another program's secrets.
                return f"process {folder.parent.name} ({(folder.parent / 'comm').read_text().strip()})"
        except OSError:
            continue
    return None


def _listeners(table: str, port: int) -> list[str]:
    # proc_pid_net(5): sl local_address rem_address st … inode; 0A is LISTEN.
    try:
        rows = [line.split() for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")]


@dataclass(frozen=True)
class Remote:
    """How the person at the other end of an SSH session reaches this machine."""

    address: str
    port: int

    def tunnel(self, port: int, user: str) -> str:
        """The ssh command that brings a port of this machine to theirs."""
        return f"ssh -N {self._option('-p')}-L {port}:localhost:{port} {user}@{self.address}"

    def copy(self, path: Path, user: str) -> str:
        """The scp command that brings them a file."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"scp {self._option('-P')}'{user}@{address}:{path}' ."

    def _option(self, flag: str) -> str:
        return "" if self.port == 22 else f"{flag} {self.port} "


def remote(environment: Mapping[str, str]) -> Remote | None:
    """The SSH session this process runs in, if any: sshd says so in SSH_CONNECTION."""
    words = environment.get("SSH_CONNECTION", "").split()
    if len(words) == 4 and words[3].isdigit():
        return Remote(words[2].split("%")[0], int(words[3]))
    if environment.get("SSH_CLIENT") or environment.get("SSH_TTY"):
        return Remote(socket.gethostname(), 22)
    return None


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a browser opened here would be seen by the person who asked for it."""
    if remote(environment) is not None:
        return False
    return platform == "darwin" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def open_browser(address: str) -> bool:
    """Show an address in the user's browser; False if none could be started."""
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
