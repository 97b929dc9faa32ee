"""Who runs: of all threads that take part one has the baton, and passes it on when it waits.

Every change of state happens under one mutex, so a thread that comes back from outside, a
signal's thread and the keeper all find a consistent world; nothing blocks while holding it.
"""

from __future__ import annotations

from _thread import allocate_lock, get_ident
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from labkit.clock import Scheduled
from labkit.sim.time.agenda import WAKE, Agenda
from labkit.sim.time.endings import BlockingPhysics, Stopped
from labkit.sim.time.task import State, Task

if TYPE_CHECKING:
    from labkit.sim.time.interrupts import Interrupts
    from labkit.sim.time.waiter import Waiter

__all__ = ["Baton"]


class Baton:
    """The threads that take part, and which of them runs; what comes next is the scheduler's to say.

    Attributes:
        now_ns: Lab time. Moved only by the thread that holds the baton.
        main: The task that endings are raised in; None while time stands still.
        tasks: Who takes part, by the thread's ident.
        outside: Tasks that wait outside: a socket, a pipe, input().
        spinning: The task that turns in a loop that looks at nothing, if any.
        activity: Counts what anybody could have noticed; background pollers are measured against it.
    """

    def __init__(self) -> None:
        self.now_ns = 0
        self.main: Task | None = None
        self.running: Task | None = None
        self.tasks: dict[int, Task] = {}
        self.outside: set[Task] = set()
        self.spinning: Task | None = None
        self.activity = 0
        self.interrupts: Interrupts | None = None
        self._mutex = allocate_lock()
        self._agenda = Agenda()
        self._ready: deque[Task] = deque()
        self._resting = True
        self._physics: int | None = None

    # ---- what a thread that takes part does

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
        """Raise error in a task that waits, or is about to run; False where it runs. Any thread."""
        with self._mutex:
            if task.state not in (State.WAITING, State.READY):
                return False
            task.error = error
            if task.state is State.WAITING:
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

    def hurry(self, task: Task) -> None:
        """Let a poll that was put to sleep for good look now: somebody waits for its thread. Any thread."""
        if task.lazy:
            self.nudge(task)

    def resume(self) -> None:
        """Look whether something became due; the keeper's call, and of threads outside."""
        with self._mutex:
            if not self._stop_resting():
                return
        self._dispatch(None)

    def peek(self, task: Task | None, probe: Callable[[Task], float]) -> float | None:
        """Ask something about a thread that surely lives: it runs, or it spins; None where it does not."""
        with self._mutex:
            if task is None or not task.ident or (self.running is not task and self.spinning is not task):
                return None
            return probe(task)

    # ---- the core

    def _next_step(self) -> Task | Scheduled | None:
        """Whom to give the baton, or what physics to run; None to rest. Called under the mutex."""
        raise NotImplementedError

    def _run_physics(self, scheduled: Scheduled) -> None:
        raise NotImplementedError

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
            self._agenda.push(deadline_ns if deadline_ns > self.now_ns else self.now_ns, order, task, task.token)

    def _make_ready(self, task: Task, *, woken: bool = False) -> None:
        task.woken = woken
        task.state = State.READY
        self._ready.append(task)

    def _stop_resting(self) -> bool:
        """True obliges the caller to dispatch, outside the mutex."""
        resting, self._resting = self._resting, False
        return resting

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
