"""The one thread that runs edge handlers, in order, as lgpio's does."""

from __future__ import annotations

import threading
from _thread import get_ident
from collections import deque
from collections.abc import Callable

from labkit.sim.time.active import REAL
from labkit.sim.time.endings import Stopped
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task
from labkit.sim.time.verdict import IDLE_EDGES

__all__ = ["EdgeThread"]


class EdgeThread:
    """Takes part from `start` to `stop`; handlers may sleep, and later ones wait for them."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._queue: deque[Callable[[], None]] = deque()
        self._task: Task | None = None
        self._idle = False
        self._begun = threading.Event()

    def start(self) -> None:
        """Must be called before anything is patched."""
        thread = threading.Thread(target=self._run, name="edges", daemon=True)
        self._task = Task(thread, thread.name, True)
        self._begun.clear()
        thread.start()
        self._begun.wait()

    def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            self._scheduler.throw(task, Stopped("the clock was stopped"))
            REAL.join(task.thread, 1.0)

    def is_mine(self, task: Task) -> bool:
        return task is self._task

    def put(self, callback: Callable[[], None]) -> None:
        self._queue.append(callback)
        task = self._task
        if task is not None and self._idle:
            self._scheduler.wake(task, task.token)

    def _run(self) -> None:
        task = self._task
        assert task is not None
        scheduler = self._scheduler
        task.ident = get_ident()
        scheduler.expect(task)
        self._begun.set()
        scheduler.begin(task)
        try:
            while True:
                while self._queue:
                    self._call(self._queue.popleft())
                self._idle = True
                scheduler.wait(task, None, IDLE_EDGES)
                self._idle = False
        except Stopped:
            pass
        finally:
            scheduler.step_out(task)

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception as error:
            self._scheduler.remember("edges", error)
