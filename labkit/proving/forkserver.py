"""A process that has loaded what every kernel loads and has run nothing: forks of it are fresh kernels at once.

It speaks lines of JSON on its standard input and output: `{"fork": argv, "env": …, "cwd": …}` is answered with
`{"pid": …}`, `{"poll": pid}` with `{"status": …}`, null while the kernel lives. At the end of its input it kills the
kernels that are left, and ends.

Nothing passes from one notebook to the next: each fork is a copy of a process in which no notebook ever ran. It has
one thread, no socket and no event loop, so that a fork of it is as good as a process that was started.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

__all__ = ["LOADED", "main"]

LOADED = (
    "faulthandler", "http.client", "pdb", "tornado.platform.asyncio", "ipykernel.kernelapp", "ipykernel.ipkernel",
    "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "anywidget", "gpiozero.tools", "labkit.banner",
    "labkit.checking", "labkit.figures", "labkit.link.serving", "labkit.link.stopping", "labkit.logview",
    "labkit.panels", "labkit.proving.inside", "labkit.sim.clock", "labkit.sim.time.cells",
    "labkit.sim.time.collector", "numpy", "numpy.ma", "numpy.typing", "bokeh.plotting", "zmq.utils.garbage",
    "labkit.capture", "labkit.circuits.lint", "labkit.circuits.wiring", "labkit.header.widget", "labkit.metadata",
    "labkit.picture.widget", "labkit.progress", "labkit.recorded.drawing", "labkit.recorded.folder",
    "labkit.recorded.plotting", "labkit.recorded.run", "labkit.recorded.traces", "labkit.recording",
    "labkit.scope.view",
)  # fmt: skip


def main() -> None:
    """Serve until standard input ends."""
    # This file was started by its path, so that no file of the working folder could stand in for a module.
    del sys.path[0]
    commands, answers = _own_channels()
    _load()
    gc.freeze()  # what all forks share is not written to by their garbage collectors
    alive: set[int] = set()
    for line in commands:
        request = json.loads(line)
        if "fork" in request:
            pid = os.fork()
            if pid == 0:
                commands.close()
                answers.close()
                _become_kernel(request["fork"], request["env"], request["cwd"])
            alive.add(pid)
            answer: dict[str, Any] = {"pid": pid}
        else:
            answer = {"status": _status(request["poll"], alive)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    for pid in alive:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _own_channels() -> tuple[Any, Any]:
    """The two channels, out of the reach of whatever a kernel reads and prints."""
    commands = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return commands, answers


def _load() -> None:
    """What a kernel and a bench load anyway. None of it starts a thread, or keeps more than definitions."""
    for module in LOADED:
        import_module(module)
    assert threading.active_count() == 1, threading.enumerate()


def _status(pid: int, alive: set[int]) -> int | None:
    """How a kernel ended, as subprocess has it: negative for a signal; None while it lives."""
    if pid not in alive:
        return 0
    found, status = os.waitpid(pid, os.WNOHANG)
    if found == 0:
        return None
    alive.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _become_kernel(argv: list[str], environ: dict[str, str], folder: str) -> NoReturn:
    status = 1
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(folder)
        sys.argv = ["ipykernel", *argv]
        from ipykernel.kernelapp import IPKernelApp

        # The kernel ends when this process does; what it read of its parent when it was loaded is too old.
        app = IPKernelApp.instance(parent_handle=os.getppid())
        app.initialize(argv)
        app.start()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001 - a fork must end here, and never go on as the process it came from
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
