"""Any window of a run in any number of columns: by its edges where these are soon read, else by the file's index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from labkit.grid import Grid, held, scattered, spread
from labkit.history import Columns, Lane, Points
from labkit.recorded.windows import Windows
from labkit.runfile.contents import Channel

__all__ = ["RunHistory"]

# What people marked, and what is wrong. Cells and devices that come and go are not for the picture.
MARKED = frozenset(("mark", "clock", "dropped", "failed"))
MOST_EDGES = 1_000_000
MOST_RECORDS = 8192
"""More than that in a window is drawn from the index: a fifth of a second on a desktop, seconds on a small machine."""


class RunHistory:
    """A run as a figure wants it; see `labkit.history.History`."""

    def __init__(self, windows: Windows, span_ns: tuple[int, int]) -> None:
        """Of all that there is, or of a window: its first instant and the one after its last."""
        self._windows = windows
        self._span_ns = span_ns[0], max(span_ns[0], span_ns[1] - 1)
        self._channels = windows.file.channels

    @property
    def lanes(self) -> Sequence[Lane]:
        return [Lane(each.number, each.name, each.kind == "digital", each.unit) for each in self._channels]

    @property
    def span_ns(self) -> tuple[int, int]:
        return self._span_ns

    @property
    def zero_ns(self) -> int:
        return self._windows.file.start_ns

    @property
    def marks(self) -> Sequence[tuple[int, str]]:
        return [(mark.at_ns, mark.text) for mark in self._windows.file.marks if mark.kind in MARKED]

    def columns(self, begin_ns: int, end_ns: int, pixels: int) -> Mapping[int, Columns]:
        grid = Grid(begin_ns, max(end_ns, begin_ns + 1), max(1, pixels))
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

    def _edge_columns(self, grid: Grid) -> dict[int, Columns]:
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
                before, ones = self._windows.level_before(channel, grid.begin_ns), np.ones(len(own), np.int64)
                drawn[channel.number] = held(grid, before, places[own], levels, levels, levels, ones)
            return drawn
        within = np.zeros(len(blocks.edges), np.bool_)
        within[numbers] = True
        for channel in digital:
            own = blocks.entries_of(channel.number)
            own = own[within[blocks.owners[own]]]
            drawn[channel.number] = self._from_blocks(channel, grid, own)
        return drawn

    def _from_blocks(self, channel: Channel, grid: Grid, own: NDArray[np.intp]) -> Columns:
        """A block that lies across columns shows in all of them: nothing is missed, some is a pixel wider."""
        blocks = self._windows.blocks
        rows, entries = blocks.edges[blocks.owners[own]], blocks.entries[own]
        shown, places, is_first = spread(grid, rows["first_ns"], rows["last_ns"])
        counts = np.where(is_first, entries["count"][shown], 0).astype(np.int64)
        low, high, last = (entries[name][shown].astype(np.float64) for name in ("low", "high", "last"))
        return held(grid, self._windows.level_before(channel, grid.begin_ns), places, low, high, last, counts)

    # ---- samples

    def _sample_columns(self, channel: Channel, grid: Grid) -> Columns:
        blocks = self._windows.blocks
        chosen = blocks.samples_within(grid.begin_ns, grid.end_ns)
        chosen = chosen[chosen["channel"] == channel.number]
        if blocks.is_quick(chosen, MOST_EDGES, MOST_RECORDS):
            samples = self._windows.samples(channel.number, grid.begin_ns, grid.end_ns)
            there = ~np.isnan(samples.values)
            places, values = grid.places(samples.times[there]), samples.values[there]
            order = np.argsort(places, kind="stable")
            ordered = values[order]
            return scattered(grid, places[order], ordered, ordered, np.ones(len(values), np.int64))
        chosen = chosen[~np.isnan(chosen["low"])]
        shown, places, is_first = spread(grid, chosen["first_ns"], chosen["last_ns"])
        counts = np.where(is_first, chosen["count"][shown], 0).astype(np.int64)
        return scattered(grid, places, chosen["low"][shown], chosen["high"][shown], counts)
