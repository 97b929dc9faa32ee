"""A window cut into columns, and what of a channel falls into each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.history import Columns

__all__ = ["Grid", "held", "scattered", "spread"]

Places = NDArray[np.int64]
Values = NDArray[Any]


@dataclass(frozen=True)
class Grid:
    """So many columns from one instant to another; each has its beginning and not its end."""

    begin_ns: int
    end_ns: int
    pixels: int

    def places(self, times: NDArray[np.int64]) -> Places:
        """The columns that instants lie in; of those outside, the nearest."""
        inside = np.clip(times, self.begin_ns, self.end_ns - 1) - self.begin_ns
        width = self.end_ns - self.begin_ns
        if width * self.pixels < 1 << 63:
            return np.asarray(inside * self.pixels // width, np.int64)
        places = np.floor(inside * (self.pixels / width)).astype(np.int64)
        return np.asarray(np.minimum(places, self.pixels - 1), np.int64)

    def over(self, time_ns: int) -> int:
        """How many columns are over by that instant."""
        passed = (time_ns - self.begin_ns) * self.pixels // (self.end_ns - self.begin_ns)
        return max(0, min(self.pixels, passed))

    def begun(self, time_ns: int) -> int:
        """How many columns have begun by that instant."""
        return min(self.pixels, self.over(time_ns) + 1) if time_ns >= self.begin_ns else 0


def held(grid: Grid, before: float, places: Places, low: Values, high: Values, last: Values, count: Values) -> Columns:
    """A level that holds until the next change: low and high include the level that a column begins with.

    Args:
        grid: The columns.
        before: The level before the window.
        places: Which column each change, or each summary of some changes, lies in; in order.
        low: The lowest level that it brings; `high` the highest, `last` the one that it leaves, `count` how many.
    """
    lows, counts = np.full(grid.pixels, before), np.zeros(grid.pixels, np.int64)
    highs = lows.copy()
    if len(places):
        starts = _starts(places)
        there = places[starts]
        ends = np.append(starts[1:], len(places)) - 1
        # What each column begins with: what the last one before it with a change left behind.
        runs = np.diff(there, prepend=-1, append=grid.pixels - 1)
        lows = np.repeat(np.concatenate(((before,), last[ends])), runs)
        highs = lows.copy()
        lows[there] = np.minimum(lows[there], np.minimum.reduceat(low, starts))
        highs[there] = np.maximum(highs[there], np.maximum.reduceat(high, starts))
        counts[there] = np.add.reduceat(count, starts)
    return Columns(lows, highs, counts)


def scattered(grid: Grid, places: Places, low: Values, high: Values, count: Values) -> Columns:
    """Values at instants, their places in order: a column without one is not a number."""
    lows, counts = np.full(grid.pixels, np.nan), np.zeros(grid.pixels, np.int64)
    highs = lows.copy()
    if len(places):
        starts = _starts(places)
        there = places[starts]
        lows[there] = np.minimum.reduceat(low, starts)
        highs[there] = np.maximum.reduceat(high, starts)
        counts[there] = np.add.reduceat(count, starts)
    return Columns(lows, highs, counts)


def spread(
    grid: Grid, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.intp], Places, NDArray[np.bool_]]:
    """Summaries of spans of time: what lies across columns shows in all of them, and nothing is missed.

    Returns which rows, the columns that they show in, in order, and whether it is the row's first.
    """
    begins, ends = grid.places(first), grid.places(last)
    widths = ends - begins + 1
    rows = np.repeat(np.arange(len(first)), widths)
    steps = np.arange(len(rows)) - np.repeat(np.cumsum(widths) - widths, widths)
    places = begins[rows] + steps
    order = np.argsort(places, kind="stable")
    return rows[order], places[order], steps[order] == 0


def _starts(places: Places) -> NDArray[np.intp]:
    return np.flatnonzero(np.concatenate(((True,), places[1:] != places[:-1])))
