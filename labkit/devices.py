"""THE table: gpiozero's device classes, and the part that each gets when nothing is wired to its pins.

A device is plain gpiozero. When it reserves its pins, on a simulated bench, whose circuit has nothing on
them, it is given the part that one would wire up: an LED gets an LED, a Button a push button. Boards made
of other devices get theirs through those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_lowercase
from typing import Any

import gpiozero as gz

from labkit.clock import Clock
from labkit.making import Making, in_the_making
from labkit.sim import hostseam
from labkit.sim.board import Board
from labkit.sim.factory import SimulatedFactory
from labkit.sim.part import Part
from labkit.sim.parts.adc import Mcp3xxx
from labkit.sim.parts.analog import Potentiometer
from labkit.sim.parts.buttons import PushButton, Switch
from labkit.sim.parts.distance import HcSr04
from labkit.sim.parts.energenie import EnergenieSockets
from labkit.sim.parts.host import Host
from labkit.sim.parts.knobs import Knob
from labkit.sim.parts.leds import Led, RgbLed, SevenSegment
from labkit.sim.parts.light import LdrCapacitor
from labkit.sim.parts.motion import LineSensor, Pir
from labkit.sim.parts.motors import HBridgeMotor, PhaseEnableMotor
from labkit.sim.parts.servos import Servo
from labkit.sim.parts.sounders import Buzzer

__all__ = ["PARTS", "BenchFactory", "Maker", "row_of", "wire_default"]

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
    model = next(row.__name__ for row in type(making.device).__mro__ if PARTS.get(row) is converter)
    adc = next((part for part in making.board.parts.on(pins["select"] or 0)), None)
    made: list[Part] = []
    if adc is None:
        adc = Mcp3xxx(model, **pins, reference=making.get("max_voltage", 3.3))
        made.append(adc)
    channel = making.get("channel", 0)
    if isinstance(adc, Mcp3xxx) and channel not in adc.channels:
        pot = Potentiometer(name=f"pot{channel}" if adc.name == "adc8" else f"{adc.name}pot{channel}")
        adc.connect(channel, pot)
        made.append(pot)
    return made


PARTS: dict[Any, Maker] = {
    # Inputs
    gz.GPIODevice: switch,
    gz.InputDevice: switch,
    gz.DigitalInputDevice: switch,
    gz.SmoothedInputDevice: switch,
    gz.Button: button,
    gz.MotionSensor: pir,
    gz.LineSensor: line,
    gz.LightSensor: ldr,
    gz.DistanceSensor: ranger,
    gz.RotaryEncoder: knob,
    # Outputs
    gz.OutputDevice: led,
    gz.DigitalOutputDevice: led,
    gz.PWMOutputDevice: led,
    gz.LED: led,
    gz.PWMLED: led,
    gz.RGBLED: rgb_led,
    gz.Buzzer: buzzer,
    gz.TonalBuzzer: speaker,
    gz.Motor: motor,
    gz.PhaseEnableMotor: phase_motor,
    gz.Servo: servo,
    gz.AngularServo: servo,
    # SPI
    gz.SPIDevice: nothing,
    gz.AnalogInputDevice: nothing,
    gz.MCP3001: converter,
    gz.MCP3002: converter,
    gz.MCP3004: converter,
    gz.MCP3008: converter,
    gz.MCP3201: converter,
    gz.MCP3202: converter,
    gz.MCP3204: converter,
    gz.MCP3208: converter,
    gz.MCP3301: converter,
    gz.MCP3302: converter,
    gz.MCP3304: converter,
    # Boards
    gz.CompositeDevice: children,
    gz.CompositeOutputDevice: children,
    gz.ButtonBoard: children,
    gz.LEDCollection: children,
    gz.LEDBoard: children,
    gz.LEDBarGraph: children,
    gz.LEDCharDisplay: seven_segment,
    gz.LEDMultiCharDisplay: characters,
    gz.PiHutXmasTree: tree,
    gz.LedBorg: rgb_led,
    gz.PiLiter: children,
    gz.PiLiterBarGraph: children,
    gz.TrafficLights: children,
    gz.PiTraffic: children,
    gz.PiStop: children,
    gz.StatusZero: children,
    gz.StatusBoard: children,
    gz.SnowPi: children,
    gz.TrafficLightsBuzzer: children,
    gz.FishDish: children,
    gz.TrafficHat: children,
    gz.TrafficpHat: children,
    gz.Robot: children,
    gz.RyanteckRobot: children,
    gz.CamJamKitRobot: children,
    gz.PololuDRV8835Robot: children,
    gz.Energenie: sockets,
    gz.PumpkinPi: children,
    gz.JamHat: children,
    gz.Pibrella: children,
    # Internal
    gz.InternalDevice: host,
    gz.PolledInternalDevice: host,
    gz.CPUTemperature: host,
    gz.DiskUsage: host,
    gz.LoadAverage: host,
    gz.PingServer: host,
    gz.TimeOfDay: host,
}
"""A row for each public class; a subclass has its nearest ancestor's."""


def row_of(device_class: type) -> Maker:
    """The row of a device class, or of its nearest ancestor that has one."""
    return next((PARTS[parent] for parent in device_class.__mro__ if parent in PARTS), nothing)


def wire_default(factory: SimulatedFactory) -> None:
    """Give the devices being made right now their default parts, the outermost first.

    A part is wired only where its pins are free: no part on them, and no wire to another pin.
    """
    for making in in_the_making(factory):
        for part in row_of(type(making.device))(making):
            if all(_is_free(factory, gpio) for gpio in part.pins.values()):
                factory.board.add(part)


def _is_free(factory: SimulatedFactory, gpio: int) -> bool:
    if factory.board.parts.on(gpio) or len(factory.board.net(gpio).pins) > 1:
        return False
    return not any(pin.brings_circuit for pin in factory.pins.values() if pin.info.name == f"GPIO{gpio}")


class BenchFactory(SimulatedFactory):
    """The simulated pins with everything wired up by default: `GPIOZERO_PIN_FACTORY=labkit`."""

    def __init__(
        self,
        revision: str | None = None,
        pin_class: Any = None,
        *,
        board: Board | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(revision, pin_class, board=board, clock=clock, wire_default=wire_default)
        there = [part for part in self.board.parts.values() if isinstance(part, Host)]
        self._host = there[0] if there else self.board.add(Host(name="host"))
        hostseam.install(self._host)

    def close(self) -> None:
        super().close()
        hostseam.remove(self._host)
