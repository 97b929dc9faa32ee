"""Looking at a bench at instants of one's own, beside what happens on it: what samplers do."""

from __future__ import annotations

import contextlib
import threading
from _thread import allocate_lock
from collections.abc import Callable
from typing import Protocol

__all__ = ["Look", "Observation", "ObserverThread"]

NS_PER_S = 1_000_000_000
LONGEST_S = 3600.0

Look = Callable[[], int | None]
"""Looks, and returns when it wants to look next; None for not until it is woken."""


class Observation(Protocol):
    """Looks that go on until `close`; see `Clock.observe`. Callable from any thread."""

    def wake(self) -> None:
        """Look now, or as soon as it may, whatever it had planned."""
        ...

    def close(self) -> None:
        """Look no more; a look that is under way ends by itself."""
        ...


class ObserverThread:
    """Looks in real time, on a daemon thread. Between looks it costs nothing."""

    def __init__(self, now_ns: Callable[[], int], look: Look, name: str = "labkit-sampling") -> None:
        self._now_ns = now_ns
        self._look = look
        self._closed = False
        # A lock that is acquired with a time limit: the cheapest sleep that another thread can end.
        self._gate = allocate_lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # it is awake
            self._gate.release()

    def close(self) -> None:
        self._closed = True
        self.wake()

    def _run(self) -> None:
        self._gate.acquire()
        while not self._closed:
            next_ns = self._look()
            if next_ns is None:
                self._gate.acquire()
                continue
            left_s = (next_ns - self._now_ns()) / NS_PER_S
            if left_s > 0:
                self._gate.acquire(timeout=min(left_s, LONGEST_S))
