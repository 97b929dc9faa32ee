"""Edges and samples as columns of bytes, and back.

Numbers of eight bytes are stored as differences, and as eight planes: all lowest bytes, then all second bytes, and so
on. Most planes are zero throughout, which costs next to nothing once compressed, and no number needs an escape.
Recording uses the standard library alone.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import itemgetter, sub
from typing import NamedTuple, TypeVar

from labkit.trace import Edge, Sample

__all__ = [
    "EdgeColumns", "PackedEdges", "SampleColumns", "edges_of", "pack_edges", "pack_samples", "rows_of", "samples_of",
    "split_edges", "split_samples", "whole_numbers",
]  # fmt: skip

FLOAT = 2
"""The code of a level that is neither 0 nor 1: it stands among the floats."""
LATE = 1
_COUNTS = struct.Struct("<II")
Column = TypeVar("Column", "array[int]", "array[float]")
_SWAPPED = sys.byteorder == "big"


@dataclass(frozen=True)
class EdgeColumns:
    """The columns of a record of edges, in the order they were published.

    Attributes:
        times: Eight planes of differences: the first time, then from edge to edge.
        channels: A byte each.
        levels: A byte each: 0, 1, or 2 for the next of the floats.
        listed: Which edges have their number listed: the first of each channel, and the first after a gap.
        numbers: Those numbers; every other edge's is one more than the channel's edge before it.
        floats: The levels in between.
    """

    times: bytes
    channels: bytes
    levels: bytes
    listed: array[int]
    numbers: array[int]
    floats: array[float]


@dataclass(frozen=True)
class SampleColumns:
    """The columns of a record of one channel's samples: times and numbers as differences, values, flags."""

    times: bytes
    numbers: bytes
    values: bytes
    flags: bytes


class PackedEdges(NamedTuple):
    """A record's payload, and the columns that it was made of."""

    payload: bytes
    times: list[int]
    levels: bytes
    floats: array[float]


def pack_edges(edges: Sequence[Edge], channels: bytes) -> PackedEdges:
    """The payload of edges whose channels are given beside them."""
    times = list(map(itemgetter(1), edges))
    levels, floats = _split_levels(list(map(itemgetter(3), edges)))
    listed, numbers = array("I"), array("q")
    expected: list[int | None] = [None] * 256
    for position, (channel, edge) in enumerate(zip(channels, edges, strict=True)):
        number = edge[2]
        if number != expected[channel]:
            listed.append(position)
            numbers.append(number)
        expected[channel] = number + 1
    head = _COUNTS.pack(len(listed), len(floats))
    tail = [_little(listed).tobytes(), _little(numbers).tobytes(), _little(floats).tobytes()]
    payload = b"".join([head, _planes(_differences(times)), channels, levels, *tail])
    return PackedEdges(payload, times, levels, floats)


def _split_levels(levels: list[float]) -> tuple[bytes, array[float]]:
    try:
        # Whole levels are ints, and duty cycles are floats: a tap sees to that.
        return bytes(levels), array("d")  # type: ignore[arg-type]
    except TypeError:
        codes = bytes([FLOAT if isinstance(level, float) else level for level in levels])
        return codes, array("d", [level for level in levels if isinstance(level, float)])


def split_edges(payload: bytes, count: int) -> EdgeColumns:
    """The columns of so many edges.

    Raises:
        ValueError: The payload is shorter or longer than that.
    """
    listed_count, float_count = _COUNTS.unpack_from(payload)
    ends = list(
        accumulate((_COUNTS.size, 8 * count, count, count, 4 * listed_count, 8 * listed_count, 8 * float_count))
    )
    _check(payload, ends[-1])
    parts = [payload[begin:end] for begin, end in pairwise(ends)]
    listed, numbers, floats = array("I", parts[3]), array("q", parts[4]), array("d", parts[5])
    return EdgeColumns(parts[0], parts[1], parts[2], _little(listed), _little(numbers), _little(floats))


def pack_samples(samples: Sequence[Sample]) -> bytes:
    """The payload of one channel's samples."""
    values = array("d", (sample.value for sample in samples))
    return b"".join((
        _planes(_differences([sample.timestamp_ns for sample in samples])),
        _planes(_differences([sample.seq for sample in samples])),
        _planes(values),
        bytes(LATE if sample.is_late else 0 for sample in samples),
    ))  # fmt: skip


def split_samples(payload: bytes, count: int) -> SampleColumns:
    """The columns of so many samples.

    Raises:
        ValueError: The payload is shorter or longer than that.
    """
    _check(payload, 25 * count)
    width = 8 * count
    return SampleColumns(
        payload[:width], payload[width : 2 * width], payload[2 * width : 3 * width], payload[3 * width :]
    )


def rows_of(columns: EdgeColumns) -> Iterator[tuple[int, int, int, float]]:
    """Time, channel, number and level of each edge."""
    listed = dict(zip(columns.listed, columns.numbers, strict=True))
    floats = iter(columns.floats)
    expected = [0] * 256
    times = accumulate(whole_numbers(columns.times))
    for position, (time_ns, channel, level) in enumerate(zip(times, columns.channels, columns.levels, strict=True)):
        number = listed[position] if position in listed else expected[channel]
        expected[channel] = number + 1
        yield time_ns, channel, number, next(floats) if level == FLOAT else level


def edges_of(columns: EdgeColumns, pins: Sequence[str]) -> Iterator[Edge]:
    """The edges, by the pins of the channels."""
    return (Edge(pins[channel], time_ns, number, level) for time_ns, channel, number, level in rows_of(columns))


def samples_of(columns: SampleColumns, channel: str) -> Iterator[Sample]:
    """The samples of a channel of that name."""
    times, numbers = (accumulate(whole_numbers(column)) for column in (columns.times, columns.numbers))
    values = array("d", _unplaned(columns.values))
    for time_ns, number, value, flags in zip(times, numbers, _little(values), columns.flags, strict=True):
        yield Sample(channel, time_ns, number, value, bool(flags & LATE))


def whole_numbers(planes: bytes) -> array[int]:
    """The numbers of eight bytes in these planes."""
    return _little(array("q", _unplaned(planes)))


def _differences(numbers: list[int]) -> array[int]:
    return array("q", map(sub, numbers, [0, *numbers[:-1]]))


def _planes(column: Column) -> bytes:
    stored = _little(column).tobytes()
    return b"".join([stored[plane::8] for plane in range(8)])


def _unplaned(planes: bytes) -> bytes:
    count = len(planes) // 8
    stored = bytearray(len(planes))
    for plane in range(8):
        stored[plane::8] = planes[plane * count : (plane + 1) * count]
    return bytes(stored)


def _little(column: Column) -> Column:
    """Little-endian, whatever the machine is."""
    if _SWAPPED:
        column = column[:]
        column.byteswap()
    return column


def _check(payload: bytes, size: int) -> None:
    if len(payload) != size:
        raise ValueError(f"a payload of {len(payload)} bytes where there should be {size}")
