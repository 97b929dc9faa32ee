"""Rotary encoders turned by hand."""

from __future__ import annotations

from collections import deque
from functools import partial

from labkit.sim.net import Leg
from labkit.sim.part import Part

__all__ = ["QUADRATURE", "Knob"]

QUADRATURE = ((1, 1), (0, 1), (0, 0), (1, 0))
"""Levels of A and B through one cycle, clockwise: A leads."""
CONTACT_OHMS = 0.1


class Knob(Part):
    """A rotary encoder with detents, its common pin at ground.

    Model: Alps EC11 / KY-040: each detent is one full quadrature cycle, four changes a quarter of the
    detent's time apart; at rest both contacts are open, so its pins need pull-ups. Contacts chatter
    `bounces` times within `within` seconds of each change (EC11 datasheet: up to 3 ms at 60 rpm). By
    default they don't.
    """

    kind = "knob"
    settable = {"bounces": "", "within": "s"}
    readable = {"position": "detents"}

    def __init__(self, a: int, b: int, *, bounces: int = 0, within: float = 0.0005, name: str | None = None) -> None:
        super().__init__({"a": a, "b": b}, name=name)
        self.bounces = bounces
        self.within = within
        self._quarters = 0
        self._moves: deque[tuple[int, float]] = deque()
        self._turning = False

    @property
    def position(self) -> float:
        """Detents from where it started, clockwise positive; a quarter for each change in between."""
        return self._quarters / 4

    def rotate(self, steps: int, *, seconds: float = 0.02) -> None:
        """Turn it by detents, clockwise when positive.

        Args:
            steps: How many detents.
            seconds: For each of them.

        Returns at once; turns asked for meanwhile follow after. Callable from any thread.
        """
        direction = 1 if steps > 0 else -1
        with self.board.hold():
            self._moves.extend([(direction, seconds / 4)] * (4 * abs(steps)))
            if not self._turning:
                self._next()

    def _next(self) -> None:
        self._turning = bool(self._moves)
        if self._turning:
            direction, seconds = self._moves.popleft()
            self.after(seconds, partial(self._quarter, direction))

    def _quarter(self, direction: int) -> None:
        before = QUADRATURE[self._quarters % 4]
        self._quarters += direction
        after = QUADRATURE[self._quarters % 4]
        for leg, old, new in zip(("a", "b"), before, after, strict=True):
            if old != new:
                self._touch(self.legs[leg], new)
                self._chatter(self.legs[leg], new)
        self._next()

    def _chatter(self, leg: Leg, level: int) -> None:
        for instant in sorted(self.random.uniform(0, self.within) for _ in range(2 * self.bounces)):
            level = 1 - level
            self.after(instant, partial(self._touch, leg, level))

    def _touch(self, leg: Leg, level: int) -> None:
        if level:
            leg.release()
        else:
            leg.drive(0.0, CONTACT_OHMS)
