"""What is patched while a virtual clock is in force, and how it is put back.

Attributes of modules and classes are replaced; names that a module bound earlier, as
`from time import sleep` does, are rebound by identity, and back in the same way.
"""

from __future__ import annotations

import asyncio
import asyncio.events
import datetime
import queue
import sched
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from labkit.sim.time import active, threads
from labkit.sim.time.active import REAL
from labkit.sim.time.callers import Kind, kind_of, participant
from labkit.sim.time.dates import VirtualDate, VirtualDatetime
from labkit.sim.time.endings import Ending
from labkit.sim.time.installed import Known, is_installed
from labkit.sim.time.interrupts import virtual_signal
from labkit.sim.time.locks import VirtualLock, VirtualRLock, adopt_locks
from labkit.sim.time.loop import virtual_event_loop
from labkit.sim.time.reading import Readings, look

__all__ = ["Patches"]

NS_PER_S = 1_000_000_000

# The standard library's modules that keep a reference of their own to a clock.
ALSO_REBOUND = frozenset({"threading", "queue", "sched"})


class Patches:
    """All of them, in force from `apply` to `undo`."""

    def __init__(self, readings: Readings) -> None:
        self._replaced: list[tuple[Any, str, Any]] = []
        self._undo_locks: list[Callable[[], None]] = []
        self._names = _functions(readings)

    def apply(self) -> None:
        for owner, name, replacement in self._table():
            self._replaced.append((owner, name, getattr(owner, name)))
            setattr(owner, name, replacement)
        self.rebind()
        self._undo_locks = adopt_locks()

    def rebind(self) -> None:
        """Lead names that were bound to the real functions to ours, also in modules imported since."""
        _rebind({id(getattr(REAL, name)): mine for name, mine in self._names.items()})

    def undo(self) -> None:
        for give_back in reversed(self._undo_locks):
            give_back()
        for owner, name, original in reversed(self._replaced):
            setattr(owner, name, original)
        _rebind({id(mine): getattr(REAL, name) for name, mine in self._names.items()})
        self._replaced, self._undo_locks = [], []

    def _table(self) -> list[tuple[Any, str, Any]]:
        mine = self._names
        clocks = [(time, name, mine[name]) for name in mine if name in vars(time)]
        optional = [(signal, "pause", mine["pause"])] if REAL.pause is not None else []
        scheduler_defaults = (mine["monotonic"], mine["sleep"])
        return [
            *clocks,
            *optional,
            (datetime, "datetime", VirtualDatetime),
            (datetime, "date", VirtualDate),
            (threading.Condition, "wait", threads.condition_wait),
            (threading.Thread, "start", threads.start),
            (threading.Thread, "join", threads.join),
            (threading.Thread, "is_alive", threads.is_alive),
            (threading.Thread, "_bootstrap_inner", threads.bootstrap),
            (threading, "Lock", VirtualLock),
            (threading, "RLock", VirtualRLock),
            (threading, "excepthook", _remembering(threading.excepthook)),
            (queue, "SimpleQueue", threads.VirtualSimpleQueue),
            (select, "select", mine["select"]),
            (signal, "signal", virtual_signal),
            (asyncio, "new_event_loop", mine["new_event_loop"]),
            (asyncio.events, "new_event_loop", mine["new_event_loop"]),
            (sched.scheduler.__init__, "__defaults__", scheduler_defaults),
        ]


def _functions(readings: Readings) -> dict[str, Any]:
    """Every function that a program may have bound by name, by the name it has in `REAL`."""

    def monotonic_ns() -> int | None:
        return readings.monotonic_ns() if _is_read() else None

    def wall_ns() -> int | None:
        return readings.wall_ns() if _is_read() else None

    functions = {
        "sleep": _sleep,
        "time": _clock(wall_ns, REAL.time, NS_PER_S),
        "time_ns": _clock(wall_ns, REAL.time_ns),
        "monotonic": _clock(monotonic_ns, REAL.monotonic, NS_PER_S),
        "monotonic_ns": _clock(monotonic_ns, REAL.monotonic_ns),
        "perf_counter": _clock(monotonic_ns, REAL.perf_counter, NS_PER_S),
        "perf_counter_ns": _clock(monotonic_ns, REAL.perf_counter_ns),
        "localtime": _broken_down(REAL.localtime),
        "gmtime": _broken_down(REAL.gmtime),
        "ctime": _broken_down(REAL.ctime),
        "strftime": lambda format, *t: REAL.strftime(format, *(t or (time.localtime(),))),
        "asctime": lambda *t: REAL.asctime(*(t or (time.localtime(),))),
        "Lock": VirtualLock,
        "RLock": VirtualRLock,
        "SimpleQueue": threads.VirtualSimpleQueue,
        "datetime": VirtualDatetime,
        "date": VirtualDate,
        "select": _select,
        "signal": virtual_signal,
        "new_event_loop": virtual_event_loop,
    }
    return functions | ({"pause": _pause} if REAL.pause is not None else {})


def _is_read() -> bool:
    """Whether the caller's caller's caller reads lab time; counts as a look where the program itself asks."""
    task = participant(4)
    scheduler = active.scheduler
    if task is None or scheduler is None:
        return False
    # The standard library reads the clock with its locks held (queue.get does): there, no look.
    module = sys._getframe(3).f_globals.get("__name__", "")
    if kind_of(module) in (Kind.USER, Kind.LIBRARY) or module.startswith("labkit.sim.time"):
        look(scheduler)
    return True


def _clock(read: Callable[[], int | None], real: Callable[[], Any], divisor: int = 0) -> Callable[[], Any]:
    if divisor:

        def clock() -> Any:
            reading = read()
            return real() if reading is None else reading / divisor
    else:

        def clock() -> Any:
            reading = read()
            return real() if reading is None else reading

    return clock


def _broken_down(real: Callable[..., Any]) -> Callable[..., Any]:
    def function(seconds: float | None = None) -> Any:
        return real(time.time() if seconds is None else seconds)

    return function


def _sleep(seconds: float) -> None:
    task = participant()
    scheduler = active.scheduler
    if task is None or scheduler is None:
        REAL.sleep(seconds)
    else:
        threads.sleep(scheduler, task, seconds)


def _pause() -> None:
    task = participant()
    scheduler = active.scheduler
    if task is None or scheduler is None:
        REAL.pause()
        return
    # It waits for nothing in particular: with a budget it is over when that is, and no deadlock.
    budget_ns = scheduler.budget_ns
    scheduler.wait(task, None if budget_ns is None else budget_ns + 1, "signal.pause()")


def _select(rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None) -> Any:
    task = participant()
    scheduler = active.scheduler
    if task is None or scheduler is None or timeout is None or rlist or wlist or xlist:
        return REAL.select(rlist, wlist, xlist, timeout)
    threads.sleep(scheduler, task, timeout)
    return [], [], []


def _remembering(report: Callable[..., Any]) -> Callable[..., Any]:
    def excepthook(args: Any) -> None:
        scheduler = active.scheduler
        if args.exc_type is not None and issubclass(args.exc_type, Ending):
            return
        known = scheduler is None or any(error is args.exc_value for _, error in scheduler.failures[-1:])
        if scheduler is not None and not known and args.exc_value is not None and args.exc_type is not SystemExit:
            name = args.thread.name if args.thread is not None else "?"
            scheduler.failures.append((name, args.exc_value))
        report(args)

    return excepthook


_clocks = Known()


def _rebind(replacements: dict[int, Any]) -> None:
    for name, module in list(sys.modules.items()):
        kind = kind_of(name)
        # Anything may stand there; most often it is a module.
        names = getattr(module, "__dict__", None)
        if names is None or not (kind in (Kind.USER, Kind.LIBRARY) or name in ALSO_REBOUND):
            continue
        known = _clocks.names(module)
        found = [
            (key, replacement)
            for key in (list(names) if known is None else known)
            if (replacement := replacements.get(id(names.get(key)))) is not None
        ]
        if known is None:
            _clocks.remember(module, (key for key, _ in found))
        # A library of dates had better keep the class it was built on.
        keeps_dates = bool(found) and kind is Kind.USER and is_installed(module)
        for key, replacement in found:
            if not (keeps_dates and isinstance(replacement, type) and issubclass(replacement, REAL.date)):
                names[key] = replacement
