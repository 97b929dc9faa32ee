"""Nets: what a wire joins. Drivers have strength, pulls are weak, diodes draw current, levels hysteresis.

Source of the constants: Raspberry Pi Compute Module 3+ datasheet, "DC characteristics" (BCM2837):
input low up to 0.9 V, high from 1.6 V, pulls 40-65 kΩ; 18 mA into 0.4 V and 17 mA out of 2.3 V at full
drive strength make some 40 Ω. The pins of the other models differ by less than their own tolerances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from labkit.errors import ElectricalFault, ShortCircuit
from labkit.sim.checks import check
from labkit.sim.leg import OPEN, VDD, WIRE_OHMS, Diode, Drive, Leg

if TYPE_CHECKING:
    from labkit.sim.grid import Grid
    from labkit.sim.pulses import PulseTrain

__all__ = ["OPEN", "VDD", "WIRE_OHMS", "Diode", "Drive", "Leg", "Net", "Solution"]

INPUT_HIGH_VOLTS = 1.6
INPUT_LOW_VOLTS = 0.9
OUTPUT_OHMS = 40.0
PULL_OHMS = 50_000.0
FIXED_PULL_OHMS = 1_800.0
"""GPIO2 and GPIO3 have 1.8 kΩ to 3.3 V on the board, for I²C."""
WEAK_OHMS = 1_000.0
HELD_NS = 10_000_000
"""How long an undriven input keeps its last level, before it is noise: its charge leaks away."""
NOISE_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Solution:
    """One solved state of a net; shared by every moment with the same drivers.

    Attributes:
        volts: At the net, the pulsing driver (if any) at its high level.
        low_volts: The same, that driver at its low level.
        level: 1, 0, or None between the thresholds, where the level before holds.
        supply_ua: What the pins source together, in microamperes.
        floating: Nothing drives the net and nothing pulls it.
        faults: What a real board would suffer in this state, as errors ready to raise.
    """

    volts: float
    low_volts: float
    level: int | None
    supply_ua: int
    floating: bool
    faults: tuple[ElectricalFault, ...] = ()


UNSOLVED = Solution(0.0, 0.0, 0, 0, True)


class Net:
    """One electrical node, and the legs on it. `Grid` changes it, under its lock.

    Attributes:
        owner: The leg that alone has been changing lately.
        calm: What one leg's drives lead to while nobody listens and nothing is wrong: see `Grid.step`.
        since_ns: When the present pulses began.
        loose_ns: When the last driver let go.
    """

    __slots__ = (
        "_solved",
        "calm",
        "duty",
        "frequency_hz",
        "grid",
        "legs",
        "level",
        "listeners",
        "loose_ns",
        "name",
        "overriding",
        "owner",
        "pins",
        "since_ns",
        "solution",
        "train",
    )  # fmt: skip

    def __init__(self, grid: Grid, name: str) -> None:
        self.grid = grid
        self.name = name
        self.legs: list[Leg] = []
        self.pins: list[str] = []
        self.overriding: Leg | None = None  # a test lead: it decides alone, and hurts nothing
        self.listeners: tuple[Callable[[], None], ...] = ()
        self.solution = UNSOLVED
        self.level = 0
        self.duty = 0.0
        self.frequency_hz = 0.0
        self.since_ns = 0
        self.loose_ns = grid.clock.now_ns()
        self.train: PulseTrain | None = None
        self.calm: dict[Any, Solution] = {}
        self._solved: dict[Any, Solution] = {}
        self.owner: Leg | None = None

    def __repr__(self) -> str:
        return f"<net {self.name}: {self.solution.volts:.2f} V>"

    def leg(self, label: str) -> Leg:
        """A new terminal on this net."""
        leg = Leg(self, label)
        self.legs.append(leg)
        return leg

    def drop(self, leg: Leg) -> None:
        """Take a terminal off."""
        leg.put(OPEN)
        self.legs.remove(leg)
        self.refresh()

    @property
    def pull(self) -> str:
        """What the board's own weak resistors do to it: "up", "down" or "floating"."""
        for leg in self.legs:
            if leg.pin is not None and leg.drive_now.volts is not None and leg.drive_now.ohms >= WEAK_OHMS:
                return "up" if leg.drive_now.volts else "down"
        return "floating"

    def seen_by(self, leg: Leg) -> tuple[float, float] | None:
        """What one leg is up against: voltage and resistance of all other drivers; None without any."""
        drives = [one.drive_now for one in self.legs if one is not leg and one.drive_now.volts is not None]
        if not drives:
            return None
        siemens = sum(1 / drive.ohms for drive in drives)
        return sum((drive.volts or 0.0) / drive.ohms for drive in drives) / siemens, 1 / siemens

    def refresh(self) -> None:
        """Collect who listens, and forget solutions."""
        self.listeners = tuple(leg.changed for leg in self.legs if leg.changed is not None)
        self._solved.clear()
        self.calm.clear()
        self.owner = None

    def note(self, leg: Leg) -> None:
        """Leg drives differently: solutions stay known only while no other leg of the net changes."""
        if leg is not self.owner or len(self._solved) > 64:
            self._solved.clear()
            self.calm.clear()
            self.owner = leg

    def solve(self) -> Solution:
        """The present state: looked up where one leg alone has been changing, else worked out."""
        leg = self.owner
        if leg is None:
            return work_out(self)
        key = leg.drive_now.key
        solution = self._solved.get(key)
        if solution is None:
            solution = self._solved[key] = work_out(self)
        return solution

    @property
    def pulsing(self) -> bool:
        """It pulses, or is about to: the same voltages may mean another duty cycle."""
        return bool(self.frequency_hz or (self.owner is not None and self.owner.drive_now.frequency_hz))

    def level_at(self, now_ns: int) -> int:
        """The level this very instant: inside a period where the net pulses, noise where it floats."""
        if self.frequency_hz:
            phase = (now_ns - self.since_ns) * self.frequency_hz / 1e9 % 1.0
            return self.level if phase < self.duty else 0
        if self.solution.floating and now_ns - self.loose_ns > HELD_NS:
            return crc32(f"{self.grid.seed}:{self.name}:{now_ns // NOISE_NS}".encode()) & 1
        return self.level


def work_out(net: Net) -> Solution:
    """Solve a net afresh: its voltages, currents and faults."""
    if net.overriding is not None:
        volts = net.overriding.drive_now.volts or 0.0
        return Solution(volts, volts, int(volts >= INPUT_HIGH_VOLTS), 0, floating=False)
    sources = [(leg, leg.drive_now) for leg in net.legs if leg.drive_now.volts is not None]
    if not sources:
        rails = {leg.diode.rail_volts for leg in net.legs if leg.diode is not None}
        if len(rails) == 1:
            # What little charge an undriven wire holds leaks away through an LED: it goes out, and stays out.
            (rail,) = rails
            return Solution(rail, rail, int(rail >= INPUT_HIGH_VOLTS), 0, floating=False)
        return Solution(net.solution.volts, net.solution.volts, None, 0, floating=True)
    diodes = [leg for leg in net.legs if leg.diode is not None]
    high = node_volts([(drive.volts or 0.0, drive.ohms) for _, drive in sources], diodes)
    low = high
    if any(drive.frequency_hz for _, drive in sources):
        low = node_volts(
            [(0.0 if drive.frequency_hz else drive.volts or 0.0, drive.ohms) for _, drive in sources], diodes
        )
    supplied = sum(
        max(0.0, ((drive.volts or 0.0) - high) / drive.ohms) for leg, drive in sources if leg.pin is not None
    )
    faults = check(net, high)
    if any(isinstance(fault, ShortCircuit) for fault in faults):
        supplied = 0.0  # the short is told; that it takes too much as well needs no telling
    level = 1 if high >= INPUT_HIGH_VOLTS else 0 if high <= INPUT_LOW_VOLTS else None
    return Solution(high, low, level, round(supplied * 1e6), floating=False, faults=faults)


def node_volts(sources: Iterable[tuple[float, float]], diodes: Iterable[Leg]) -> float:
    """Millman's theorem, with diodes joining in from the lowest knee upwards as they start to conduct."""
    siemens = amperes = 0.0
    for volts, ohms in sources:
        siemens += 1 / ohms
        amperes += volts / ohms
    volts = amperes / siemens
    waiting = [leg.diode for leg in diodes if leg.diode is not None]
    while conducting := [diode for diode in waiting if diode.conducts_at(volts)]:
        # The one furthest past its knee surely conducts; the others are asked again at the new voltage.
        diode = max(conducting, key=lambda one: abs(volts - one.knee_volts))
        waiting.remove(diode)
        ohms = max(diode.ohms, WIRE_OHMS)
        siemens += 1 / ohms
        amperes += diode.knee_volts / ohms
        volts = amperes / siemens
    return volts
