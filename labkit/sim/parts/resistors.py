"""Resistors, and wires, between two pins or from a pin to a supply."""

from __future__ import annotations

from labkit.errors import LabError
from labkit.sim.net import VDD, Drive, Leg
from labkit.sim.part import Part

__all__ = ["Resistor"]

RAILS = {"GND": 0.0, "3V3": VDD, "5V": 5.0}


class Resistor(Part):
    """A resistor between two pins, or a pin and "GND", "3V3" or "5V"; 0.1 Ω make a wire.

    Model: each end drives its net with what all else on the other end's net amounts to (Thévenin's theorem), in
    series with the resistance. That is exact for sources, pulls and other resistors; a diode at the far end is not
    seen. Pulses pass through.
    """

    kind = "resistor"

    def __init__(self, a: int | str, b: int | str, *, ohms: float = 10_000.0, name: str | None = None) -> None:
        ends = {"a": a, "b": b}
        for end, node in ends.items():
            if isinstance(node, str) and node not in RAILS:
                raise LabError(f"a resistor's end {end} is a GPIO number or one of {', '.join(RAILS)}, not {node!r}")
        super().__init__({end: node for end, node in ends.items() if isinstance(node, int)}, name=name)
        self.ohms = ohms
        self._rail = next((RAILS[node] for node in ends.values() if isinstance(node, str)), None)
        self._passed: dict[Leg, tuple[float, ...] | None] = {}

    def attach(self) -> None:
        if self._rail is not None:
            for leg in self.legs.values():
                leg.drive(self._rail, self.ohms)
            return
        for leg in self.legs.values():
            leg.listen(self._pass_on)
        self._pass_on()

    def detach(self) -> None:
        for leg in self.legs.values():
            leg.listen(None)

    def _pass_on(self) -> None:
        a, b = self.legs["a"], self.legs["b"]
        for here, there in ((a, b), (b, a)):
            seen = _seen(there)
            if seen == self._passed.get(here, ()):
                continue
            self._passed[here] = seen
            if seen is None:
                here.release()
            elif len(seen) == 2:
                here.drive(seen[0], seen[1] + self.ohms)
            else:
                volts, ohms, duty, frequency_hz = seen
                here.put(Drive(volts, ohms + self.ohms, duty, frequency_hz))


def _seen(leg: Leg) -> tuple[float, ...] | None:
    """What all but this leg do to its net: volts and ohms, duty and frequency where it pulses; None for nothing."""
    rest = leg.net.seen_by(leg)
    if rest is None:
        return None
    for other in leg.net.legs:
        if other is not leg and other.drive_now.frequency_hz:
            return (*rest, other.drive_now.duty, other.drive_now.frequency_hz)
    return rest
