"""What a part does electrically, as far as a look at the circuit before power needs it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Contact", "Element", "Junction", "Motor", "Resistance", "Sensed", "Source", "Supplied"]


@dataclass(frozen=True)
class Element:
    """One electrical property of a piece, between nets. A net of None is a terminal that goes nowhere."""


@dataclass(frozen=True)
class Resistance(Element):
    """A resistor, a coil, a wire (below 1 Ω).

    Attributes:
        is_load: It does something with the current: a buzzer's coil.
    """

    one: str | None
    other: str | None
    ohms: float
    is_load: bool = False


@dataclass(frozen=True)
class Junction(Element):
    """A light-emitting diode: current flows from anode to cathode, above so many volts."""

    anode: str | None
    cathode: str | None
    volts: float


@dataclass(frozen=True)
class Contact(Element):
    """Two nets that a hand connects now and then."""

    one: str | None
    other: str | None


@dataclass(frozen=True)
class Source(Element):
    """An output of a part: a voltage behind a resistance while it is high, 0 V while it is low.

    Attributes:
        shares: It lets go of the net while it is not asked, so that others may answer there.
    """

    net: str | None
    volts: float
    ohms: float
    shares: bool = False


@dataclass(frozen=True)
class Sensed(Element):
    """An analog input: it takes no current, and no more than so many volts."""

    net: str | None
    limit_volts: float


@dataclass(frozen=True)
class Supplied(Element):
    """What a part runs on: the most it takes, and between which voltages it works."""

    positive: str | None
    negative: str | None
    milliamps: float
    least_volts: float = 0.0
    most_volts: float = 5.5


@dataclass(frozen=True)
class Motor(Element):
    """A motor's own terminals, without a driver between."""

    one: str | None
    other: str | None
