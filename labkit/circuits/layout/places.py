"""Places that a wire or a leg can be in, and what they are called."""

from __future__ import annotations

from typing import Literal, NamedTuple

from labkit.parts.nodes import FIVE_VOLTS, GROUND, SUPPLY

__all__ = ["End", "HalfRow", "HeaderEnd", "Hole", "ModuleEnd", "Rail", "RailHole", "Side", "side_of"]

Side = Literal["L", "R"]
Rail = Literal["L-", "L+", "R-", "R+"]
RAIL_NETS: dict[Rail, str] = {"L-": GROUND, "L+": SUPPLY, "R-": GROUND, "R+": FIVE_VOLTS}
"""The left rails carry 3.3 V and the right ones 5 V, in every picture."""
RAIL_NAMES: dict[Rail, str] = {
    "L-": "the left blue rail (−)", "L+": "the left red rail (+)",
    "R-": "the right blue rail (−)", "R+": "the right red rail (+)",
}  # fmt: skip


class Hole(NamedTuple):
    """A hole between the rails. Boards count from 0, rows from 1; columns are a to e and f to j."""

    board: int
    row: int
    column: str


class RailHole(NamedTuple):
    """A hole of a rail, beside a row."""

    board: int
    rail: Rail
    row: int


class HeaderEnd(NamedTuple):
    """A pin of the header, by its number on the board."""

    number: int


class ModuleEnd(NamedTuple):
    """A pin of something beside the board."""

    piece: str
    terminal: str


End = Hole | RailHole | HeaderEnd | ModuleEnd


class HalfRow(NamedTuple):
    """Five holes that are one contact: a to e of a row, or f to j."""

    board: int
    row: int
    side: Side


def side_of(column: str) -> Side:
    """Left of the middle, or right."""
    return "L" if column in "abcde" else "R"
