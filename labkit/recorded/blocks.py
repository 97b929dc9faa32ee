"""A file's index as tables: which blocks lie in a window, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labkit.runfile.index import MOST_RECORDS
from labkit.runfile.reading import RunFile
from labkit.runfile.records import Kind, Record

__all__ = ["Blocks"]

EDGE_BLOCK = np.dtype([
    ("offset", "<u8"), ("first", "<u4"), ("count", "<u4"), ("first_ns", "<i8"), ("last_ns", "<i8"), ("entries", "<u4"),
])  # fmt: skip
ENTRY = np.dtype([("channel", "<u2"), ("count", "<u4"), ("low", "<f4"), ("high", "<f4"), ("last", "<f4")])
SAMPLE_BLOCK = np.dtype([
    ("offset", "<u8"), ("channel", "<u2"), ("first", "<u4"), ("count", "<u4"), ("first_ns", "<i8"), ("last_ns", "<i8"),
    ("low", "<f8"), ("high", "<f8"),
])  # fmt: skip
Table = NDArray[Any]


class Blocks:
    """All blocks of a file.

    Attributes:
        edges: One row for each block of edges.
        entries: One row for each channel within each of them.
        owners: For each entry, the number of its block.
        samples: One row for each block of samples.
    """

    def __init__(self, file: RunFile) -> None:
        self._file = file
        parts = file.indexes()
        self.edges: Table = np.frombuffer(b"".join(part.edge_blocks for part in parts), EDGE_BLOCK)
        self.entries: Table = np.frombuffer(b"".join(part.entries for part in parts), ENTRY)
        self.samples: Table = np.frombuffer(b"".join(part.sample_blocks for part in parts), SAMPLE_BLOCK)
        self.owners = np.repeat(np.arange(len(self.edges)), self.edges["entries"])
        self._entries_of: dict[int, NDArray[np.intp]] = {}

    def entries_of(self, channel: int) -> NDArray[np.intp]:
        """The numbers of a channel's entries, in the file's order."""
        if channel not in self._entries_of:
            self._entries_of[channel] = np.flatnonzero(self.entries["channel"] == channel)
        return self._entries_of[channel]

    def edges_within(self, begin_ns: int, end_ns: int) -> NDArray[np.intp]:
        """The numbers of the blocks of edges that reach into a window."""
        return np.flatnonzero((self.edges["first_ns"] < end_ns) & (self.edges["last_ns"] >= begin_ns))

    def samples_within(self, begin_ns: int, end_ns: int) -> Table:
        """The blocks of samples that reach into a window."""
        return self.samples[(self.samples["first_ns"] < end_ns) & (self.samples["last_ns"] >= begin_ns)]

    def records_of(self, blocks: Table, kind: bytes) -> Iterator[Record]:
        """The records that blocks lie in, each once."""
        is_samples = kind == Kind.SAMPLES
        needed: dict[tuple[int, int], int] = {}
        for block in blocks:
            key = int(block["offset"]), int(block["channel"]) if is_samples else 0
            needed[key] = max(needed.get(key, 0), int(block["first"]) + int(block["count"]))
        seen: set[int] = set()
        for (offset, channel), count in needed.items():
            left = count
            for record in self._file.records_from(offset):
                if record.kind != kind or record.channel != channel:
                    continue
                left -= record.count
                if record.offset not in seen:
                    seen.add(record.offset)
                    yield record
                if left <= 0:
                    break

    def is_quick(self, blocks: Table, most: int, most_records: int) -> bool:
        """Whether these blocks are soon read whole: not too many entries, in not too many records."""
        return int(blocks["count"].sum()) <= most and MOST_RECORDS * len(np.unique(blocks["offset"])) <= most_records
