"""A circuit: named parts on pins, declared once, to be drawn, checked, simulated and shared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from labkit.circuits.header import Header, standard_header
from labkit.errors import CircuitError
from labkit.parts.analog import AnalogSensor, Mcp3xxx
from labkit.parts.base import Declared
from labkit.parts.nodes import RAILS
from labkit.parts.pieces import Piece
from labkit.sim.catalogue import nearest

if TYPE_CHECKING:
    from labkit.circuits.findings import Findings
    from labkit.circuits.layout.plan import Plan

__all__ = ["Circuit"]

TAKEN = ("host", "environment")
"""Names that mean something else on every bench."""


class Circuit(Mapping[str, Declared]):
    """Parts by name. `circuit["red"]` is the declaration; the simulated part is `bench.parts["red"]`.

    Frozen: change a circuit by declaring another one.

    Raises:
        CircuitError: Something in it is no part, has no proper name, or asks for a part that is not there.
    """

    def __init__(self, parts: Mapping[str, Declared], title: str = "") -> None:
        self._parts: Mapping[str, Declared] = MappingProxyType(_checked(dict(parts)))
        self.title = title
        self.header: Header = standard_header()
        """What it is wired to; the bench that it is on puts its own here."""
        self.show: Callable[[], Any] | None = None
        """Makes its live view; the bench that it is on puts it here."""

    @classmethod
    def load(cls, path: str | Path) -> Circuit:
        """Read a circuit from a YAML file.

        Raises:
            CircuitError: What is wrong, in which line, and what there is.
        """
        from labkit.circuits.files import read_circuit

        return read_circuit(Path(path))

    def save(self, path: str | Path) -> None:
        """Write it to a YAML file, which `load` reads."""
        from labkit.circuits.files import circuit_text

        Path(path).write_text(circuit_text(self), encoding="utf-8")

    def __getitem__(self, name: str) -> Declared:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Circuit) and (dict(self), self.title) == (dict(other), other.title)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<circuit: {', '.join(f'{name}: {type(part).__name__}' for name, part in self.items()) or 'empty'}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if self.show is not None:
            return self.show()._repr_mimebundle_(**kwargs)
        return {"text/plain": f"{self!r}\n{self.lint()}", "text/html": self.svg() + self.lint()._repr_html_()}

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """What one takes out of the box for all of it, part by part."""
        return tuple(piece for name, part in self.items() for piece in part.pieces(name))

    @cached_property
    def plan(self) -> Plan:
        """Where everything goes: boards, holes, wires. The same circuit always has the same plan."""
        from labkit.circuits.layout.plan import lay_out

        return lay_out(self)

    def svg(self) -> str:
        """The wiring picture: breadboard and header, every part in its holes, every wire, as an SVG document."""
        from labkit.circuits.drawing.sheet import draw

        return draw(self.plan)

    def needs(self) -> list[str]:
        """The list of parts: what one takes out of the box to build it, values and the resistors' colours included."""
        from labkit.circuits.words import needs

        return [f"{need.quantity} × {need.what}" for need in needs(self.plan)]

    def steps(self) -> list[str]:
        """How to build it, step by step, each in a sentence: every leg and every wire with its hole."""
        from labkit.circuits.words import steps

        return [step.text for step in steps(self.plan)]

    def lint(self) -> Findings:
        """What is wrong with it, or unwise, before anything is powered: the worst first; empty when all is well."""
        from labkit.circuits.lint import lint

        return lint(self, self.header)


def _checked(parts: dict[str, Any]) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for name, part in parts.items():
        _check_name(name)
        if not isinstance(part, Declared):
            raise CircuitError(_no_part(name, part), part=name)
        found[name] = part
    for name, part in list(found.items()):
        if isinstance(part, Mcp3xxx):
            found[name] = _with_named_sensors(name, part, found)
    return found


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise CircuitError(
            f"{name!r} can't be the name of a part: it takes letters, digits and _, such as red_led.", part=str(name)
        )
    if name in TAKEN or name.upper() in RAILS or re.fullmatch(r"(?i)(gpio|bcm|board)\d+", name):
        raise CircuitError(f"{name!r} can't be the name of a part: it means something else.", part=name)


def _no_part(name: str, part: Any) -> str:
    kind = part if isinstance(part, type) else type(part)
    if isinstance(part, type) and issubclass(part, Declared):
        return f"{name}: {part.__name__} needs its pins: write {part.__name__}(17)."
    if kind.__module__.startswith("gpiozero"):
        return (
            f"{name}: {kind.__name__} is a gpiozero device, which a program uses; a circuit is made of parts: "
            f"from labkit import parts, then parts.Led(17), parts.Servo(12), …"
        )
    return f"{name}: {part!r} is no part: write parts.Led(17) or another one from labkit.parts."


def _with_named_sensors(name: str, adc: Mcp3xxx, parts: dict[str, Declared]) -> Mcp3xxx:
    """The converter with its sensors by name: those that were given in place are named after it."""
    channels: dict[int, str] = {}
    for channel, sensor in adc.channels.items():
        called = f"{name}_{channel}" if isinstance(sensor, AnalogSensor) else sensor
        if isinstance(sensor, AnalogSensor):
            if called in parts:
                raise _wrong(name, channel, f"{called!r} is there already: name them yourself")
            parts[called] = sensor
        elif sensor not in parts:
            there = [other for other, part in parts.items() if isinstance(part, AnalogSensor)]
            hint = nearest(sensor, there) or f"; what can be connected: {', '.join(there) or 'nothing yet'}"
            raise _wrong(name, channel, f"there is no part {sensor!r}{hint}")
        elif not isinstance(parts[sensor], AnalogSensor):
            kind = type(parts[sensor]).__name__
            raise _wrong(name, channel, f"{sensor} is a {kind}, which gives no voltage to measure")
        channels[channel] = called
    return replace(adc, channels=channels)


def _wrong(name: str, channel: int, what: str) -> CircuitError:
    return CircuitError(f"{name}: channels: {channel}: {what}.", part=name, setting="channels")
