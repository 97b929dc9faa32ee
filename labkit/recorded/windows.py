"""Reads windows of a run into arrays, and keeps what it read last."""

from __future__ import annotations

import threading
from collections import OrderedDict

from labkit.recorded.arrays import EdgeArrays, SampleArrays, edge_arrays, sample_arrays
from labkit.recorded.blocks import Blocks, Table
from labkit.runfile.contents import Channel
from labkit.runfile.reading import RunFile
from labkit.runfile.records import Kind, Record

__all__ = ["Windows"]

MOST_KEPT = 48 << 20


class Windows:
    """Edges and samples of a file between two instants of lab time. Safe from any thread.

    Attributes:
        last_ns: The run's last instant.
    """

    def __init__(self, file: RunFile) -> None:
        self.file = file
        self.last_ns = file.span_ns[1]
        self.blocks = Blocks(file)
        self._kept: OrderedDict[int, EdgeArrays | SampleArrays] = OrderedDict()
        self._kept_bytes = 0
        self._lock = threading.RLock()

    def edges(self, begin_ns: int, end_ns: int, blocks: Table | None = None) -> EdgeArrays:
        """All edges from begin_ns on and before end_ns, in the order they were published."""
        if blocks is None:
            blocks = self.blocks.edges[self.blocks.edges_within(begin_ns, end_ns)]
        whole = EdgeArrays.joined([self.edges_in(record) for record in self.blocks.records_of(blocks, Kind.EDGES)])
        return whole.where((whole.times >= begin_ns) & (whole.times < end_ns))

    def samples(self, channel: int, begin_ns: int, end_ns: int) -> SampleArrays:
        """All samples of a channel from begin_ns on and before end_ns."""
        blocks = self.blocks.samples_within(begin_ns, end_ns)
        blocks = blocks[blocks["channel"] == channel]
        found = [self.samples_in(record) for record in self.blocks.records_of(blocks, Kind.SAMPLES)]
        whole = SampleArrays.joined(found)
        return whole.where((whole.times >= begin_ns) & (whole.times < end_ns))

    def level_before(self, channel: Channel, instant_ns: int) -> float:
        """The level that a channel of edges has just before an instant."""
        blocks = self.blocks
        owners = blocks.owners[blocks.entries_of(channel.number)]
        for owner in owners[blocks.edges["first_ns"][owners] < instant_ns][::-1]:
            block = blocks.edges[owner : owner + 1]
            edges = self.edges(-(1 << 63), instant_ns, block)
            levels = edges.levels[edges.channels == channel.number]
            if len(levels):
                return float(levels[-1])
        return channel.initial

    def edges_in(self, record: Record) -> EdgeArrays:
        """What a record of edges holds; nothing where its bytes were damaged."""
        found = self._remembered(record)
        if not isinstance(found, EdgeArrays):
            columns = self.file.edge_columns(record)
            found = EdgeArrays.joined([] if columns is None else [edge_arrays(columns)])
            self._remember(record, found)
        return found

    def samples_in(self, record: Record) -> SampleArrays:
        """What a record of samples holds; nothing where its bytes were damaged."""
        found = self._remembered(record)
        if not isinstance(found, SampleArrays):
            columns = self.file.sample_columns(record)
            found = SampleArrays.joined([] if columns is None else [sample_arrays(columns)])
            self._remember(record, found)
        return found

    def _remembered(self, record: Record) -> EdgeArrays | SampleArrays | None:
        with self._lock:
            if record.offset in self._kept:
                self._kept.move_to_end(record.offset)
            return self._kept.get(record.offset)

    def _remember(self, record: Record, found: EdgeArrays | SampleArrays) -> None:
        with self._lock:
            if record.offset not in self._kept:
                self._kept[record.offset] = found
                self._kept_bytes += found.size
            while self._kept_bytes > MOST_KEPT:
                self._kept_bytes -= self._kept.popitem(last=False)[1].size
