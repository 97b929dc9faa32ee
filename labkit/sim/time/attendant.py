"""Threads of the clock's own that take part in its time."""

from __future__ import annotations

import threading
from _thread import get_ident

from labkit.sim.time.active import REAL
from labkit.sim.time.endings import Stopped
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task

__all__ = ["Attendant"]


class Attendant:
    """Takes part from `start` to `stop`. Subclasses say what it does."""

    name = "attendant"

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.task: Task | None = None
        self._begun = threading.Event()

    def start(self) -> None:
        """Begin; its first step comes when it is its turn. Must be called before anything is patched."""
        thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.task = Task(thread, thread.name, True)
        self._begun.clear()
        thread.start()
        self._begun.wait()

    def stop(self) -> None:
        """End it: what it is doing is cut short where it waits."""
        task, self.task = self.task, None
        if task is not None:
            self.scheduler.throw(task, Stopped("the clock was stopped"))
            REAL.join(task.thread, 1.0)

    def is_mine(self, task: Task) -> bool:
        return task is self.task

    def work(self, task: Task) -> None:
        """What it does, for as long as it takes part."""
        raise NotImplementedError

    def _run(self) -> None:
        task = self.task
        assert task is not None
        task.ident = get_ident()
        self.scheduler.expect(task)
        self._begun.set()
        self.scheduler.begin(task)
        try:
            self.work(task)
        except Stopped:
            pass
        finally:
            self.scheduler.step_out(task)
