"""Virtual time: a clock that jumps to whatever happens next, for unmodified programs.

See docs/virtual-time.md for how it works and what it can't do.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from labkit.clock import Scheduled
from labkit.observing import Look, Observation
from labkit.sim.time import active, threads
from labkit.sim.time.active import REAL
from labkit.sim.time.agenda import LAST
from labkit.sim.time.collector import Collector
from labkit.sim.time.edges import EdgeThread
from labkit.sim.time.endings import ClockInUse, Stopped
from labkit.sim.time.keeper import Keeper
from labkit.sim.time.observer import ObserverThread
from labkit.sim.time.patches import Patches
from labkit.sim.time.reading import Readings, act, look
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task

__all__ = ["VirtualClock", "time_stands_still"]

NS_PER_S = 1_000_000_000
EPOCH_S = 1_735_689_600.0  # 2025-01-01 00:00:00 UTC, a Wednesday
LAST_WORDS = 100  # how often a thread may wait again after it was told to stop

_log = logging.getLogger("labkit.clock")


class VirtualClock:
    """Lab time that runs as fast as its programs allow, or at `speed` times real time.

    The thread that enters takes part, and every thread started by one that takes part. Made once,
    entered as often as one likes; one clock at a time can be in force in a process.

    Args:
        budget: Seconds of lab time after which the main thread gets a `TimeBudgetSpent`.
        wall_budget: Seconds of real time after which it gets a `WallBudgetSpent`.
        speed: Lab seconds per real second; None jumps from event to event.
        epoch: What `time.time()` shows at the clock's start.
        interactive: Somebody outside may press a button any time: never a `Deadlock`.
            On by itself where the clock has a speed.
    """

    def __init__(
        self,
        *,
        budget: float | None = None,
        wall_budget: float | None = None,
        speed: float | None = None,
        epoch: float = EPOCH_S,
        interactive: bool | None = None,
    ) -> None:
        self._scheduler = Scheduler(
            budget_ns=None if budget is None else round(budget * NS_PER_S),
            speed=speed,
            interactive=speed is not None if interactive is None else interactive,
        )
        self._readings = self._scheduler.readings = Readings(self._scheduler, epoch)
        self._patches = Patches(self._readings)
        self._wall_budget = wall_budget
        self._keeper: Keeper | None = None
        self._edges = EdgeThread(self._scheduler)
        self._observer = ObserverThread(self._scheduler)
        self._collector = Collector()
        self._pools_ended = False
        self.notes: list[str] = []

    # ---- the contract

    def now_ns(self) -> int:
        return self._scheduler.lab_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Scheduled:
        return self._scheduler.at(self._scheduler.lab_ns() + max(0, int(delay_ns)), callback)

    def deliver(self, callback: Callable[[], None]) -> None:
        if self._scheduler.in_physics():
            self._edges.put(callback)
        else:
            callback()

    def sleep(self, seconds: float) -> None:
        task = self._scheduler.task_here()
        if task is None:
            REAL.sleep(seconds)
        else:
            threads.sleep(self._scheduler, task, seconds)

    def poll(self) -> None:
        look(self._scheduler)

    def acted(self) -> None:
        act(self._scheduler)

    def observe(self, look: Look) -> Observation:
        return self._observer.add(look)

    def at_machine_ns(self, machine_ns: int) -> int:
        return self.now_ns()

    # ---- being in force

    @contextmanager
    def running(self) -> Iterator[VirtualClock]:
        """The calling thread takes part within; then the others are stopped, and all is as before."""
        self.install()
        try:
            self.enter()
            try:
                yield self
            finally:
                self.stop_others()
                self.leave()
        finally:
            self.uninstall()

    def install(self) -> None:
        """Patch this process; nobody takes part yet, and time stands still.

        Raises:
            ClockInUse: Another virtual clock is in force.
        """
        if active.scheduler is not None:
            raise ClockInUse("another virtual clock is in force in this process; leave its `with` block first")
        self._edges.start()
        self._observer.start()
        self._keeper = Keeper(self._scheduler, wall_budget_s=self._wall_budget, notify=self._note)
        self._scheduler.call_keeper = self._keeper.call
        self._scheduler.interrupts = self._keeper.interrupts
        self._keeper.start()
        self._come_into_force()

    def uninstall(self) -> None:
        """Put everything back; threads that still take part go on in real time."""
        self._go_out_of_force()
        if self._pools_ended:
            # A program's end forbids new work to pools; this process goes on.
            sys.modules["concurrent.futures.thread"]._shutdown = False  # type: ignore[attr-defined]
            self._pools_ended = False
        self._edges.stop()
        self._observer.stop()
        if self._keeper is not None:
            self._keeper.stop()
            self._keeper = None
        self._scheduler.interrupts = None

    def enter(self) -> None:
        """The calling thread becomes the main one, and time can pass."""
        assert self._keeper is not None
        self._collector.pause()
        self._keeper.interrupts.install()
        self._patches.rebind()
        scheduler = self._scheduler
        main = Task.of_this_thread()
        if scheduler.pace.speed is not None:
            scheduler.pace.start(scheduler.now_ns)
        scheduler.join_in(main)
        scheduler.main = main
        self._keeper.call()

    def leave(self) -> None:
        """The main thread takes part no more: time stands still, but what was woken still runs."""
        scheduler = self._scheduler
        main = scheduler.main
        if main is None or main.ident != get_ident():
            return
        try:
            self.settle()
            self._collector.resume()
            self.settle()
        finally:
            scheduler.pace.stop()
            scheduler.main = None
            scheduler.step_out(main)
            if self._keeper is not None:
                self._keeper.interrupts.remove()
            self._collector.resume()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Another clock may be in force within; this one's time stands still, and its threads with it.

        For the thread that entered, or while none takes part.
        """
        was_entered = self.is_entered
        if was_entered:
            self.leave()
        self._go_out_of_force()
        try:
            yield
        finally:
            self._come_into_force()
            if was_entered:
                self.enter()

    def _come_into_force(self) -> None:
        active.scheduler, active.clock = self._scheduler, self
        self._patches.apply()

    def _go_out_of_force(self) -> None:
        self._patches.undo()
        active.scheduler = active.clock = None

    def settle(self) -> None:
        """Let all run that can, without letting time pass. Only for a thread that takes part."""
        task = self._scheduler.task_here()
        if task is not None:
            self._scheduler.wait(task, self._scheduler.now_ns, "lets the others finish", LAST)

    def stop_others(self) -> None:
        """Raise `Stopped` in every other thread that takes part, until they have ended."""
        with _quiet_pools():
            others = self._stop_politely()
        for task in others:
            self._note(f"thread {task.name} did not end with the clock; it goes on in real time")
            self._scheduler.let_go(task)

    def _stop_politely(self) -> list[Task]:
        scheduler = self._scheduler
        me = scheduler.task_here()
        for _ in range(LAST_WORDS):
            self.settle()
            others = [task for task in scheduler.tasks.values() if task is not me and not self._is_mine(task)]
            if not [task for task in others if scheduler.throw(task, Stopped("the clock was stopped"))]:
                break
        return others

    def _is_mine(self, task: Task) -> bool:
        return self._edges.is_mine(task) or self._observer.is_mine(task)

    def join_threads(self) -> None:
        """Wait for every thread that is no daemon, as Python does at a program's end."""
        pools = sys.modules.get("concurrent.futures.thread")
        if pools is not None:
            pools._python_exit()
            self._pools_ended = True
        me = threading.current_thread()
        while True:
            others = [t.thread for t in self._scheduler.tasks.values() if not t.daemon and t.thread is not me]
            if not others:
                return
            others[0].join()

    def allow(self, seconds: float | None) -> None:
        """Let the budget of lab time be that long from now on; None for no limit."""
        now_ns = self._scheduler.now_ns
        self._scheduler.budget_ns = None if seconds is None else now_ns + round(seconds * NS_PER_S)

    @property
    def is_entered(self) -> bool:
        """Whether a main thread takes part just now."""
        return self._scheduler.main is not None

    @property
    def failures(self) -> list[tuple[str, BaseException]]:
        """What was raised in threads, edge callbacks and physics so far, with the thread's name."""
        return self._scheduler.failures

    def interrupt(self, error: BaseException) -> None:
        """Raise error in the main thread, at this instant of lab time. Any thread, also physics.

        Called by the main thread itself it raises there and then.
        """
        scheduler = self._scheduler
        main = scheduler.main
        if main is not None and scheduler.running is main and main.ident == get_ident():
            raise error
        if main is None or not scheduler.throw(main, error):
            scheduler.pending_end = error
            scheduler.call_keeper()

    def _note(self, text: str) -> None:
        self.notes.append(text)
        _log.warning("%s", text)


@contextmanager
def time_stands_still() -> Iterator[None]:
    """Whatever virtual clock is in force stands still within, so that another one can be; nothing where none is."""
    if active.clock is None:
        yield
    else:
        with active.clock.standing_still():
            yield


@contextmanager
def _quiet_pools() -> Iterator[None]:
    """An idle pool's workers log what ends them, as something critical."""
    log = logging.getLogger("concurrent.futures")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _forget_in_child() -> None:
    # A forked child has none of the threads that take part: it lives in real time.
    active.scheduler = active.clock = None


os.register_at_fork(after_in_child=_forget_in_child)
