"""Legs: the terminals of parts and pins, what they drive their nets with, and what they draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.sim.net import Net

__all__ = ["OPEN", "VDD", "WIRE_OHMS", "Diode", "Drive", "Leg"]

VDD = 3.3
WIRE_OHMS = 0.1


class Drive:
    """A Thevenin source; compared by identity, so that a solved net can be looked up by it.

    Attributes:
        volts: Open-circuit voltage; None drives nothing.
        ohms: Source resistance.
        duty: 1.0 for a constant level; below, the part of each period spent at `volts` (else at 0 V).
        frequency_hz: Of the pulses; 0.0 for a constant level.
        key: What solutions are remembered by: they depend on volts and ohms, not on duty.
    """

    __slots__ = ("duty", "frequency_hz", "key", "ohms", "volts")

    def __init__(
        self, volts: float | None, ohms: float, duty: float = 1.0, frequency_hz: float = 0.0, key: Any = None
    ) -> None:
        self.volts = volts
        self.ohms = ohms if ohms > WIRE_OHMS else WIRE_OHMS
        self.duty = duty
        self.frequency_hz = frequency_hz
        self.key = self if key is None else key


OPEN = Drive(None, WIRE_OHMS)
DRIVES_KEPT = 1_000
_made: dict[tuple[float, float], Drive] = {}
"""Equal drives are one object as far as possible, for solutions are looked up by identity."""


@dataclass(frozen=True, slots=True)
class Diode:
    """A junction and its resistor from a net to a rail: conducts once the net is `volts` above it (or below).

    Attributes:
        volts: Forward voltage.
        ohms: Of the resistor in series; 0 when there is none.
        rail_volts: 0.0 for a cathode at ground; 3.3 for an anode at the supply, lit by a low pin.
    """

    volts: float
    ohms: float
    rail_volts: float = 0.0

    @property
    def knee_volts(self) -> float:
        """The net's voltage at which current starts."""
        return self.rail_volts + (self.volts if self.rail_volts < VDD / 2 else -self.volts)

    def conducts_at(self, net_volts: float) -> bool:
        return net_volts > self.knee_volts if self.rail_volts < VDD / 2 else net_volts < self.knee_volts


class Leg:
    """One terminal of a part or a pin: it drives its net, loads it, or listens to it.

    Setting drives takes effect at once, and before the call returns every part on the net has reacted.
    Any thread may call.
    """

    __slots__ = ("changed", "diode", "drive_now", "label", "net", "pin", "pulsed")

    def __init__(self, net: Net, label: str) -> None:
        self.net = net
        self.label = label
        self.drive_now = OPEN
        self.diode: Diode | None = None
        self.changed: Callable[[], None] | None = None
        self.pulsed: Callable[[int], None] | None = None
        self.pin: str | None = None  # set on the processor's own legs: theirs are the current limits

    def __repr__(self) -> str:
        return f"<{self.label} on {self.net.name}>"

    def put(self, drive: Drive) -> None:
        """Drive the net with a prepared source; `OPEN` lets go."""
        if drive is not self.drive_now:
            self.drive_now = drive
            self.net.grid.update(self)

    def drive(self, volts: float, ohms: float = WIRE_OHMS) -> None:
        """Drive the net with a voltage through a resistance."""
        drive = _made.get((volts, ohms))
        if drive is None:
            if len(_made) >= DRIVES_KEPT:
                _made.clear()
            drive = _made[volts, ohms] = Drive(volts, ohms)
        self.put(drive)

    def release(self) -> None:
        """Drive nothing."""
        self.put(OPEN)

    def listen(self, changed: Callable[[], None] | None) -> None:
        """Have changed called whenever voltage or duty of the net change: physics, it must not block."""
        self.changed = changed
        self.net.refresh()

    def count_pulses(self, pulsed: Callable[[int], None] | None) -> None:
        """Have pulsed called at each edge of a pulsing net with the new level: much work, use sparingly."""
        self.pulsed = pulsed
        self.net.grid.train(self.net)

    def load(self, diode: Diode | None) -> None:
        """Put a diode between net and rail, or take it away."""
        self.diode = diode
        self.net.refresh()
        self.net.grid.update(self)

    @property
    def level(self) -> int:
        """0 or 1 by the input thresholds; 1 on a pulsing net."""
        return self.net.level

    @property
    def duty(self) -> float:
        """The part of the time that the net is high: 0.0 or 1.0 unless it pulses."""
        return float(self.net.duty)

    @property
    def frequency_hz(self) -> float:
        """Of the pulses on the net, 0.0 when it does not pulse."""
        return self.net.frequency_hz

    @property
    def volts(self) -> float:
        """The mean voltage of the net."""
        net = self.net
        if not net.frequency_hz:
            return net.solution.volts
        return net.duty * net.solution.volts + (1 - net.duty) * net.solution.low_volts

    @property
    def high_volts(self) -> float:
        """The voltage of the net while it is high."""
        return self.net.solution.volts
