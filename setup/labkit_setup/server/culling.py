"""Which idle kernels may be ended: none that holds a device or is writing a file."""

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
    """A device that a process of this user has open, or a file that it has open for writing; None without one.

    The kernel of the operating system says so, whatever library is used, and no protocol has to be agreed on. A
    process that can't be looked at (another system than Linux) counts as at work if it is there at all.
    """
    if not (proc / str(pid)).is_dir():
        return None if proc.is_dir() else "something that this system does not show"
    for link in (proc / str(pid) / "fd").iterdir():
        try:
            target = os.readlink(link)
            if _DEVICE.match(target) or (_is_file(target) and _is_written(proc / str(pid) / "fdinfo" / link.name)):
                return target
        except OSError:
            # It was closed in the meantime.
            continue
    return None


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
