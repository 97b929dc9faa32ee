"""Light-dependent resistors: one that charges a capacitor."""

from __future__ import annotations

import math

from labkit.clock import Scheduled
from labkit.sim.net import INPUT_HIGH_VOLTS, VDD
from labkit.sim.part import Part

__all__ = ["LdrCapacitor", "ldr_ohms"]

SENSE_OHMS = 300.0


def ldr_ohms(lux: float, *, at_10_lux: float = 15_000.0, gamma: float = 0.7) -> float:
    """Of a GL5528: 10-20 kΩ at 10 lux, falling with the 0.7th power of the light (its datasheet)."""
    return at_10_lux * math.pow(max(lux, 0.001) / 10.0, -gamma)


class LdrCapacitor(Part):
    """A light-dependent resistor from 3.3 V to the pin, and a capacitor from the pin to ground.

    Model: the pin discharges the capacitor as an output; as an input it sees it charge through the resistor,
    v(t) = V (1 - exp(-t / RC)), with the pin's own pull as part of the circuit. The instant at which it
    passes the input's 1.6 V is worked out and hit to the nanosecond: R C ln(V / (V - 1.6)). gpiozero's
    recipe has 1 µF; R by `ldr_ohms`.
    """

    kind = "ldr"
    settable = {"lux": "lx"}
    readable = {"lux": "lx", "ohms": "Ω"}

    def __init__(self, pin: int, *, farads: float = 1e-6, lux: float | None = None, name: str | None = None) -> None:
        super().__init__({"pin": pin}, name=name)
        self.farads = farads
        self._lux = lux
        self._volts = 0.0
        self._since_ns = 0
        self._outside: tuple[float, float] | None = None
        self._crossing: Scheduled | None = None

    def attach(self) -> None:
        self._since_ns = self.now_ns
        self.legs["pin"].drive(0.0, SENSE_OHMS)
        self.legs["pin"].listen(self._circuit_changed)
        self._restart()

    def detach(self) -> None:
        if self._crossing is not None:
            self._crossing.cancel()

    @property
    def lux(self) -> float:
        """The light on it: its own if it was set, else the environment's."""
        return self.board.environment.lux if self._lux is None else self._lux

    @lux.setter
    def lux(self, lux: float) -> None:
        self._settle()
        self._lux = lux
        self._restart()

    @property
    def ohms(self) -> float:
        return ldr_ohms(self.lux)

    def _circuit_changed(self) -> None:
        outside = self.legs["pin"].net.seen_by(self.legs["pin"])
        if outside != self._outside:
            self._settle()
            self._outside = outside
            self._restart()

    def _towards(self) -> tuple[float, float]:
        """What the capacitor sees: the voltage it ends at, and the resistance on the way."""
        siemens, amperes = 1 / self.ohms, VDD / self.ohms
        if self._outside is not None:
            volts, ohms = self._outside
            siemens, amperes = siemens + 1 / ohms, amperes + volts / ohms
        return amperes / siemens, 1 / siemens

    def _settle(self) -> None:
        """Bring the capacitor's voltage up to now."""
        final, ohms = self._towards()
        passed = (self.now_ns - self._since_ns) / 1e9
        self._volts = final + (self._volts - final) * math.exp(-passed / (ohms * self.farads))
        self._since_ns = self.now_ns

    def _restart(self) -> None:
        self.detach()
        final, ohms = self._towards()
        leg = self.legs["pin"]
        if self._volts >= INPUT_HIGH_VOLTS or final <= INPUT_HIGH_VOLTS:
            leg.drive(final, SENSE_OHMS)
            return
        leg.drive(self._volts, SENSE_OHMS)
        seconds = ohms * self.farads * math.log((final - self._volts) / (final - INPUT_HIGH_VOLTS))
        self._crossing = self.after(seconds, lambda: leg.drive(final, SENSE_OHMS))
