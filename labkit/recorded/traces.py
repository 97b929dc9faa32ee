"""One channel of a run, or of a window of it: what `run["red"]` gives."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit.recorded.arrays import EdgeArrays, SampleArrays
from labkit.recorded.measuring import EdgeFigures, SampleFigures, SampleStatistics
from labkit.recorded.windows import Windows
from labkit.runfile.contents import Channel
from labkit.runfile.records import Kind
from labkit.trace import Edge, Sample, Statistics, Trace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EdgeTrace", "SampleTrace"]

NS_PER_S = 1_000_000_000
Seconds = NDArray[np.float64]


class _ChannelTrace:
    """What edges and samples have in common. Times count from the start of the run, in seconds.

    Attributes:
        channel: What it is: name, pin, device, unit.
    """

    def __init__(self, windows: Windows, channel: Channel, begin_ns: int, end_ns: int) -> None:
        self.channel = channel
        self._windows = windows
        self._zero_ns = windows.file.start_ns
        self._begin_ns, self._end_ns = begin_ns, end_ns

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.channel.name

    @property
    def times_ns(self) -> NDArray[np.int64]:
        """When, in whole nanoseconds since the start of the run."""
        raise NotImplementedError

    @property
    def values(self) -> NDArray[np.float64]:
        """What it took, or gave, at each of these times."""
        raise NotImplementedError

    @property
    def times(self) -> Seconds:
        """When, in seconds since the start of the run."""
        return self.times_ns / NS_PER_S

    def to_numpy(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times, in nanoseconds since the start of the run, and levels or values."""
        return self.times_ns, self.values

    def to_pandas(self) -> pd.Series[float]:
        """A series of levels or values by seconds since the start of the run."""
        from labkit.recorded.frames import series

        return series(self.name, self.times, self.values)

    def __len__(self) -> int:
        return len(self.times_ns)

    def __getitem__(self, window: slice) -> Any:
        raise NotImplementedError

    def _window(self, window: slice) -> tuple[int, int]:
        return window_ns(window, self._zero_ns, self._begin_ns, self._end_ns)

    def __repr__(self) -> str:
        span = (self._end_ns - self._begin_ns) / NS_PER_S
        return f"<{type(self).__name__} {self.name}: {len(self):,} in {span:g} s>"


class EdgeTrace(_ChannelTrace):
    """The edges of one channel. A level holds until the next edge; times are seconds since the start of the run."""

    @property
    def initial(self) -> float:
        """The level before the first edge."""
        return self._windows.level_before(self.channel, self._begin_ns)

    @property
    def times_ns(self) -> NDArray[np.int64]:
        return self._edges().times - self._zero_ns

    @property
    def values(self) -> NDArray[np.float64]:
        return self._edges().levels

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The edges' numbers as the tap gave them: a gap proves that edges were lost."""
        return self._edges().numbers

    @property
    def rising(self) -> Seconds:
        """When the level left 0."""
        return self._turns(to_high=True)

    @property
    def falling(self) -> Seconds:
        """When it came back to 0."""
        return self._turns(to_high=False)

    @property
    def periods(self) -> Seconds:
        """From each rising edge to the next."""
        rising = self.rising
        return np.asarray(rising[1:] - rising[:-1], np.float64)

    @property
    def lost(self) -> int:
        """How many edges the numbers prove missing."""
        return self.statistics().missing

    def at(self, seconds: float) -> float:
        """The level at an instant; at an edge's own instant it is the level after it."""
        return self._windows.level_before(self.channel, self._zero_ns + round(seconds * NS_PER_S) + 1)

    def duty(self, start: float | None = None, stop: float | None = None) -> float:
        """The mean level, of the whole or from start to stop (seconds)."""
        return float(self[start:stop].statistics().duty)

    def statistics(self) -> Statistics:
        """Counts, periods, duty and jitter; read piece by piece, so that a long run needs little memory."""
        figures = EdgeFigures(self._begin_ns, self.initial)
        for edges in self._pieces():
            figures.add(edges.times, edges.levels, edges.numbers)
        return figures.result(min(self._end_ns, self._windows.last_ns))

    def trace(self) -> Trace:
        """As a `Trace`, for checks; times are seconds since the start of the run."""
        return Trace(self.channel.pin, tuple(self), self.initial)

    def __iter__(self) -> Iterator[Edge]:
        edges = self._edges()
        columns = ((edges.times - self._zero_ns).tolist(), edges.numbers.tolist(), edges.levels.tolist())
        for time_ns, number, level in zip(*columns, strict=True):
            yield Edge(self.channel.pin, time_ns, number, int(level) if level in (0, 1) else level)

    def __getitem__(self, window: slice) -> EdgeTrace:
        return EdgeTrace(self._windows, self.channel, *self._window(window))

    def _edges(self) -> EdgeArrays:
        return EdgeArrays.joined(list(self._pieces()))

    def _pieces(self) -> Iterator[EdgeArrays]:
        blocks = self._windows.blocks
        owners = blocks.owners[blocks.entries_of(self.channel.number)]
        rows = blocks.edges[owners]
        rows = rows[(rows["first_ns"] < self._end_ns) & (rows["last_ns"] >= self._begin_ns)]
        for record in blocks.records_of(rows, Kind.EDGES):
            edges = self._windows.edges_in(record)
            inside = (edges.times >= self._begin_ns) & (edges.times < self._end_ns)
            own = edges.where(inside & (edges.channels == self.channel.number))
            if len(own.times):
                yield own

    def _turns(self, *, to_high: bool) -> Seconds:
        edges = self._edges()
        high = np.concatenate(([self.initial], edges.levels)) != 0
        turned = (high[1:] != high[:-1]) & (high[1:] == to_high)
        return np.asarray((edges.times[turned] - self._zero_ns) / NS_PER_S, np.float64)


class SampleTrace(_ChannelTrace):
    """The samples of one channel; times are seconds since the start of the run."""

    @property
    def times_ns(self) -> NDArray[np.int64]:
        return self._samples().times - self._zero_ns

    @property
    def values(self) -> NDArray[np.float64]:
        return self._samples().values

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of the deadlines: a gap proves that some passed without a reading."""
        return self._samples().numbers

    @property
    def late(self) -> NDArray[np.bool_]:
        """Which readings came nearer to the next deadline than to their own."""
        return self._samples().late

    def at(self, seconds: float) -> float:
        """The newest value read up to an instant; not a number where there is none."""
        until_ns = self._zero_ns + round(seconds * NS_PER_S) + 1
        blocks = self._windows.blocks.samples
        earlier = blocks[(blocks["channel"] == self.channel.number) & (blocks["first_ns"] < until_ns)]
        if not len(earlier):
            return math.nan
        samples = self._windows.samples(self.channel.number, int(earlier["first_ns"][-1]), until_ns)
        return float(samples.values[-1]) if len(samples.values) else math.nan

    def statistics(self) -> SampleStatistics:
        """Counts, extremes, mean and deviation."""
        figures = SampleFigures()
        for samples in self._pieces():
            figures.add(samples.values, samples.numbers, samples.late)
        return figures.result()

    def __iter__(self) -> Iterator[Sample]:
        samples = self._samples()
        columns = (samples.times - self._zero_ns, samples.numbers, samples.values, samples.late)
        for time_ns, number, value, late in zip(*(column.tolist() for column in columns), strict=True):
            yield Sample(self.name, time_ns, number, value, late)

    def __getitem__(self, window: slice) -> SampleTrace:
        return SampleTrace(self._windows, self.channel, *self._window(window))

    def _samples(self) -> SampleArrays:
        return self._windows.samples(self.channel.number, self._begin_ns, self._end_ns)

    def _pieces(self) -> Iterator[SampleArrays]:
        blocks = self._windows.blocks.samples_within(self._begin_ns, self._end_ns)
        blocks = blocks[blocks["channel"] == self.channel.number]
        for record in self._windows.blocks.records_of(blocks, Kind.SAMPLES):
            samples = self._windows.samples_in(record)
            yield samples.where((samples.times >= self._begin_ns) & (samples.times < self._end_ns))


def window_ns(window: slice, zero_ns: int, begin_ns: int, end_ns: int) -> tuple[int, int]:
    """A window of seconds since the start, as lab time in nanoseconds, within the one there is.

    Raises:
        TypeError: It is no window of seconds.
    """
    if not isinstance(window, slice) or window.step is not None:
        raise TypeError(f"{window!r} is no window: write two times in seconds, such as [1.5:2].")
    begin = begin_ns if window.start is None else zero_ns + round(window.start * NS_PER_S)
    end = end_ns if window.stop is None else zero_ns + round(window.stop * NS_PER_S)
    begin = min(max(begin, begin_ns), end_ns)
    return begin, min(max(end, begin), end_ns)
