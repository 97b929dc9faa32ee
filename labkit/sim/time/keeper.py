"""The keeper: a real thread beside virtual time that looks after what the scheduler cannot see.

It keeps the pace where time has one, takes the baton from threads that block outside or compute
without ever looking at clock or pins, hands on signals, and ends what outlives its wall time.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

from labkit.sim.time.active import REAL
from labkit.sim.time.endings import WallBudgetSpent
from labkit.sim.time.interrupts import Interrupts
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.stillness import Stillness, cpu_seconds
from labkit.sim.time.task import Task

__all__ = ["Keeper"]

TICK_S = 0.02
FAREWELL_S = 10.0  # wall time for `finally` and `atexit` once the budget is spent
SPINNER_CPU_S = 0.002  # what a spinner gets between two instants: enough to see what changed


class Keeper:
    """Runs while a main task takes part; asleep while time stands still.

    Args:
        wall_budget_s: Real seconds that the main task may take part for.
        notify: Told, in words, of a thread that had to be left behind.
    """

    def __init__(self, scheduler: Scheduler, *, wall_budget_s: float | None, notify: Callable[[str], None]) -> None:
        self.interrupts = Interrupts(scheduler, self.call)
        self._scheduler = scheduler
        self._orders = REAL.SimpleQueue()
        self._stopped = False
        self._left_s = wall_budget_s
        self._budget_s = wall_budget_s
        self._stillness = Stillness(scheduler, notify)
        self._spinner: Task | None = None
        self._spinner_cpu_s = 0.0
        self._thread = threading.Thread(target=self._run, name="labkit-keeper", daemon=True)

    def start(self) -> None:
        REAL.start(self._thread)

    def stop(self) -> None:
        """End it for good."""
        self._stopped = True
        self.call()
        REAL.join(self._thread)

    def call(self) -> None:
        """Have it look now. Any thread; also from a signal's handler."""
        self._orders.put(None)

    def _run(self) -> None:
        before = REAL.monotonic()
        while not self._stopped:
            nap_s = self._nap_s()
            with contextlib.suppress(queue.Empty):
                self._orders.get(True, nap_s)
            now = REAL.monotonic()
            if nap_s is not None:
                self._spend(now - before)
            self._keep_pace()
            self._end()
            self.interrupts.pass_on()
            self._stillness.look(late=now - before > 2 * TICK_S)
            self._let_spin()
            before = now

    def _nap_s(self) -> float | None:
        scheduler = self._scheduler
        if self.interrupts.is_pending:
            return 0.001
        if scheduler.main is None and not scheduler.free_running:
            return None
        if scheduler.spinning is not None:
            return 0.001
        due_ns = scheduler.next_due_ns() if scheduler.pace.flows else None
        return TICK_S if due_ns is None else min(TICK_S, scheduler.pace.real_s(due_ns))

    def _keep_pace(self) -> None:
        scheduler = self._scheduler
        due_ns = scheduler.next_due_ns() if scheduler.pace.flows else None
        if due_ns is not None and not scheduler.pace.real_s(due_ns):
            scheduler.resume()
        if scheduler.pace.flows:
            scheduler.keep_budget()

    def _spend(self, seconds: float) -> None:
        if self._left_s is None or self._scheduler.main is None:
            return
        self._left_s -= seconds
        if self._left_s <= 0:
            self._left_s = FAREWELL_S
            self.interrupts.raise_in_main(
                WallBudgetSpent(
                    f"the budget of {self._budget_s:g} s of real time is spent "
                    f"(at {self._scheduler.now_ns / 1e9:.6f} s of lab time)"
                )
            )

    def _end(self) -> None:
        error, self._scheduler.pending_end = self._scheduler.pending_end, None
        if error is not None:
            self.interrupts.raise_in_main(error)

    def _let_spin(self) -> None:
        """One instant at a time, and a share of the processor for the spinner after each."""
        spinner = self._scheduler.spinning
        cpu_s = self._scheduler.peek(spinner, cpu_seconds)
        if spinner is None or cpu_s is None:
            self._spinner = None
            return
        if self._spinner is spinner and cpu_s - self._spinner_cpu_s < SPINNER_CPU_S:
            return
        self._spinner, self._spinner_cpu_s = spinner, cpu_s
        self._scheduler.granted = True
        self._scheduler.resume()
