"""Looks at a bench in virtual time: each at its exact instant, after all else that happens then."""

from __future__ import annotations

from labkit.observing import Look
from labkit.sim.time.agenda import LAST
from labkit.sim.time.attendant import Attendant
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task
from labkit.sim.time.verdict import UNSEEN
from labkit.sim.time.waiter import Waiter

__all__ = ["ObserverThread"]


class ObserverThread(Attendant):
    """Makes everybody's looks. They may block, as a user's code may.

    Nothing that they do counts as something that happened: they hide no deadlock.
    """

    name = "observer"

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(scheduler)
        self._looks: tuple[_Observation, ...] = ()
        self._waiter: Waiter | None = None

    def add(self, look: Look) -> _Observation:
        observation = _Observation(self, look, self.scheduler.now_ns)
        self._looks = (*self._looks, observation)
        self.wake()
        return observation

    def remove(self, observation: _Observation) -> None:
        self._looks = tuple(other for other in self._looks if other is not observation)

    def wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            waiter.release()

    def work(self, task: Task) -> None:
        # As soon as nothing but observers is left to happen, nothing is.
        task.settles = 1
        while True:
            # Before it reads when the next look is due: a wake-up after that must not be lost.
            waiter = self._waiter = Waiter(self.scheduler, task)
            self._wait(
                task, waiter, min((each.next_ns for each in self._looks if each.next_ns is not None), default=None)
            )
            if not waiter.fired:
                self._look(task)

    def _wait(self, task: Task, waiter: Waiter, until_ns: int | None) -> None:
        """Until that instant is all but over, or until it is woken: then it waits anew, for the end of this one."""
        while not waiter.fired:
            waiter.expect(task)
            self.scheduler.wait(task, until_ns, UNSEEN, LAST, waiter)
            if until_ns is not None and self.scheduler.now_ns >= until_ns:
                return

    def _look(self, task: Task) -> None:
        scheduler = self.scheduler
        before = scheduler.activity
        for each in self._looks:
            if each.next_ns is not None and each.next_ns <= scheduler.now_ns:
                each.look_now(scheduler)
        # What its own readings changed, the bits on a bus of pins, is nothing new.
        task.seen += scheduler.activity - before


class _Observation:
    """One caller's looks; see `Clock.observe`."""

    def __init__(self, thread: ObserverThread, look: Look, next_ns: int) -> None:
        self._thread = thread
        self._look = look
        self._woken = False
        self.next_ns: int | None = next_ns

    def look_now(self, scheduler: Scheduler) -> None:
        self._woken, next_ns = False, None
        try:
            next_ns = self._look()
        except Exception as error:
            scheduler.remember(self._thread.name, error)
        # Woken meanwhile, it may have seen too little.
        self.next_ns = scheduler.now_ns if self._woken else next_ns

    def wake(self) -> None:
        self._woken, self.next_ns = True, self._thread.scheduler.now_ns
        self._thread.wake()

    def close(self) -> None:
        self._thread.remove(self)
