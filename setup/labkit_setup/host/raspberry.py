"""What the programs of a Raspberry Pi do, played on the files of a fake machine.

Each keeps to what the real one does as far as the set-up can see: its output's form, its exit status, the files it
changes. `FILES` is what such a machine has at first.
"""

import json
import os
import re
import sys
from pathlib import Path

from .played import Played, Program
from .programs import Ran
from .values import Owner

__all__ = ["FILES", "PROGRAMS", "lay_out"]

FILES = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n",
    "/etc/group": "root:x:0:\nadm:x:4:pi\npi:x:1000:\nspi:x:990:pi\ni2c:x:991:\ngpio:x:992:pi\n",
    "/etc/hostname": "raspberrypi\n",
    "/etc/hosts": "127.0.0.1 localhost\n127.0.1.1 raspberrypi\n",
    "/etc/systemd/system/multi-user.target.wants/ssh.service": "",
    "/etc/systemd/system/timers.target.wants/apt.timer": "",
    "/etc/modules": "i2c-dev\n",
    "/boot/firmware/config.txt": "# For more options\n#dtparam=spi=on\n\n[all]\n",
    "/proc/meminfo": "MemTotal:         949184 kB\nMemFree:  1 kB\nSwapTotal:        524284 kB\n",
    "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "/dev/gpiochip0": "",
    "/usr/local/bin/there": "",
    "/var/lib/dpkg/info/python3-venv.list": "",
    "/run/systemd/system/there": "",
    "/home/pi/.profile": "",
    "/opt/vc/there": "",
}

_PYVENV = f"home = /usr/bin\nversion = {sys.version_info[0]}.{sys.version_info[1]}.2\n"
_STATE = Path("/run/played")
_PACKAGES = {"python3-venv": (), "python3-lgpio": ("liblgpio1",), "liblgpio1": ()}
_ADDRESS = {
    "ifname": "wlan0",
    "flags": ["BROADCAST", "UP"],
    "addr_info": [{"family": "inet", "local": "192.168.1.20", "prefixlen": 24, "scope": "global"}],
}
_LOOPBACK = {
    "ifname": "lo",
    "flags": ["LOOPBACK", "UP"],
    "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host"}],
}


def lay_out(root: Path) -> None:
    """Put the files of such a machine below a folder; the home is its user's where this process may give it away."""
    for name, content in FILES.items():
        path = root / name[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    if os.geteuid() == 0:
        os.chown(root / "home/pi", 1000, 1000)


def _systemctl(host: Played, words: list[str], _: bytes) -> Ran:
    verb, *units = [word for word in words if not word.startswith("-")]
    at = {unit: _STATE / f"active-{unit}" for unit in units}
    files = {unit: Path("/etc/systemd/system") / unit for unit in units}
    known = [host.look(file) is not None for file in files.values()]
    if verb == "is-active":
        states = ["active" if host.look(path) else "inactive" for path in at.values()]
        return Ran(0 if set(states) == {"active"} else 3, "\n".join(states) + "\n")
    if verb == "show-environment":
        return Ran(0, (host.read(_STATE / "environment") or b"LANG=C.UTF-8\n").decode())
    if verb == "show":
        return Ran(0, _shown(host, units[0]))
    if verb in ("cat", "start", "restart", "stop", "reset-failed") and not all(known):
        return Ran(5, errors=f"Unit {units[0]} not found.\n")
    if verb in ("start", "restart"):
        _keep(host)
        for path in at.values():
            host.write(path, b"", 0o644)
    if verb == "stop":
        for path in at.values():
            host.remove(path)
    return Ran(0)


def _shown(host: Played, unit: str) -> str:
    """Properties of a unit; a file `show-UNIT` beside the state replaces some."""
    file = Path("/etc/systemd/system") / unit
    is_there, is_active = host.look(file) is not None, host.look(_STATE / f"active-{unit}") is not None
    properties = {
        "LoadState": "loaded" if is_there else "not-found",
        "ActiveState": "active" if is_active else "inactive",
        "Result": "success",
        "ExecMainStatus": "0",
        "MainPID": "812" if is_active and unit.endswith(".service") else "0",
        "FragmentPath": str(file) if is_there else "",
        "NeedDaemonReload": "no",
        "UnitFileState": "enabled" if is_there else "",
    }
    replaced = (host.read(_STATE / f"show-{unit}") or b"").decode().splitlines()
    properties |= dict(line.split("=", 1) for line in replaced)
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def _gpasswd(host: Played, words: list[str], _: bytes) -> Ran:
    verb, user, group = words
    groups = host.groups()
    if group not in groups or host.user(user) is None:
        return Ran(3, errors=f"gpasswd: group '{group}' does not exist in /etc/group")
    lines = []
    for line in (host.read(Path("/etc/group")) or b"").decode().splitlines():
        name, password, number, members = line.split(":")
        listed = [member for member in members.split(",") if member and member != user]
        if name == group and verb == "--add":
            listed.append(user)
        lines.append(line if name != group else f"{name}:{password}:{number}:{','.join(listed)}")
    host.write(Path("/etc/group"), "".join(f"{line}\n" for line in lines).encode(), 0o644, Owner(0, 0))
    return Ran(0)


def _raspi_config(host: Played, words: list[str], _: bytes) -> Ran:
    verb, *number = words[1:]
    action, bus = verb.split("_")
    config = Path("/boot/firmware/config.txt")
    text = (host.read(config) or b"").decode()
    pattern = re.compile(rf"^#?dtparam={bus}(?:_arm)?=\w+$", re.MULTILINE)
    if action == "get":
        return Ran(0, "0\n" if re.search(rf"^dtparam={bus}(?:_arm)?=on$", text, re.MULTILINE) else "1\n")
    line = f"dtparam={bus}{'_arm' if bus == 'i2c' else ''}={'on' if number == ['0'] else 'off'}"
    changed = pattern.sub(line, text) if pattern.search(text) else f"{text}{line}\n"
    host.write(config, changed.encode(), 0o644, Owner(0, 0))
    return Ran(0)


def _dpkg_query(host: Played, words: list[str], _: bytes) -> Ran:
    if host.look(Path(f"/var/lib/dpkg/info/{words[-1]}.list")) is None:
        return Ran(1, errors=f"dpkg-query: no packages found matching {words[-1]}\n")
    return Ran(0, "installed")


def _apt_cache(host: Played, words: list[str], _: bytes) -> Ran:
    if words[0] == "--version":
        return Ran(0, "apt 3.0\n")
    candidate = "1.0" if words[1] in _PACKAGES else "(none)"
    return Ran(0, f"{words[1]}:\n  Candidate: {candidate}\n")


def _apt_get(host: Played, words: list[str], _: bytes) -> Ran:
    verb, *names = [word for word in words if not word.startswith("-")]
    info = Path("/var/lib/dpkg/info")
    here = {path.name.removesuffix(".list") for path in host.entries(info)}
    if verb == "update":
        return Ran(0)
    if unknown := [name for name in names if name not in _PACKAGES]:
        return Ran(100, errors=f"E: Unable to locate package {unknown[0]}\n")
    wanted = {*names, *(need for name in names for need in _PACKAGES[name])} if verb == "install" else set(names)
    changed = sorted(wanted - here if verb == "install" else wanted & here)
    if verb == "purge":
        changed = sorted({*changed, *(name for name in here if set(_PACKAGES.get(name, ())) & set(changed))})
    if "-s" in words:
        return Ran(0, "".join(f"{'Inst' if verb == 'install' else 'Purg'} {name} (1.0)\n" for name in changed))
    for name in changed:
        if verb == "install":
            host.write(info / f"{name}.list", b"", 0o644, Owner(0, 0))
        else:
            host.remove(info / f"{name}.list")
    return Ran(0)


def _ip(host: Played, words: list[str], _: bytes) -> Ran:
    if "address" in words:
        return Ran(0, json.dumps([_LOOPBACK, _ADDRESS]))
    route = {"dst": "default", "gateway": "192.168.1.1", "dev": "wlan0", "metric": 600}
    return Ran(0, json.dumps([route] if "-4" in words else []))


def _busctl(host: Played, words: list[str], _: bytes) -> Ran:
    return Ran(0, '{"type":"s","data":["raspberrypi.local"]}\n')


def _timedatectl(host: Played, words: list[str], _: bytes) -> Ran:
    return Ran(0, "yes\n")


def _journalctl(host: Played, words: list[str], _: bytes) -> Ran:
    return Ran(0, "")


def _python(host: Played, words: list[str], _: bytes) -> Ran:
    if words[:3] == ["-B", "-m", "venv"]:
        folder = Path(words[-1])
        for path in (folder / "bin", folder / "lib"):
            host.make_folder(path, 0o755, Owner(0, 0))
        host.write(folder / "bin" / "python", b"#!/bin/sh\n", 0o755, Owner(0, 0))
        host.link(folder / "bin" / "python3", "python")
        host.write(folder / "pyvenv.cfg", _PYVENV.encode(), 0o644, Owner(0, 0))
        return Ran(0, "")
    if "import lgpio" in words[-1] or "find_spec" in words[-1]:
        return Ran(0 if host.look(Path("/var/lib/dpkg/info/python3-lgpio.list")) else 1)
    return Ran(0, "Collecting gpiozero\nInstalling collected packages: gpiozero\n")


def _keep(host: Played) -> None:
    if host.look(_STATE) is None:
        host.make_folder(_STATE, 0o755, Owner(0, 0))


PROGRAMS: dict[str, Program] = {
    "systemctl": _systemctl,
    "gpasswd": _gpasswd,
    "raspi-config": _raspi_config,
    "dpkg-query": _dpkg_query,
    "apt-cache": _apt_cache,
    "apt-get": _apt_get,
    "ip": _ip,
    "busctl": _busctl,
    "timedatectl": _timedatectl,
    "journalctl": _journalctl,
    "python": _python,
    "python3": _python,
    "python3.11": _python,
    "python3.13": _python,
}
