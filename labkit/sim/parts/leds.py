"""Light-emitting diodes: single, three in one, and seven-segment characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labkit.sim.net import VDD, Diode, Leg
from labkit.sim.part import Part

__all__ = ["Led", "RgbLed", "SevenSegment"]

RATED_AMPS = 0.010
GLYPHS = {
    frozenset(lit): char
    for char, lit in {
        " ": "", "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg", "5": "acdfg",
        "6": "acdefg", "7": "abc", "8": "abcdefg", "9": "abcdfg", "A": "abcefg", "b": "cdefg",
        "C": "adef", "d": "bcdeg", "E": "adefg", "F": "aefg", "H": "bcefg", "L": "def", "P": "abefg",
        "U": "bcdef", "-": "g", "_": "d",
    }.items()
}  # fmt: skip


class Light:
    """One junction on a leg: what flows through it, and how bright that makes it."""

    def __init__(self, leg: Leg, diode: Diode) -> None:
        self.leg = leg
        self.diode = diode
        self._lit_low = diode.rail_volts > 0
        leg.load(diode)

    @property
    def milliamps(self) -> float:
        """While it is on: the duty cycle does not change it."""
        solution = self.leg.net.solution
        volts = solution.low_volts if self._lit_low else solution.volts
        if solution.floating or not self.diode.conducts_at(volts):
            return 0.0
        return abs(volts - self.diode.knee_volts) / max(self.diode.ohms, 0.1) * 1e3

    @property
    def brightness(self) -> float:
        """In proportion to the mean current, 1.0 at 10 mA."""
        return self.milliamps / 1e3 / RATED_AMPS * self.share_on

    @property
    def share_on(self) -> float:
        """The part of the time that current flows."""
        if not self.leg.frequency_hz:
            return 1.0 if self.milliamps else 0.0
        return 1 - self.leg.duty if self._lit_low else self.leg.duty


class Led(Part):
    """An LED and its resistor between a pin and ground, or the supply (active_high=False).

    Model: a forward voltage (red: 2.0 V) in series with the resistor and the pin's own 40 Ω. Its light is
    proportional to the mean current, 1.0 at 10 mA (Kingbright WP7113ID datasheet: relative luminous
    intensity against forward current is close to a straight line below 20 mA).
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
        self._light = Light(self.legs["pin"], self.diode)

    @property
    def milliamps(self) -> float:
        """The forward current while it is on."""
        return self._light.milliamps

    @property
    def brightness(self) -> float:
        """Mean light, 1.0 at 10 mA."""
        return self._light.brightness

    @property
    def is_lit(self) -> bool:
        return self.brightness > 0


class RgbLed(Part):
    """Three LEDs in one case, with a resistor each; a common cathode, or a common anode (active_high=False).

    Model: as `Led`; red starts at 2.0 V, green and blue at 2.7 V (Kingbright WP154A4 datasheet, the knee of
    the forward-current curves).
    """

    kind = "rgbled"
    readable = {"color": ""}

    def __init__(
        self,
        red: int,
        green: int,
        blue: int,
        *,
        resistor: float = 330.0,
        active_high: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__({"red": red, "green": green, "blue": blue}, name=name)
        rail = 0.0 if active_high else VDD
        self.diodes = {
            "red": Diode(2.0, resistor, rail),
            "green": Diode(2.7, resistor, rail),
            "blue": Diode(2.7, resistor, rail),
        }

    def attach(self) -> None:
        self._lights = {color: Light(leg, self.diodes[color]) for color, leg in self.legs.items()}

    @property
    def color(self) -> tuple[float, float, float]:
        """The part of the time that red, green and blue are on."""
        red, green, blue = (self._lights[color].share_on for color in ("red", "green", "blue"))
        return red, green, blue

    def milliamps(self, color: str) -> float:
        """The forward current of one of "red", "green" and "blue" while it is on."""
        return self._lights[color].milliamps


class SevenSegment(Part):
    """A seven-segment character, or several that share their segments and take turns.

    Model: a `Led` for each of the segments a to g and dp. With `digits`, each of those pins switches one
    character through a transistor; what a character showed when it was last on stays visible, as it does
    to an eye while the characters take turns.
    """

    kind = "display"
    readable = {"text": ""}

    def __init__(
        self,
        segments: Mapping[str, int],
        *,
        digits: Sequence[int] = (),
        resistor: float = 330.0,
        active_high: bool = True,
        name: str | None = None,
    ) -> None:
        pins = dict(segments) | {f"digit{index}": gpio for index, gpio in enumerate(digits)}
        super().__init__(pins, name=name)
        self.segments = tuple(segments)
        self.digits = len(digits)
        self.diode = Diode(2.0, resistor, 0.0 if active_high else VDD)
        self._shown = [frozenset[str]()] * max(1, self.digits)

    def attach(self) -> None:
        self._lights = {segment: Light(self.legs[segment], self.diode) for segment in self.segments}
        if self.digits:
            for leg in self.legs.values():
                leg.listen(self._look)

    def lit(self) -> frozenset[str]:
        """The segments that are on at present."""
        return frozenset(name for name, light in self._lights.items() if light.milliamps)

    @property
    def characters(self) -> list[frozenset[str]]:
        """The segments of each character that an eye sees lit."""
        return list(self._shown) if self.digits else [self.lit()]

    @property
    def text(self) -> str:
        """What it shows, "?" for what is no character, "." after one with its point on."""
        return "".join(GLYPHS.get(lit - {"dp"}, "?") + ("." if "dp" in lit else "") for lit in self.characters)

    def _look(self) -> None:
        for index in range(self.digits):
            if self.legs[f"digit{index}"].level:
                self._shown[index] = self.lit()
