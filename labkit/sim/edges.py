"""Edge detection of an input pin: which edges are reported, and when."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labkit.clock import Scheduled
from labkit.kernelevents import Ticks

if TYPE_CHECKING:
    from labkit.sim.grid import Grid

__all__ = ["EdgeDetector"]

NS_PER_S = 1_000_000_000


class EdgeDetector:
    """Reports the edges that were asked for, debounced as lgpio does it.

    Source: lgpio's lgGpio.c, xDebWatEvt: an edge is reported if no other edge of those watched comes within
    the debounce time, with its own time plus that time; where both kinds are watched, only if the level is
    another than reported last. Unlike lgpio, the level at the start counts as reported.

    Attributes:
        edges: "none", "rising", "falling" or "both".
        bounce: Seconds that a level must be stable; None reports at once.
    """

    def __init__(self, grid: Grid, report: Callable[[float, int], None]) -> None:
        self.edges = "both"
        self.bounce: float | None = None
        self._grid = grid
        self._report_to = report
        self._armed = False
        self._reported = False
        self._settling: Scheduled | None = None

    def arm(self, level: bool) -> None:
        """Report from now on."""
        self._armed, self._reported = True, level

    def disarm(self) -> None:
        """Report no more, nor what is still settling."""
        self._armed = False
        if self._settling is not None:
            self._settling.cancel()

    def see(self, level: bool, now_ns: int) -> None:
        """The pin's level changed; called under the board's lock."""
        if not self._armed or self.edges not in ("both", "rising" if level else "falling"):
            return
        if self.bounce:
            self._settle(level, now_ns, round(self.bounce * NS_PER_S))
        else:
            self._report(level, now_ns)

    def _settle(self, level: bool, now_ns: int, bounce_ns: int) -> None:
        if self._settling is not None:
            self._settling.cancel()
        stable = partial(self._stable, level, now_ns + bounce_ns)
        self._settling = self._grid.clock.call_later(bounce_ns, stable)

    def _stable(self, level: bool, now_ns: int) -> None:
        with self._grid.hold():
            if self._armed and (level != self._reported or self.edges != "both"):
                self._report(level, now_ns)

    def _report(self, level: bool, now_ns: int) -> None:
        self._reported = level
        self._grid.hand_over(partial(self._report_to, Ticks.at(now_ns / NS_PER_S, now_ns), int(level)))
