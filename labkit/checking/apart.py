"""Distance sensors of a trial and of the notebook's bench don't wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gpiozero import DistanceSensor

from labkit.sim.time.locks import VirtualLock

__all__ = ["sensors_apart"]


class _EchoLocks:
    """In the place of gpiozero's one lock for all distance sensors: one for the trial, the old one for all others.

    The bench's own sensors go on measuring in real time. If one of them held the lock, the trial's would wait for it
    while lab time runs on, and would answer late.
    """

    def __init__(self, before: Any) -> None:
        self._before = before
        self._own = VirtualLock(threading.Lock())
        self._others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}

    def __enter__(self) -> Any:
        return self._lock().__enter__()

    def __exit__(self, *how: object) -> None:
        self._lock().__exit__(*how)

    def _lock(self) -> Any:
        return self._before if threading.get_ident() in self._others else self._own


@contextmanager
def sensors_apart() -> Iterator[None]:
    """For the time of a trial, whose threads are all started within."""
    before = DistanceSensor.ECHO_LOCK
    DistanceSensor.ECHO_LOCK = _EchoLocks(before)
    try:
        yield
    finally:
        DistanceSensor.ECHO_LOCK = before
