"""Lab time that goes on when the clock behind it is exchanged: real for the hand, virtual for a while, real again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from labkit.clock import Clock, RealClock, Scheduled
from labkit.observing import Look, Observation

__all__ = ["LabTime"]


class LabTime:
    """A bench's clock, for as long as the bench lives.

    It never steps back, and what was asked for under one clock happens under the next, at its own
    instant of lab time. The Clock contract; safe from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_real = isinstance(clock, RealClock)
        """Whether lab time goes by as the machine's does."""
        self._offset_ns = -clock.now_ns()
        self._pending: dict[_Pending, None] = {}
        self._observations: dict[_Observation, None] = {}
        self._lock = threading.Lock()

    def change(self, clock: Clock) -> None:
        """Go on by another clock, from this instant of lab time."""
        with self._lock:
            now_ns = self.now_ns()
            pending = sorted(self._pending, key=lambda each: each.deadline_ns)
            for each in pending:
                each.inner.cancel()
            self._clock, self._offset_ns = clock, now_ns - clock.now_ns()
            self.is_real = isinstance(clock, RealClock)
            for each in pending:
                each.inner = clock.call_later(each.deadline_ns - now_ns, each.fire)
            for observation in list(self._observations):
                observation.begin(clock, self._offset_ns)

    def now_ns(self) -> int:
        return self._offset_ns + self._clock.now_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Scheduled:
        pending = _Pending(self.now_ns() + max(0, int(delay_ns)), callback, self._pending)
        with self._lock:
            self._pending[pending] = None
            pending.inner = self._clock.call_later(delay_ns, pending.fire)
        return pending

    def deliver(self, callback: Callable[[], None]) -> None:
        self._clock.deliver(callback)

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)

    def poll(self) -> None:
        self._clock.poll()

    def observe(self, look: Look) -> Observation:
        observation = _Observation(look, self._observations)
        with self._lock:
            self._observations[observation] = None
            observation.begin(self._clock, self._offset_ns)
        return observation

    def at_machine_ns(self, machine_ns: int) -> int:
        return self._offset_ns + self._clock.at_machine_ns(machine_ns)

    def acted(self) -> None:
        self._clock.acted()


class _Pending(Scheduled):
    """What was asked for, wherever it is scheduled at present."""

    __slots__ = ("_all", "inner")

    def __init__(self, deadline_ns: int, callback: Callable[[], None], everything: dict[_Pending, None]) -> None:
        super().__init__(deadline_ns, callback)
        self._all = everything
        self.inner: Scheduled

    def cancel(self) -> None:
        super().cancel()
        self._all.pop(self, None)
        self.inner.cancel()

    def fire(self) -> None:
        # Another clock may have been asked to run it meanwhile: whoever takes it off the list does.
        callback, self.callback = self.callback, None
        if self._all.pop(self, self) is None and callback is not None:
            callback()


class _Observation:
    """Somebody's looks, by whichever clock is in force."""

    def __init__(self, look: Look, everything: dict[_Observation, None]) -> None:
        self._look = look
        self._all = everything
        self._inner: Observation | None = None

    def begin(self, clock: Clock, offset_ns: int) -> None:
        """Go on by that clock, which is so far behind lab time."""

        def look() -> int | None:
            next_ns = self._look()
            return None if next_ns is None else next_ns - offset_ns

        if self._inner is not None:
            self._inner.close()
        self._inner = clock.observe(look)

    def wake(self) -> None:
        if self._inner is not None:
            self._inner.wake()

    def close(self) -> None:
        self._all.pop(self, None)
        if self._inner is not None:
            self._inner.close()
