"""A circuit as a network: who is connected to whom, through how many ohms, and what voltage that makes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

from labkit.circuits.circuit import Circuit
from labkit.circuits.header import Header
from labkit.circuits.mesh import Mesh
from labkit.parts.elements import Contact, Element, Resistance, Source
from labkit.parts.nodes import RAILS, gpio_number
from labkit.sim.net import FIXED_PULL_OHMS, OUTPUT_OHMS, VDD

__all__ = ["PIN_OHMS", "WIRE_OHMS", "Network", "number_in"]

PIN_OHMS = OUTPUT_OHMS
CLOSED_OHMS = 0.1
WIRE_OHMS = 1.0
"""Less is a bare wire."""

ElementT = TypeVar("ElementT", bound=Element)


class Network:
    """The electrical side of a circuit, for the rules of the lint.

    Attributes:
        circuit: What it is of.
        header: Where it is wired to.
        driven: The GPIO nets that the program drives, and the parts for which it does so.
        read: The GPIO nets that it reads, and the parts.
    """

    def __init__(self, circuit: Circuit, header: Header) -> None:
        self.circuit = circuit
        self.header = header
        self._elements = [
            (name, element)
            for name, part in circuit.items()
            for piece in part.pieces(name)
            for element in piece.elements
        ]
        self.driven: dict[str, list[str]] = defaultdict(list)
        self.read: dict[str, list[str]] = defaultdict(list)
        for name, part in circuit.items():
            for nets, users in ((part.driven, self.driven), (part.read, self.read)):
                for net in nets:
                    users[net].append(name)

    def all(self, kind: type[ElementT]) -> Iterator[tuple[str, ElementT]]:
        """The elements of a kind, each with the name of its part."""
        for name, element in self._elements:
            if isinstance(element, kind):
                yield name, element

    def users(self, net: str) -> list[str]:
        """The parts for which a GPIO net is driven or read, in the circuit's order."""
        both = {*self.driven.get(net, ()), *self.read.get(net, ())}
        return [name for name in self.circuit if name in both]

    def is_fixed(self, net: str | None) -> bool:
        """Its voltage is given: a supply's, or a pin's that the program drives."""
        return net in RAILS or net in self.driven

    def joined(self, net: str) -> set[str]:
        """The nets that bare wires make one with it, itself included."""
        found, waiting = {net}, [net]
        while waiting:
            here = waiting.pop()
            for _, wire in self.all(Resistance):
                if wire.ohms < WIRE_OHMS and here in (wire.one, wire.other):
                    there = wire.other if here == wire.one else wire.one
                    if there is not None and there not in found:
                        found.add(there)
                        waiting.append(there)
        return found

    def fixed_from(self, net: str | None) -> dict[str, float]:
        """The supplies and driven pins that a net is connected to through resistors, and through how many ohms.

        Contacts count as closed. A pin's own resistance is part of it.
        """
        if net is None:
            return {}
        found: dict[str, float] = {}
        waiting: list[tuple[float, str]] = [(0.0, net)]
        seen: set[str] = set()
        while waiting:
            ohms, here = heapq.heappop(waiting)
            if here in seen:
                continue
            seen.add(here)
            if self.is_fixed(here):
                found[here] = ohms + (PIN_OHMS if here not in RAILS else 0.0)
                continue
            for there, more in self._neighbours(here):
                heapq.heappush(waiting, (ohms + more, there))
        return found

    def _neighbours(self, net: str) -> Iterator[tuple[str, float]]:
        for _, element in self._elements:
            if isinstance(element, Resistance | Contact) and net in (element.one, element.other):
                there = element.other if net == element.one else element.one
                if there is not None:
                    yield there, element.ohms if isinstance(element, Resistance) else CLOSED_OHMS

    def volts(self, *, high: bool, closed: bool) -> dict[str, float]:
        """The voltage of every net with nobody driving pins, outputs of parts all high or all low.

        Args:
            high: What the parts' outputs are.
            closed: What the contacts are.
        """
        mesh = Mesh(RAILS)
        for _, element in self._elements:
            if isinstance(element, Resistance):
                mesh.connect(element.one, element.other, max(element.ohms, CLOSED_OHMS))
            elif isinstance(element, Contact) and closed:
                mesh.connect(element.one, element.other, CLOSED_OHMS)
            elif isinstance(element, Source):
                mesh.drive(element.net, element.volts if high else 0.0, max(element.ohms, CLOSED_OHMS))
        for net in self.header.pulled_up:
            mesh.drive(net, VDD, FIXED_PULL_OHMS)
        return mesh.volts()

    def is_held(self, net: str) -> bool:
        """Something holds a net at a level while contacts are open: a resistor, an output, the board's own pull."""
        sources = {source.net for _, source in self.all(Source)}
        seen, waiting = {net}, [net]
        while waiting:
            here = waiting.pop()
            if here in sources or here in self.header.pulled_up or here in RAILS:
                return True
            for _, resistance in self.all(Resistance):
                if here in (resistance.one, resistance.other):
                    there = resistance.other if here == resistance.one else resistance.one
                    if there is not None and there not in seen:
                        seen.add(there)
                        waiting.append(there)
        return False

    def gpio_nets(self) -> list[str]:
        """Every GPIO net that a part of the circuit is connected to, in the order of their numbers."""
        nets = {terminal.net for piece in self.circuit.pieces for terminal in piece.terminals.values()}
        return sorted((net for net in nets if net and gpio_number(net) is not None), key=number_in)


def number_in(net: str) -> int:
    """The GPIO number of a net, to sort by; supplies and inner nets come first."""
    number = gpio_number(net)
    return -1 if number is None else number
