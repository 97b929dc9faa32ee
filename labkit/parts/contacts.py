"""Contacts that hands close: push buttons, switches and rotary encoders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from labkit.parts import settings as s
from labkit.parts.base import Declared, number_of
from labkit.parts.elements import Contact, Resistance, Supplied
from labkit.parts.nodes import GROUND, SUPPLY, Node, Pin
from labkit.parts.pieces import Piece, Terminal, module, resistor
from labkit.sim.part import Part
from labkit.sim.parts import buttons as sim
from labkit.sim.parts.knobs import Knob as SimulatedKnob
from labkit.sim.parts.resistors import Resistor as SimulatedResistor

__all__ = ["Knob", "PushButton", "Switch"]

KNOB_PULL_OHMS = 10_000.0


class Hand(Declared):
    """What a button and a switch share: which end goes where, and what pulls the pin while it is open."""

    pin: Any
    to: Any
    pull: Any
    bounces: int
    within: float

    @property
    def far(self) -> str | None:
        """The net at the other end: ground unless it is told otherwise."""
        return GROUND if self.to == "auto" else self.to

    @property
    def pull_net(self) -> str:
        """Where its pull resistor goes: to the other supply."""
        return s.opposite(self.far or GROUND)

    def _pull_pieces(self, name: str, row: int) -> list[Piece]:
        if not isinstance(self.pull, float):
            return []
        ends = (f"c{row}", self.pin), (f"c{row + 4}", self.pull_net)
        return [resistor(f"{name}.pull", self.pull, *ends)]

    def _simulated(self, kind: type[sim.PushButton] | type[sim.Switch], name: str) -> list[Part]:
        sides: dict[str | None, Literal["ground", "supply"]] = {GROUND: "ground", SUPPLY: "supply"}
        if self.far not in sides:
            return []
        pin = number_of(self.pin)
        made: list[Part] = [kind(pin, to=sides[self.far], bounces=self.bounces, within=self.within, name=name)]
        if isinstance(self.pull, float):
            rail: Any = self.pull_net
            made.append(SimulatedResistor(pin, rail, ohms=self.pull, name=f"{name}_pull"))
        return made


def _pull() -> Any:
    """Who holds the pin while the contact is open."""
    ohms = s.number(None, "Ω", low=100.0).metadata["read"]

    def read(value: Any) -> Any:
        return value if value in ("internal", None) else ohms(value)

    takes = "internal (the program switches the pin's own on), a resistor (Ω); nothing: none"
    return s.setting(read, takes, default="internal")


@dataclass(frozen=True)
class PushButton(Hand):
    """A push button between a pin and ground, or whatever `to` says.

    While it is open the pin's own pull resistor holds the pin, which gpiozero's `Button` switches on. `pull=10_000`
    is a resistor of one's own; `pull=None` none at all.
    """

    title: ClassVar[str] = "push button"
    reads: ClassVar[tuple[str, ...]] = ("pin",)

    pin: Pin = s.pin()
    to: Node | None = s.far_node()
    pull: float | str | None = _pull()
    bounces: int = s.whole(0)
    within: float = s.number(0.0016, "s")

    def pieces(self, name: str) -> list[Piece]:
        ends = {
            "1": Terminal(self.pin, ("e0", "f0")),
            "2": Terminal(self.far, ("f2", "e2"), is_ground=self.to in ("auto", None)),
        }
        pressed = (Contact(self.pin, self.far),)
        return [Piece(name, "button", "push button, 4 legs", ends, pressed), *self._pull_pieces(name, 0)]

    def simulated(self, name: str) -> list[Part]:
        return self._simulated(sim.PushButton, name)


@dataclass(frozen=True)
class Switch(Hand):
    """A slide switch between a pin and ground, or whatever `to` says; its third terminal stays free."""

    title: ClassVar[str] = "switch"
    reads: ClassVar[tuple[str, ...]] = ("pin",)

    pin: Pin = s.pin()
    to: Node | None = s.far_node()
    pull: float | str | None = _pull()
    bounces: int = s.whole(0)
    within: float = s.number(0.0016, "s")

    def pieces(self, name: str) -> list[Piece]:
        ends = {
            "1": Terminal(self.far, ("d0",), is_ground=self.to in ("auto", None)),
            "common": Terminal(self.pin, ("d1",), "middle leg"),
            "3": Terminal(None, ("d2",), is_unused=True),
        }
        closed = (Contact(self.pin, self.far),)
        return [Piece(name, "switch", "slide switch, 3 legs", ends, closed), *self._pull_pieces(name, 1)]

    def simulated(self, name: str) -> list[Part]:
        return self._simulated(sim.Switch, name)


@dataclass(frozen=True)
class Knob(Declared):
    """A rotary encoder module (KY-040), with or without its push button.

    The module pulls its contacts up to its supply: 3.3 V, for 5 V would come to the pins. `supply=None` is a bare
    encoder, whose contacts the pins' own pulls hold up.
    """

    title: ClassVar[str] = "rotary encoder"
    reads: ClassVar[tuple[str, ...]] = ("a", "b", "button")

    a: Pin = s.pin()
    b: Pin = s.pin()
    button: Pin | None = s.maybe_pin()
    supply: str | None = s.supply(SUPPLY, none="a bare encoder")
    bounces: int = s.whole(0)
    within: float = s.number(0.0005, "s")

    @property
    def is_bare(self) -> bool:
        """It has no supply, and no pulls of its own."""
        return self.supply is None

    def pieces(self, name: str) -> list[Piece]:
        button: list[tuple[str, Any]] = [] if self.button is None else [("SW", self.button)]
        power: list[tuple[str, Any]] = [] if self.is_bare else [("+", self.supply)]
        signals: list[Any] = [self.a, self.b]
        contacts = [Contact(net, GROUND) for _, net in (*zip("ab", signals, strict=True), *button)]
        pulls = [] if self.is_bare else [Resistance(net, self.supply, KNOB_PULL_OHMS) for net in signals]
        runs = [] if self.is_bare else [Supplied(self.supply, GROUND, 1.0)]
        names = ("A", "B") if self.is_bare else ("CLK", "DT")
        label = "rotary encoder, bare" if self.is_bare else "rotary encoder module, KY-040"
        leads = [*zip(names, signals, strict=True), *button, *power, ("GND", GROUND)]
        return [module(name, "knob", label, leads, (*contacts, *pulls, *runs))]

    def simulated(self, name: str) -> list[Part]:
        a, b = number_of(self.a), number_of(self.b)
        made: list[Part] = [SimulatedKnob(a, b, bounces=self.bounces, within=self.within, name=name)]
        if not self.is_bare:
            rail: Any = self.supply
            made += [SimulatedResistor(pin, rail, ohms=KNOB_PULL_OHMS, name=f"{name}_pull{pin}") for pin in (a, b)]
        if self.button is not None:
            made.append(sim.PushButton(number_of(self.button), to="ground", name=f"{name}_button"))
        return made
