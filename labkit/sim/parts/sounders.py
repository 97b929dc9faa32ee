"""Buzzers."""

from __future__ import annotations

from labkit.sim.net import Diode
from labkit.sim.part import Part

__all__ = ["Buzzer"]

ACTIVE_HZ = 2300.0
COIL_OHMS = 330.0


class Buzzer(Part):
    """A buzzer: an active one sounds by itself, a passive one follows the pulses on its pin.

    Model: an active buzzer sounds at 2300 Hz while its pin is high (TDK/HNDZ TMB12A05: 2300 ± 300 Hz); a
    passive one at the pin's PWM frequency, silent on a constant level. Either draws 9 mA from 3.3 V, 330 Ω.
    """

    kind = "buzzer"
    readable = {"tone_hz": "Hz"}

    def __init__(self, pin: int, *, active: bool = True, name: str | None = None) -> None:
        super().__init__({"pin": pin}, name=name)
        self.active = active

    def attach(self) -> None:
        self.legs["pin"].load(Diode(0.0, COIL_OHMS))

    @property
    def tone_hz(self) -> float:
        """What it sounds at, 0.0 when it is silent."""
        leg = self.legs["pin"]
        if self.active:
            return ACTIVE_HZ if leg.level and leg.duty else 0.0
        return leg.frequency_hz if 0 < leg.duty < 1 else 0.0

    @property
    def is_sounding(self) -> bool:
        return self.tone_hz > 0
