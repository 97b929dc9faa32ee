"""Kernels for notebooks to be proven in: each a process of its own, the next one started while this one is used.

Nothing is handed on from one notebook to the next, because no process is. On Linux a kernel is a fork of a process
that has only loaded modules (see `forkserver`); elsewhere, where forks are not safe, a process that was started.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from labkit.pacing import Countdown
from labkit.proving.forks import QUIET_DEBUGGER, ForkProvisioner, ForkServer

__all__ = ["STARTUP_S", "Kernels", "memory_mb"]

STARTUP_S = 60
SUBSCRIBED_S = 0.2  # so long may a message take to one who has just subscribed

# Imported before the first cell: what every notebook on a bench needs anyway.
WARM_UP = "__import__('labkit.proving.inside')"
NOT_FOR_KERNELS = ("GPIOZERO_PIN_FACTORY", "GPIOZERO_MOCK_REVISION", "GPIOZERO_MOCK_PIN_CLASS")


class Kernels:
    """Hands out fresh kernels. For one thread, within one event loop."""

    def __init__(self) -> None:
        self._spare: AsyncKernelManager | None = None
        self._forks = ForkServer() if sys.platform == "linux" else None

    async def take(self) -> AsyncKernelManager:
        """A kernel that nobody has used; it may still be starting."""
        spare, self._spare = self._spare, None
        if spare is not None and await spare.is_alive():
            return spare
        return await _started(self._forks)

    async def prepare(self) -> None:
        """Have the next one start already."""
        if self._spare is None:
            self._spare = await _started(self._forks)

    async def end(self, kernel: AsyncKernelManager) -> None:
        """End a kernel at once: its pins are simulated, nothing in it is worth waiting for."""
        with suppress(RuntimeError, ProcessLookupError):
            if kernel.provisioner is not None:
                # Its manager would look for its end ten times a second only.
                await kernel.provisioner.kill()
                await kernel.provisioner.wait()
            await kernel.shutdown_kernel(now=True)
        await asyncio.shield(_cleaned(kernel))

    async def close(self) -> None:
        """End the one that was started ahead."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            await self.end(spare)
        if self._forks is not None:
            self._forks.close()


def memory_mb(kernel: AsyncKernelManager) -> float:
    """What a kernel's process holds of the machine's memory; 0 where it has ended."""
    try:
        held: int = psutil.Process(kernel.provisioner.pid).memory_info().rss
    except (psutil.Error, AttributeError):
        return 0.0
    return held / 1e6


async def _cleaned(kernel: AsyncKernelManager) -> None:
    with suppress(RuntimeError):
        await kernel.cleanup_resources()
    shutil.rmtree(Path(kernel.connection_file).parent, ignore_errors=True)


class _Connection(AsyncKernelClient):  # type: ignore[misc]
    """Is ready at the first answer: the usual one listens a fifth of a second for what more may come."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        left = Countdown(STARTUP_S if timeout is None else timeout)
        while left.seconds > 0:
            asked = self.kernel_info()
            if await self._says(self.shell_channel, asked, "kernel_info_reply", 1.0) and await self._says(
                # Its word that it is done comes last: no earlier one is on its way any more.
                self.iopub_channel, asked, "status", SUBSCRIBED_S,
            ):  # fmt: skip
                return
            if not await self._async_is_alive():
                raise RuntimeError("it ended before it answered")
        raise TimeoutError("it does not answer")

    async def _says(self, channel: Any, asked: str, kind: str, seconds: float) -> bool:
        left = Countdown(seconds)
        while left.seconds > 0:
            try:
                message = await channel.get_msg(timeout=left.seconds)
            except Empty:
                return False
            is_answer = message["parent_header"].get("msg_id") == asked and message["msg_type"] == kind
            if is_answer and message["content"].get("execution_state", "idle") == "idle":
                return True
        return False


async def _started(forks: ForkServer | None) -> AsyncKernelManager:
    # This environment's own Python, whatever kernels are installed and whatever the notebook calls its.
    # Sockets in a folder of its own: by its default all kernels of a working folder would share theirs.
    folder = Path(tempfile.mkdtemp(prefix="labkit-kernel-"))
    transport = "ipc" if os.name == "posix" else "tcp"
    kernel = AsyncKernelManager(kernel_name="python3", transport=transport, connection_file=str(folder / "k.json"))
    if kernel.kernel_spec is None:
        raise RuntimeError("this environment has no ipykernel")
    kernel.kernel_spec.argv[0] = sys.executable
    kernel.client_factory = _Connection
    if forks is not None:
        kernel.provisioner = ForkProvisioner(
            forks, kernel_id=kernel.kernel_id, kernel_spec=kernel.kernel_spec, parent=kernel
        )
    kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_KERNELS}
    await kernel.start_kernel(
        env=kept | QUIET_DEBUGGER,
        extra_arguments=["--HistoryManager.enabled=False", f"--InteractiveShellApp.exec_lines={WARM_UP}"],
    )
    return kernel
