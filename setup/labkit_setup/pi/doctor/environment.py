"""The ground a lab stands on: Python, memory, disk, clock, packages."""

import re
from pathlib import Path

from ..board import MIB
from ..clock import clock_fault, is_synchronised
from .finding import Check, Finding, fault, note, sound
from .patient import Patient

__all__ = ["CHECKS"]

_OLDEST = (3, 11)
_LEAST_MEMORY = 400 * MIB
_SMALL_MEMORY = 700 * MIB
_LITTLE_MEMORY = 1100 * MIB
_LEAST_DISK = 300_000_000
_PIP_FILES = ("/etc/pip.conf", "/root/.config/pip/pip.conf")


def _python(patient: Patient) -> Finding:
    major, minor = patient.board.python
    if patient.board.python < _OLDEST:
        return fault(
            f"Python {major}.{minor} is too old", "use Raspberry Pi OS of 2023 (Bookworm) or later, with Python 3.11"
        )
    return sound(f"Python {major}.{minor}")


def _bits(patient: Patient) -> Finding:
    if not patient.board.is_64_bit:
        return fault(
            f"a 32-bit system ({patient.board.machine}), for which PyPI has no wheels of what JupyterLab needs",
            "install the 64-bit Raspberry Pi OS; every Pi since the 3 runs it",
        )
    return sound(f"a 64-bit system ({patient.board.machine})")


def _packages(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    layout, host = patient.layout, patient.host
    again = "run `python3 setup pi` in a clone of labkit; it makes the environment anew"
    if host.look(layout.venv) is None:
        return fault(f"the environment {layout.venv} is gone", again)
    text = (host.read(layout.venv / "pyvenv.cfg") or b"").decode(errors="replace")
    made_for = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", text, re.MULTILINE)
    home = re.search(r"^home *= *(.+)$", text, re.MULTILINE)
    if made_for and home and host.look(Path(home[1].strip()) / f"python{made_for[1]}") is None:
        return fault(
            f"the environment was made for Python {made_for[1]}, which is gone since the system was upgraded", again
        )
    return sound(f"the environment {layout.venv} is there")


def _other_environment(patient: Patient) -> Finding:
    """PEP 668 keeps pip out of Debian's Python; what got in nevertheless shadows or is missed."""
    environment = patient.context.environment
    files = [Path(name) for name in _PIP_FILES] + [patient.user.home / ".config" / "pip" / "pip.conf"]
    broken = [str(path) for path in files if b"break-system-packages" in (patient.host.read(path) or b"")]
    if broken or environment.get("PIP_BREAK_SYSTEM_PACKAGES"):
        return fault(
            f"pip is told to install into Debian's own Python ({', '.join(broken) or 'PIP_BREAK_SYSTEM_PACKAGES'}), "
            "where an upgrade breaks what it brought (PEP 668)",
            "take `break-system-packages` out there; the lab's packages are in an environment of its own",
        )
    active = environment.get("VIRTUAL_ENV")
    if active and Path(active) != patient.layout.venv and patient.settings is not None:
        return fault(
            f"the virtual environment {active} is active here, but the lab runs in {patient.layout.venv}: what pip "
            "installs now, notebooks will not find",
            "run `deactivate`; in a notebook, `import sys; sys.prefix` shows where it runs",
        )
    return sound("no other environment is in the way")


def _memory(patient: Patient) -> Finding:
    board = patient.board
    memory, swap = board.memory_bytes // MIB, board.swap_bytes // MIB
    if not board.memory_bytes:
        return sound("the system does not tell its memory")
    if board.memory_bytes < _LEAST_MEMORY:
        return fault(f"{memory} MiB of RAM", "a server and one kernel need 400 MiB: use a board with 512 MiB or more")
    if board.memory_bytes < _LITTLE_MEMORY and not board.swap_bytes:
        is_small = board.memory_bytes < _SMALL_MEMORY
        return (fault if is_small else note)(
            f"{memory} MiB of RAM and no swap: {'a second' if is_small else 'a third'} kernel or a plot may be killed",
            "run `sudo apt install zram-tools`, which makes swap in compressed memory",
        )
    return sound(f"{memory} MiB of RAM, {swap} MiB of swap")


def _memory_limits(patient: Patient) -> Finding | None:
    if patient.settings is None or not patient.settings.service:
        return None
    found = patient.host.read(Path("/sys/fs/cgroup/cgroup.controllers"))
    if found is None or b"memory" in found.split():
        return sound("memory limits are in force") if found is not None else None
    evidence = "the kernel has memory limits switched off, so a notebook can use up all of the machine's"
    remedy = "add `cgroup_enable=memory` to the line in /boot/firmware/cmdline.txt, and restart"
    small = patient.board.memory_bytes < _LITTLE_MEMORY
    return fault(evidence, remedy) if small else note(evidence, remedy)


def _disk(patient: Patient) -> Finding:
    folders = [patient.layout.prefix.parent]
    if patient.settings is not None:
        folders += [patient.layout.state, Path(patient.settings.root_dir)]
    free = {str(folder): patient.host.free_bytes(folder) for folder in folders}
    least = min(free, key=lambda name: free[name])
    if free[least] < _LEAST_DISK:
        return fault(
            f"only {free[least] // 1_000_000} MB are free on the disk with {least}",
            "free some space: `sudo apt clean`, `sudo journalctl --vacuum-size=50M`, old recordings",
        )
    return sound(f"{free[least] // 1_000_000} MB are free")


def _clock(patient: Patient) -> Finding:
    fault_ = clock_fault(patient.host, patient.now)
    if fault_ is None:
        return sound(f"the clock says {patient.now:%Y-%m-%d %H:%M} UTC")
    remedy = (
        "connect the network and wait a minute (`timedatectl` shows whether it is synchronised), or set it with "
        "`sudo date -s`: certificates are checked against it"
    )
    # A machine without a network and a clock that nobody disturbs goes on well enough, if it is near the truth.
    plausible = is_synchronised(patient.host) is False and patient.leaf is not None
    if plausible and patient.leaf is not None and patient.leaf.begins <= patient.now < patient.leaf.ends:
        return note(f"the clock {fault_}, though within the certificate's life", remedy)
    return fault(f"the clock {fault_}", remedy)


CHECKS = (
    Check("Python", _python),
    Check("64 bit", _bits),
    Check("packages", _packages),
    Check("other environments", _other_environment),
    Check("memory", _memory),
    Check("memory limits", _memory_limits),
    Check("disk", _disk),
    Check("clock", _clock),
)
