"""The one thread that runs edge handlers, in order, as lgpio's does."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from labkit.sim.time.attendant import Attendant
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task
from labkit.sim.time.verdict import IDLE_EDGES

__all__ = ["EdgeThread"]


class EdgeThread(Attendant):
    """Handlers may sleep, and later ones wait for them."""

    name = "edges"

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(scheduler)
        self._queue: deque[Callable[[], None]] = deque()
        self._idle = False

    def put(self, callback: Callable[[], None]) -> None:
        self._queue.append(callback)
        task = self.task
        if task is not None and self._idle:
            self.scheduler.wake(task, task.token)

    def work(self, task: Task) -> None:
        while True:
            while self._queue:
                self._call(self._queue.popleft())
            self._idle = True
            self.scheduler.wait(task, None, IDLE_EDGES)
            self._idle = False

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception as error:
            self.scheduler.remember("edges", error)
