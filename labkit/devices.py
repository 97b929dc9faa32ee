"""THE table: gpiozero's device classes, and the part that each gets when nothing is wired to its pins.

A device is plain gpiozero. When it reserves its pins, on a simulated bench, whose circuit has nothing on
them, it is given the part that one would wire up: an LED gets an LED, a Button a push button. Boards made
of other devices get theirs through those.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

import gpiozero as gz
from gpiozero.exc import PinInvalidPin

from labkit.clock import Clock
from labkit.defaults import (
    Maker,
    button,
    buzzer,
    characters,
    children,
    converter,
    host,
    knob,
    ldr,
    led,
    line,
    motor,
    nothing,
    phase_motor,
    pir,
    ranger,
    rgb_led,
    servo,
    seven_segment,
    sockets,
    speaker,
    switch,
    tree,
)
from labkit.making import in_the_making
from labkit.sim import hostseam
from labkit.sim.board import Board
from labkit.sim.factory import SimulatedFactory
from labkit.sim.part import Part
from labkit.sim.parts.host import Host

__all__ = ["PARTS", "BenchFactory", "Maker", "row_of", "wire_default"]

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

    A part is wired only where its pins are free: no part on them, and no wire to another pin. The default
    part of a device that is closed makes room for another kind of part; for the same kind it stays, with what
    it was set to.
    """
    makings = in_the_making(factory)
    for making in makings:
        try:
            parts = row_of(type(making.device))(making)
        except PinInvalidPin:
            continue  # the constructor is about to say so itself, and better
        for part in parts:
            _make_room(factory, part, making.device, [each.device for each in makings])
            if all(_is_free(factory, gpio) for gpio in part.pins.values()):
                factory.defaults[factory.board.add(part).name] = ref(making.device)


def _make_room(factory: SimulatedFactory, part: Part, device: Any, in_the_making: list[Any]) -> None:
    for old in {old for gpio in part.pins.values() for old in factory.board.parts.on(gpio)}:
        if old.name not in factory.defaults:
            continue
        if type(old) is type(part) and old.pins == part.pins:
            factory.defaults[old.name] = ref(device)
            continue
        owner = factory.defaults[old.name]()
        if owner is None or (not any(owner is device for device in in_the_making) and owner.closed):
            factory.board.remove(old)
            del factory.defaults[old.name]


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
