"""The whole plan of a circuit: boards, pieces in their holes, wires on their ways."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.circuits.circuit import Circuit
from labkit.circuits.layout.channels import paths, track_counts
from labkit.circuits.layout.geometry import Geometry, Point
from labkit.circuits.layout.places import Hole
from labkit.circuits.layout.placing import place
from labkit.circuits.layout.routing import Wire, route
from labkit.parts.pieces import Piece

__all__ = ["Drawn", "Placed", "Plan", "lay_out"]


@dataclass(frozen=True)
class Placed:
    """A piece in its place.

    Attributes:
        part: The part that it belongs to.
        piece: What it is.
        holes: Where the legs of each terminal are; none for a terminal with a jumper wire.
        leads: At which board and row the jumper wire of each other terminal leaves.
    """

    part: str
    piece: Piece
    holes: dict[str, tuple[Hole, ...]]
    leads: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Drawn:
    """A wire and the corners of its way, from start to end."""

    wire: Wire
    path: list[Point]


@dataclass(frozen=True)
class Plan:
    """Everything that a picture and a list of steps are made from.

    Attributes:
        circuit: What it is of.
        geometry: Where things are.
        pieces: In order from the top.
        wires: Power first.
        rows: The first and the last row of each part, by its name, as (board, row).
    """

    circuit: Circuit
    geometry: Geometry
    pieces: tuple[Placed, ...]
    wires: tuple[Drawn, ...]
    rows: dict[str, tuple[tuple[int, int], tuple[int, int]]]


def lay_out(circuit: Circuit) -> Plan:
    """Lay a circuit out; the same circuit always gives the same plan."""
    placing = place(circuit, circuit.header)
    wires = route(placing, circuit.header)
    geometry = Geometry(circuit.header, placing.boards, *track_counts(wires))
    pieces, rows = [], {}
    for block in placing.blocks:
        rows[block.name] = placing.at(block, 0), placing.at(block, block.rows - 1)
        for piece in block.pieces:
            holes, leads = {}, {}
            for terminal, end in piece.terminals.items():
                spots = [(*placing.at(block, int(spot[1:])), spot[0]) for spot in end.places]
                if spots[0][2] == ">":
                    leads[terminal] = spots[0][:2]
                else:
                    holes[terminal] = tuple(Hole(*spot) for spot in spots)
            pieces.append(Placed(block.name, piece, holes, leads))
    drawn = (Drawn(wire, path) for wire, path in zip(wires, paths(wires, geometry), strict=True))
    return Plan(circuit, geometry, tuple(pieces), tuple(drawn), rows)
