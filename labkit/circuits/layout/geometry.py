"""Coordinates of everything in the picture.

One unit of the breadboard's grid is `PITCH`. Heights are arranged so that no two horizontal wires can ever lie on each
other: rows leave at +0 and +8 of the 24, rails have their holes at +16, and the header's wires come at +16 and +4
between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.circuits.header import Header, HeaderPin
from labkit.circuits.layout.places import Rail, RailHole, Side

__all__ = ["PITCH", "SLOT_OFFSETS", "TRACK", "Geometry", "Point"]

Point = tuple[float, float]

PITCH = 24.0
TRACK = 8.0
"""Between wires side by side."""
SLOT_OFFSETS = (0.0, 8.0)
MARGIN = 16.0
LABELS = 78.0
TAGS = 80.0
TOP = 104.0
"""Room above the first row, for the wires that bring power."""
RAIL_ABOVE_ROW = 8.0
BOARD_EDGE = 22.0
BOARD_GAP = 3 * PITCH
MODULE_WIDTH = 190.0
BOARD_SIDE = 20.0
"""Between a board's edge and its outer rail."""


@dataclass(frozen=True)
class Geometry:
    """Where things are.

    Attributes:
        header: The pins.
        boards: How many rows each breadboard has.
        left_tracks: How many wires run up and down between header and board.
        right_tracks: How many do so right of the board.
    """

    header: Header
    boards: Sequence[int]
    left_tracks: int
    right_tracks: int

    # ---- from left to right

    @property
    def header_x(self) -> float:
        """Of the header's odd pins; the even ones are a pitch further right."""
        return MARGIN + LABELS + PITCH

    @property
    def channel_x(self) -> float:
        """Where the tracks left of the board begin."""
        return self.header_x + PITCH + TAGS

    @property
    def board_x(self) -> float:
        """The board's left edge."""
        return self.channel_x + (self.left_tracks + 1) * TRACK + 6

    @property
    def board_width(self) -> float:
        return self.column_x("j") - self.column_x("a") + 2 * (3 * PITCH + BOARD_SIDE)

    @property
    def right_x(self) -> float:
        """Where the tracks right of the board begin."""
        return self.board_x + self.board_width

    @property
    def module_x(self) -> float:
        """The left edge of what is beside the board."""
        return self.right_x + (self.right_tracks + 1) * TRACK + 22

    @property
    def width(self) -> float:
        return self.module_x + MODULE_WIDTH + MARGIN

    def column_x(self, column: str) -> float:
        """A column's holes; the middle is three pitches wide."""
        index = "abcde  fghij".index(column)
        return self.board_x + 3 * PITCH + BOARD_SIDE + index * PITCH

    def rail_x(self, rail: Rail) -> float:
        return {
            "L+": self.column_x("a") - 3 * PITCH,
            "L-": self.column_x("a") - 2 * PITCH,
            "R-": self.column_x("j") + 2 * PITCH,
            "R+": self.column_x("j") + 3 * PITCH,
        }[rail]

    def track_x(self, side: Side, track: int) -> float:
        """A track, counted from the left."""
        return (self.channel_x if side == "L" else self.right_x) + (track + 1) * TRACK

    # ---- from top to bottom

    def board_y(self, board: int) -> float:
        """The height of a board's first row."""
        above = sum((rows - 1) * PITCH + BOARD_GAP for rows in self.boards[:board])
        return TOP + above

    def row_y(self, board: int, row: int) -> float:
        return self.board_y(board) + (row - 1) * PITCH

    def lane_y(self, lane: int) -> float:
        """Above the first board, for wires that bring power; lane 0 is the lowest."""
        return TOP - BOARD_EDGE - 12 - lane * TRACK

    @property
    def height(self) -> float:
        last = len(self.boards) - 1
        board_end = self.row_y(last, self.boards[last]) + BOARD_EDGE
        return max(board_end, self.pin_y(self.header.rows) + 2 * PITCH) + MARGIN

    def pin_y(self, row: int) -> float:
        return TOP + (row - 1) * PITCH + 16

    # ---- points

    def pin(self, pin: HeaderPin) -> Point:
        return self.header_x + (pin.column - 1) * PITCH, self.pin_y(pin.row)

    def exit_y(self, pin: HeaderPin) -> float:
        """The height at which a pin's wire runs to the right: odd pins' pass between the even ones."""
        return self.pin_y(pin.row) + (PITCH / 2 if pin.column == 1 else 0.0)

    def hole(self, board: int, row: int, column: str) -> Point:
        return self.column_x(column), self.row_y(board, row)

    def rail_hole(self, hole: RailHole) -> Point:
        return self.rail_x(hole.rail), self.row_y(hole.board, hole.row) - RAIL_ABOVE_ROW
