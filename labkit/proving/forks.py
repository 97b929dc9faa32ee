"""Kernels that are forks of one process, which `forkserver` is; behind jupyter_client's provisioner."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

__all__ = ["QUIET_DEBUGGER", "ForkProvisioner", "ForkServer"]

QUIET_DEBUGGER = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # numpy's own threads would not come along in a fork
END_LOOK_S = 0.005


class ForkServer:
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

    def __init__(self, server: ForkServer, pid: int) -> None:
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


class ForkProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Kernels as forks; whatever else is as of a kernel that was started."""

    def __init__(self, forks: ForkServer, **kwargs: Any) -> None:
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
