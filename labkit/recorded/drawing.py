"""Any window of a run in any number of columns: by its edges where these are soon read, else by the file's index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from labkit.history import Columns, Lane, Points
from labkit.recorded.windows import Windows
from labkit.runfile.contents import Channel

__all__ = ["RunHistory"]

MOST_EDGES = 1_000_000
MOST_RECORDS = 8192
"""More than that in a window is drawn from the index: a fifth of a second on a desktop, seconds on a small machine."""


class RunHistory:
    """A run as a figure wants it; see `labkit.history.History`."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._channels = windows.file.channels

    @property
    def lanes(self) -> Sequence[Lane]:
        return [Lane(each.number, each.name, each.kind == "digital", each.unit) for each in self._channels]

    @property
    def span_ns(self) -> tuple[int, int]:
        return self._windows.file.start_ns, self._windows.last_ns

    def columns(self, begin_ns: int, end_ns: int, pixels: int) -> Mapping[int, Columns]:
        grid = _Grid(begin_ns, max(end_ns, begin_ns + 1), max(1, pixels))
        drawn = self._edge_columns(grid)
        for channel in self._channels:
            if channel.kind != "digital":
                drawn[channel.number] = self._sample_columns(channel, grid)
        return drawn

    def points(self, begin_ns: int, end_ns: int, most: int) -> Mapping[int, Points] | None:
        blocks = self._windows.blocks
        edge_blocks = blocks.edges[blocks.edges_within(begin_ns, end_ns)]
        sample_blocks = blocks.samples_within(begin_ns, end_ns)
        # A block at either end may lie in the window with no more than a corner.
        slack = 2 * 1024 * (1 + sum(channel.kind != "digital" for channel in self._channels))
        if int(edge_blocks["count"].sum()) + int(sample_blocks["count"].sum()) > most + slack:
            return None
        edges = self._windows.edges(begin_ns, end_ns, edge_blocks)
        points: dict[int, Points] = {}
        for channel in self._channels:
            if channel.kind == "digital":
                own = edges.channels == channel.number
                before = self._windows.level_before(channel, begin_ns)
                points[channel.number] = Points(edges.times[own], edges.levels[own], before)
            else:
                samples = self._windows.samples(channel.number, begin_ns, end_ns)
                points[channel.number] = Points(samples.times, samples.values, float("nan"))
        return points if sum(len(each.times_ns) for each in points.values()) <= most else None

    # ---- edges

    def _edge_columns(self, grid: _Grid) -> dict[int, Columns]:
        blocks = self._windows.blocks
        numbers = blocks.edges_within(grid.begin_ns, grid.end_ns)
        chosen = blocks.edges[numbers]
        digital = [channel for channel in self._channels if channel.kind == "digital"]
        drawn = {}
        if blocks.is_quick(chosen, MOST_EDGES, MOST_RECORDS):
            edges = self._windows.edges(grid.begin_ns, grid.end_ns, chosen)
            places = grid.places(edges.times)
            for channel in digital:
                own = np.flatnonzero(edges.channels == channel.number)
                own = own[np.argsort(places[own], kind="stable")]
                levels = edges.levels[own]
                drawn[channel.number] = self._held(
                    channel, grid, places[own], levels, levels, levels, np.ones(len(own), np.int64)
                )  # fmt: skip
            return drawn
        within = np.zeros(len(blocks.edges), np.bool_)
        within[numbers] = True
        for channel in digital:
            own = blocks.entries_of(channel.number)
            own = own[within[blocks.owners[own]]]
            drawn[channel.number] = self._from_blocks(channel, grid, own)
        return drawn

    def _from_blocks(self, channel: Channel, grid: _Grid, own: NDArray[np.intp]) -> Columns:
        """A block that lies across columns shows in all of them: nothing is missed, some is a pixel wider."""
        blocks = self._windows.blocks
        rows, entries = blocks.edges[blocks.owners[own]], blocks.entries[own]
        firsts, lasts = grid.places(rows["first_ns"]), grid.places(rows["last_ns"])
        widths = lasts - firsts + 1
        spread = np.repeat(np.arange(len(own)), widths)
        steps = np.arange(len(spread)) - np.repeat(np.cumsum(widths) - widths, widths)
        places = firsts[spread] + steps
        order = np.argsort(places, kind="stable")
        spread, places = spread[order], places[order]
        counts = np.where(steps[order] == 0, entries["count"][spread], 0).astype(np.int64)
        low, high, last = (entries[name][spread].astype(np.float64) for name in ("low", "high", "last"))
        return self._held(channel, grid, places, low, high, last, counts)

    def _held(
        self,
        channel: Channel,
        grid: _Grid,
        places: NDArray[np.int64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        last: NDArray[np.float64],
        counts: NDArray[np.int64],
    ) -> Columns:
        """Columns of a level that holds until the next edge; places in order."""
        before = self._windows.level_before(channel, grid.begin_ns)
        there, starts = np.unique(places, return_index=True)
        ends = np.append(starts[1:], len(places)) - 1 if len(starts) else starts
        final = np.full(grid.pixels + 1, np.nan)
        final[0] = before
        final[there + 1] = last[ends]
        known = np.maximum.accumulate(np.where(np.isnan(final), 0, np.arange(grid.pixels + 1)))
        held = final[known][:-1]
        lows, highs, count = held.copy(), held.copy(), np.zeros(grid.pixels, np.int64)
        if len(starts):
            lows[there] = np.minimum(held[there], np.minimum.reduceat(low, starts))
            highs[there] = np.maximum(held[there], np.maximum.reduceat(high, starts))
            count[there] = np.add.reduceat(counts, starts)
        return Columns(lows, highs, count)

    # ---- samples

    def _sample_columns(self, channel: Channel, grid: _Grid) -> Columns:
        blocks = self._windows.blocks
        chosen = blocks.samples_within(grid.begin_ns, grid.end_ns)
        chosen = chosen[chosen["channel"] == channel.number]
        if blocks.is_quick(chosen, MOST_EDGES, MOST_RECORDS):
            samples = self._windows.samples(channel.number, grid.begin_ns, grid.end_ns)
            there = ~np.isnan(samples.values)
            places, values = grid.places(samples.times[there]), samples.values[there]
            return _extremes(grid, places, values, values, np.ones(len(values), np.int64))
        chosen = chosen[~np.isnan(chosen["low"])]
        counts = chosen["count"].astype(np.int64)
        return _extremes(grid, grid.places(chosen["first_ns"]), chosen["low"], chosen["high"], counts)


class _Grid:
    """A window cut into columns."""

    def __init__(self, begin_ns: int, end_ns: int, pixels: int) -> None:
        self.begin_ns, self.end_ns, self.pixels = begin_ns, end_ns, pixels

    def places(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """The columns that instants lie in; of those outside, the nearest."""
        width = self.end_ns - self.begin_ns
        inside = np.clip(times, self.begin_ns, self.end_ns - 1) - self.begin_ns
        if width * self.pixels < 1 << 63:
            return np.asarray(inside * self.pixels // width, np.int64)
        places = np.floor(inside * (self.pixels / width)).astype(np.int64)
        return np.asarray(np.minimum(places, self.pixels - 1), np.int64)


def _extremes(
    grid: _Grid,
    places: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> Columns:
    lows, highs = np.full(grid.pixels, np.nan), np.full(grid.pixels, np.nan)
    count = np.zeros(grid.pixels, np.int64)
    order = np.argsort(places, kind="stable")
    there, starts = np.unique(places[order], return_index=True)
    if len(starts):
        lows[there] = np.minimum.reduceat(low[order], starts)
        highs[there] = np.maximum.reduceat(high[order], starts)
        count[there] = np.add.reduceat(counts[order], starts)
    return Columns(lows, highs, count)
