"""What a gpiozero device is made of, and how code reaches each piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gpiozero import RGBLED, CompositeDevice, DistanceSensor

__all__ = ["pieces", "place_in"]


def pieces(device: Any) -> Iterator[tuple[str, Any]]:
    """The direct pieces of a composite device by how code reaches them: `.red`, `[0]`.

    One that is still being made, or closed meanwhile by another thread, has none.
    """
    if isinstance(device, CompositeDevice) and not getattr(device, "closed", True):
        for index, (name, piece) in enumerate(zip(device.namedtuple._fields, device.all, strict=False)):
            yield (f"[{index}]" if name.startswith("device_") else f".{name}"), piece


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
