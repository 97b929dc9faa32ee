"""Signals in virtual time: their handlers run when the main thread has the baton, and never inside the clock.

A handler that interrupted the scheduler half-way would find, and leave, it broken. So the handlers
of a program are called at once where its own code was interrupted, and otherwise as soon as the
main thread leaves the clock; one that raises, as Ctrl-C does, ends the wait.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from labkit.sim.time import active
from labkit.sim.time.active import REAL
from labkit.sim.time.scheduler import Scheduler

__all__ = ["Interrupts", "virtual_signal"]

OWN = ("labkit.sim.time", "labkit.sim.clock")


class Interrupts:
    """Stands between the machine's signals and the program's handlers, from `install` to `remove`."""

    def __init__(self, scheduler: Scheduler, call_keeper: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._call_keeper = call_keeper
        self._handlers: dict[int, Any] = {}
        self._pending: list[int] = []
        self._error: BaseException | None = None

    def install(self) -> None:
        """Take over SIGINT, where the calling thread may: the main thread."""
        if threading.current_thread() is threading.main_thread():
            self.take_over(signal.SIGINT, REAL.getsignal(signal.SIGINT))

    def remove(self) -> None:
        """Give every signal back to the program's own handler."""
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._handlers.items():
                if REAL.getsignal(number) == self._on_signal:
                    REAL.signal(number, handler)
            self._handlers.clear()
            for number in self._take_pending():
                signal.raise_signal(number)

    def _take_pending(self) -> list[int]:
        pending, self._pending = self._pending, []
        return pending

    def take_over(self, number: int, handler: Any) -> Any:
        """`signal.signal`: returns the handler before."""
        before = self._handlers.get(number)
        if callable(handler):
            self._handlers[number] = handler
            previous = REAL.signal(number, self._on_signal)
        else:
            self._handlers.pop(number, None)
            previous = REAL.signal(number, handler)
        return before if previous == self._on_signal else previous

    def raise_in_main(self, error: BaseException) -> None:
        """Raise error in the main task's thread wherever it is; the keeper's call."""
        main = self._scheduler.main
        if main is None or self._scheduler.throw(main, error):
            return
        if main.thread is threading.main_thread() and signal.SIGINT in self._handlers:
            self._error = error
            signal.pthread_kill(main.ident, signal.SIGINT)
        else:
            main.error = error  # for its next wait, where it makes one, and else between two of its steps
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main.ident), ctypes.py_object(type(error)))

    def run_pending(self) -> None:
        """Call the handlers of signals that came inside the clock; the main task, as it leaves that."""
        while self._pending:
            self._handle(self._pending.pop(0), None)

    def pass_on(self) -> None:
        """See that a signal that came inside the clock gets its turn; the keeper's call."""
        main = self._scheduler.main
        if not self._pending or main is None:
            return
        self._scheduler.nudge(main)
        with contextlib.suppress(IndexError):
            if self._scheduler.running is main:  # it left the clock without a wait: interrupt it again
                signal.pthread_kill(main.ident, self._pending.pop(0))

    @property
    def is_pending(self) -> bool:
        return bool(self._pending)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_globals.get("__name__", "").startswith(OWN):
            self._pending.append(number)
            self._call_keeper()
        else:
            self._handle(number, frame)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
        handler = self._handlers.get(number)
        if handler is not None:
            handler(number, frame if frame is not None else sys._getframe(1))


def virtual_signal(number: int, handler: Any) -> Any:
    """`signal.signal` while a virtual clock is in force."""
    scheduler = active.scheduler
    if scheduler is None or scheduler.interrupts is None or scheduler.task_here() is None:
        return REAL.signal(number, handler)
    return scheduler.interrupts.take_over(number, handler)
