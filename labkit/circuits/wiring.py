"""Puts a circuit on a simulated board, in place of default parts and of the circuit before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from labkit.circuits.circuit import Circuit
from labkit.circuits.header import header_of
from labkit.errors import CircuitError
from labkit.parts.analog import Mcp3xxx
from labkit.parts.base import Declared
from labkit.sim.board import Board
from labkit.sim.factory import SimulatedFactory
from labkit.sim.part import Part
from labkit.sim.parts import adc as sim
from labkit.sim.parts.resistors import Resistor

__all__ = ["circuit_on", "put_on", "unwire", "wire"]

WIRE_OHMS = 1.0


@dataclass
class _Wired:
    circuit: Circuit
    parts: dict[str, list[Part]]


_wired: WeakKeyDictionary[Board, _Wired] = WeakKeyDictionary()


def put_on(circuit: Circuit, factory: Any, show: Callable[[], Any]) -> None:
    """Have a circuit on a factory's pins: wired up where they are simulated. `show` makes its live view.

    Raises:
        CircuitError: As `wire`.
    """
    circuit.header = header_of(factory.board_info)
    if isinstance(factory, SimulatedFactory):
        wire(circuit, factory)
    circuit.show = show


def wire(circuit: Circuit, factory: SimulatedFactory) -> None:
    """Wire a circuit up; what was declared the same before stays, with what it was set to.

    Default parts on its pins make room, those on other pins stay. Devices need not be made again. Any thread.

    Raises:
        CircuitError: A part of that name is there which no circuit brought.
    """
    board = factory.board
    before = _wired.get(board, _Wired(Circuit({}), {}))
    kept = {name: parts for name, parts in before.parts.items() if _stays(name, circuit, before, board)}
    made = {name: part.simulated(name) for name, part in circuit.items() if name not in kept}
    _drop_redundant_wires([*kept.values(), *made.values()], made)
    _check_names(made.values(), before, factory)
    with board.hold():
        _remove(board, (part for name, parts in before.parts.items() if name not in kept for part in parts))
        for part in (part for parts in made.values() for part in parts):
            _make_room(factory, part)
            board.add(part)
        # As declared, and not as they were added: pictures and lists follow.
        _wired[board] = _Wired(circuit, {name: kept.get(name) or made[name] for name in circuit})
        _connect_channels(circuit, board)


def unwire(board: Board) -> None:
    """Take the circuit off, if there is one."""
    wired = _wired.pop(board, None)
    if wired is not None:
        with board.hold():
            _remove(board, (part for parts in wired.parts.values() for part in parts))


def circuit_on(board: Board) -> Circuit | None:
    """The circuit that is wired up."""
    wired = _wired.get(board)
    return wired.circuit if wired is not None else None


def _stays(name: str, circuit: Circuit, before: _Wired, board: Board) -> bool:
    if _physics(circuit.get(name)) != _physics(before.circuit.get(name)):
        return False
    there = before.parts[name]
    return bool(there) and all(board.parts.get(part.name) is part for part in there)


def _physics(part: Declared | None) -> Any:
    """What of a part the simulation depends on; a converter's channels are connected anew anyway."""
    if isinstance(part, Mcp3xxx):
        return type(part), part.settings() | {"channels": None}
    return part


def _drop_redundant_wires(all_parts: Iterable[list[Part]], made: dict[str, list[Part]]) -> None:
    """Leave out wires that close a ring: they connect nothing new, and in a ring each would hold up the next."""
    joined: dict[int, int] = {}

    def root(gpio: int) -> int:
        while joined.setdefault(gpio, gpio) != gpio:
            gpio = joined[gpio]
        return gpio

    for parts in all_parts:
        for part in list(parts):
            ends = list(part.pins.values())
            if not isinstance(part, Resistor) or part.ohms > WIRE_OHMS or len(ends) < 2:
                continue
            if root(ends[0]) == root(ends[1]):
                parts.remove(part)
            else:
                joined[root(ends[0])] = root(ends[1])


def _check_names(made: Iterable[list[Part]], before: _Wired, factory: SimulatedFactory) -> None:
    ours = {part.name for parts in before.parts.values() for part in parts} | set(factory.defaults)
    for part in (part for parts in made for part in parts):
        if part.name in factory.board.parts and part.name not in ours:
            there = factory.board.parts[part.name]
            raise CircuitError(f"{part.name}: the bench has another part of that name, {there!r}. Find a new name.")


def _make_room(factory: SimulatedFactory, part: Part) -> None:
    """Take off the default parts where this one comes, and what is connected to them."""
    there = [old for gpio in part.pins.values() for old in factory.board.parts.on(gpio)]
    if part.name in factory.board.parts:
        there.append(factory.board.parts[part.name])
    for old in there:
        connected = old.channels.values() if isinstance(old, sim.Mcp3xxx) else ()
        for one in (old, *connected):
            if isinstance(one, Part) and one.name in factory.defaults:
                del factory.defaults[one.name]
                factory.board.remove(one)


def _connect_channels(circuit: Circuit, board: Board) -> None:
    for name, part in circuit.items():
        if isinstance(part, Mcp3xxx):
            converter: Any = board.parts[name]
            converter.channels.clear()
            for channel, sensor in part.channels.items():
                converter.connect(channel, board.parts[sensor])


def _remove(board: Board, parts: Iterable[Part]) -> None:
    for part in parts:
        if board.parts.get(part.name) is part:
            board.remove(part)
