"""How lab time follows real time, where it does: scaled clocks, and while a thread waits outside."""

from __future__ import annotations

from labkit.sim.time.active import REAL

__all__ = ["Pace"]


class Pace:
    """Lab nanoseconds per real nanosecond, from an anchor; `flows` is False in purely virtual time."""

    def __init__(self, speed: float | None) -> None:
        self.speed = speed
        self.flows = False
        self._rate = speed or 1.0
        self._lab_ns = 0
        self._real_ns = 0

    def start(self, now_ns: int) -> None:
        """Begin to flow from here; where the clock is virtual, as fast as real time."""
        if not self.flows:
            self.flows = True
            self._lab_ns, self._real_ns = now_ns, REAL.monotonic_ns()

    def stop(self) -> None:
        """Stand still."""
        self.flows = False

    def lab_ns(self) -> int:
        """What lab time would be, were nothing due before."""
        return self._lab_ns + int((REAL.monotonic_ns() - self._real_ns) * self._rate)

    def real_s(self, due_ns: int) -> float:
        """Real seconds until lab time due_ns; 0.0 where that is past."""
        real_ns: int = REAL.monotonic_ns()
        left_ns = (due_ns - self._lab_ns) / self._rate - (real_ns - self._real_ns)
        return max(0.0, left_ns / 1e9)
