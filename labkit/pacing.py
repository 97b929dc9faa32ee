"""Real time for people and for waiting: how long something took, how long is left, how often a view is drawn.

Real time always, whatever time the bench runs in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from labkit.clock import report_errors

__all__ = ["Countdown", "Pace", "Pacer", "Stopwatch"]


class Countdown:
    """So many seconds of real time, shared by several waits: what the first takes, the others lack."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def seconds(self) -> float:
        """What is left; never below 0."""
        return max(0.0, self._end - time.monotonic())


class Stopwatch:
    """Seconds of real time since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start


class Pace:
    """Lets one thing through in `interval` seconds over time, and up to `burst` of them at once after a rest.

    Arithmetic only: the caller reads the clock and waits.
    """

    def __init__(self, interval: float, burst: int = 1) -> None:
        self._interval = interval
        self._ahead = (burst - 1) * interval
        self._due = 0.0
        self._rested = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next may begin; 0.0 when it may begin now."""
        return max(0.0, self._due - self._ahead - now, self._rested - now)

    def done(self, began: float, ended: float) -> None:
        """It has gone through; what takes long is followed by a rest of the same length."""
        self._due = max(self._due, began) + self._interval
        self._rested = ended + (ended - began)


class Pacer:
    """Calls `flush` soon after it was poked, once in `interval` seconds over time, on one daemon thread.

    What views need: a change after a rest shows at once, and so do the next few (`burst`), a flood becomes a
    steady picture, silence costs nothing, and a slow flush never takes more than half of the time. Real time
    always: people watch in it, whatever time the bench runs in.
    """

    def __init__(self, interval: float, flush: Callable[[], None], burst: int = 1) -> None:
        self._pace = Pace(interval, burst)
        self._flush = flush
        self._poked = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def poke(self) -> None:
        """Ask for a flush; costs next to nothing while one is due already. Any thread."""
        if not self._poked.is_set():
            self._poked.set()
            if self._thread is None:
                self._start()

    def close(self) -> None:
        """End the thread; later pokes do nothing."""
        self._closed.set()
        self._poked.set()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._run, name="labkit-views", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._poked.wait()
            wait = self._pace.wait(time.monotonic())
            if wait:
                self._closed.wait(wait)
            if self._closed.is_set():
                return
            # Cleared before the flush: a change during it asks for the next one.
            self._poked.clear()
            began = time.monotonic()
            report_errors(self._flush)
            self._pace.done(began, time.monotonic())
