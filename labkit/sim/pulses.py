"""The single edges of a pulsing net, for who wants to see them: most only want its duty cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.clock import Scheduled

if TYPE_CHECKING:
    from labkit.sim.net import Net

__all__ = ["PulseTrain"]

NS_PER_S = 1_000_000_000


class PulseTrain:
    """Tells the legs of a net, edge by edge, about its pulses; each edge is worked out from the first."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self._start_ns = net.since_ns
        self._period_ns = NS_PER_S / net.frequency_hz
        self._high_ns = self._period_ns * net.duty
        passed_ns = net.grid.clock.now_ns() - net.since_ns
        self._count = int(passed_ns / self._period_ns)
        self._high = passed_ns - self._count * self._period_ns < self._high_ns
        self._next: Scheduled | None = None
        self._tell()

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _tell(self) -> None:
        level = self.net.level if self._high else 0
        due_ns = self._count * self._period_ns + (self._high_ns if self._high else self._period_ns)
        clock = self.net.grid.clock
        delay_ns = self._start_ns + round(due_ns) - clock.now_ns()
        self._next = clock.call_later(max(0, delay_ns), self._flip)
        with self.net.grid.hold():
            for leg in self.net.legs:
                if leg.pulsed is not None:
                    leg.pulsed(level)

    def _flip(self) -> None:
        self._count += not self._high
        self._high = not self._high
        self._tell()
