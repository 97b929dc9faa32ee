"""The way of each wire: straight pieces, up and down on a track of its own, so that none hides another.

Wires may cross, at right angles. Which track is whose is chosen so that few do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labkit.circuits.header import HeaderPin
from labkit.circuits.layout.geometry import SLOT_OFFSETS, Geometry, Point
from labkit.circuits.layout.places import End, HeaderEnd, Hole, Rail, RailHole, Side, side_of
from labkit.circuits.layout.routing import Wire

__all__ = ["paths", "track_counts"]

LANES: tuple[Rail, ...] = ("L+", "L-", "R-", "R+")
"""Nearer rails get lower lanes, so that no wire to one crosses the way down to another."""


class Reach(NamedTuple):
    """One end of a wire in a channel: its height, and whether it comes from the channel's left."""

    y: float
    from_left: bool


class Rung(NamedTuple):
    """A wire in a channel: its two ends."""

    start: Reach
    end: Reach

    def passes(self, y: float) -> bool:
        """Its way up or down goes through that height."""
        return min(self.start.y, self.end.y) < y < max(self.start.y, self.end.y)


def track_counts(wires: Sequence[Wire]) -> tuple[int, int]:
    """How many wires run up and down left of the board, and right of it."""
    sides = [_side(wire) for wire in wires]
    return sides.count("L"), sides.count("R")


def paths(wires: Sequence[Wire], geometry: Geometry) -> list[list[Point]]:
    """The corners of each wire, from its start to its end."""
    tracks: dict[int, float] = {}
    sides: tuple[Side, Side] = ("L", "R")
    for side in sides:
        rungs = {
            index: Rung(
                _reach(wire, wire.start, wire.slots[0], geometry), _reach(wire, wire.end, wire.slots[1], geometry)
            )
            for index, wire in enumerate(wires)
            if _side(wire) == side
        }
        for track, index in enumerate(_in_good_order(rungs)):
            tracks[index] = geometry.track_x(side, track)
    return [_cleaned(_path(wire, tracks.get(index, 0.0), geometry)) for index, wire in enumerate(wires)]


def _side(wire: Wire) -> Side | None:
    """In which channel a wire runs; None for one that needs none."""
    if wire.kind in ("header", "power"):
        return "L"
    return side_of(wire.start.column) if wire.kind == "link" and isinstance(wire.start, Hole) else None


def _reach(wire: Wire, end: End, slot: int, geometry: Geometry) -> Reach:
    if isinstance(end, HeaderEnd):
        return Reach(geometry.exit_y(_pin(end, geometry)), from_left=True)
    if isinstance(end, RailHole):
        return Reach(geometry.lane_y(LANES.index(end.rail)), from_left=False)
    assert isinstance(end, Hole)
    return Reach(geometry.row_y(end.board, end.row) + SLOT_OFFSETS[slot], from_left=side_of(end.column) == "R")


def _path(wire: Wire, track_x: float, geometry: Geometry) -> list[Point]:
    end = _point(wire.end, geometry)
    match wire.kind:
        case "bridge" | "board":
            return [_point(wire.start, geometry), end]
        case "lead":
            assert isinstance(wire.end, Hole | RailHole)
            y = geometry.row_y(wire.end.board, wire.end.row)
            return [(geometry.module_x, y), (end[0], y), end]
        case "rail":
            start = _point(wire.start, geometry)
            y = start[1] + SLOT_OFFSETS[wire.slots[0]]
            return [start, (start[0], y), (end[0], y), end]
        case _:
            start = _point(wire.start, geometry)
            leaves = _reach(wire, wire.start, wire.slots[0], geometry).y
            enters = _reach(wire, wire.end, wire.slots[1], geometry).y
            return [start, (start[0], leaves), (track_x, leaves), (track_x, enters), (end[0], enters), end]


def _cleaned(points: list[Point]) -> list[Point]:
    """Without points that are there twice."""
    return [point for index, point in enumerate(points) if index == 0 or point != points[index - 1]]


def _pin(end: HeaderEnd, geometry: Geometry) -> HeaderPin:
    return next(pin for pin in geometry.header.pins if pin.number == end.number)


def _point(end: End, geometry: Geometry) -> Point:
    if isinstance(end, HeaderEnd):
        return geometry.pin(_pin(end, geometry))
    if isinstance(end, RailHole):
        return geometry.rail_hole(end)
    assert isinstance(end, Hole)
    return geometry.hole(*end)


def _in_good_order(rungs: dict[int, Rung]) -> list[int]:
    """The order of tracks from the left: neighbours change places for as long as that saves crossings."""
    order = sorted(rungs, key=lambda index: (rungs[index].start.y <= rungs[index].end.y, -rungs[index].start.y))
    for _ in order:
        before = list(order)
        for place in range(len(order) - 1):
            left, right = rungs[order[place]], rungs[order[place + 1]]
            if _crossings(right, left) < _crossings(left, right):
                order[place : place + 2] = reversed(order[place : place + 2])
        if order == before:
            break
    return order


def _crossings(left: Rung, right: Rung) -> int:
    """How often two wires cross when one has its track left of the other's."""
    over = sum(not end.from_left and right.passes(end.y) for end in left)
    return over + sum(end.from_left and left.passes(end.y) for end in right)
