"""asyncio in virtual time: an event loop whose idle waits are waits of its thread."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

from labkit.sim.time import active
from labkit.sim.time.active import REAL
from labkit.sim.time.callers import participant
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task
from labkit.sim.time.threads import duration_ns
from labkit.sim.time.waiter import Waiter

__all__ = ["VirtualEventLoop", "virtual_event_loop"]


class VirtualEventLoop(asyncio.SelectorEventLoop):
    """Sleeps, timeouts and `call_later` in lab time.

    Once a socket or pipe is registered the loop waits for it in real time, as a thread outside does.
    """

    def __init__(self) -> None:
        super().__init__(selectors.DefaultSelector())
        self._selector: Any = _Selector(self._selector)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        scheduler = active.scheduler
        if scheduler is None or scheduler.readings is None:
            return float(REAL.monotonic())
        return scheduler.readings.UPTIME_NS / 1e9 + scheduler.lab_ns() / 1e9

    def _write_to_self(self) -> None:
        super()._write_to_self()  # type: ignore[misc]
        waiter = self._selector.waiter
        if waiter is not None:
            waiter.release()


class _Selector:
    def __init__(self, real: Any) -> None:
        self._real = real
        self.waiter: Waiter | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def select(self, timeout: float | None = None) -> Any:
        scheduler = active.scheduler
        task = scheduler.task_here() if scheduler is not None else None
        if scheduler is None or task is None:
            return self._real.select(timeout)
        self.waiter = Waiter(scheduler, task)  # before the first look, or a call from a thread in between is missed
        try:
            events = self._real.select(0)
            if events or (timeout is not None and timeout <= 0):
                return events
            if len(self._real.get_map()) > 1:
                return self._wait_outside(scheduler, task, timeout)
            deadline_ns = None if timeout is None else scheduler.lab_ns() + duration_ns(timeout)
            self.waiter.wait(deadline_ns, "an idle event loop")
            return self._real.select(0)
        finally:
            self.waiter = None

    def _wait_outside(self, scheduler: Scheduler, task: Task, timeout: float | None) -> Any:
        if timeout is not None and scheduler.pace.speed:
            timeout /= scheduler.pace.speed
        scheduler.take_baton_from(task, task.progress(), spins=False)
        try:
            return self._real.select(timeout)
        finally:
            scheduler.rejoin(task)


def virtual_event_loop() -> Any:
    """`asyncio.new_event_loop`: a virtual one for those who take part."""
    return VirtualEventLoop() if participant() is not None else REAL.new_event_loop()
