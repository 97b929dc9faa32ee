"""Reads a run's file, whole or cut off anywhere, also while it is being written. Never changes it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeVar

from labkit.errors import BadRunFile
from labkit.runfile.columns import (
    EdgeColumns,
    SampleColumns,
    edges_of,
    rows_of,
    samples_of,
    split_edges,
    split_samples,
    whole_numbers,
)
from labkit.runfile.contents import Channel
from labkit.runfile.index import Index, Parts, split_index
from labkit.runfile.opening import open_contents, whole
from labkit.runfile.records import Kind, Record
from labkit.runfile.scanning import Damage, Pages
from labkit.trace import Edge, Sample

__all__ = ["Change", "RunFile"]

Columns = TypeVar("Columns")
_TIME = itemgetter(0)


def _ignore(_offset: int) -> None:
    """What is told to nobody."""


class Change(NamedTuple):
    """A channel took a value."""

    timestamp_ns: int
    channel: int
    value: float


class RunFile:
    """One file, as it was when it was opened.

    Attributes:
        head: The run's metadata.
        channels: By number.
        marks: In the order of their instants.
        ending: How it ended.
        damages: Stretches that could not be read; those of edges and samples show when they are read.

    Raises:
        BadRunFile: It is no recording, or a later version's.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._pages = Pages(self.path)
        contents = open_contents(self._pages)
        self.head, self.ending = contents.head, contents.ending
        self.channels, self.marks, self.damages = contents.channels, contents.marks, contents.damages
        self._indexes, self._tail = contents.indexes, contents.tail

    @property
    def size(self) -> int:
        """Bytes."""
        return self._pages.size

    @property
    def start_ns(self) -> int:
        """When it began, lab time."""
        return int(self.head.get("start_ns", 0))

    @property
    def span_ns(self) -> tuple[int, int]:
        """Its first instant and its last, lab time: all that it holds lies in between.

        The kernel may have stamped an edge just before the recording began, and a clock may have been set back.
        """
        details, start_ns = self.ending.details, self.start_ns
        first_ns, last_ns = details.get("first_ns", start_ns), details.get("last_ns", start_ns)
        return min(start_ns, int(first_ns)), max(start_ns, self.ending.at_ns, int(last_ns))

    def channel(self, name: str) -> Channel:
        """The channel of that name, or of that pin.

        Raises:
            BadRunFile: There is none; the message says which there are.
        """
        for channel in self.channels:
            if name in (channel.name, channel.pin):
                return channel
        there = ", ".join(channel.name for channel in self.channels) or "none"
        raise BadRunFile(f"{self.path} has no channel {name!r}; it has {there}.")

    def records(self, *kinds: bytes) -> Iterator[Record]:
        """The headers of its records of these kinds, in the file's order."""
        return (each for each in self.records_from(0) if each.kind in kinds)

    def records_from(self, offset: int) -> Iterator[Record]:
        """The headers from one record on."""
        for each in self._pages.records(offset):
            if isinstance(each, Record):
                yield each
            else:
                self._note(each)

    def edge_columns(self, record: Record) -> EdgeColumns | None:
        """What a record of edges holds; None where its bytes were damaged."""
        return self._columns(record, split_edges)

    def sample_columns(self, record: Record) -> SampleColumns | None:
        """What a record of samples holds; None where its bytes were damaged."""
        return self._columns(record, split_samples)

    def edges(self) -> Iterator[Edge]:
        """Every edge, in the order they were published."""
        pins = [f"channel {number}" for number in range(256)]
        for channel in self.channels:
            if channel.number < len(pins):
                pins[channel.number] = channel.pin
        for record in self.records(Kind.EDGES):
            columns = self.edge_columns(record)
            if columns is not None:
                yield from edges_of(columns, pins)

    def samples(self) -> Iterator[Sample]:
        """Every sample, channel by channel, a fraction of a second at a time."""
        names = {channel.number: channel.name for channel in self.channels}
        for record in self.records(Kind.SAMPLES):
            columns = self.sample_columns(record)
            if columns is not None:
                yield from samples_of(columns, names.get(record.channel, str(record.channel)))

    def changes(self, channels: Iterable[int] | None = None, told: Callable[[int], None] = _ignore) -> Iterator[Change]:
        """Edges and samples of these channels (None: all) by time; those of one instant as they were recorded.

        Keeps no more in memory than the records that overlap in time.

        Args:
            channels: By number.
            told: Called with the offset in the file, as reading goes on.
        """
        wanted = None if channels is None else frozenset(channels)
        records = [
            each for each in self.records(Kind.EDGES, Kind.SAMPLES)
            if wanted is None or each.kind == Kind.EDGES or each.channel in wanted
        ]  # fmt: skip
        # Until when all is known once a record is read: before the earliest time of those that follow.
        following = list(accumulate((record.first_ns for record in reversed(records)), min))[::-1]
        waiting: list[Change] = []
        for record, until_ns in zip(records, [*following[1:], 1 << 63], strict=False):
            waiting += self._changes_in(record, wanted)
            waiting.sort(key=_TIME)
            known = bisect_right(waiting, until_ns, key=_TIME)
            yield from waiting[:known]
            del waiting[:known]
            told(record.end)

    def indexes(self) -> list[Parts]:
        """What the file holds in short, in the file's order; what is not indexed yet is read for it."""
        if self._tail:
            self._indexes.append(split_index(self._index_of(self._tail).payload()))
            self._tail = []
        return self._indexes

    def close(self) -> None:
        """Let go of the file."""
        self._pages.close()

    def _columns(self, record: Record, split: Callable[[bytes, int], Columns]) -> Columns | None:
        columns = whole(self._pages, record, lambda payload: split(payload, record.count))
        if columns is None:
            self._note(Damage(record.offset, record.end))
        return columns

    def _note(self, damage: Damage) -> None:
        if damage not in self.damages:
            self.damages.append(damage)

    def _changes_in(self, record: Record, wanted: frozenset[int] | None) -> list[Change]:
        if record.kind == Kind.SAMPLES:
            samples = self.sample_columns(record)
            found = [] if samples is None else samples_of(samples, "")
            return [Change(sample.timestamp_ns, record.channel, sample.value) for sample in found]
        columns = self.edge_columns(record)
        rows = [] if columns is None else rows_of(columns)
        return [
            Change(time_ns, channel, level)
            for time_ns, channel, _, level in rows
            if wanted is None or channel in wanted
        ]  # fmt: skip

    def _index_of(self, records: list[Record]) -> Index:
        index = Index()
        for record in records:
            if record.kind == Kind.SAMPLES and (samples := self.sample_columns(record)) is not None:
                found = list(samples_of(samples, ""))
                times, values = [one.timestamp_ns for one in found], [one.value for one in found]
                index.add_samples(record.offset, record.channel, times, values)
            elif record.kind == Kind.EDGES and (columns := self.edge_columns(record)) is not None:
                times = list(accumulate(whole_numbers(columns.times)))
                in_order = times == sorted(times)
                index.add_edges(
                    record.offset, times, columns.channels, columns.levels, columns.floats, in_order=in_order
                )  # fmt: skip
        return index
