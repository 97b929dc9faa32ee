"""What moves and sounds: servos, motors behind an H-bridge, buzzers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from labkit.parts import settings as s
from labkit.parts.base import Declared, number_of
from labkit.parts.elements import Element, Motor, Resistance, Supplied
from labkit.parts.nodes import FIVE_VOLTS, GROUND, SUPPLY, Node, Pin, pin_net
from labkit.parts.pieces import Piece, Terminal, module
from labkit.sim.part import Part
from labkit.sim.parts import motors, servos, sounders

__all__ = ["Buzzer", "HBridgeMotor", "PhaseEnableMotor", "Servo"]

SERVO_MILLIAMPS = 650.0
"""A TowerPro SG90 that is held fast."""
MOTOR_MILLIAMPS = 800.0
"""A TT gear motor that is held fast, at 5 V."""
BATTERY = "battery"


@dataclass(frozen=True)
class Buzzer(Declared):
    """A buzzer between a pin and ground: an active one sounds by itself, a passive one follows the pin's pulses."""

    title: ClassVar[str] = "buzzer"
    drives: ClassVar[tuple[str, ...]] = ("pin", "to")

    pin: Pin = s.pin()
    active: bool = s.flag(True)
    to: Node | None = s.far_node()

    @property
    def far(self) -> str | None:
        """The net at its minus."""
        return GROUND if self.to == "auto" else self.to

    def pieces(self, name: str) -> list[Piece]:
        ends = {
            "+": Terminal(self.pin, ("d0",), "long leg"),
            "-": Terminal(self.far, ("d3",), "short leg", is_ground=True),
        }
        coil = (Resistance(self.pin, self.far, sounders.COIL_OHMS, is_load=True),)
        return [Piece(name, "buzzer", f"buzzer, {'active' if self.active else 'passive'}", ends, coil)]

    def simulated(self, name: str) -> list[Part]:
        return [sounders.Buzzer(number_of(self.pin), active=self.active, name=name)] if self.far == GROUND else []


class Powered(Declared):
    """What needs more current than pins have: from the 5 V pins, or from a battery of its own."""

    supply: Any
    ground: Any

    def _positive(self, name: str) -> str:
        return f"{name}.battery" if self.supply == BATTERY else str(self.supply)

    def _negative(self) -> str | None:
        return GROUND if self.ground else None

    def _battery(self, name: str, row: int) -> list[Piece]:
        if self.supply != BATTERY:
            return []
        leads = [("+", f"{name}.battery"), ("-", self._negative())]
        return [module(f"{name}.battery", "battery", "battery box, 4 × AA", leads, row=row, grounds=("-",))]


@dataclass(frozen=True)
class Servo(Powered):
    """A hobby servo (SG90): its signal from a pin, its power from 5 V, or from a battery that shares the ground."""

    title: ClassVar[str] = "servo"
    drives: ClassVar[tuple[str, ...]] = ("pin",)

    pin: Pin = s.pin()
    min_pulse: float = s.number(0.001, "s")
    max_pulse: float = s.number(0.002, "s")
    span: float = s.number(180.0, "°")
    degrees_per_second: float = s.number(600.0, "°/s", low=1.0)
    supply: str = s.supply(FIVE_VOLTS, BATTERY)
    ground: bool = s.flag(True)

    def pieces(self, name: str) -> list[Piece]:
        positive, negative = self._positive(name), self._negative()
        leads = [("GND", negative), ("V+", positive), ("signal", self.pin)]
        runs = Supplied(positive, negative, SERVO_MILLIAMPS, 4.5, 6.0)
        return [module(name, "servo", "servo, SG90", leads, (runs,)), *self._battery(name, 4)]

    def simulated(self, name: str) -> list[Part]:
        return [
            servos.Servo(
                number_of(self.pin), min_pulse=self.min_pulse, max_pulse=self.max_pulse, span=self.span,
                degrees_per_second=self.degrees_per_second, name=name,
            )
        ]  # fmt: skip


class Driven(Powered):
    """What both kinds of motors share: their driver's power, and the encoder on their shaft."""

    driver: Any
    encoder: Any

    def _bridge(self, name: str, inputs: list[tuple[str, Any]]) -> list[Piece]:
        positive, negative = self._positive(name), self._negative()
        shaft = list(zip(("ENC A", "ENC B"), self.encoder, strict=True)) if self.encoder else []
        logic = [("VCC", SUPPLY)] if self.encoder or self.driver == "DRV8835" else []
        leads = [*inputs, *shaft, *logic, ("VM", positive), ("GND", negative)]
        does: list[Element] = [Supplied(positive, negative, MOTOR_MILLIAMPS, 2.7, 11.0)]
        if logic:
            does.append(Supplied(SUPPLY, negative, 10.0))
        label = f"DC motor{' with encoder' if self.encoder else ''} and motor driver, {self.driver}"
        bridge = module(name, "motor", label, leads, tuple(does), word=self.driver)
        return [bridge, *self._battery(name, len(leads) + 1)]


def _encoder() -> Any:
    pair = s.sequence(pin_net, "two pins, A and B", default=()).metadata["read"]

    def read(value: Any) -> Any:
        pins = () if value is None else pair(value)
        if len(pins) not in (0, 2):
            raise ValueError(f"{len(pins)} pins: an encoder has two, A and B")
        return pins or None

    return s.setting(read, "two pins, A and B; nothing: none", default=None)


@dataclass(frozen=True)
class HBridgeMotor(Driven):
    """A DC motor on an H-bridge with a pin for each direction (DRV8833, L9110S, L298N).

    `driver=None` is a motor between two bare pins, which the lint refuses.
    """

    title: ClassVar[str] = "motor"
    drives: ClassVar[tuple[str, ...]] = ("forward", "backward", "enable")
    reads: ClassVar[tuple[str, ...]] = ("encoder",)

    forward: Pin = s.pin()
    backward: Pin = s.pin()
    enable: Pin | None = s.maybe_pin()
    max_rpm: float = s.number(200.0, "1/min")
    tau: float = s.number(0.1, "s", low=0.001)
    encoder: tuple[Pin, Pin] | None = _encoder()
    cycles: int = s.whole(20)
    driver: str | None = s.choice("DRV8833", "DRV8833", "L9110S", "L298N", "TB6612", None)
    supply: str = s.supply(FIVE_VOLTS, BATTERY)
    ground: bool = s.flag(True)

    def pieces(self, name: str) -> list[Piece]:
        if self.driver is None:
            leads = [("+", self.forward), ("-", self.backward)]
            return [module(name, "baremotor", "DC motor", leads, (Motor(self.forward, self.backward),), grounds=())]
        enable = [("EN", self.enable)] if self.enable is not None else []
        return self._bridge(name, [("IN1", self.forward), ("IN2", self.backward), *enable])

    def simulated(self, name: str) -> list[Part]:
        pair = self.encoder
        return [
            motors.HBridgeMotor(
                number_of(self.forward), number_of(self.backward),
                enable=None if self.enable is None else number_of(self.enable),
                encoder=None if pair is None else (number_of(pair[0]), number_of(pair[1])),
                max_rpm=self.max_rpm, tau=self.tau, cycles=self.cycles, name=name,
            )
        ]  # fmt: skip


@dataclass(frozen=True)
class PhaseEnableMotor(Driven):
    """A DC motor on an H-bridge with a direction and a speed pin (DRV8835)."""

    title: ClassVar[str] = "motor"
    drives: ClassVar[tuple[str, ...]] = ("phase", "enable")
    reads: ClassVar[tuple[str, ...]] = ("encoder",)

    phase: Pin = s.pin()
    enable: Pin = s.pin()
    max_rpm: float = s.number(200.0, "1/min")
    tau: float = s.number(0.1, "s", low=0.001)
    encoder: tuple[Pin, Pin] | None = _encoder()
    cycles: int = s.whole(20)
    driver: str = s.choice("DRV8835", "DRV8835")
    supply: str = s.supply(FIVE_VOLTS, BATTERY)
    ground: bool = s.flag(True)

    def pieces(self, name: str) -> list[Piece]:
        return self._bridge(name, [("PH", self.phase), ("EN", self.enable)])

    def simulated(self, name: str) -> list[Part]:
        pair = self.encoder
        return [
            motors.PhaseEnableMotor(
                number_of(self.phase), number_of(self.enable),
                encoder=None if pair is None else (number_of(pair[0]), number_of(pair[1])),
                max_rpm=self.max_rpm, tau=self.tau, cycles=self.cycles, name=name,
            )
        ]  # fmt: skip
