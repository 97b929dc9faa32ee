"""What comes next, and when: time moves only when no thread can run, and then to the next instant.

The order of what is due at one instant:

1. threads that were woken, in the order they were woken: effects come before the next cause;
2. physics (`at`), in the order it was asked for;
3. threads whose wait ends at this instant, in the order they began to wait.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from collections.abc import Callable
from typing import TYPE_CHECKING

from labkit.clock import Scheduled
from labkit.sim.time.agenda import PHYSICS
from labkit.sim.time.baton import Baton
from labkit.sim.time.endings import Deadlock, Ending, TimeBudgetSpent
from labkit.sim.time.pace import Pace
from labkit.sim.time.task import State, Task
from labkit.sim.time.verdict import describe_waiters, is_settled

if TYPE_CHECKING:
    from labkit.sim.time.reading import Readings

__all__ = ["Scheduler"]

NS_PER_S = 1_000_000_000
FAREWELL_NS = 60 * NS_PER_S  # lab time for `finally` and `atexit` once the budget is spent


class Scheduler(Baton):
    """Virtual time; see the module for the order of things.

    Attributes:
        free_running: Time moves even without a main task.
        failures: What was raised in threads and callbacks, with the thread's name.
        sleeps: How many there were; garbage is collected by it.
        granted: Beside a spinning task time moves one instant for each time that the keeper sets this.
        pending_end: What the keeper is to raise in the main task.
    """

    def __init__(self, *, budget_ns: int | None = None, speed: float | None = None, interactive: bool = False) -> None:
        super().__init__()
        self.budget_ns = budget_ns
        self.interactive = interactive
        self.pace = Pace(speed)
        self.free_running = False
        self.failures: list[tuple[str, BaseException]] = []
        self.sleeps = 0
        self.granted = False
        self.pending_end: BaseException | None = None
        self.call_keeper: Callable[[], None] = lambda: None
        self.readings: Readings | None = None

    def pass_time(self, task: Task, until_ns: int) -> None:
        """Let the running thread's own doings take time, though never past what is due before."""
        first_ns = self._agenda.earliest_ns(until_ns + 1)
        over = self.budget_ns is not None and until_ns > self.budget_ns
        if self._ready or first_ns <= until_ns or over or self.pace.flows:
            self.wait(task, min(until_ns, first_ns), "polls")
        else:
            self.now_ns = until_ns

    def at(self, when_ns: int, callback: Callable[[], None]) -> Scheduled:
        """Run a callback, which must not wait, at that instant or now. Any thread."""
        with self._mutex:
            self._flow()
            scheduled = Scheduled(max(when_ns, self.now_ns), callback)
            self._agenda.push(scheduled.deadline_ns, PHYSICS, scheduled, 0)
        if self._resting:
            self.resume()
        return scheduled

    def take_baton_from(self, task: Task, progress: tuple[int, int], *, spins: bool) -> bool:
        """Let the others go on without a thread that has made no step since; the keeper's call."""
        with self._mutex:
            if self.running is not task or task.progress() != progress:
                return False
            task.state = State.AWAY
            self.running = None
            if spins:
                self.spinning = task
            else:
                self.outside.add(task)
                self.pace.start(self.now_ns)
        self._dispatch(None)
        return True

    def has_others(self) -> bool:
        """Whether anything is left to happen without the running task."""
        return bool(self._ready or self._agenda) or self.budget_ns is not None

    def lab_ns(self) -> int:
        """Now, also where time flows by itself. Any thread."""
        if self.pace.flows:
            with self._mutex:
                self._flow()
        return self.now_ns

    def keep_budget(self) -> None:
        """Where time has a pace, end with the budget though nothing is due then; the keeper's call."""
        with self._mutex:
            self._flow()
            if self.pace.flows and self.budget_ns is not None and self.now_ns >= self.budget_ns:
                self._end_by_budget()

    def next_due_ns(self) -> int | None:
        """Where time has a pace: when, in lab time, the next thing is due."""
        with self._mutex:
            entry = self._agenda.first()
            return entry[0] if entry is not None and self._resting else None

    def remember(self, where: str, error: BaseException) -> None:
        """Report an error as Python does, and keep it for the runner."""
        if isinstance(error, (Ending, SystemExit)):
            return
        self.failures.append((where, error))
        threading.excepthook(
            threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
        )

    # ---- the core

    def _next_step(self) -> Task | Scheduled | None:
        while True:
            if self._ready:
                self.running = task = self._ready.popleft()
                task.state = State.RUNNING
                return task
            entry = self._agenda.first()
            if entry is None or is_settled(entry, self._agenda.entries, self.activity):
                if self._declare_deadlock():
                    continue
                if entry is None:
                    if self.spinning is not None and self.granted and self.budget_ns is not None:
                        self._end_by_budget()
                    self._rest()
                    return None
            if entry[0] > self.now_ns and not self._advance(entry[0]):
                if self._ready:
                    continue
                self._rest()
                return None
            self._agenda.pop()
            item = entry[3]
            if isinstance(item, Scheduled):
                self.activity += 1
                return item
            self._make_ready(item)

    def _advance(self, when_ns: int) -> bool:
        if self.main is None and not self.free_running:
            return False
        if self.budget_ns is not None and when_ns > self.budget_ns:
            self._end_by_budget()
            return False
        if self.spinning is not None and not self.granted:
            return False
        if self.pace.flows:
            self._flow()
            if when_ns > self.now_ns and self.pace.flows:
                self.call_keeper()
                return False
        self.granted = False
        self.now_ns = max(self.now_ns, when_ns)
        return True

    def _flow(self) -> None:
        """Where time has a pace, follow it, but never past what is due and has not happened."""
        if self.pace.flows and (self.main is not None or self.free_running):
            entry = self._agenda.first()
            lab_ns = self.pace.lab_ns()
            self.now_ns = max(self.now_ns, lab_ns if entry is None else min(lab_ns, entry[0]))
            if self.pace.speed is None and not self.outside:
                self.pace.stop()  # the last one came back in: jump again

    def _end_by_budget(self) -> None:
        assert self.budget_ns is not None
        self.now_ns = max(self.now_ns, self.budget_ns)
        spent = TimeBudgetSpent(f"the budget of {self.budget_ns / NS_PER_S:g} s of lab time is spent")
        self.budget_ns += FAREWELL_NS
        self._end_main(spent)

    def _declare_deadlock(self) -> bool:
        if self.main is None or self.main.state is not State.WAITING or self.interactive:
            return False
        if self.outside or self.spinning or any(task.outside for task in self.tasks.values()):
            return False
        return self._end_main(Deadlock(describe_waiters(self.tasks.values(), self.now_ns)))

    def _end_main(self, error: BaseException) -> bool:
        main = self.main
        if main is not None and main.state is State.WAITING:
            main.error = error
            self._make_ready(main)
            return True
        self.pending_end = error
        self.call_keeper()
        return False

    def _rest(self) -> None:
        """Nobody runs until something wakes a task or the keeper resumes."""
        self._resting = True

    def _run_physics(self, scheduled: Scheduled) -> None:
        callback = scheduled.callback
        self._physics = get_ident()
        try:
            if callback is not None:
                callback()
        except Exception as error:
            self.remember("physics", error)
        except BaseException as error:  # Ctrl-C, or an end that the callback itself asked for
            with self._mutex:
                self._end_main(error)
        finally:
            self._physics = None
