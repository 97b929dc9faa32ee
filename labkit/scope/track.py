"""What is kept of one channel: its newest edges or samples one by one, and what is older as summaries."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.grid import Grid, held, scattered, spread
from labkit.history import Columns, Points
from labkit.scope.series import Series

__all__ = ["KEPT", "Track"]

KEPT = 1 << 18  # edges or samples of a channel; 4 to 5 MB
# Time slices of 1 ms, 16 ms, 256 ms, 4 s and 65 s, so many of each: the coarsest reach back twelve days.
SLICES_NS = tuple(1_000_000 * 16**level for level in range(5))
SLICES = 1 << 14
# Beyond that, slices are quicker and look the same.
MOST = 400_000
# Summed up this many at a time: the parts of numpy cost more than the rows.
BATCH = 4096


class Track:
    """One channel over time. Callable from any thread; times in nanoseconds of lab time.

    Attributes:
        begin_ns: When it began to be looked at.
        end_ns: When it ended; None while it goes on.
        newest: The newest level or value; not a number before the first.
    """

    def __init__(self, is_digital: bool, begin_ns: int, level: float = np.nan) -> None:
        """A digital channel holds a level from the beginning."""
        self.is_digital = is_digital
        self.begin_ns = begin_ns
        self.end_ns: int | None = None
        self._first = level
        self._exact = Series(KEPT, np.float32 if is_digital else np.float64)
        self._slices = tuple(Series(SLICES, np.float32, np.float32, np.uint32, np.float32) for _ in SLICES_NS)
        # Nothing yet: the first edge may be older than the channel, stamped by the kernel and told of late.
        self._summed_ns = -(1 << 62)
        self._lock = threading.Lock()

    @property
    def newest(self) -> float:
        return self.level_before(1 << 62)

    def append(self, times: NDArray[np.int64], values: NDArray[Any]) -> None:
        """Add edges or samples, in order of time among themselves."""
        with self._lock:
            for start in range(0, len(times), BATCH):
                fresh, changes = times[start : start + BATCH], values[start : start + BATCH]
                late = int(np.searchsorted(fresh, self._summed_ns, "right"))
                self._exact.append(fresh, changes)
                self._add_late(changes[:late])
                if len(self._exact) - self._exact.find(self._summed_ns + 1) >= BATCH:
                    self._sum_up()

    def level_before(self, time_ns: int) -> float:
        """The level that holds, or the value that was read last, before an instant."""
        with self._lock:
            return self._before(time_ns)

    def points(self, begin_ns: int, end_ns: int, most: int) -> Points | None:
        """All edges or samples of a window; None where they are too many, or where some are forgotten."""
        with self._lock:
            if not self._is_exact(begin_ns):
                return None
            begin, end = self._exact.find(begin_ns), self._exact.find(end_ns)
            if end - begin > most:
                return None
            times, values = self._exact.times[begin:end].copy(), self._exact.values()[begin:end].astype(np.float64)
            return Points(times, values, self._before(begin_ns) if self.is_digital else np.nan)

    def columns(self, begin_ns: int, end_ns: int, pixels: int, now_ns: int) -> Columns:
        """A window in columns. What was before the channel began, or is to come, is not a number."""
        grid = Grid(begin_ns, max(end_ns, begin_ns + 1), max(1, pixels))
        with self._lock:
            found = self._columns(grid)
        end_ns = now_ns if self.end_ns is None else min(now_ns, self.end_ns)
        for array in found[:2] if self.is_digital else ():
            array[: grid.over(self.begin_ns)] = np.nan
            array[grid.begun(end_ns) :] = np.nan
        return found

    def _columns(self, grid: Grid) -> Columns:
        exact = self._exact
        begin, end = exact.find(grid.begin_ns), exact.find(grid.end_ns)
        if self._is_exact(grid.begin_ns) and end - begin <= MOST:
            values = exact.values()[begin:end]
            places = grid.places(exact.times[begin:end])
            return self._drawn(grid, places, values, values, values, np.ones(end - begin, np.int64))
        self._sum_up()
        level = self._slice_for(grid)
        slices, size = self._slices[level], SLICES_NS[level]
        begin, end = slices.find(grid.begin_ns - size + 1), slices.find(grid.end_ns)
        low, high, count, last = (slices.values(number)[begin:end] for number in range(4))
        first = slices.times[begin:end]
        rows, places, is_first = spread(grid, first, first + size - 1)
        counts = np.where(is_first, count[rows], 0).astype(np.int64)
        return self._drawn(grid, places, low[rows], high[rows], last[rows], counts)

    def _drawn(self, grid: Grid, places: NDArray[np.int64], low: Any, high: Any, last: Any, count: Any) -> Columns:
        if self.is_digital:
            return held(grid, self._before(grid.begin_ns), places, low, high, last, count)
        there = ~np.isnan(low)
        return scattered(grid, places[there], low[there], high[there], count[there])

    def _is_exact(self, begin_ns: int) -> bool:
        return not self._exact.has_forgotten or begin_ns >= int(self._exact.times[0])

    def _slice_for(self, grid: Grid) -> int:
        """The coarsest slices that are no wider than a column, among those that reach back far enough."""
        width = (grid.end_ns - grid.begin_ns) / grid.pixels
        reaching = [
            level
            for level, slices in enumerate(self._slices)
            if not slices.has_forgotten or grid.begin_ns >= int(slices.times[0])
        ] or [len(SLICES_NS) - 1]
        return max((level for level in reaching if SLICES_NS[level] <= width), default=reaching[0])

    def _before(self, time_ns: int) -> float:
        if self._is_exact(time_ns):
            index = self._exact.find(time_ns)
            return float(self._exact.values()[index - 1]) if index else self._first
        self._sum_up()
        for size, slices in zip(SLICES_NS, self._slices, strict=True):
            index = slices.find(time_ns - size + 1)
            if index:
                return float(slices.values(3)[index - 1])
            if not slices.has_forgotten:
                break
        return self._first

    def _add_late(self, values: NDArray[Any]) -> None:
        """What came after its time was summed up counts in the newest slice, and leaves no level there."""
        if len(values):
            for slices in self._slices:
                _widen(slices, np.fmin.reduce(values), np.fmax.reduce(values), len(values))

    def _sum_up(self) -> None:
        """Enter into the slices what is not there yet."""
        exact = self._exact
        begin = exact.find(self._summed_ns + 1)
        times, values = exact.times[begin:], exact.values()[begin:]
        if not len(times):
            return
        self._summed_ns = int(times[-1])
        for size, slices in zip(SLICES_NS, self._slices, strict=True):
            _enter(slices, times // size * size, values)


def _enter(slices: Series, times: NDArray[np.int64], values: NDArray[Any]) -> None:
    starts = np.flatnonzero(np.concatenate(((True,), times[1:] != times[:-1])))
    ends = np.append(starts[1:], len(times)) - 1
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    count = np.diff(starts, append=len(times))
    there, last = times[starts], values[ends]
    if len(slices) and there[0] == slices.times[-1]:
        _widen(slices, low[0], high[0], count[0])
        slices.values(3)[-1] = last[0]
        there, low, high, count, last = (array[1:] for array in (there, low, high, count, last))
    slices.append(there, low, high, count, last)


def _widen(slices: Series, low: Any, high: Any, count: Any) -> None:
    lows, highs, counts = (slices.values(number) for number in range(3))
    lows[-1], highs[-1] = np.fmin(lows[-1], low), np.fmax(highs[-1], high)
    counts[-1] += count
