"""Threads and conditions in virtual time: what `threading` is patched with.

`Condition.wait` is under Event, Semaphore, Barrier, Timer, queue.Queue and Future, so these follow.
"""

from __future__ import annotations

import gc
import math
import queue
import sys
from typing import Any

from labkit.sim.time import active
from labkit.sim.time.active import REAL
from labkit.sim.time.callers import participant
from labkit.sim.time.gpiozero_waits import background_poll
from labkit.sim.time.reading import look
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import State, Task
from labkit.sim.time.waiter import Waiter

__all__ = [
    "VirtualSimpleQueue", "bootstrap", "condition_wait", "duration_ns", "is_alive", "join", "sleep", "start",
]  # fmt: skip

SWEEP_EVERY = 1024  # sleeps between two collections of garbage
SWEEP_ALL_EVERY = 64 * SWEEP_EVERY
REAL_EXIT_S = 10.0


def duration_ns(seconds: float) -> int:
    """A wait in whole microseconds, at least one; 0 for none.

    A machine's sleeps are no finer, and it takes the error out of `sleep(next - time.time())`.
    """
    if seconds <= 0:
        return 0
    if not math.isfinite(seconds):
        raise OverflowError("timestamp too large to convert to C PyTime_t")
    return max(1, round(seconds * 1e6)) * 1_000


def sleep(scheduler: Scheduler, task: Task, seconds: float) -> None:
    """Let the calling thread wait for that much lab time; 0 lets the others go first."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds == 0:
        looks, start_ns = task.looks, task.spin_start_ns
        scheduler.wait(task, scheduler.now_ns, "sleep(0)")
        task.looks, task.spin_start_ns = looks, start_ns
        return look(scheduler)
    _sweep(scheduler)
    deadline_ns = scheduler.lab_ns() + duration_ns(seconds)
    while True:
        scheduler.wait(task, deadline_ns, f"sleep({seconds:g})")
        if scheduler.now_ns >= deadline_ns:
            return None


def _sweep(scheduler: Scheduler) -> None:
    """Collect garbage here, where no library holds a lock, and after as many sleeps in every run alike.

    Elsewhere it is off: a device that is collected closes itself, and that waits for its thread.
    """
    scheduler.sleeps += 1
    if scheduler.sleeps % SWEEP_EVERY == 0 and not gc.isenabled():
        gc.collect(2 if scheduler.sleeps % SWEEP_ALL_EVERY == 0 else 1)


def condition_wait(self: Any, timeout: float | None = None) -> bool:
    """`threading.Condition.wait`, in lab time for those who take part."""
    task = participant()
    scheduler = active.scheduler
    if task is None or scheduler is None:
        return bool(REAL.condition_wait(self, timeout))
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    if timeout is not None and timeout <= 0:
        look(scheduler)
        return False
    waiter = Waiter(scheduler, task)
    self._waiters.append(waiter)
    saved = self._release_save()
    try:
        return _wait(scheduler, task, waiter, timeout, self)
    finally:
        self._acquire_restore(saved)
        if not waiter.fired:
            self._waiters.remove(waiter)


def _wait(scheduler: Scheduler, task: Task, waiter: Waiter, timeout: float | None, condition: object) -> bool:
    if timeout is None:
        return waiter.wait(None)
    now_ns = scheduler.lab_ns()
    poll = background_poll(sys._getframe(3), condition)
    if poll is None:
        return waiter.wait(now_ns + duration_ns(timeout))
    task.lazy, task.settles = poll.lazy, poll.settles
    try:
        if not poll.lazy:
            return waiter.wait(now_ns + duration_ns(timeout))
        # Not `waiter.wait`: somebody who joins this thread ends the wait without releasing the waiter.
        waiter.expect(task)
        scheduler.wait(task, None, None, waiter=waiter)
        return waiter.fired
    finally:
        task.lazy, task.settles = False, 0


def start(self: Any) -> None:
    """`Thread.start`: a participant's thread takes part, and runs first, as on a machine."""
    task = participant()
    scheduler = active.scheduler
    if task is None or scheduler is None or self.ident is not None:
        REAL.start(self)
        return
    child = Task(self, self.name, self.daemon)
    self._labkit_task = child
    scheduler.expect(child)
    try:
        REAL.start(self)
    except BaseException:
        if child.ident == 0 and child.state is State.READY:
            scheduler.unexpect(child)
        raise


def bootstrap(self: Any) -> None:
    """`Thread._bootstrap_inner`: wait for the first turn, and pass the baton on after the last."""
    scheduler = active.scheduler
    task = self.__dict__.get("_labkit_task")
    if task is None or scheduler is None:
        REAL.bootstrap(self)
        return
    scheduler.begin(task)
    try:
        REAL.bootstrap(self)
    finally:
        scheduler.step_out(task)


def is_alive(self: Any) -> bool:
    """`Thread.is_alive`: over when it made its last step, not some moments later."""
    task = self.__dict__.get("_labkit_task")
    if task is None:
        return bool(REAL.is_alive(self))
    if active.scheduler is not None:
        look(active.scheduler)
    return task.state is not State.DONE and bool(REAL.is_alive(self))


def join(self: Any, timeout: float | None = None) -> None:
    """`Thread.join`, in lab time where both take part."""
    task = participant()
    scheduler = active.scheduler
    other: Task | None = self.__dict__.get("_labkit_task")
    if other is None or scheduler is None or other is task:
        REAL.join(self, timeout)
        return
    scheduler.hurry(other)
    if task is None:
        REAL.join(self, timeout)
    elif _wait_for_end(scheduler, task, other, timeout):
        REAL.join(self, REAL_EXIT_S)


def _wait_for_end(scheduler: Scheduler, task: Task, other: Task, timeout: float | None) -> bool:
    deadline_ns = None if timeout is None else scheduler.lab_ns() + duration_ns(timeout)
    other.joiners.append(task)
    try:
        while other.state is not State.DONE:
            if deadline_ns is not None and scheduler.now_ns >= deadline_ns:
                return False
            scheduler.wait(task, deadline_ns, f"waits for thread {other.name} to end")
        return True
    finally:
        if task in other.joiners:
            other.joiners.remove(task)


class VirtualSimpleQueue(queue._PySimpleQueue):  # type: ignore[name-defined,misc]
    """`queue.SimpleQueue`: the one in C blocks where nobody can reach it."""

    def __new__(cls) -> Any:
        return super().__new__(cls) if participant() is not None else REAL.SimpleQueue()
