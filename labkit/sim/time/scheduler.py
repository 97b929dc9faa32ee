"""One baton for many threads: of all that take part one runs, and time moves only when none can.

The order of what is due at one instant:

1. threads that were woken, in the order they were woken: effects come before the next cause;
2. physics (`at`), in the order it was asked for;
3. threads whose wait ends at this instant, in the order they began to wait.

Every change of state happens under one mutex, so a thread that comes back from outside, a
signal's thread and the keeper all find a consistent world; nothing blocks while holding it.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock, get_ident
from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from labkit.clock import Scheduled
from labkit.sim.time.endings import BlockingPhysics, Deadlock, Ending, Stopped, TimeBudgetSpent
from labkit.sim.time.pace import Pace
from labkit.sim.time.task import State, Task
from labkit.sim.time.verdict import describe_waiters, is_settled

if TYPE_CHECKING:
    from labkit.sim.time.interrupts import Interrupts
    from labkit.sim.time.reading import Readings

__all__ = ["LAST", "Scheduler", "Waiter"]

NS_PER_S = 1_000_000_000
PHYSICS, WAKE, LAST = 0, 1, 2  # what comes first at one instant
FAREWELL_NS = 60 * NS_PER_S  # lab time for `finally` and `atexit` once the budget is spent
MOST_STALE = 1024

Entry = tuple[int, int, int, "Task | Scheduled", int]


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


class Scheduler:
    """The state of virtual time; see the module for the order of things.

    Attributes:
        now_ns: Lab time. Moved only by the thread that holds the baton.
        main: The task that endings are raised in; None while time stands still.
        free_running: Time moves even without a main task.
        activity: Counts what anybody could have noticed; background pollers are measured against it.
        failures: What was raised in threads and callbacks, with the thread's name.
        outside: Tasks that wait outside: a socket, a pipe, input().
        spinning: The task that computes and never looks at clock or pins, if any.
    """

    def __init__(self, *, budget_ns: int | None = None, speed: float | None = None, interactive: bool = False) -> None:
        self.now_ns = 0
        self.budget_ns = budget_ns
        self.interactive = interactive
        self.pace = Pace(speed)
        self.main: Task | None = None
        self.free_running = False
        self.running: Task | None = None
        self.tasks: dict[int, Task] = {}
        self.activity = 0
        self.failures: list[tuple[str, BaseException]] = []
        self.outside: set[Task] = set()
        self.spinning: Task | None = None
        self.granted = False
        self.call_keeper: Callable[[], None] = lambda: None
        self.interrupts: Interrupts | None = None
        self.pending_end: BaseException | None = None
        self.readings: Readings | None = None
        self._mutex = allocate_lock()
        self._heap: list[Entry] = []
        self._seq = 0
        self._crowd = MOST_STALE
        self._ready: deque[Task] = deque()
        self._resting = True
        self._physics: int | None = None

    # ---- what a participating thread does

    def task_here(self) -> Task | None:
        """The calling thread's task; None for a thread that takes no part."""
        return self.tasks.get(get_ident())

    def in_physics(self) -> bool:
        """Whether the caller runs inside an `at` callback."""
        return self._physics is not None and self._physics == get_ident()

    def wait(
        self,
        task: Task,
        deadline_ns: int | None = None,
        what: str | None = None,
        order: int = WAKE,
        waiter: Waiter | None = None,
    ) -> bool:
        """Give the baton away until woken (True), or until the deadline or a signal (False).

        Where a waiter is given, it does not wait if that fired before.
        """
        if self._physics is not None and self.in_physics():
            raise BlockingPhysics(f"a call_later callback must not wait ({what or 'it tried to'}); use clock.deliver")
        while True:
            with self._mutex:
                if self.running is task:
                    if task.error is None and (waiter is None or not waiter.fired):
                        self._lie_down(task, deadline_ns, what, order)
                    break
            self.rejoin(task)
        if task.state is not State.RUNNING:
            self._dispatch(task)
            self._await_turn(task)
        task.spin_start_ns = self.now_ns
        self._raise_what_is_due(task)
        return task.woken

    def rejoin(self, task: Task) -> None:
        """Come back in turn from outside, or from a signal's handler that ran while the task waited."""
        with self._mutex:
            if self.running is task:
                return
            self.outside.discard(task)
            if self.spinning is task:
                self.spinning = None
            self._make_ready(task)
            kick = self._stop_resting()
        if kick:
            self._dispatch(task)
        self._await_turn(task)

    def join_in(self, task: Task) -> None:
        """Begin to take part; returns when it is this thread's turn."""
        self.expect(task)
        self.begin(task)

    def expect(self, task: Task) -> None:
        """Give a thread that is about to start its place in the order."""
        with self._mutex:
            self._make_ready(task)
            kick = self._stop_resting()
        if kick:
            self._dispatch(task)

    def unexpect(self, task: Task) -> None:
        """The thread could not be started after all."""
        with self._mutex:
            self._ready.remove(task)

    def begin(self, task: Task) -> None:
        """An expected thread's first step; returns when it is its turn."""
        task.ident = get_ident()
        with self._mutex:
            self.tasks[task.ident] = task
        self._await_turn(task)

    def step_out(self, task: Task) -> None:
        """The running thread takes part no more: it ended, or time is to stand still."""
        if self.running is not task:
            self.rejoin(task)
        with self._mutex:
            self.tasks.pop(task.ident, None)
            task.state = State.DONE
            self.running = None
            self.activity += 1
            for joiner in task.joiners:
                if joiner.state is State.WAITING:
                    self._make_ready(joiner, woken=True)
        self._dispatch(None)

    def pass_time(self, task: Task, until_ns: int) -> None:
        """Let the running thread's own doings take time, though never past what is due before."""
        first_ns = self._heap[0][0] if self._heap else until_ns + 1
        over = self.budget_ns is not None and until_ns > self.budget_ns
        if self._ready or first_ns <= until_ns or over or self.pace.flows:
            self.wait(task, min(until_ns, first_ns), "polls")
        else:
            self.now_ns = until_ns

    def let_go(self, task: Task) -> None:
        """Let a thread that would not end go its own way, in real time."""
        with self._mutex:
            self.tasks.pop(task.ident, None)
            self.outside.discard(task)
            if self.spinning is task:
                self.spinning = None
            if task in self._ready:
                self._ready.remove(task)
            task.error = Stopped("the clock was stopped")
            task.state = State.AWAY
            if task.gate.locked():
                task.gate.release()

    # ---- what anybody may do

    def wake(self, task: Task, token: int) -> None:
        """End a task's wait, if it still is the one with that token. Any thread."""
        with self._mutex:
            if task.state is not State.WAITING or task.token != token:
                return
            self._make_ready(task, woken=True)
            self.activity += 1
            kick = self._stop_resting()
        if kick:
            self._dispatch(None)

    def throw(self, task: Task, error: BaseException) -> bool:
        """Raise error in a task that waits; False where it does not wait. Any thread."""
        with self._mutex:
            if task.state is not State.WAITING:
                return False
            task.error = error
            self._make_ready(task)
            kick = self._stop_resting()
        if kick:
            self._dispatch(None)
        return True

    def nudge(self, task: Task) -> None:
        """Let a waiting task look up without being woken: a signal arrived. Any thread."""
        with self._mutex:
            if task.state is not State.WAITING:
                return
            self._make_ready(task)
            kick = self._stop_resting()
        if kick:
            self._dispatch(None)

    def at(self, when_ns: int, callback: Callable[[], None]) -> Scheduled:
        """Run a callback, which must not wait, at that instant or now. Any thread."""
        with self._mutex:
            self._flow()
            scheduled = Scheduled(max(when_ns, self.now_ns), callback)
            self._push(scheduled.deadline_ns, PHYSICS, scheduled, 0)
        if self._resting:
            self.resume()
        return scheduled

    def resume(self) -> None:
        """Look whether something became due; the keeper's call, and of threads outside."""
        with self._mutex:
            if not self._stop_resting():
                return
        self._dispatch(None)

    def hurry(self, task: Task) -> None:
        """Let a poll that was put to sleep for good look now: somebody waits for its thread. Any thread."""
        if task.lazy:
            self.nudge(task)

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

    def peek(self, task: Task | None, probe: Callable[[Task], float]) -> float | None:
        """Ask something about a thread that surely lives: it runs, or it spins; None where it does not."""
        with self._mutex:
            if task is None or not task.ident or (self.running is not task and self.spinning is not task):
                return None
            return probe(task)

    def has_others(self) -> bool:
        """Whether anything is left to happen without the running task."""
        return bool(self._ready or self._heap) or self.budget_ns is not None

    def lab_ns(self) -> int:
        """Now, also where time flows by itself. Any thread."""
        if self.pace.flows:
            with self._mutex:
                self._flow()
        return self.now_ns

    # ---- the core

    def _lie_down(self, task: Task, deadline_ns: int | None, what: str | None, order: int) -> None:
        task.state = State.WAITING
        task.token += 1
        task.steps += 1
        task.looks = 0
        task.woken = False
        task.what = what
        task.deadline_ns = deadline_ns
        task.since_ns = self.now_ns
        self.running = None
        task.quiet = task.quiet + 1 if task.seen == self.activity else 0
        task.seen = self.activity
        if deadline_ns is not None:
            self._push(deadline_ns if deadline_ns > self.now_ns else self.now_ns, order, task, task.token)

    def _make_ready(self, task: Task, *, woken: bool = False) -> None:
        task.woken = woken
        task.state = State.READY
        self._ready.append(task)

    def _stop_resting(self) -> bool:
        """True obliges the caller to dispatch, outside the mutex."""
        resting, self._resting = self._resting, False
        return resting

    def _push(self, when_ns: int, order: int, item: Task | Scheduled, token: int) -> None:
        self._seq += 1
        heappush(self._heap, (when_ns, order, self._seq, item, token))
        if len(self._heap) > self._crowd:
            self._heap = [entry for entry in self._heap if _is_live(entry)]
            heapify(self._heap)
            self._crowd = max(MOST_STALE, 2 * len(self._heap))

    def _dispatch(self, mine: Task | None) -> None:
        """Pass the baton on; the caller holds it, or ended the rest."""
        while True:
            with self._mutex:
                step = self._next_step()
            if step is None or step is mine:
                return
            if isinstance(step, Task):
                if step.gate.locked():
                    step.gate.release()
                return
            self._run_physics(step)

    def _next_step(self) -> Task | Scheduled | None:
        while True:
            if self._ready:
                self.running = task = self._ready.popleft()
                task.state = State.RUNNING
                return task
            entry = self._first()
            if entry is None or is_settled(entry, self._heap):
                if self._declare_deadlock():
                    continue
                if entry is None:
                    if self.spinning is not None and self.granted and self.budget_ns is not None:
                        self._end_by_budget()
                    return self._rest()
            if entry[0] > self.now_ns and not self._advance(entry[0]):
                if self._ready:
                    continue
                return self._rest()
            heappop(self._heap)
            item = entry[3]
            if isinstance(item, Scheduled):
                self.activity += 1
                return item
            self._make_ready(item)

    def _first(self) -> Entry | None:
        heap = self._heap
        while heap:
            if _is_live(heap[0]):
                return heap[0]
            heappop(heap)
        return None

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
            entry = self._first()
            lab_ns = self.pace.lab_ns()
            self.now_ns = max(self.now_ns, lab_ns if entry is None else min(lab_ns, entry[0]))
            if self.pace.speed is None and not self.outside:
                self.pace.stop()  # the last one came back in: jump again

    def next_due_ns(self) -> int | None:
        """Where time has a pace: when, in lab time, the next thing is due."""
        with self._mutex:
            entry = self._first()
            return entry[0] if entry is not None and self._resting else None

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
        self._resting = True

    def _await_turn(self, task: Task) -> None:
        # The gate may be open from an earlier turn: `running` decides, the gate only saves the spinning.
        while self.running is not task and task.state is not State.AWAY:
            try:
                task.gate.acquire()
            except BaseException as error:  # a signal's handler raised: come back in turn, and raise then
                task.error = error
                self.nudge(task)

    def _raise_what_is_due(self, task: Task) -> None:
        if task is self.main and self.interrupts is not None and self.interrupts.is_pending:
            self.interrupts.run_pending()
        if task.error is not None:
            error, task.error = task.error, None
            raise error.with_traceback(None)

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

    def remember(self, where: str, error: BaseException) -> None:
        """Report an error as Python does, and keep it for the runner."""
        if isinstance(error, (Ending, SystemExit)):
            return
        self.failures.append((where, error))
        threading.excepthook(
            threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
        )


def _is_live(entry: Entry) -> bool:
    item = entry[3]
    if isinstance(item, Task):
        return item.token == entry[4] and item.state is State.WAITING
    return item.callback is not None
