"""Locks that a thread may hold while lab time passes: who waits for one lets the others run.

A virtual lock has a real one inside, so that threads outside can take it as well, and so that a
lock made before can be adopted with whatever state it is in.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

from labkit.sim.time import active
from labkit.sim.time.active import REAL
from labkit.sim.time.callers import Kind, kind_of, participant
from labkit.sim.time.installed import Known
from labkit.sim.time.scheduler import Scheduler
from labkit.sim.time.task import Task
from labkit.sim.time.threads import duration_ns
from labkit.sim.time.waiter import Waiter

__all__ = ["VirtualLock", "VirtualRLock", "adopt_locks"]

LOCK_TYPE: type = type(REAL.Lock())
RLOCK_TYPE: type = type(REAL.RLock())

_owners_of = Known()

# What these make is never held across a wait: Event's and Queue's own locks, and logging's.
REAL_LOCKS_IN = frozenset({"threading", "queue", "logging"})


class VirtualLock:
    """Stands in for `threading.Lock`; gives a real one to callers that take no part."""

    def __new__(cls, real: Any = None) -> Any:
        if real is None and not _is_wanted(sys._getframe(1).f_globals.get("__name__", "")):
            return REAL.Lock()
        return super().__new__(cls)

    def __init__(self, real: Any = None) -> None:
        self._lock = REAL.Lock() if real is None else real
        self._waiters: deque[Waiter] = deque()
        self.owner = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._lock.acquire(False):
            self.owner = get_ident()
            return True
        if not blocking:
            return False
        task = participant()
        scheduler = active.scheduler
        if task is not None and scheduler is not None:
            return self._wait(scheduler, task, timeout)
        if not self._lock.acquire(True, timeout):
            return False
        self.owner = get_ident()
        return True

    def release(self) -> None:
        self.owner = 0
        self._lock.release()
        self._pass_on()

    def locked(self) -> bool:
        if self._lock.acquire(False):
            self._lock.release()
            return False
        return True

    __enter__ = acquire

    def __exit__(self, *_exc: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} owner={self.owner} on {self._lock!r}>"

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()
        self._waiters.clear()
        self.owner = 0

    def _wait(self, scheduler: Scheduler, task: Task, timeout: float) -> bool:
        deadline_ns = None if timeout < 0 else scheduler.lab_ns() + duration_ns(timeout)
        while True:
            waiter = Waiter(scheduler, task)
            self._waiters.append(waiter)  # before the last try, or a release in between is missed
            if self._lock.acquire(False):
                self._forget(waiter)
                self.owner = get_ident()
                return True
            holder = scheduler.tasks.get(self.owner)
            task.outside = holder is None
            try:
                fired = waiter.wait(deadline_ns, f"waits for a lock that {_name(holder, task)} holds")
            except BaseException:
                self._forget(waiter)
                raise
            finally:
                task.outside = False
            if not fired:
                self._forget(waiter)
                return False

    def _forget(self, waiter: Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif waiter.fired:
            self._pass_on()

    def _pass_on(self) -> None:
        try:
            self._waiters.popleft().release()
        except IndexError:  # nobody waits; asking first would race with a thread outside
            return


class VirtualRLock(VirtualLock):
    """Stands in for `threading.RLock`."""

    def __new__(cls, real: Any = None) -> Any:
        if real is None:
            module = sys._getframe(1).f_globals.get("__name__", "")
            # `Condition()` makes its own in `threading`, and a program may hold that for long.
            if not _is_wanted("__main__" if module == "threading" else module):
                return REAL.RLock()
        return object.__new__(cls)

    def __init__(self, real: Any = None) -> None:
        super().__init__(real)
        if real is None:
            self._lock = REAL.RLock()
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not super().acquire(blocking, timeout):
            return False
        self._count += 1
        return True

    __enter__ = acquire

    def release(self) -> None:
        # The real lock first: it knows whether it is ours to release.
        last = self._count <= 1
        owner, self.owner = self.owner, 0 if last else self.owner
        try:
            self._lock.release()
        except RuntimeError:
            self.owner = owner
            raise
        self._count = max(0, self._count - 1)
        if last:
            self._pass_on()

    def _is_owned(self) -> bool:
        return bool(self._lock._is_owned())

    def _release_save(self) -> int:
        self._count, self.owner = 0, 0
        count: int = self._lock._release_save()[0]
        self._pass_on()
        return count

    def _acquire_restore(self, count: int) -> None:
        for _ in range(count):
            self.acquire()


def _name(holder: Task | None, task: Task) -> str:
    if holder is None:
        return "a thread outside"
    return "this very thread" if holder is task else f"thread {holder.name}"


def _is_wanted(module: str) -> bool:
    scheduler = active.scheduler
    if scheduler is None or get_ident() not in scheduler.tasks:
        return False
    return module.partition(".")[0] not in REAL_LOCKS_IN and kind_of(module) is not Kind.MACHINERY


def adopt_locks() -> list[Callable[[], None]]:
    """Replace the locks that modules, classes and objects made before; returns how to give them back."""
    undo: list[Callable[[], None]] = []
    adopted: dict[int, VirtualLock] = {}
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and _may_hold_long(module.__name__):
            _adopt_of(module, adopted, undo)
    return undo


def _adopt_of(module: ModuleType, adopted: dict[int, VirtualLock], undo: list[Callable[[], None]]) -> None:
    known = _owners_of.names(module)
    _adopt_in(module, adopted, undo, known)
    restless = set()
    for name, owner in _owners(module, known):
        found = len(undo)
        _adopt_in(owner, adopted, undo)
        # An object may get its lock later than its module its name.
        if len(undo) > found or not isinstance(owner, type):
            restless.add(name)
    if known is None:
        its_own = (name for name, value in list(vars(module).items()) if isinstance(value, VirtualLock))
        _owners_of.remember(module, restless.union(its_own))


def _may_hold_long(module: str) -> bool:
    # The pool's lock is held while a thread starts.
    return module == "concurrent.futures.thread" or kind_of(module) in (Kind.USER, Kind.LIBRARY)


def _owners(module: ModuleType, names: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
    there = vars(module)
    for name in list(there) if names is None else names:
        value = there.get(name)
        if isinstance(value, type):
            if value.__module__ == module.__name__:
                yield name, value
        elif _may_hold_long(type(value).__module__) and isinstance(getattr(value, "__dict__", None), dict):
            yield name, value


def _adopt_in(
    owner: Any, adopted: dict[int, VirtualLock], undo: list[Callable[[], None]], names: Iterable[str] | None = None
) -> None:
    there = vars(owner)
    for name in list(there) if names is None else names:
        value = there.get(name)
        if type(value) is not LOCK_TYPE and type(value) is not RLOCK_TYPE:
            continue
        lock = adopted.get(id(value))
        if lock is None:
            lock = adopted[id(value)] = (VirtualLock if type(value) is LOCK_TYPE else VirtualRLock)(value)
        try:
            _put(owner, name, lock)
        except (TypeError, AttributeError):  # a class that can't be changed keeps its real lock
            continue
        undo.append(partial(_put, owner, name, value))


def _put(owner: Any, name: str, lock: Any) -> None:
    # Past any __setattr__ of the program's own: gpiozero's devices refuse unknown names.
    if isinstance(owner, type):
        type.__setattr__(owner, name, lock)
    else:
        vars(owner)[name] = lock
