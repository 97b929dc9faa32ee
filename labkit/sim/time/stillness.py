"""Tells a thread that blocks outside, and one that spins, from one that is merely busy."""

from __future__ import annotations

import dis
import enum
import sys
import time
from collections import deque
from collections.abc import Callable
from types import FrameType

from labkit.sim.time.active import REAL
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task
from labkit.sim.time.verdict import name_place

__all__ = ["Stillness", "Verdict", "cpu_seconds"]


class Verdict(enum.Enum):
    """What a thread does that made no step for a while."""

    BUSY = "is at work"
    BLOCKED = "waits outside the clock"
    SPINS = "turns in a loop that looks at neither clock nor pins"
    COMPUTES = "computes for long without looking at clock or pins"


class Stillness:
    """Watches the running task, a look every tick.

    Args:
        notify: Told, in words, who was left behind, and where.
    """

    BLOCKED_LOOKS = 10  # looks in a row, 0.2 s, at a thread that used no processor at all
    SAME_LOOKS = 12  # looks in a row at a loop in which nothing changes
    COMPUTES_CPU_S = 5.0  # longer than that, and the others go on beside it, at the pace of real time

    def __init__(self, scheduler: Scheduler, notify: Callable[[str], None]) -> None:
        self._scheduler = scheduler
        self._notify = notify
        self._task: Task | None = None
        self._progress = (0, 0)
        self._print: tuple[object, ...] = ()
        self._forget()

    def look(self, *, late: bool) -> None:
        """Judge the running task; `late` where this thread itself was kept waiting."""
        task = self._scheduler.running
        if task is None or task.progress() != self._progress or task is not self._task:
            self._forget()
            if task is not None:
                self._task, self._progress = task, task.progress()
            return
        verdict = self._judge(task, late)
        if verdict is Verdict.BUSY or not self._scheduler.has_others():
            return
        frame = sys._current_frames().get(task.ident)
        place = name_place(frame) if frame is not None else "?"
        if self._scheduler.take_baton_from(task, self._progress, spins=verdict is Verdict.SPINS):
            self._notify(f"thread {task.name} {verdict.value}; the others go on without it\n  at {place}")
        self._forget()

    def _forget(self) -> None:
        self._task = None
        self._progress = (0, 0)
        self._first_cpu_s = -1.0
        self._last_cpu_s = -1.0
        self._idle = self._same = 0
        self._print = ()

    def _judge(self, task: Task, late: bool) -> Verdict:
        cpu_s = self._scheduler.peek(task, cpu_seconds)
        if cpu_s is None:
            return Verdict.BUSY
        if self._first_cpu_s < 0:
            self._first_cpu_s = self._last_cpu_s = cpu_s
            return Verdict.BUSY
        used_s, self._last_cpu_s = cpu_s - self._last_cpu_s, cpu_s
        if used_s < 0.000_05:
            self._idle = 0 if late else self._idle + 1
            return Verdict.BLOCKED if self._idle >= self.BLOCKED_LOOKS else Verdict.BUSY
        self._idle = 0
        print_ = _fingerprint(sys._current_frames().get(task.ident))
        self._same = self._same + 1 if print_ == self._print else 0
        self._print = print_
        if self._same >= self.SAME_LOOKS:
            return Verdict.SPINS
        return Verdict.COMPUTES if cpu_s - self._first_cpu_s > self.COMPUTES_CPU_S else Verdict.BUSY


def _fingerprint(frame: FrameType | None) -> tuple[object, ...]:
    """Equal for two looks at a loop in which nothing changes, such as `while not flag: pass`.

    Only a loop caught at its jump back counts: inside a call it may be long at work.
    """
    if frame is None or dis.opname[frame.f_code.co_code[frame.f_lasti]] not in _JUMPS:
        return (object(),)
    code = frame.f_code
    seen = {name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals}
    if frame.f_locals is not frame.f_globals:  # a module's own names change with everything that runs
        seen |= frame.f_locals
    attributes = [
        _print_of(vars(value)[name])
        for value in list(seen.values())
        if isinstance(getattr(value, "__dict__", None), dict)
        for name in code.co_names
        if name in vars(value)
    ]
    return (id(frame), frame.f_lasti, *map(_print_of, seen.values()), *attributes)


def _print_of(value: object) -> tuple[object, ...]:
    if isinstance(value, (int, float, str, bytes, bool)):
        return type(value), value
    size = len(value) if isinstance(value, (list, dict, set, tuple, deque)) else 0
    return type(value), id(value), size


def cpu_seconds(task: Task) -> float:
    """Processor time of a task's living thread; where the system does not tell, real time."""
    if hasattr(time, "pthread_getcpuclockid"):
        return time.clock_gettime(time.pthread_getcpuclockid(task.ident))
    return float(REAL.monotonic())


_JUMPS = frozenset(name for name in dis.opname if name.startswith(("JUMP_BACKWARD", "POP_JUMP_BACKWARD")))
