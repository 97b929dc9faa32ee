"""All channels of a run in one sequence, by time, some hundred thousand entries at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.recorded.arrays import EdgeArrays, SampleArrays
from labkit.recorded.windows import Windows
from labkit.runfile.records import Kind, Record

__all__ = ["ENTRY", "merged"]

ENTRY = np.dtype(
    [("time_ns", np.int64), ("channel", np.uint16), ("value", np.float64), ("number", np.int64), ("late", np.bool_)]
)
"""Time, channel, level or value, number, and whether a sample was late."""
GATHERED = 200_000


def merged(
    windows: Windows, begin_ns: int, end_ns: int, channels: frozenset[int]
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Edges and samples from begin_ns on and before end_ns, by time; those of one instant as they were recorded.

    Yields, with each piece, how far in the file it reaches.
    """
    records = [
        record for record in windows.file.records(Kind.EDGES, Kind.SAMPLES)
        if record.first_ns < end_ns and record.last_ns >= begin_ns
        and (record.kind == Kind.EDGES or record.channel in channels)
    ]  # fmt: skip
    # Until when all is known once a record is read: before the earliest time of those that follow.
    following = list(accumulate((record.first_ns for record in reversed(records)), min))[::-1]
    waiting: list[NDArray[Any]] = []
    for record, until_ns in zip(records, [*following[1:], end_ns], strict=False):
        waiting.append(_entries(windows, record, begin_ns, end_ns, channels))
        if sum(map(len, waiting)) < GATHERED and record is not records[-1]:
            continue
        gathered = np.concatenate(waiting)
        gathered = gathered[np.argsort(gathered["time_ns"], kind="stable")]
        known = int(np.searchsorted(gathered["time_ns"], until_ns, "right"))
        if known:
            yield record.end, gathered[:known]
        waiting = [gathered[known:]]


def _entries(windows: Windows, record: Record, begin_ns: int, end_ns: int, channels: frozenset[int]) -> NDArray[Any]:
    if record.kind == Kind.EDGES:
        edges = windows.edges_in(record)
        chosen = (edges.times >= begin_ns) & (edges.times < end_ns) & np.isin(edges.channels, list(channels))
        return _table(edges.where(chosen))
    samples = windows.samples_in(record)
    return _table(samples.where((samples.times >= begin_ns) & (samples.times < end_ns)), record.channel)


def _table(arrays: EdgeArrays | SampleArrays, channel: int = 0) -> NDArray[Any]:
    table = np.zeros(len(arrays.times), ENTRY)
    table["time_ns"], table["number"] = arrays.times, arrays.numbers
    if isinstance(arrays, EdgeArrays):
        table["channel"], table["value"] = arrays.channels, arrays.levels
    else:
        table["channel"], table["value"], table["late"] = channel, arrays.values, arrays.late
    return table
