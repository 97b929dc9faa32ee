"""Virtual time on a bench: for a block of code, or for the cells of a notebook from here on."""

from __future__ import annotations

import inspect
import sys
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from labkit.cells import notebook_shell
from labkit.clock import RealClock
from labkit.errors import LabError
from labkit.labtime import LabTime

if TYPE_CHECKING:
    from labkit.sim.clock import VirtualClock

__all__ = ["NoVirtualTime", "VirtualTime"]


class NoVirtualTime(LabError, RuntimeError):
    """Virtual time can't begin here."""


class VirtualTime:
    """Lab time that jumps from event to event; made by `Bench.virtual_time`.

    As a context manager it lasts for a block. With `start` and `stop` it lasts for the cells of a notebook
    between them, which then may `await`; between two cells time stands still. Only for the main thread.
    """

    def __init__(self, lab_time: LabTime, seconds: float | None) -> None:
        # Here and not above: most sessions never need it, and it loads asyncio.
        from labkit.sim.clock import VirtualClock

        self._lab_time = lab_time
        self._seconds = seconds
        self._clock = VirtualClock(budget=seconds)
        self._stack = ExitStack()
        self._cells: Any = None
        self._within = 0

    def __enter__(self) -> VirtualClock:
        if self.is_started:
            # The cell lives in virtual time already, and so does the block in it.
            self._within += 1
            return self._clock
        if sys._getframe(1).f_code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
            # An await would give the thread back to the notebook's own event loop, which lives in real time.
            raise NoVirtualTime(
                "A block of virtual time can't be awaited in. In a notebook, write bench.virtual_time().start() in a "
                "cell of its own: cells from then on may await, until .stop(). In a program, call asyncio.run() within."
            )
        self._stack.enter_context(self._clock.running())
        self._lab_time.change(self._clock)
        return self._clock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        from labkit.sim.time.endings import TimeBudgetSpent

        if self._within:
            self._within -= 1
            return isinstance(error, TimeBudgetSpent)
        with self._stack:
            # Stopped while the clock is still in force: their last words take lab time, too.
            self._clock.stop_others()
            self._lab_time.change(RealClock())
        return isinstance(error, TimeBudgetSpent)

    @property
    def notes(self) -> list[str]:
        """What stood in the way: threads that block outside, loops that never wait, and where."""
        return self._clock.notes

    @property
    def is_started(self) -> bool:
        """Between `start` and `stop`."""
        return self._cells is not None

    def start(self) -> None:
        """The rest of this cell, and all cells until `stop`, live in virtual time; starting again changes nothing.

        Raises:
            NoVirtualTime: This is no notebook.
        """
        from labkit.sim.time.cells import Cells

        shell = notebook_shell()
        if shell is None:
            raise NoVirtualTime("There are no cells here: write `with bench.virtual_time():`.")
        if self._cells is None:
            self._cells = Cells(self._clock, shell, budget=self._seconds)
            self._cells.start()
            self._lab_time.change(self._clock)

    def stop(self) -> None:
        """Back to real time; what still runs in virtual time is stopped. Stopping again changes nothing."""
        if self._cells is not None:
            cells, self._cells = self._cells, None
            self._clock.stop_others()
            self._lab_time.change(RealClock())
            cells.stop()
