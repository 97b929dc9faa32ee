"""What looking at the clock, or at a pin, costs; and what a program reads there.

A program may look some thousand times in one instant for nothing. After that every look takes
lab time, so that a busy loop gets somewhere: a microsecond at first, and never more than
1/16384 of the time already spent looking, so that a pulse timed by such a loop keeps four digits.
No look steps past an event.
"""

from __future__ import annotations

from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task

__all__ = ["Readings", "act", "look"]

FREE_LOOKS = 1000
LOOK_NS = 1_000
PRECISION = 16_384
PATIENCE = 1_000_000  # looks without a single wait, after which even a busy writer is hurried on


def look(scheduler: Scheduler) -> None:
    """The calling thread looked at something that only time can change."""
    task = scheduler.task_here()
    if task is None:
        return
    if scheduler.running is not task:
        if scheduler.in_physics():
            return
        scheduler.rejoin(task)
    task.looks += 1
    if task.looks > FREE_LOOKS:
        _spend(scheduler, task)


def act(scheduler: Scheduler) -> None:
    """The calling thread, or physics, changed something that others can see."""
    scheduler.activity += 1
    task = scheduler.task_here()
    if task is not None and task.looks < PATIENCE:
        task.spin_start_ns = scheduler.now_ns


def _spend(scheduler: Scheduler, task: Task) -> None:
    looks, start_ns = task.looks, task.spin_start_ns
    if not scheduler.pace.flows:
        cost_ns = max(LOOK_NS, (scheduler.now_ns - start_ns) // PRECISION)
        scheduler.pass_time(task, scheduler.now_ns + cost_ns)
    elif scheduler.lab_ns() >= (scheduler.next_due_ns() or 0):
        scheduler.wait(task, scheduler.now_ns, "polls")
    task.looks, task.spin_start_ns = looks, start_ns


class Readings:
    """Turns lab time into the clocks of the machine.

    Readings of one clock strictly increase, as they do on a machine, because programs divide by their
    differences; and they never fall behind: a difference is never less than the lab time between.

    Args:
        epoch_s: What `time.time()` shows when lab time is 0.
    """

    # As on a computer that was switched on yesterday: programs take 0 for "never".
    UPTIME_NS = 86_400_000_000_000
    WALL_STEP_NS = 250  # more than one step of a float of this century's seconds

    def __init__(self, scheduler: Scheduler, epoch_s: float) -> None:
        self._scheduler = scheduler
        self._epoch_ns = round(epoch_s * 1_000_000_000)
        self._lead_ns, self._last_ns = 0, -1
        self._wall_lead_ns, self._wall_last_ns = 0, -self.WALL_STEP_NS

    def monotonic_ns(self) -> int:
        now_ns = self._scheduler.lab_ns()
        self._last_ns = reading = max(now_ns + self._lead_ns, self._last_ns + 1)
        self._lead_ns = reading - now_ns
        return self.UPTIME_NS + reading

    def wall_ns(self) -> int:
        now_ns = self._scheduler.lab_ns()
        self._wall_last_ns = reading = max(now_ns + self._wall_lead_ns, self._wall_last_ns + self.WALL_STEP_NS)
        self._wall_lead_ns = reading - now_ns
        return self._epoch_ns + reading
