"""The cells of a notebook in virtual time: the main thread takes part while a cell runs.

Between cells time stands still; what is woken still runs, so that closing a device works.
"""

from __future__ import annotations

import asyncio
import asyncio.tasks
import contextlib
from collections.abc import Coroutine
from typing import Any

from labkit.sim.clock import VirtualClock
from labkit.sim.time.loop import VirtualEventLoop
from labkit.sim.time.verdict import place_namers

__all__ = ["Cells"]


class Cells:
    """Lets an IPython shell's cells take part in a clock's time, from `start` to `stop`.

    Args:
        clock: Installed and uninstalled here.
        shell: What `get_ipython()` returns.
        budget: Seconds of lab time that each cell may use; None for no limit.
    """

    def __init__(self, clock: VirtualClock, shell: Any, *, budget: float | None = None) -> None:
        self._clock = clock
        self._shell = shell
        self._budget = budget
        self._loop: VirtualEventLoop | None = None
        self._runner_before: Any = None

    def start(self) -> None:
        """Patch; called from a cell, the rest of that cell takes part as well."""
        self._clock.install()
        self._shell.events.register("pre_run_cell", self._begin)
        self._shell.events.register("post_run_cell", self._end)
        self._runner_before, self._shell.loop_runner = self._shell.loop_runner, self._run_async_cell
        place_namers.append(self._name_cell)
        self._begin(None)

    def stop(self) -> None:
        """Stop the threads that take part, and put everything back."""
        self._shell.events.unregister("pre_run_cell", self._begin)
        self._shell.events.unregister("post_run_cell", self._end)
        self._shell.loop_runner = self._runner_before
        place_namers.remove(self._name_cell)
        self._begin(None)
        try:
            if self._loop is not None:
                self._loop.close()
            self._clock.stop_others()
            self._clock.leave()
        finally:
            self._clock.uninstall()

    def _begin(self, _info: object) -> None:
        if not self._clock.is_entered:
            if self._budget is not None:
                self._clock.allow(self._budget)
            self._clock.enter()

    def _end(self, _result: object) -> None:
        self._clock.leave()

    def _name_cell(self, file: str) -> str | None:
        named = self._shell.compile.format_code_name(file)
        return f"{named[0].lower()} {named[1].removeprefix('In')}" if named else None

    def _run_async_cell(self, cell: Coroutine[Any, Any, Any]) -> Any:
        """IPython's `loop_runner`: the kernel's own loop keeps still while ours runs in its thread."""
        if self._loop is None:
            self._loop = VirtualEventLoop()
        outer = asyncio._get_running_loop()
        suspended = asyncio.current_task(outer) if outer is not None else None
        if outer is not None and suspended is not None:
            asyncio.tasks._leave_task(outer, suspended)
        asyncio._set_running_loop(None)
        asyncio.set_event_loop(self._loop)
        try:
            return _complete(self._loop, cell)
        finally:
            asyncio.set_event_loop(outer)
            asyncio._set_running_loop(outer)
            if outer is not None and suspended is not None:
                asyncio.tasks._enter_task(outer, suspended)


def _complete(loop: asyncio.AbstractEventLoop, cell: Coroutine[Any, Any, Any]) -> Any:
    task = loop.create_task(cell)
    try:
        return loop.run_until_complete(task)
    except BaseException:  # interrupted: the cell is to run its `finally` now, not with the next one
        if not task.done():
            task.cancel()
            if _will_never_wake(loop, task):
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                cell.close()
            else:
                with contextlib.suppress(asyncio.CancelledError):
                    loop.run_until_complete(task)
        raise


def _will_never_wake(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> bool:
    """Whether the interrupt came when the loop had taken the task's next step off its list, and not begun it."""
    if not task._must_cancel:  # type: ignore[attr-defined]
        return False  # it waits for something, which was cancelled and wakes it
    loop.call_soon(loop.stop)
    loop.run_forever()
    return not task.done() and bool(task._must_cancel)  # type: ignore[attr-defined]
