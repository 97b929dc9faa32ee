"""One part's place on the breadboard, counted from its own first row: which half-rows it takes, and how they are fed.

A half-row carries one net. Ground comes from the rails of either side, 3.3 V and the header's pins from the left,
5 V from the right; wires between parts run on the right. Where a net is needed on the other side, a short wire
bridges the middle; where that side of the row is taken, a row of its own carries it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from labkit.circuits.layout.places import Side, side_of
from labkit.parts.nodes import FIVE_VOLTS, GROUND, SUPPLY, gpio_number
from labkit.parts.pieces import Piece

__all__ = ["Access", "Block", "Bridge", "Lead", "LocalHalf"]

LocalHalf = tuple[int, Side]
MODULE_ROWS = 3
"""What the picture of a module needs, however few pins it has."""


@dataclass(frozen=True)
class Access:
    """Where a net enters the block: a half-row that is to be fed."""

    net: str
    row: int
    side: Side


@dataclass(frozen=True)
class Bridge:
    """A short wire across the middle."""

    net: str
    row: int
    left: str
    right: str


@dataclass(frozen=True)
class Link:
    """A wire between two half-rows of one side: from a row that carries a net over, to where it is needed."""

    net: str
    side: Side
    rows: tuple[int, int]


@dataclass(frozen=True)
class Lead:
    """A jumper wire from something beside the board; `is_rail` where it goes to a rail, not to a half-row."""

    piece: str
    terminal: str
    net: str
    row: int
    is_rail: bool


class Island(NamedTuple):
    """Half-rows that a piece's own legs connect, so that one wire feeds them all."""

    net: str
    halves: frozenset[LocalHalf]


class Block:
    """One part.

    Attributes:
        name: Of the part.
        pieces: What it is made of.
        rows: How many rows it takes.
        accesses: Where nets enter.
        bridges: Wires across the middle.
        links: Wires within a side.
        leads: Jumper wires from beside the board.
    """

    def __init__(self, name: str, pieces: Iterable[Piece]) -> None:
        self.name = name
        self.pieces = tuple(pieces)
        self.rows = 0
        self.accesses: list[Access] = []
        self.bridges: list[Bridge] = []
        self.links: list[Link] = []
        self.leads: list[Lead] = []
        self._nets: dict[LocalHalf, str | None] = {}
        self._holes: set[tuple[int, str]] = set()
        self._together: list[set[LocalHalf]] = []
        for piece in self.pieces:
            for terminal, end in piece.terminals.items():
                self._take(piece.name, terminal, end.net, end.places)
            if _is_beside(piece):
                self.rows = max(self.rows, min(map(_row, _spots(piece))) + MODULE_ROWS)

    def islands(self) -> list[Island]:
        """The half-rows on a net, those that are connected already together; from the top row down."""
        found: list[Island] = []
        seen: set[LocalHalf] = set()
        for half, net in sorted(self._nets.items(), key=lambda one: one[0]):
            if net is None or half in seen:
                continue
            joined = {half}
            for group in self._together:
                if group & joined:
                    joined |= group
            seen |= joined
            found.append(Island(net, frozenset(joined)))
        return found

    def connect(self, shared: set[str]) -> None:
        """Work out how each net gets in. `shared` are the nets between parts that more than one island is on."""
        for island in self.islands():
            if island.net == GROUND:
                row, side = max(
                    island.halves, key=lambda half: (half[1] == "R" and half[0] not in self._rail_rows(), -half[0])
                )
                self.accesses.append(Access(GROUND, row, side))
            elif island.net == FIVE_VOLTS or island.net in shared:
                self._enter(island, "R")
            elif island.net == SUPPLY or gpio_number(island.net) is not None:
                self._enter(island, "L")

    def runs(self) -> list[range]:
        """Rows that no piece on the board reaches across: where a block that is too tall may be cut."""
        reach = list(range(self.rows))
        for first, last in self._spans():
            reach[first] = max(reach[first], last)
        found, start, end = [], 0, 0
        for row in range(self.rows):
            end = max(end, reach[row])
            if row == end:
                found.append(range(start, row + 1))
                start = end = row + 1
        return found

    def _take(self, piece: str, terminal: str, net: str | None, places: tuple[str, ...]) -> None:
        group: set[LocalHalf] = set()
        for place in places:
            row = _row(place)
            self.rows = max(self.rows, row + 1)
            if place[0] == ">":
                if net is not None:
                    is_rail = net in (GROUND, FIVE_VOLTS)
                    self.leads.append(Lead(piece, terminal, net, row, is_rail))
                    if not is_rail:
                        self._occupy((row, "R"), net)
                continue
            half = row, side_of(place[0])
            self._occupy(half, net)
            self._holes.add((row, place[0]))
            group.add(half)
        if len(group) > 1:
            self._together.append(group)

    def _occupy(self, half: LocalHalf, net: str | None) -> None:
        if self._nets.setdefault(half, net) != net:
            raise AssertionError(f"{self.name}: two nets in one half-row, {self._nets[half]} and {net}")

    def _enter(self, island: Island, side: Side) -> None:
        """Have a net come in from one side: where it is already, across the middle, or by a row of its own."""
        here = [row for row, there in sorted(island.halves) if there == side]
        if here:
            self.accesses.append(Access(island.net, here[0], side))
            return
        for row, _ in sorted(island.halves):
            if (row, side) not in self._nets and not (side == "R" and row in self._rail_rows()):
                self._bridge(row, island.net)
                self.accesses.append(Access(island.net, row, side))
                return
        row, other = min(island.halves)
        via = self.rows
        self.rows += 1
        self._bridge(via, island.net)
        self.links.append(Link(island.net, other, (row, via)))
        self.accesses.append(Access(island.net, via, side))

    def _bridge(self, row: int, net: str) -> None:
        left = next(column for column in "edc" if (row, column) not in self._holes)
        right = next(column for column in "fgh" if (row, column) not in self._holes)
        self.bridges.append(Bridge(net, row, left, right))
        sides: tuple[Side, Side] = ("L", "R")
        for side in sides:
            self._occupy((row, side), net)
        self._holes |= {(row, left), (row, right)}

    def _rail_rows(self) -> set[int]:
        """Rows at whose height a jumper wire runs to a rail on the right."""
        return {lead.row for lead in self.leads if lead.is_rail}

    def _spans(self) -> Iterator[tuple[int, int]]:
        for piece in self.pieces:
            rows = [_row(place) for place in _spots(piece) if place[0] != ">"]
            if rows:
                yield min(rows), max(rows)


def _spots(piece: Piece) -> list[str]:
    return [place for end in piece.terminals.values() for place in end.places]


def _is_beside(piece: Piece) -> bool:
    return any(place[0] == ">" for place in _spots(piece))


def _row(place: str) -> int:
    return int(place[1:])
