"""Kernels for notebooks to be proven in: each a process of its own, the next one started while this one is used.

Nothing is handed on from one notebook to the next, because no process is. Starting ahead hides what that costs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

__all__ = ["Kernels"]

# Imported before the first cell: what every notebook on a bench needs anyway.
WARM_UP = "__import__('labkit.proving.inside')"
NOT_FOR_KERNELS = ("GPIOZERO_PIN_FACTORY", "GPIOZERO_MOCK_REVISION", "GPIOZERO_MOCK_PIN_CLASS")


class Kernels:
    """Hands out fresh kernels. For one thread, within one event loop."""

    def __init__(self) -> None:
        self._spare: AsyncKernelManager | None = None

    async def take(self) -> AsyncKernelManager:
        """A kernel that nobody has used; it may still be starting."""
        spare, self._spare = self._spare, None
        if spare is not None and await spare.is_alive():
            return spare
        return await _started()

    async def prepare(self) -> None:
        """Have the next one start already."""
        if self._spare is None:
            self._spare = await _started()

    async def end(self, kernel: AsyncKernelManager) -> None:
        """End a kernel at once: its pins are simulated, nothing in it is worth waiting for."""
        with suppress(RuntimeError, ProcessLookupError):
            await kernel.shutdown_kernel(now=True)
        await asyncio.shield(_cleaned(kernel))

    async def close(self) -> None:
        """End the one that was started ahead."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            await self.end(spare)


async def _cleaned(kernel: AsyncKernelManager) -> None:
    with suppress(RuntimeError):
        await kernel.cleanup_resources()
    shutil.rmtree(Path(kernel.connection_file).parent, ignore_errors=True)


async def _started() -> AsyncKernelManager:
    # This environment's own Python, whatever kernels are installed and whatever the notebook calls its.
    # Sockets in a folder of its own: by its default all kernels of a working folder would share theirs.
    folder = Path(tempfile.mkdtemp(prefix="labkit-kernel-"))
    transport = "ipc" if os.name == "posix" else "tcp"
    kernel = AsyncKernelManager(kernel_name="python3", transport=transport, connection_file=str(folder / "k.json"))
    if kernel.kernel_spec is None:
        raise RuntimeError("this environment has no ipykernel")
    kernel.kernel_spec.argv[0] = sys.executable
    kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_KERNELS}
    await kernel.start_kernel(
        env={**kept, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
        extra_arguments=["--HistoryManager.enabled=False", f"--InteractiveShellApp.exec_lines={WARM_UP}"],
    )
    return kernel
