"""Who holds the pins: by the names that the user's own code gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpiozero import CompositeDevice, GPIODevice, Servo, TonalBuzzer

from labkit.bench import Bench
from labkit.cells import variables
from labkit.pieces import place_in

__all__ = ["Held", "holding"]


@dataclass(frozen=True)
class Held:
    """A pin's holder in this notebook.

    Attributes:
        name: How code reaches what sits on the pin: `"red"`, `"robot.left_motor.forward_device"`; its class
            where it has no variable.
        kind: The class of the device that the user made.
        cell: `"cell [3]"`.
        shows: What its level stands for: `"tone"`, `"pulse"` (a servo's), or empty.
        is_bus: An SPI bus holds the pin, and no device that reads or writes it as such.
    """

    name: str
    kind: str
    cell: str
    shows: str
    is_bus: bool


def holding(bench: Bench) -> dict[str, Held]:
    """The holders of this bench's pins in use, by the pins' names."""
    names: dict[int, str] = {}
    wholes: list[tuple[str, Any]] = []
    for name, value in variables():
        names.setdefault(id(value), name)
        if isinstance(value, CompositeDevice):
            wholes.append((name, value))
    found: dict[str, Held] = {}
    for holder in bench.holders():
        device, piece = holder.device(), holder.reserver()
        if device is not None:
            name = _name(device, piece, names, wholes)
            found[holder.pin] = Held(
                name, type(device).__name__, holder.cell.label, _shows(device), not isinstance(piece, GPIODevice)
            )
    return found


def _shows(device: Any) -> str:
    return "tone" if isinstance(device, TonalBuzzer) else "pulse" if isinstance(device, Servo) else ""


def _name(device: Any, piece: Any, names: dict[int, str], wholes: list[tuple[str, Any]]) -> str:
    if id(device) in names:
        return names[id(device)] + (place_in(device, piece) or "")
    # Made first and put into a composite device later: `Robot(Motor(4, 14), Motor(17, 18))`.
    for name, whole in wholes:
        place = place_in(whole, piece)
        if place is not None:
            return name + place
    return type(device).__name__ + (place_in(device, piece) or "")
