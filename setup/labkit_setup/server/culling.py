"""Which idle kernels may be ended: none that holds a device or is writing a file."""

import contextlib
import os
import re
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

__all__ = ["Kernels", "work_of"]

# What a program has open while it drives or reads pins and buses: lgpio, RPi.GPIO, spidev, smbus, serial ports.
_DEVICE = re.compile(r"/dev/(gpiochip|gpiomem|mem|spidev|i2c-|pwm|tty(USB|ACM|AMA|S)|video)")
# IPython's own history is open for writing in every kernel.
_OWN = re.compile(r"/(history\.sqlite|history\.sqlite-journal|nohup\.out)$")
_ACCESS_MODE = 0o3


class Kernels(AsyncMappingKernelManager):
    """Jupyter's kernels; an idle one is ended only if nothing is at work in it."""

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End an idle kernel, unless it has work that no message tells of: outputs that are on, a recording."""
        if (pid := self._pid(kernel_id)) is not None and (work := work_of(pid)) is not None:
            self.log.debug("kernel %s goes on: it has %s open", kernel_id, work)
            return
        await super().cull_kernel_if_idle(kernel_id)  # type: ignore[no-untyped-call]

    def _pid(self, kernel_id: str) -> int | None:
        provisioner: Any = getattr(self._kernels.get(kernel_id), "provisioner", None)
        pid = getattr(provisioner, "pid", None)
        return pid if isinstance(pid, int) else None


def work_of(pid: int, proc: Path = Path("/proc")) -> str | None:
    """A device that a process of this user, or one it started, has open, or a file open for writing; None without one.

    The kernel of the operating system says so, whatever library is used, and no protocol has to be agreed on. A
    process that can't be looked at (another system than Linux) counts as at work if it is there at all.
    """
    if not (proc / str(pid)).is_dir():
        return None if proc.is_dir() else "something that this system does not show"
    return next(filter(None, (_opened_by(one, proc) for one in (pid, *_started_by(pid, proc)))), None)


def _opened_by(pid: int, proc: Path) -> str | None:
    try:
        links = list((proc / str(pid) / "fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        # It ended in the meantime.
        return None
    except PermissionError:
        return f"what process {pid} does not show"
    for link in links:
        try:
            target = os.readlink(link)
            if _DEVICE.match(target) or (_is_file(target) and _is_written(proc / str(pid) / "fdinfo" / link.name)):
                return target
        except OSError:
            # It was closed in the meantime.
            continue
    return None


def _started_by(pid: int, proc: Path) -> list[int]:
    """The processes below a process: a cell may leave it to another program to drive or to record."""
    below: dict[int, list[int]] = {}
    for stat in proc.glob("[0-9]*/stat"):
        # The parent's number is the second word after the name, which stands in brackets and may hold anything.
        with contextlib.suppress(OSError, ValueError, IndexError):
            below.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found, left = [], [pid]
    while left:
        left += (children := below.pop(left.pop(), []))
        found += children
    return found


def _is_file(target: str) -> bool:
    return (
        target.startswith("/")
        and not target.startswith(("/dev/", "/proc/", "/sys/", "/memfd:"))
        and not target.endswith(" (deleted)")
        and not _OWN.search(target)
    )


def _is_written(fdinfo: Path) -> bool:
    flags = re.search(r"^flags:\s*([0-7]+)", fdinfo.read_text(), re.MULTILINE)
    return flags is not None and int(flags[1], 8) & _ACCESS_MODE != os.O_RDONLY
