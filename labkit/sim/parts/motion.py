"""Sensors with a digital output: motion, and a line on the floor."""

from __future__ import annotations

from labkit.clock import Scheduled
from labkit.sim.net import VDD
from labkit.sim.part import Part

__all__ = ["LineSensor", "Pir"]

OUTPUT_OHMS = 1_000.0


class Pir(Part):
    """A passive infrared motion sensor.

    Model: HC-SR501 module: blind for `warm_up` seconds after power-on (its datasheet: about a minute), then
    its output is high from the first movement until `hold` seconds after the last (retriggering mode,
    jumper H; adjustable from 3 s to 5 min). 3.3 V behind 1 kΩ.
    """

    kind = "pir"
    settable = {"hold": "s"}
    readable = {"is_high": ""}

    def __init__(
        self,
        pin: int,
        *,
        warm_up: float = 60.0,
        hold: float = 3.0,
        active_high: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__({"pin": pin}, name=name)
        self.warm_up = warm_up
        self.hold = hold
        self.active_high = active_high
        self.is_high = False
        self._powered_ns = 0
        self._off: Scheduled | None = None

    def attach(self) -> None:
        self._powered_ns = self.now_ns
        self._output(False)

    def detach(self) -> None:
        if self._off is not None:
            self._off.cancel()

    def move(self, seconds: float = 0.0) -> None:
        """Something warm moves in front of it, for that long. Callable from any thread."""
        if self.now_ns - self._powered_ns < self.warm_up * 1e9:
            return
        self.detach()
        self._output(True)
        self._off = self.after(seconds + self.hold, lambda: self._output(False))

    def _output(self, high: bool) -> None:
        self.is_high = high
        self.legs["pin"].drive(VDD if high == self.active_high else 0.0, OUTPUT_OHMS)


class LineSensor(Part):
    """A reflective sensor over the floor, with a comparator.

    Model: a TCRT5000 module: its output is low over a dark line and high over a light floor, which is what
    gpiozero's LineSensor expects; `active_high=False` for a module that says it the other way round.
    3.3 V behind 1 kΩ.
    """

    kind = "line"
    settable = {"over_line": ""}
    readable = {"over_line": ""}

    def __init__(self, pin: int, *, active_high: bool = True, name: str | None = None) -> None:
        super().__init__({"pin": pin}, name=name)
        self.active_high = active_high
        self._over_line = False

    def attach(self) -> None:
        self._output()

    @property
    def over_line(self) -> bool:
        return self._over_line

    @over_line.setter
    def over_line(self, over_line: bool) -> None:
        self._over_line = bool(over_line)
        self._output()

    def _output(self) -> None:
        self.legs["pin"].drive(VDD if self._over_line != self.active_high else 0.0, OUTPUT_OHMS)
