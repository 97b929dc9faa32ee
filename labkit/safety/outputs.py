"""The output pins behind devices: their off levels, which of them move something, and the threads that drive them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gpiozero import RGBLED, CompositeDevice, Motor, OutputDevice, PhaseEnableMotor, Servo, SPIDevice, TonalBuzzer
from gpiozero.threads import GPIOThread

__all__ = ["MOVING", "Output", "background_threads", "is_on", "outputs_of", "units_of"]

MOVING = (Motor, PhaseEnableMotor, Servo)
PULSED = (Servo, TonalBuzzer)


@dataclass(frozen=True)
class Output:
    """One output pin of a device.

    Attributes:
        pin: gpiozero's pin.
        off_level: The level at which it does nothing: 1 where the device is active low.
        moves: Something moves while it is on.
        pulsed: Only without pulses it is off: a servo holds its place with them.
        enables: A motor's enable pin: on from the start, and nobody switches it on again.
    """

    pin: Any
    off_level: float
    moves: bool = False
    pulsed: bool = False
    enables: bool = False

    @property
    def name(self) -> str:
        return str(self.pin.info.name)

    def switch_off(self) -> None:
        """Drive the off level; nothing waits here but the pin itself."""
        if self.pin.function != "output":
            return
        if self.pulsed:
            self.pin.frequency = None
        self.pin.state = self.off_level


def outputs_of(device: Any) -> list[Output]:
    """The output pins of a device and of its pieces; none of a closed or incomplete one, or of a sensor's bus."""
    return sorted(_walk(device, ()), key=lambda output: output.enables)


def units_of(device: Any) -> list[Any]:
    """The devices that act on their own: of a robot its motors, of a board its LEDs; of a motor itself."""
    pieces = () if isinstance(device, (*MOVING, *PULSED, RGBLED)) else _pieces(device)
    found = [unit for piece in pieces for unit in units_of(piece)]
    return found or [device]


def is_on(device: Any) -> bool:
    """Whether any output of a device is not at its off level; a motor's enable pin does not count."""
    return any(output.pin.state != output.off_level for output in outputs_of(device) if not output.enables)


def background_threads(device: Any) -> Iterator[GPIOThread]:
    """The threads that blink, pulse or copy a source into a device or its pieces."""
    for piece in _pieces(device):
        yield from background_threads(piece)
    for name in ("_blink_thread", "_source_thread"):
        thread = getattr(device, name, None)
        if thread is not None and thread is not threading.current_thread():
            yield thread


def _walk(device: Any, around: tuple[Any, ...]) -> Iterator[Output]:
    for piece in _pieces(device):
        yield from _walk(piece, (*around, device))
    pin = getattr(device, "pin", None)
    if not isinstance(device, OutputDevice) or pin is None or not hasattr(device, "_active_state"):
        return
    holder = around[-1] if around else None
    yield Output(
        pin,
        float(device._value_to_state(0)),
        moves=any(isinstance(each, MOVING) for each in around),
        pulsed=isinstance(holder, PULSED),
        enables=isinstance(holder, Motor) and getattr(holder, "enable_device", None) is device,
    )


def _pieces(device: Any) -> Iterable[Any]:
    if isinstance(device, RGBLED):
        return device._leds or ()
    if not isinstance(device, CompositeDevice) or isinstance(device, SPIDevice) or getattr(device, "closed", True):
        return ()
    return [piece for piece in device.all if piece is not device]
