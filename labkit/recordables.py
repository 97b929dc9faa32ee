"""What is recorded of a device: the edges of its pins, samples of its value, or both."""

from __future__ import annotations

from typing import Any, NamedTuple

from gpiozero import RotaryEncoder
from gpiozero.input_devices import SmoothedInputDevice

from labkit.bench import Bench
from labkit.cells import variable_of
from labkit.pieces import pins_of
from labkit.sampling import Source, sources_of

__all__ = ["Recordable", "pin_label", "recordable", "unique"]


class Recordable(NamedTuple):
    """A device as channels.

    Attributes:
        device: The device.
        pins: Its pins, each with what to call it.
        source: Its value, where that is more than the level of a pin.
    """

    device: Any
    pins: list[tuple[str, str]]
    source: Source | None

    @property
    def kind(self) -> str:
        """The class of the device."""
        return type(self.device).__name__


def recordable(bench: Bench, device: Any) -> Recordable:
    """What can be recorded of a device.

    Raises:
        ValueError: It is closed.
        TypeError: It has neither pin nor value.
    """
    if getattr(device, "closed", False):
        raise ValueError(f"{bench.name_of(device)} is closed: there is nothing to record of it. Make a new one first.")
    name = bench.name_of(device)
    pins = sorted(pins_of(device), key=lambda pin: (len(pin), pin))
    source = sources_of(name, device) if has_own_value(device) else None
    return Recordable(device, [(pin, pin_label(bench, device, pin)) for pin in pins], source)


def has_own_value(device: Any) -> bool:
    """Whether its value is made of more than the level of its pin: it is smoothed, measured or counted."""
    return not pins_of(device) or isinstance(device, SmoothedInputDevice | RotaryEncoder)


def pin_label(bench: Bench, device: Any, pin: str) -> str:
    """What to call a device's pin: as the device, and by the pin where the device is more than that."""
    if len(pins_of(device)) == 1 and not has_own_value(device):
        return bench.name_of(device)
    return f"{variable_of(device) or type(device).__name__} {pin}"


def unique(name: str, taken: set[str]) -> str:
    """The name, or with a number behind it where another has it; taken from then on."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free
