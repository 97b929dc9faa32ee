"""What stands in the queue of a condition or a lock for a task that waits there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.sim.time.task import Task

if TYPE_CHECKING:
    from labkit.sim.time.scheduler import Scheduler

__all__ = ["Waiter"]


class Waiter:
    """Stands in a condition's or lock's queue; `release` wakes the task, from any thread."""

    __slots__ = ("_scheduler", "_task", "_token", "fired")

    def __init__(self, scheduler: Scheduler, task: Task) -> None:
        self._scheduler, self._task, self._token = scheduler, task, 0
        self.fired = False

    def release(self) -> None:
        if not self.fired:
            self.fired = True
            self._scheduler.wake(self._task, self._token)

    def expect(self, task: Task) -> None:
        """The next wait of the task is the one to end."""
        self._token = task.token + 1

    def wait(self, deadline_ns: int | None, what: str | None = None) -> bool:
        """True once released, False when the deadline passed."""
        scheduler, task = self._scheduler, self._task
        while not self.fired:
            self.expect(task)
            scheduler.wait(task, deadline_ns, what, waiter=self)
            if deadline_ns is not None and scheduler.now_ns >= deadline_ns:
                break
        return self.fired
