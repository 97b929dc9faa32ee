"""Puts the parts' blocks on boards, one under the other, in the order in which their wires leave the header."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.circuits.circuit import Circuit
from labkit.circuits.header import Header
from labkit.circuits.layout.blocks import Block
from labkit.parts.analog import AnalogSensor, Mcp3xxx

__all__ = ["FULL_ROWS", "HALF_ROWS", "Placing", "place"]

HALF_ROWS, FULL_ROWS = 30, 63
"""Breadboards with 400 and 830 holes."""
GAP = 1
SPARE = 2
"""The first row is for the wires that bring power, the last for those that take it to the next board."""


@dataclass(frozen=True)
class Placing:
    """Which row of which board each row of each block is.

    Attributes:
        blocks: In their order from the top.
        boards: How many rows each board has.
        rows: Board (from 0) and row (from 1) by block and the block's own row.
    """

    blocks: tuple[Block, ...]
    boards: tuple[int, ...]
    rows: dict[tuple[str, int], tuple[int, int]]

    def at(self, block: Block, row: int) -> tuple[int, int]:
        return self.rows[block.name, row]


def place(circuit: Circuit, header: Header) -> Placing:
    """Blocks for all parts, each with its nets connected, on as many boards as it takes."""
    blocks = [Block(name, circuit[name].pieces(name)) for name in _ordered(circuit, header)]
    count: dict[str, int] = {}
    for block in blocks:
        for island in block.islands():
            count[island.net] = count.get(island.net, 0) + 1
    shared = {net for net, islands in count.items() if islands > 1 and "." in net}
    for block in blocks:
        block.connect(shared)
    roomy, close = _stacked(blocks, GAP), _stacked(blocks, 0)
    return close if len(close.boards) < len(roomy.boards) else roomy


def _stacked(blocks: list[Block], gap: int) -> Placing:
    """One under the other, with so many free rows between, on half-size boards where that is enough."""
    needed = sum(block.rows + gap for block in blocks) - gap
    size = HALF_ROWS if needed <= HALF_ROWS - SPARE else FULL_ROWS
    rows: dict[tuple[str, int], tuple[int, int]] = {}
    board, next_row = 0, 2
    for block in blocks:
        for run in [range(block.rows)] if block.rows <= size - SPARE else block.runs():
            if next_row + len(run) - 1 > size - 1:
                board, next_row = board + 1, 2
            for row in run:
                rows[block.name, row] = board, next_row
                next_row += 1
        next_row += gap
    last = HALF_ROWS if board and next_row - gap <= HALF_ROWS else size
    return Placing(tuple(blocks), (size,) * board + (last,), rows)


def _ordered(circuit: Circuit, header: Header) -> list[str]:
    """By the header's rows, so that wires cross little; sensors follow their converter."""
    place_of = {pin.net: (pin.row, pin.column) for pin in header.pins}
    converters = {
        sensor: name for name, part in circuit.items() if isinstance(part, Mcp3xxx) for sensor in part.channels.values()
    }
    order = {name: index for index, name in enumerate(circuit)}

    def first(name: str) -> tuple[int, int]:
        nets = [end.net for piece in circuit[name].pieces(name) for end in piece.terminals.values()]
        places = [place_of[net] for net in nets if net in place_of and net.startswith("GPIO")]
        return min(places, default=(header.rows + 1, 0))

    def key(name: str) -> tuple[tuple[int, int], int, bool, int]:
        leader = converters.get(name, name) if isinstance(circuit[name], AnalogSensor) else name
        return first(leader), order[leader], name != leader, order[name]

    return sorted(circuit, key=key)
