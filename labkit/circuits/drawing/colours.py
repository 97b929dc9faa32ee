"""Colours: of wires by what they carry, of resistors' bands, of lights."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.circuits.layout.places import HeaderEnd
from labkit.circuits.layout.routing import Wire
from labkit.parts.nodes import FIVE_VOLTS, GROUND, SUPPLY

__all__ = ["LIGHTS", "SIGNALS", "bands", "wire_colours"]

RAILS = {GROUND: ("black", "#15181d"), SUPPLY: ("red", "#ef4a3c"), FIVE_VOLTS: ("red", "#c01a1a")}
SIGNALS = (
    ("blue", "#2374d8"), ("green", "#149447"), ("orange", "#ee8a00"), ("violet", "#8a45c9"), ("yellow", "#d8b400"),
    ("turquoise", "#08a3a8"), ("pink", "#dd3f92"), ("brown", "#8c5a33"), ("grey", "#76818f"),
)  # fmt: skip
"""Names and colours for signals: none red or black, neighbours easy to tell apart."""
LIGHTS = {
    "red": "#ff2d20", "orange": "#ff8a00", "yellow": "#ffd500", "green": "#1fd14a", "blue": "#3182ff", "white": "#fff",
}  # fmt: skip
DIGITS = (
    ("black", "#111"), ("brown", "#7b3f1d"), ("red", "#d42a1e"), ("orange", "#ef7d00"), ("yellow", "#f2cf00"),
    ("green", "#1f8a3b"), ("blue", "#2459c7"), ("violet", "#7a3fb5"), ("grey", "#8b8f96"), ("white", "#fff"),
)  # fmt: skip
GOLD, SILVER = ("gold", "#c9a23a"), ("silver", "#b9bec6")


def wire_colours(wires: Iterable[Wire]) -> dict[str, tuple[str, str]]:
    """A colour's name and value for each net: red and black for supplies and ground, others for signals."""
    wires = list(wires)
    # Neighbours on the header first: their wires run side by side.
    from_header = sorted((wire.start.number, wire.net) for wire in wires if isinstance(wire.start, HeaderEnd))
    nets = dict.fromkeys([*(net for _, net in from_header), *(wire.net for wire in wires)])
    signals = [net for net in nets if net not in RAILS]
    return {net: RAILS[net] for net in nets if net in RAILS} | {
        net: SIGNALS[index % len(SIGNALS)] for index, net in enumerate(signals)
    }


def bands(ohms: float) -> list[tuple[str, str]]:
    """The rings of a resistor: two digits, a factor and gold (5 %), or three and brown (1 %) where two won't do.

    Empty where no ring can say it: below 0.1 Ω or from 1 TΩ on.
    """
    for digits, tolerance in ((2, GOLD), (3, DIGITS[1])):
        mantissa, exponent = f"{ohms:.{digits - 1}e}".split("e")
        value, power = round(float(mantissa) * 10 ** (digits - 1)), int(exponent) - (digits - 1)
        if abs(value * 10.0**power - ohms) <= ohms * 1e-6 or digits == 3:
            if not -2 <= power <= 9:
                return []
            factor = DIGITS[power] if power >= 0 else (GOLD, SILVER)[-power - 1]
            return [*(DIGITS[int(one)] for one in str(value)), factor, tolerance]
    return []
