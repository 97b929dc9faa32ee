"""Hobby servos."""

from __future__ import annotations

from labkit.sim.part import Part

__all__ = ["Servo"]


class Servo(Part):
    """A hobby servo that turns towards the angle its pulses ask for.

    Model: the pulse width from `min_pulse` to `max_pulse` seconds asks for -90 to 90 degrees; it turns at
    `degrees_per_second` and stays where it is without pulses (TowerPro SG90 datasheet: 0.1 s for 60
    degrees, 20 ms frames, 1 to 2 ms).
    """

    kind = "servo"
    readable = {"angle": "°"}

    def __init__(
        self,
        pin: int,
        *,
        min_pulse: float = 0.001,
        max_pulse: float = 0.002,
        span: float = 180.0,
        degrees_per_second: float = 600.0,
        name: str | None = None,
    ) -> None:
        super().__init__({"pin": pin}, name=name)
        self.min_pulse = min_pulse
        self.max_pulse = max_pulse
        self.span = span
        self.degrees_per_second = degrees_per_second
        self._from = 0.0
        self._since_ns = 0
        self._target = 0.0

    def attach(self) -> None:
        self._since_ns = self.now_ns
        self.legs["pin"].listen(self._pulses_changed)

    @property
    def angle(self) -> float:
        """Where its horn is at present, in degrees."""
        way = self._target - self._from
        turned = self.degrees_per_second * (self.now_ns - self._since_ns) / 1e9
        return self._target if turned >= abs(way) else self._from + turned * (1 if way > 0 else -1)

    @property
    def target(self) -> float:
        """Where it is turning to."""
        return self._target

    def _pulses_changed(self) -> None:
        leg = self.legs["pin"]
        angle = self.angle
        self._from, self._since_ns = angle, self.now_ns
        if not leg.frequency_hz:
            self._target = angle
            return
        share = (leg.duty / leg.frequency_hz - self.min_pulse) / (self.max_pulse - self.min_pulse)
        self._target = (min(max(share, 0.0), 1.0) - 0.5) * self.span
