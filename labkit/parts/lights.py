"""Lights: single LEDs, three in one, and seven-segment displays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from labkit.errors import CircuitError
from labkit.parts import settings as s
from labkit.parts.base import Declared, number_of
from labkit.parts.elements import Contact, Junction
from labkit.parts.nodes import GROUND, SUPPLY, Node, Pin, pin_net
from labkit.parts.pieces import Piece, Terminal, led, resistor
from labkit.sim.part import Part
from labkit.sim.parts import leds as sim

__all__ = ["Led", "RgbLed", "SevenSegment"]

FORWARD_VOLTS = {"red": 2.0, "orange": 2.0, "yellow": 2.0, "green": 2.0, "blue": 2.7, "white": 2.7}
"""Where the forward current starts (Kingbright WP7113 family and WP154A4 datasheets: the curves' knees)."""
SEGMENTS = ("a", "b", "c", "d", "e", "f", "g", "dp")
BASE_OHMS = 1_000.0


class Lit(Declared):
    """What LEDs of all kinds share: which way round they are, and where their other end goes."""

    active_high: bool
    to: Any
    resistor: Any

    @property
    def far(self) -> str | None:
        """The net at the other end: ground, or the supply for one that lights on a low pin."""
        if self.to == "auto":
            return GROUND if self.active_high else SUPPLY
        return self.to  # type: ignore[no-any-return]

    @property
    def ohms(self) -> float:
        """Of its resistor; 0 where it has none."""
        return self.resistor or 0.0

    @property
    def is_ordinary(self) -> bool:
        """Its other end goes where the simulation expects it."""
        return self.far == (GROUND if self.active_high else SUPPLY)


@dataclass(frozen=True)
class Led(Lit):
    """An LED and its resistor between a pin and ground; or the supply with active_high=False.

    `resistor=None` is an LED without one, which the lint refuses.
    """

    title: ClassVar[str] = "LED"
    drives: ClassVar[tuple[str, ...]] = ("pin", "to")

    pin: Pin = s.pin()
    resistor: float | None = s.number(330.0, "Ω", none="no resistor")
    color: str = s.choice("red", *FORWARD_VOLTS)
    forward_volts: float | None = s.number(None, "V", none="by its colour")
    active_high: bool = s.flag(True)
    to: Node | None = s.far_node()

    @property
    def volts(self) -> float:
        """Its forward voltage."""
        return FORWARD_VOLTS[self.color] if self.forward_volts is None else self.forward_volts

    def pieces(self, name: str) -> list[Piece]:
        near: Any = self.pin
        found = []
        if self.ohms:
            near = f"{name}.led"
            found.append(resistor(f"{name}.resistor", self.ohms, ("d0", self.pin), ("g0", near)))
        upper, lower = ("h0", near), ("h1", self.far)
        ends = (upper, lower) if self.active_high else (lower, upper)
        return [*found, led(name, self.color, self.volts, *ends)]

    def simulated(self, name: str) -> list[Part]:
        if not self.is_ordinary:
            return []
        pin, ohms, volts = number_of(self.pin), self.ohms, self.volts
        return [sim.Led(pin, resistor=ohms, forward_volts=volts, active_high=self.active_high, name=name)]


@dataclass(frozen=True)
class RgbLed(Lit):
    """Red, green and blue in one case, a resistor each; a common cathode, or a common anode (active_high=False)."""

    title: ClassVar[str] = "RGB LED"
    drives: ClassVar[tuple[str, ...]] = ("red", "green", "blue")

    red: Pin = s.pin()
    green: Pin = s.pin()
    blue: Pin = s.pin()
    resistor: float | None = s.number(330.0, "Ω", none="no resistor")
    active_high: bool = s.flag(True)
    to: Node | None = s.far_node()

    def pieces(self, name: str) -> list[Piece]:
        rows = {"red": 0, "green": 2, "blue": 3}
        common = "common cathode" if self.active_high else "common anode"
        ends = {"common": Terminal(self.far, ("h1",), "longest leg", is_ground=self.active_high)}
        found: list[Piece] = []
        junctions = []
        for color, row in rows.items():
            pin: Any = getattr(self, color)
            near = f"{name}.{color}" if self.ohms else pin
            if self.ohms:
                found.append(resistor(f"{name}.{color}.resistor", self.ohms, (f"d{row}", pin), (f"g{row}", near)))
            ends[color] = Terminal(near, (f"h{row}",))
            anode, cathode = (near, self.far) if self.active_high else (self.far, near)
            junctions.append(Junction(anode, cathode, FORWARD_VOLTS[color]))
        return [*found, Piece(name, "rgbled", f"RGB LED, {common}", ends, tuple(junctions))]

    def simulated(self, name: str) -> list[Part]:
        if not self.is_ordinary:
            return []
        pins = (number_of(pin) for pin in (self.red, self.green, self.blue))
        return [sim.RgbLed(*pins, resistor=self.ohms, active_high=self.active_high, name=name)]


def _segment(name: Any) -> str:
    if name not in SEGMENTS:
        raise ValueError(f"{name!r} is no segment: they are {', '.join(SEGMENTS)}")
    return str(name)


@dataclass(frozen=True)
class SevenSegment(Lit):
    """A seven-segment display, a resistor for each segment; several characters with `digits` that take turns.

    With `digits`, each of those pins switches one character on through a transistor.
    """

    title: ClassVar[str] = "seven-segment display"
    drives: ClassVar[tuple[str, ...]] = ("segments", "digits")

    segments: dict[str, Pin] = s.mapping(_segment, pin_net, "{a: 17, b: 18, …}, a to g and dp", leading=True)
    digits: tuple[Pin, ...] = s.sequence(pin_net, "pins, one for each character", default=())
    resistor: float | None = s.number(330.0, "Ω", none="no resistor")
    active_high: bool = s.flag(True)
    to: Node | None = s.far_node()

    def __post_init__(self) -> None:
        super().__post_init__()
        missing = [name for name in SEGMENTS[:7] if name not in self.segments]
        if missing:
            raise CircuitError(f"SevenSegment: segments: {', '.join(missing)} missing.")

    def pieces(self, name: str) -> list[Piece]:
        found: list[Piece] = []
        leads: list[tuple[str, str | None, int]] = []
        for row, segment in enumerate(name_ for name_ in SEGMENTS if name_ in self.segments):
            pin: Any = self.segments[segment]
            near = f"{name}.{segment}" if self.ohms else pin
            if self.ohms:
                found.append(resistor(f"{name}.{segment}.resistor", self.ohms, (f"d{row}", pin), (f"g{row}", near)))
            leads.append((segment, near, row))
        rows = len(leads)
        commons: list[Any] = []
        for index, digit in enumerate(self.digits):
            commons.append((f"digit {index + 1}", f"{name}.digit{index}", rows + 3 * index))
            found += self._switch(name, index, digit, rows + 3 * index)
        commons = commons or [("common", self.far, rows)]
        return [*found, self._display(name, leads, commons)]

    def _display(self, name: str, leads: list[Any], commons: list[Any]) -> Piece:
        ends = {pin: Terminal(net, (f">{row}",)) for pin, net, row in leads}
        ends |= {pin: Terminal(net, (f">{row}",), is_ground=self.active_high) for pin, net, row in commons}
        # Segments of one character: all characters are never on at once.
        junctions = [
            Junction(net, commons[0][1], 2.0) if self.active_high else Junction(commons[0][1], net, 2.0)
            for _, net, _ in leads
        ]
        kind = "common cathode" if self.active_high else "common anode"
        characters = max(1, len(self.digits))
        label = f"seven-segment display, {characters} character{'s' * (characters > 1)}, {kind}"
        traits = {"characters": characters, "point": "dp" in self.segments}
        return Piece(name, "display", label, ends, tuple(junctions), traits)

    def _switch(self, name: str, index: int, digit: Any, row: int) -> list[Piece]:
        """The transistor that switches one character: to ground, or for a common anode from the supply."""
        base = f"{name}.base{index}"
        common = f"{name}.digit{index}"
        collector, emitter = (common, self.far) if self.active_high else (self.far, common)
        # The display's wire ends in the first of the three rows either way.
        rows = {"C": row, "B": row + 1, "E": row + 2} if self.active_high else {"E": row, "B": row + 1, "C": row + 2}
        nets = {"C": collector, "B": base, "E": emitter}
        ends = {
            leg: Terminal(nets[leg], (f"h{at}",), is_ground=leg == "E" and self.active_high) for leg, at in rows.items()
        }
        whole = f"{name}.transistor{index + 1}"
        passes = (Contact(collector, emitter), Junction(base, emitter, 0.7))
        return [
            resistor(f"{whole}.resistor", BASE_OHMS, (f"d{row + 1}", digit), (f"g{row + 1}", base)),
            Piece(whole, "transistor", "NPN transistor, BC547 or 2N2222", ends, passes),
        ]

    def simulated(self, name: str) -> list[Part]:
        if not self.is_ordinary:
            return []
        segments = {segment: number_of(pin) for segment, pin in self.segments.items()}
        digits = [number_of(pin) for pin in self.digits]
        return [
            sim.SevenSegment(segments, digits=digits, resistor=self.ohms, active_high=self.active_high, name=name)
        ]  # fmt: skip
