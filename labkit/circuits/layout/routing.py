"""Which wires there are, and where each begins and ends."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from labkit.circuits.header import Header
from labkit.circuits.layout.places import (
    RAIL_NETS,
    End,
    HalfRow,
    HeaderEnd,
    Hole,
    ModuleEnd,
    Rail,
    RailHole,
    Side,
)
from labkit.circuits.layout.placing import Placing
from labkit.parts.nodes import GROUND, RAILS, gpio_number

__all__ = ["Wire", "route"]

Kind = Literal["power", "header", "rail", "bridge", "link", "lead", "board"]
SLOTS: dict[Side, str] = {"L": "ab", "R": "ji"}
"""The holes of a half-row that wires may end in, outermost first."""


@dataclass(frozen=True)
class Wire:
    """One wire.

    Attributes:
        net: What it carries.
        kind: "power" header to rail, "header" header to row, "rail" row to rail, "bridge" across the middle, "link" row
            to row, "lead" to something beside the board, "board" from one board's rail to the next one's.
        start: Where it begins.
        end: Where it ends.
        slots: For a row's end, the place in which it leaves the row: 0 straight, 1 a little lower.
        part: Whose it is; empty for power.
    """

    net: str
    kind: Kind
    start: End
    end: End
    slots: tuple[int, int] = (0, 0)
    part: str = ""


@dataclass
class _Router:
    placing: Placing
    header: Header
    wires: list[Wire] = field(default_factory=list)
    used: dict[HalfRow, int] = field(default_factory=dict)
    rails: dict[Rail, int] = field(default_factory=dict)

    def route(self) -> list[Wire]:
        self._leads()
        self._bridges()
        accesses: dict[str, list[tuple[HalfRow, str]]] = defaultdict(list)
        for block in self.placing.blocks:
            for access in block.accesses:
                board, row = self.placing.at(block, access.row)
                accesses[access.net].append((HalfRow(board, row, access.side), block.name))
        for net in RAILS:
            for half, part in accesses[net]:
                self._to_rail(net, half, part)
        for net, halves in accesses.items():
            if net not in RAILS:
                self._chain(net, halves)
        self._links()
        return [*self._power(), *self.wires]

    def _leads(self) -> None:
        for block in self.placing.blocks:
            for lead in block.leads:
                board, row = self.placing.at(block, lead.row)
                start = ModuleEnd(lead.piece, lead.terminal)
                if lead.is_rail:
                    end: End = self._rail_hole("R-" if lead.net == GROUND else "R+", board, row)
                else:
                    end = self._hole(HalfRow(board, row, "R"))[0]
                self.wires.append(Wire(lead.net, "lead", start, end, part=block.name))

    def _bridges(self) -> None:
        for block in self.placing.blocks:
            for bridge in block.bridges:
                board, row = self.placing.at(block, bridge.row)
                ends = Hole(board, row, bridge.left), Hole(board, row, bridge.right)
                self.wires.append(Wire(bridge.net, "bridge", *ends, part=block.name))

    def _to_rail(self, net: str, half: HalfRow, part: str) -> None:
        rail = next(rail for rail, carries in RAIL_NETS.items() if carries == net and rail[0] == half.side)
        hole, slot = self._hole(half)
        end = self._rail_hole(rail, half.board, half.row)
        self.wires.append(Wire(net, "rail", hole, end, (slot, 0), part))

    def _chain(self, net: str, halves: list[tuple[HalfRow, str]]) -> None:
        """From the header to the first row that needs it, and from row to row: a pin takes one wire only."""
        # Rows in which a jumper wire ends have one hole less to go on from: they come first and last.
        halves = sorted(halves, key=lambda one: one[0])
        ends = [one for one in halves if one[0] in self.used]
        middle = [one for one in halves if one[0] not in self.used]
        chain = [*ends[:1], *middle, *ends[1:]]
        pins = self.header.of(net)
        if pins and gpio_number(net) is not None:
            hole, slot = self._hole(chain[0][0])
            self.wires.append(Wire(net, "header", HeaderEnd(pins[0].number), hole, (0, slot), chain[0][1]))
        for (here, _), (there, part) in pairwise(chain):
            self._link(net, here, there, part)

    def _links(self) -> None:
        for block in self.placing.blocks:
            for link in block.links:
                here, there = (HalfRow(*self.placing.at(block, row), link.side) for row in link.rows)
                self._link(link.net, here, there, block.name)

    def _link(self, net: str, here: HalfRow, there: HalfRow, part: str) -> None:
        (start, first), (end, second) = self._hole(here), self._hole(there)
        self.wires.append(Wire(net, "link", start, end, (first, second), part))

    def _power(self) -> list[Wire]:
        """From the header to each rail in use, and on from board to board."""
        made = []
        free = {net: self.header.of(net) for net in RAILS}
        for rail, last in sorted(self.rails.items(), key=lambda one: list(RAIL_NETS).index(one[0])):
            pins = free[RAIL_NETS[rail]]
            pin = pins.pop(0) if len(pins) > 1 else pins[0]
            made.append(Wire(RAIL_NETS[rail], "power", HeaderEnd(pin.number), RailHole(0, rail, 1)))
            for board in range(last):
                size = self.placing.boards[board]
                ends = RailHole(board, rail, size), RailHole(board + 1, rail, 1)
                made.append(Wire(RAIL_NETS[rail], "board", *ends))
        return made

    def _hole(self, half: HalfRow) -> tuple[Hole, int]:
        """The next hole of a half-row for a wire, and its slot."""
        slot = self.used.get(half, 0)
        self.used[half] = slot + 1
        return Hole(half.board, half.row, SLOTS[half.side][slot]), slot

    def _rail_hole(self, rail: Rail, board: int, row: int) -> RailHole:
        self.rails[rail] = max(board, self.rails.get(rail, 0))
        return RailHole(board, rail, row)


def route(placing: Placing, header: Header) -> list[Wire]:
    """Every wire of a circuit, power first."""
    return _Router(placing, header).route()
