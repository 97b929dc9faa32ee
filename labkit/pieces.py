"""What a gpiozero device is made of, how code reaches each piece, and which pins they sit on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gpiozero import RGBLED, CompositeDevice, DistanceSensor

__all__ = ["pieces", "pins_of", "place_in"]


def pieces(device: Any) -> Iterator[tuple[str, Any]]:
    """The direct pieces of a composite device by how code reaches them: `.red`, `[0]`.

    One that is still being made, or closed meanwhile by another thread, has none.
    """
    if isinstance(device, CompositeDevice) and not getattr(device, "closed", True):
        for index, (name, piece) in enumerate(zip(device.namedtuple._fields, device.all, strict=False)):
            yield (f"[{index}]" if name.startswith("device_") else f".{name}"), piece


def pins_of(device: Any) -> set[str]:
    """The names of the pins a device, or any piece of it, sits on; empty once it is closed."""
    pin = getattr(device, "pin", None)
    if pin is not None and hasattr(pin, "info"):
        return {pin.info.name}
    if getattr(device, "closed", True):
        return set()
    # An RGBLED and an Energenie have pieces that they show to nobody.
    inner = [*getattr(device, "all", ()), *getattr(device, "_leds", ()), getattr(device, "_master", None)]
    return set().union(*(pins_of(piece) for piece in inner if piece is not None and piece is not device))


def place_in(whole: Any, piece: Any) -> str | None:
    """Where in a device a piece of it is: `.left_motor.forward_device`; None where it is no piece of it.

    The device itself is at "". Pieces that a device shows to nobody have the name of what they do.
    """
    if piece is whole:
        return ""
    for place, each in (*pieces(whole), *_hidden(whole)):
        inner = None if each is whole else place_in(each, piece)
        if inner is not None:
            return place + inner
    return None


def _hidden(device: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(device, RGBLED):
        yield from zip((".red", ".green", ".blue"), getattr(device, "_leds", ()), strict=False)
    elif isinstance(device, DistanceSensor):
        yield ".trigger", getattr(device, "_trigger", None)
