"""Plain pieces: a resistor, a wire, and a module that labkit does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from labkit.errors import CircuitError
from labkit.parts import settings as s
from labkit.parts.base import Declared
from labkit.parts.elements import Element, Resistance, Source, Supplied
from labkit.parts.nodes import RAILS, Node, gpio_number, net_of
from labkit.parts.pieces import Piece, Terminal, module, resistor
from labkit.sim.part import Part
from labkit.sim.parts.resistors import Resistor as SimulatedResistor

__all__ = ["Module", "Resistor", "Wire"]

POSITIVE = ("VCC", "VDD", "VIN", "V+", "+", "5V", "3V3", "3.3V", "VS", "VM")
NEGATIVE = ("GND", "VSS", "V-", "-", "G", "0V")


class Link(Declared):
    """Two nodes that are connected."""

    a: Any
    b: Any

    def _simulated(self, name: str, ohms: float) -> list[Part]:
        ends: list[Any] = [gpio_number(node) if gpio_number(node) is not None else node for node in (self.a, self.b)]
        if ends[0] == ends[1] or None in ends or (ends[0] in RAILS and ends[1] in RAILS):
            return []
        return [SimulatedResistor(ends[0], ends[1], ohms=ohms, name=name)]


@dataclass(frozen=True)
class Resistor(Link):
    """A resistor between two nodes: a pull-up is `Resistor(17, "3V3", ohms=10_000)`."""

    title: ClassVar[str] = "resistor"

    a: Node = s.node()
    b: Node = s.node()
    ohms: float = s.number(10_000.0, "Ω", low=1.0)

    def pieces(self, name: str) -> list[Piece]:
        return [resistor(name, self.ohms, ("d0", self.a), ("d4", self.b))]

    def simulated(self, name: str) -> list[Part]:
        return self._simulated(name, self.ohms)


@dataclass(frozen=True)
class Wire(Link):
    """A wire between two nodes: `Wire(17, 27)` lets one pin hear what another says."""

    title: ClassVar[str] = "wire"

    a: Node = s.node()
    b: Node = s.node()

    def pieces(self, name: str) -> list[Piece]:
        ends = {"1": Terminal(self.a, ("d0",)), "2": Terminal(self.b, ("d1",))}
        return [Piece(name, "jumper", "jumper wire, short", ends, (Resistance(self.a, self.b, 0.1),))]

    def simulated(self, name: str) -> list[Part]:
        return self._simulated(name, 0.1)


def _module_node(value: Any) -> Any:
    return None if value is None else net_of(value)


@dataclass(frozen=True)
class Module(Declared):
    """Any module that labkit does not know: drawn and checked, not simulated.

    `Module("BME280", pins={"VIN": "3V3", "GND": "GND", "SCL": 3, "SDA": 2})`. Pins named in `outputs` drive what they
    are connected to, with `volts`.
    """

    title: ClassVar[str] = "module"
    reads: ClassVar[tuple[str, ...]] = ("_outputs",)

    label: str = s.text()
    pins: dict[str, Node] = s.mapping(str, _module_node, "{VCC: 3V3, GND: GND, OUT: 17}")
    outputs: tuple[str, ...] = s.sequence(str, "names of its pins", default=())
    volts: float = s.number(3.3, "V", high=50.0)
    milliamps: float = s.number(10.0, "mA")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.pins:
            raise CircuitError("Module: pins: none at all; a module has some.")
        for output in self.outputs:
            if output not in self.pins:
                raise CircuitError(f"Module: outputs: it has no pin {output!r}; it has {', '.join(self.pins)}.")

    @property
    def _outputs(self) -> tuple[Any, ...]:
        return tuple(self.pins[output] for output in self.outputs)

    def pieces(self, name: str) -> list[Piece]:
        positive = [net for pin, net in self.pins.items() if pin.upper() in POSITIVE]
        negative = [pin for pin in self.pins if pin.upper() in NEGATIVE]
        does: list[Element] = [Source(net, self.volts, 100.0) for net in self._outputs]
        if positive and negative:
            does.append(Supplied(positive[0], self.pins[negative[0]], self.milliamps))
        return [module(name, "module", self.label, list(self.pins.items()), tuple(does), grounds=negative)]
