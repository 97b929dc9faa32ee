"""Which gpiozero devices are being made right now, and with what arguments.

gpiozero tells a pin factory only which device reserves a pin: for a motor's pins that is a PWMOutputDevice,
for an encoder's an InputDevice, before the motor or encoder object is complete. Their constructors are on
the stack, though, with their arguments: that is where this looks, and it only looks.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from gpiozero import Device
from gpiozero.pins import SPI

if TYPE_CHECKING:
    from labkit.sim.board import Board
    from labkit.sim.factory import SimulatedFactory

__all__ = ["Making", "in_the_making"]


@dataclass
class Making:
    """A device whose constructor is running.

    Attributes:
        factory: The pins it is made on.
        device: The device; not complete yet.
        arguments: Of its constructors, by name, those of gpiozero's classes only.
    """

    factory: SimulatedFactory
    device: Any
    arguments: dict[str, Any]

    @property
    def board(self) -> Board:
        return self.factory.board

    def get(self, name: str, default: Any) -> Any:
        """An argument, or what stands in where there is none of that name."""
        return self.arguments.get(name, default)

    def number(self, name: Any) -> int:
        """The GPIO number of any pin name."""
        return self.factory.gpio(name)

    def gpio(self, name: str) -> int:
        """The GPIO number in an argument."""
        return self.number(self.arguments[name])

    def gpios(self, name: str) -> tuple[int, ...]:
        """The GPIO numbers in an argument that holds several."""
        return tuple(self.number(pin) for pin in self.arguments[name])

    @property
    def active_high(self) -> bool:
        """Of an input: a high level makes it active."""
        pull_up = self.get("pull_up", False)
        return bool(self.get("active_state", True)) if pull_up is None else not pull_up

    def spi_pins(self) -> dict[str, int | None]:
        """The GPIO numbers of an SPI device: clock, mosi, miso and select."""
        given = dict(self.get("spi_args", {}))
        pins, _ = self.factory._extract_spi_args(
            **{key: value for key, value in given.items() if key not in ("shared", "pin_factory")}
        )
        return {key.removesuffix("_pin"): None if pin is None else self.number(pin) for key, pin in pins.items()}


def in_the_making(factory: SimulatedFactory) -> list[Making]:
    """The devices whose constructors are running in this thread, outermost first."""
    makings: dict[int, Making] = {}
    for device, arguments in reversed(_constructors(sys._getframe(1))):
        making = makings.setdefault(id(device), Making(factory, device, {}))
        making.arguments = arguments | making.arguments  # an outer constructor's word counts
    return list(makings.values())


def _constructors(frame: FrameType | None) -> list[tuple[Any, dict[str, Any]]]:
    """Devices and the arguments of their running constructors, innermost first."""
    found: list[tuple[Any, dict[str, Any]]] = []
    while frame is not None:
        if frame.f_code.co_name == "__init__":
            values = dict(frame.f_locals)
            device = values.pop("self", None)
            if isinstance(device, SPI):
                found.clear()  # it is made of output and input devices, but nobody wires an LED to a bus
            elif isinstance(device, Device) and frame.f_globals.get("__name__", "").startswith("gpiozero."):
                found.append((device, values))
        frame = frame.f_back
    return found
