"""Light-emitting diodes."""

from __future__ import annotations

from labkit.sim.net import VDD, Diode
from labkit.sim.part import Part

__all__ = ["Led"]

RATED_AMPS = 0.010


class Led(Part):
    """An LED and its resistor between a pin and ground, or the supply (active_high=False).

    Model: a forward voltage (red 2.0 V) in series with the resistor and the pin's 40 Ω; its light is
    proportional to the mean current, 1.0 at 10 mA (Kingbright WP7113ID: luminous intensity is given at
    10 mA and close to linear below 20).
    """

    kind = "led"
    readable = {"brightness": "", "milliamps": "mA"}

    def __init__(
        self,
        pin: int,
        *,
        resistor: float = 330.0,
        forward_volts: float = 2.0,
        active_high: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__({"pin": pin}, name=name)
        self.diode = Diode(forward_volts, resistor, 0.0 if active_high else VDD)

    def attach(self) -> None:
        self.legs["pin"].load(self.diode)

    @property
    def milliamps(self) -> float:
        """The current while it is on, without regard to the duty cycle."""
        leg = self.legs["pin"]
        return self._amps(leg.high_volts if self.diode.rail_volts == 0.0 else self._low_volts()) * 1e3

    @property
    def brightness(self) -> float:
        """Mean light, 1.0 at 10 mA."""
        return self.milliamps / 1e3 / RATED_AMPS * self._share_on

    @property
    def is_lit(self) -> bool:
        return self.brightness > 0

    @property
    def _share_on(self) -> float:
        leg = self.legs["pin"]
        if not leg.frequency_hz:
            return 1.0
        return leg.duty if self.diode.rail_volts == 0.0 else 1 - leg.duty

    def _low_volts(self) -> float:
        leg = self.legs["pin"]
        return leg.net.solution.low_volts if leg.frequency_hz else leg.high_volts

    def _amps(self, volts: float) -> float:
        if self.legs["pin"].net.solution.floating or not self.diode.conducts_at(volts):
            return 0.0
        return abs(volts - self.diode.knee_volts) / max(self.diode.ohms, 0.1)
