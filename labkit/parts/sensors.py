"""Sensors with a digital output: motion, a line, light on a capacitor, distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labkit.parts import settings as s
from labkit.parts.base import Declared, number_of
from labkit.parts.elements import Element, Resistance, Source, Supplied
from labkit.parts.nodes import FIVE_VOLTS, GROUND, RAILS, SUPPLY, Pin
from labkit.parts.pieces import Piece, Terminal, module, resistor
from labkit.sim.part import Part
from labkit.sim.parts import motion
from labkit.sim.parts.distance import HcSr04 as SimulatedHcSr04
from labkit.sim.parts.light import LdrCapacitor as SimulatedLdrCapacitor

__all__ = ["HcSr04", "LdrCapacitor", "LineSensor", "Pir"]

ECHO_OHMS = 100.0
UPPER_OHMS, LOWER_OHMS = 1_000.0, 2_000.0


@dataclass(frozen=True)
class Pir(Declared):
    """A passive infrared motion sensor (HC-SR501): runs on 5 V, says it with 3.3 V.

    `warm_up` is how long the simulated one is blind at first; a real one takes about a minute.
    """

    title: ClassVar[str] = "motion sensor"
    reads: ClassVar[tuple[str, ...]] = ("pin",)

    pin: Pin = s.pin()
    warm_up: float = s.number(0.0, "s")
    hold: float = s.number(3.0, "s")
    active_high: bool = s.flag(True)
    supply: str = s.supply(FIVE_VOLTS)

    def pieces(self, name: str) -> list[Piece]:
        leads = [("VCC", self.supply), ("OUT", self.pin), ("GND", GROUND)]
        does = (Supplied(self.supply, GROUND, 1.0, 4.5, 20.0), Source(self.pin, 3.3, motion.OUTPUT_OHMS))
        return [module(name, "pir", "motion sensor, HC-SR501", leads, does)]

    def simulated(self, name: str) -> list[Part]:
        pin = number_of(self.pin)
        return [motion.Pir(pin, warm_up=self.warm_up, hold=self.hold, active_high=self.active_high, name=name)]


@dataclass(frozen=True)
class LineSensor(Declared):
    """A reflective line sensor (TCRT5000 module): its output is as high as its supply, so 3.3 V."""

    title: ClassVar[str] = "line sensor"
    reads: ClassVar[tuple[str, ...]] = ("pin",)

    pin: Pin = s.pin()
    active_high: bool = s.flag(True)
    supply: str = s.supply(SUPPLY)

    def pieces(self, name: str) -> list[Piece]:
        leads = [("VCC", self.supply), ("GND", GROUND), ("DO", self.pin)]
        does = (
            Supplied(self.supply, GROUND, 25.0, 3.0),
            Source(self.pin, RAILS[self.supply], motion.OUTPUT_OHMS),
        )
        return [module(name, "line", "line sensor, TCRT5000", leads, does)]

    def simulated(self, name: str) -> list[Part]:
        return [motion.LineSensor(number_of(self.pin), active_high=self.active_high, name=name)]


@dataclass(frozen=True)
class LdrCapacitor(Declared):
    """A light-dependent resistor that charges a capacitor: gpiozero's LightSensor reads it without a converter."""

    title: ClassVar[str] = "light sensor"
    reads: ClassVar[tuple[str, ...]] = ("pin",)

    pin: Pin = s.pin()
    farads: float = s.number(1e-6, "F", low=1e-9)
    lux: float | None = s.number(None, "lx", none="as bright as the surroundings")

    def pieces(self, name: str) -> list[Piece]:
        ldr = {"1": Terminal(SUPPLY, ("d0",)), "2": Terminal(self.pin, ("d2",))}
        capacitor = {
            "1": Terminal(self.pin, ("c2",), "long leg"),
            "2": Terminal(GROUND, ("c4",), "short leg", is_ground=True),
        }
        lit = (Resistance(SUPPLY, self.pin, 5_000.0),)
        return [
            Piece(name, "ldr", "light-dependent resistor, GL5528", ldr, lit),
            Piece(f"{name}.capacitor", "capacitor", "capacitor", capacitor, traits={"farads": self.farads}),
        ]

    def simulated(self, name: str) -> list[Part]:
        return [SimulatedLdrCapacitor(number_of(self.pin), farads=self.farads, lux=self.lux, name=name)]


@dataclass(frozen=True)
class HcSr04(Declared):
    """An ultrasonic distance sensor: its echo is 5 V, so 1 kΩ and 2 kΩ divide it down to what a pin stands.

    `divider=False` is one without, which the lint refuses.
    """

    title: ClassVar[str] = "distance sensor"
    drives: ClassVar[tuple[str, ...]] = ("trigger",)
    reads: ClassVar[tuple[str, ...]] = ("echo",)

    echo: Pin = s.pin()
    trigger: Pin = s.pin()
    divider: bool = s.flag(True)
    distance: float | None = s.number(0.5, "m", none="nothing in front of it")
    temperature: float | None = s.number(None, "°C", low=-273.0, none="as warm as the surroundings")
    noise: float = s.number(0.0, "m")

    def pieces(self, name: str) -> list[Piece]:
        echo = f"{name}.echo" if self.divider else self.echo
        leads = [("VCC", FIVE_VOLTS), ("TRIG", self.trigger), ("ECHO", echo), ("GND", GROUND)]
        does: tuple[Element, ...] = (Supplied(FIVE_VOLTS, GROUND, 15.0, 4.5), Source(echo, 5.0, ECHO_OHMS))
        found = [module(name, "ranger", "distance sensor, HC-SR04", leads, does)]
        if self.divider:
            found += [
                resistor(f"{name}.upper", UPPER_OHMS, ("d2", self.echo), ("g2", f"{name}.echo")),
                resistor(f"{name}.lower", LOWER_OHMS, ("c2", self.echo), ("c6", GROUND)),
            ]
        return found

    def simulated(self, name: str) -> list[Part]:
        return [
            SimulatedHcSr04(
                number_of(self.echo), number_of(self.trigger), distance=self.distance, temperature=self.temperature,
                noise=self.noise, divider=self.divider, name=name,
            )
        ]  # fmt: skip
