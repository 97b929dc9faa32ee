"""Kernels for notebooks to be proven in: each a process of its own, the next one started while this one is used.

Nothing is handed on from one notebook to the next, because no process is. On Linux a kernel is a fork of a process
that has only loaded modules (see `forkserver`); elsewhere, where forks are not safe, a process that was started.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from labkit.pacing import Countdown

__all__ = ["STARTUP_S", "Kernels", "memory_mb"]

STARTUP_S = 60
SUBSCRIBED_S = 0.2  # so long may a message take to one who has just subscribed

# Imported before the first cell: what every notebook on a bench needs anyway.
WARM_UP = "__import__('labkit.proving.inside')"
QUIET_DEBUGGER = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # numpy's own threads would not come along in a fork
END_LOOK_S = 0.005
NOT_FOR_KERNELS = ("GPIOZERO_PIN_FACTORY", "GPIOZERO_MOCK_REVISION", "GPIOZERO_MOCK_PIN_CLASS")


class Kernels:
    """Hands out fresh kernels. For one thread, within one event loop."""

    def __init__(self) -> None:
        self._spare: AsyncKernelManager | None = None
        self._forks = _ForkServer() if sys.platform == "linux" else None

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


class _ForkServer:
    """The process that kernels are forks of; started for the first one. For one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def fork(self, argv: list[str], environ: dict[str, str], folder: str) -> int:
        """A new kernel's process id."""
        return int(self._ask({"fork": argv, "env": environ, "cwd": folder})["pid"])

    def poll(self, pid: int) -> int | None:
        """How a kernel ended; None while it lives."""
        status: int | None = self._ask({"poll": pid})["status"]
        return status

    def close(self) -> None:
        """End it, and what is left of its forks."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            # A session of its own: Ctrl-C in the terminal is pytest's.
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("forkserver.py"))], start_new_session=True,
                env=os.environ | QUIET_DEBUGGER | ONE_THREAD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                encoding="utf-8",
            )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            raise RuntimeError("the process that kernels are started from has ended")
        found: dict[str, Any] = json.loads(answer)
        return found


class _Fork:
    """A kernel's process, with as much of `subprocess.Popen` as jupyter_client's provisioner asks for."""

    stdin = stdout = stderr = None

    def __init__(self, server: _ForkServer, pid: int) -> None:
        self._server = server
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        if self._status is None:
            self._status = self._server.poll(self.pid)
        return self._status

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _ForkProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Kernels as forks; whatever else is as of a kernel that was started."""

    def __init__(self, forks: _ForkServer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._forks = forks

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        folder = str(kwargs.get("cwd") or os.getcwd())
        # All behind `python -m ipykernel_launcher`.
        pid = self._forks.fork(cmd[cmd.index("-m") + 2 :], kwargs["env"], folder)
        self.process, self.pid, self.pgid, self.cwd = _Fork(self._forks, pid), pid, pid, Path(folder)
        return self.connection_info

    async def wait(self) -> int | None:
        status: int | None = 0
        if self.process is not None:
            while (status := self.process.poll()) is None:
                await asyncio.sleep(END_LOOK_S)
            self.process = None  # type: ignore[assignment]
        return status


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


async def _started(forks: _ForkServer | None) -> AsyncKernelManager:
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
        kernel.provisioner = _ForkProvisioner(
            forks, kernel_id=kernel.kernel_id, kernel_spec=kernel.kernel_spec, parent=kernel
        )
    kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_KERNELS}
    await kernel.start_kernel(
        env=kept | QUIET_DEBUGGER,
        extra_arguments=["--HistoryManager.enabled=False", f"--InteractiveShellApp.exec_lines={WARM_UP}"],
    )
    return kernel
