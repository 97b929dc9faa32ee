"""A circuit in words: what one needs, and how to put it together step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labkit.circuits.circuit import Circuit
from labkit.circuits.drawing.colours import bands, wire_colours
from labkit.circuits.layout.places import RAIL_NAMES, End, HeaderEnd, ModuleEnd, RailHole
from labkit.circuits.layout.placing import FULL_ROWS, HALF_ROWS
from labkit.circuits.layout.plan import Drawn, Placed, Plan
from labkit.parts.pieces import Piece, farads_text

__all__ = ["Need", "Step", "called", "needs", "spoken", "steps"]

BOARDS = {HALF_ROWS: "half-size breadboard, 400 holes", FULL_ROWS: "full-size breadboard, 830 holes"}
FEMALE_MALE, MALE_MALE = "jumper wire, female to male", "jumper wire, male to male"
CABLES = {"power": FEMALE_MALE, "header": FEMALE_MALE, "lead": FEMALE_MALE}
ORDER = ("bridge", "link", "lead", "header", "rail", "board", "power")
"""Wires in the order in which they are put in: power comes last."""


@dataclass(frozen=True)
class Need:
    """One line of the list of parts: how many of what, and for which parts of the circuit."""

    quantity: int
    what: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        text: What to do, in a sentence.
        target: What of the picture it is about: `"piece red"`, `"wire 3"`; empty for none in particular.
    """

    text: str
    target: str = ""


def needs(plan: Plan) -> list[Need]:
    """Everything that it takes: boards, pieces, jumper wires."""
    found: dict[str, list[str]] = {}
    for placed in plan.pieces:
        if placed.piece.look != "jumper":
            found.setdefault(_with_value(placed.piece), []).append(placed.part)
    boards = list(plan.geometry.boards)
    cables = [CABLES.get(drawn.wire.kind, MALE_MALE) for drawn in plan.wires]
    cables += [MALE_MALE for placed in plan.pieces if placed.piece.look == "jumper"]
    return [
        *(Need(boards.count(rows), BOARDS[rows]) for rows in sorted(set(boards), reverse=True)),
        *(Need(len(parts), what, tuple(dict.fromkeys(parts))) for what, parts in found.items()),
        *(Need(cables.count(kind), kind) for kind in (FEMALE_MALE, MALE_MALE) if kind in cables),
    ]


def steps(plan: Plan) -> list[Step]:
    """How to put it together: pieces from the top row down, then each wire, power last."""
    return [
        Step("Shut the Raspberry Pi down and unplug it: never wire what is powered."),
        Step(_laid(plan)),
        *(Step(_put_in(placed, plan), f"piece {placed.piece.name}") for placed in plan.pieces),
        *(Step(text, f"wire {index}") for index, text in _wires(plan)),
        *_rail_note(plan),
        Step("Compare everything with the picture, then plug the Raspberry Pi in."),
    ]


def called(end: End, plan: Plan) -> str:
    """What one calls the place where a wire ends: "header pin 11 (GPIO17)", "a5"."""
    if isinstance(end, HeaderEnd):
        net = next(pin.net for pin in plan.geometry.header.pins if pin.number == end.number)
        return f"header pin {end.number} ({net})"
    if isinstance(end, ModuleEnd):
        return f"{end.terminal} of {end.piece}"
    board = f" of board {end.board + 1}" if len(plan.geometry.boards) > 1 else ""
    if isinstance(end, RailHole):
        return f"{RAIL_NAMES[end.rail]}{board}"
    return f"{end.column}{end.row}{board}"


def spoken(circuit: Circuit) -> str:
    """The picture's name for those who can't see it."""
    listed = ", ".join(f"{name} ({part.title})" for name, part in circuit.items())
    title = f"{circuit.title}: " if circuit.title else ""
    return f"{title}wiring of {listed}" if listed else f"{title}an empty circuit"


def _with_value(piece: Piece) -> str:
    if piece.look == "resistor":
        rings = ", ".join(name for name, _ in bands(piece.traits["ohms"]))
        return f"{piece.label} ({rings})" if rings else piece.label
    if piece.look == "capacitor":
        return f"{piece.label} {farads_text(piece.traits['farads'])}"
    return piece.label


def _laid(plan: Plan) -> str:
    boards = plan.geometry.boards
    which = "the breadboard" if len(boards) == 1 else f"the {len(boards)} breadboards one below the other"
    return f"Lay {which} beside the Pi, row 1 away from you and column a towards the Pi's pins."


def _put_in(placed: Placed, plan: Plan) -> str:
    what = f"{placed.part}: {_with_value(placed.piece)}"
    if not placed.holes:
        return f"{what}: keep it beside the breadboard."
    if placed.piece.look == "dip":
        first, *_, last = sorted(placed.holes.items(), key=lambda one: _leg(placed.piece, one[0]))
        spots = " and ".join(
            f"{_leg_name(placed.piece, name)} in {called(holes[0], plan)}" for name, holes in (first, last)
        )
        return f"{what}: across the middle, its notch at the bottom: {spots}."
    spots = ", ".join(
        f"{_leg_name(placed.piece, name)} in {' and '.join(called(hole, plan) for hole in holes)}"
        for name, holes in placed.holes.items()
    )
    return f"{what}: {spots}."


def _leg(piece: Piece, terminal: str) -> int:
    return int(piece.terminals[terminal].note.removeprefix("leg "))


def _leg_name(piece: Piece, terminal: str) -> str:
    note = piece.terminals[terminal].note
    name = "one end" if terminal == "1" and len(piece.terminals) == 2 else terminal
    name = "the other" if terminal == "2" and len(piece.terminals) == 2 else name
    return f"{name} ({note})" if note else name


def _wires(plan: Plan) -> Iterator[tuple[int, str]]:
    colours = wire_colours(drawn.wire for drawn in plan.wires)
    numbered = sorted(enumerate(plan.wires), key=lambda one: ORDER.index(one[1].wire.kind))
    for index, drawn in numbered:
        yield index, _sentence(drawn, colours[drawn.wire.net][0], plan)


def _sentence(drawn: Drawn, colour: str, plan: Plan) -> str:
    wire = drawn.wire
    own = f"{wire.part}: " if wire.part else "power: "
    return f"{own}{colour} wire from {called(wire.start, plan)} to {called(wire.end, plan)}."


def _rail_note(plan: Plan) -> list[Step]:
    if FULL_ROWS not in plan.geometry.boards:
        return []
    return [
        Step("If the red and blue lines of your board are interrupted half-way, bridge each gap with a short wire.")
    ]
