"""Records as numpy arrays: for each edge a hundredth of a microsecond, where the standard library takes half of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from labkit.runfile.columns import FLOAT, LATE, EdgeColumns, SampleColumns

__all__ = ["EdgeArrays", "SampleArrays", "edge_arrays", "sample_arrays"]

Times = NDArray[np.int64]
Values = NDArray[np.float64]


class EdgeArrays(NamedTuple):
    """Edges of all channels, in the order they were published; lab time in nanoseconds."""

    times: Times
    channels: NDArray[np.uint8]
    levels: Values
    numbers: Times

    @classmethod
    def joined(cls, parts: Sequence[EdgeArrays]) -> EdgeArrays:
        kinds = (np.int64, np.uint8, np.float64, np.int64)
        return cls._make(_join(kinds, parts))

    def where(self, chosen: NDArray[np.bool_]) -> EdgeArrays:
        return EdgeArrays._make(array[chosen] for array in self)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(array.nbytes for array in self)


class SampleArrays(NamedTuple):
    """Samples of one channel."""

    times: Times
    values: Values
    numbers: Times
    late: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[SampleArrays]) -> SampleArrays:
        kinds = (np.int64, np.float64, np.int64, np.bool_)
        return cls._make(_join(kinds, parts))

    def where(self, chosen: NDArray[np.bool_]) -> SampleArrays:
        return SampleArrays._make(array[chosen] for array in self)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(array.nbytes for array in self)


def edge_arrays(columns: EdgeColumns) -> EdgeArrays:
    """The columns of a record of edges."""
    channels = np.frombuffer(columns.channels, np.uint8)
    codes = np.frombuffer(columns.levels, np.uint8)
    levels = codes.astype(np.float64)
    if len(columns.floats):
        levels[codes == FLOAT] = columns.floats
    return EdgeArrays(np.cumsum(_unplaned(columns.times)), channels, levels, _numbers(columns, channels))


def sample_arrays(columns: SampleColumns) -> SampleArrays:
    """The columns of a record of samples."""
    return SampleArrays(
        np.cumsum(_unplaned(columns.times)),
        _unplaned(columns.values).view(np.float64),
        np.cumsum(_unplaned(columns.numbers)),
        (np.frombuffer(columns.flags, np.uint8) & LATE).astype(bool),
    )


def _join(kinds: Iterable[type], parts: Sequence[Iterable[NDArray[Any]]]) -> Iterator[NDArray[Any]]:
    if not parts:
        return (np.empty(0, kind) for kind in kinds)
    return (np.concatenate(column) for column in zip(*parts, strict=True))


def _unplaned(planes: bytes) -> Times:
    rows = np.frombuffer(planes, np.uint8).reshape(8, -1)
    return np.ascontiguousarray(rows.T).view("<i8")[:, 0].astype(np.int64, copy=False)


def _numbers(columns: EdgeColumns, channels: NDArray[np.uint8]) -> Times:
    """Every edge's number: one more than its channel's edge before it, but for those that are listed."""
    numbers = np.zeros(len(channels), np.int64)
    listed = np.frombuffer(columns.listed, np.uint32).astype(np.int64)
    given = np.frombuffer(columns.numbers, np.int64)
    order = np.argsort(listed, kind="stable")
    listed, given = listed[order], given[order]
    for channel in np.unique(channels[listed]):
        places = np.flatnonzero(channels == channel)
        own = channels[listed] == channel
        ranks = np.searchsorted(places, listed[own])
        since = np.searchsorted(ranks, np.arange(len(places)), "right") - 1
        numbers[places] = given[own][since] + np.arange(len(places)) - ranks[since]
    return numbers
