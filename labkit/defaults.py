"""The default parts of gpiozero's devices, made from the arguments of the device being made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_lowercase
from typing import Any

from labkit.making import Making
from labkit.sim.part import Part
from labkit.sim.parts.adc import MODELS, Mcp3xxx
from labkit.sim.parts.analog import Potentiometer
from labkit.sim.parts.buttons import PushButton, Switch
from labkit.sim.parts.distance import HcSr04
from labkit.sim.parts.energenie import EnergenieSockets
from labkit.sim.parts.knobs import Knob
from labkit.sim.parts.leds import Led, RgbLed, SevenSegment
from labkit.sim.parts.light import LdrCapacitor
from labkit.sim.parts.motion import LineSensor, Pir
from labkit.sim.parts.motors import HBridgeMotor, PhaseEnableMotor
from labkit.sim.parts.servos import Servo
from labkit.sim.parts.sounders import Buzzer

Maker = Callable[[Making], Sequence[Part]]
"""Makes the default parts of a device from its constructor's arguments; it does not wire them."""


def children(making: Making) -> Sequence[Part]:
    """The devices that it is made of get their own."""
    return ()


def nothing(making: Making) -> Sequence[Part]:
    """What to wire to a bare interface is anybody's guess: it reads zeros."""
    return ()


def host(making: Making) -> Sequence[Part]:
    """It sits on no pin: the bench's `Host` is there already."""
    return ()


def led(making: Making) -> Sequence[Part]:
    return [Led(making.gpio("pin"), active_high=making.get("active_high", True))]


def switch(making: Making) -> Sequence[Part]:
    return [Switch(making.gpio("pin"))]


def button(making: Making) -> Sequence[Part]:
    return [PushButton(making.gpio("pin"))]


def buzzer(making: Making) -> Sequence[Part]:
    return [Buzzer(making.gpio("pin"))]


def speaker(making: Making) -> Sequence[Part]:
    return [Buzzer(making.gpio("pin"), active=False)]


def pir(making: Making) -> Sequence[Part]:
    # Long since warmed up: a program should see its first motion.
    return [Pir(making.gpio("pin"), warm_up=0.0, active_high=making.active_high)]


def line(making: Making) -> Sequence[Part]:
    return [LineSensor(making.gpio("pin"), active_high=making.active_high)]


def ldr(making: Making) -> Sequence[Part]:
    return [LdrCapacitor(making.gpio("pin"))]


def ranger(making: Making) -> Sequence[Part]:
    return [HcSr04(making.gpio("echo"), making.gpio("trigger"))]


def knob(making: Making) -> Sequence[Part]:
    return [Knob(making.gpio("a"), making.gpio("b"))]


def rgb_led(making: Making) -> Sequence[Part]:
    red, green, blue = (making.gpio(color) for color in ("red", "green", "blue"))
    return [RgbLed(red, green, blue, active_high=making.get("active_high", True))]


def motor(making: Making) -> Sequence[Part]:
    enable = making.get("enable", None)
    return [
        HBridgeMotor(
            making.gpio("forward"),
            making.gpio("backward"),
            enable=None if enable is None else making.gpio("enable"),
        )
    ]


def phase_motor(making: Making) -> Sequence[Part]:
    return [PhaseEnableMotor(making.gpio("phase"), making.gpio("enable"))]


def servo(making: Making) -> Sequence[Part]:
    span = making.get("max_angle", 90) - making.get("min_angle", -90)
    return [
        Servo(
            making.gpio("pin"),
            min_pulse=making.get("min_pulse_width", 0.001),
            max_pulse=making.get("max_pulse_width", 0.002),
            span=span,
        )
    ]


def tree(making: Making) -> Sequence[Part]:
    """26 LEDs: their resistors must be large for all of them to be on at once."""
    pins = making.get("pins_dict", {})
    return [Led(making.number(pin), resistor=1_000.0) for pin in pins.values()]


def seven_segment(making: Making) -> Sequence[Part]:
    pins = making.get("pins", ())  # gpiozero's constructor puts names to them on its way
    named = dict(pins) if isinstance(pins, dict) else dict(zip(ascii_lowercase, pins, strict=False))
    segments = {name: making.number(pin) for name, pin in named.items() if name != "dp"}
    if len(segments) != 7:
        return ()  # an LED for each segment, as its children
    if making.get("dp", None) is not None:
        segments["dp"] = making.gpio("dp")
    return [SevenSegment(segments, active_high=making.get("active_high", True))]


def characters(making: Making) -> Sequence[Part]:
    """The characters take turns: one display in place of the single character's."""
    char = making.get("char", None)
    single = next((part for part in making.board.parts.on(making.number(char[0].pin.info.name))), None)
    if not isinstance(single, SevenSegment) or single.digits:
        return ()
    making.board.remove(single)
    pins = {segment: single.pins[segment] for segment in single.segments}
    return [SevenSegment(pins, digits=making.gpios("pins"), active_high=char.active_high)]


def sockets(making: Making) -> Sequence[Part]:
    return [EnergenieSockets()]


def converter(making: Making) -> Sequence[Part]:
    pins: dict[str, Any] = making.spi_pins()
    model = next(parent.__name__ for parent in type(making.device).__mro__ if parent.__name__ in MODELS)
    adc = next((part for part in making.board.parts.on(pins["select"] or 0)), None)
    made: list[Part] = []
    if adc is None:
        adc = Mcp3xxx(model, **pins, reference=making.get("max_voltage", 3.3))
        made.append(adc)
    channel = making.get("channel", 0)
    # What a circuit or a scenario brought stays as it was declared: an input without anything reads 0.
    is_ours = bool(made) or adc.name in making.factory.defaults
    if is_ours and isinstance(adc, Mcp3xxx) and channel not in adc.channels:
        pot = Potentiometer(name=f"pot{channel}" if adc.name == "adc8" else f"{adc.name}pot{channel}")
        adc.connect(channel, pot)
        made.append(pot)
    return made
