"""What a file holds, in short: blocks of about a thousand edges or samples, with their times and extremes.

By it a window is found without reading the file from its start, and a long one is drawn without reading it at all.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from labkit.runfile.columns import FLOAT
from labkit.runfile.records import Kind, record

__all__ = ["EDGE_BLOCK", "ENTRY", "HEAD", "MOST_RECORDS", "SAMPLE_BLOCK", "Index", "Parts", "split_index"]

BLOCK = 1024
MOST_RECORDS = 16
"""A block of a quiet channel ends after so many records: it must not span hours."""
HEAD = struct.Struct("<QIIIII")
"""Where the index before stands (0: nowhere); how many edge blocks, their entries, sample blocks and texts; 0."""
EDGE_BLOCK = struct.Struct("<QIIqqI")
"""Offset of the record it begins in, at which edge of it, how many edges, first and last time, how many entries."""
ENTRY = struct.Struct("<HIfff")
"""A channel's edges within a block: channel, count, lowest, highest and last level."""
SAMPLE_BLOCK = struct.Struct("<QHIIqqdd")
"""Offset of the record it begins in, channel, at which sample of it, how many, first and last time, lowest, highest."""
TEXT = struct.Struct("<Q")


class Levels(NamedTuple):
    """A channel's edges within a block: how many, their lowest, highest and last level."""

    number: int
    low: float
    high: float
    last: float

    def then(self, later: Levels) -> Levels:
        low, high = min(self.low, later.low), max(self.high, later.high)
        return Levels(self.number + later.number, low, high, later.last)


@dataclass
class _Open:
    """A block that is not complete."""

    offset: int
    first: int
    count: int = 0
    records: int = 0
    first_ns: int = 2**63 - 1
    last_ns: int = -(2**63)
    levels: dict[int, Levels] = field(default_factory=dict)

    def extend(self, count: int, first_ns: int, last_ns: int) -> None:
        self.count += count
        self.records += 1
        self.first_ns, self.last_ns = min(self.first_ns, first_ns), max(self.last_ns, last_ns)

    @property
    def is_full(self) -> bool:
        return self.count >= BLOCK or self.records >= MOST_RECORDS


class Index:
    """Gathers what records hold, from one index record to the next."""

    def __init__(self, previous: int = 0) -> None:
        self.previous = previous
        self.records = 0
        self.texts: list[int] = []
        self._edges = bytearray()
        self._entries = bytearray()
        self._samples = bytearray()
        self._open_edges: _Open | None = None
        self._open_samples: dict[int, _Open] = {}

    @property
    def is_due(self) -> bool:
        """Whether it has become large, or old."""
        return self.records >= 1024 or len(self._edges) >= 2048 * EDGE_BLOCK.size

    def add_edges(
        self,
        offset: int,
        times: Sequence[int],
        channels: bytes,
        levels: bytes,
        floats: Sequence[float],
        *,
        in_order: bool,
    ) -> None:
        """A record of edges stands at that offset; `in_order` where no time steps back."""
        self.records += 1
        begin, used = 0, 0
        while begin < len(times):
            block = self._open_edges
            if block is None:
                block = self._open_edges = _Open(offset, begin)
            end = min(len(times), begin + BLOCK - block.count)
            part = times[begin:end]
            block.extend(end - begin, *((part[0], part[-1]) if in_order else (min(part), max(part))))
            codes = levels[begin:end]
            floating = floats[used : used + codes.count(FLOAT)]
            used += len(floating)
            for channel, found in _levels_of(channels[begin:end], codes, floating):
                before = block.levels.get(channel)
                block.levels[channel] = found if before is None else before.then(found)
            if block.is_full:
                self._close_edges()
            begin = end

    def add_samples(self, offset: int, channel: int, times: Sequence[int], values: Sequence[float]) -> None:
        """A record of a channel's samples stands at that offset."""
        self.records += 1
        for begin in range(0, len(times), BLOCK):
            block = self._open_samples.setdefault(channel, _Open(offset, begin))
            part, numbers = times[begin : begin + BLOCK], values[begin : begin + BLOCK]
            block.extend(len(part), min(part), max(part))
            there = [value for value in numbers if not math.isnan(value)]
            if there:
                found = Levels(len(part), min(there), max(there), there[-1])
                block.levels[0] = block.levels[0].then(found) if block.levels else found
            if block.is_full:
                self._close_samples(channel)

    def add_text(self, offset: int) -> None:
        """A channel or a mark stands at that offset."""
        self.records += 1
        self.texts.append(offset)

    def payload(self) -> bytes:
        """All that was gathered."""
        self._close_edges()
        for channel in list(self._open_samples):
            self._close_samples(channel)
        counts = (
            len(self._edges) // EDGE_BLOCK.size, len(self._entries) // ENTRY.size,
            len(self._samples) // SAMPLE_BLOCK.size, len(self.texts), 0,
        )  # fmt: skip
        texts = b"".join(map(TEXT.pack, self.texts))
        return b"".join((HEAD.pack(self.previous, *counts), self._edges, self._entries, self._samples, texts))

    def record(self, at_ns: int) -> bytes:
        """As a record."""
        return record(Kind.INDEX, self.payload(), first_ns=at_ns, last_ns=at_ns, compress=True)

    def _close_edges(self) -> None:
        block, self._open_edges = self._open_edges, None
        if block is not None:
            sums = block.first_ns, block.last_ns, len(block.levels)
            self._edges += EDGE_BLOCK.pack(block.offset, block.first, block.count, *sums)
            for channel, levels in sorted(block.levels.items()):
                self._entries += ENTRY.pack(channel, *levels)

    def _close_samples(self, channel: int) -> None:
        block = self._open_samples.pop(channel)
        low, high = (block.levels[0].low, block.levels[0].high) if block.levels else (math.nan, math.nan)
        self._samples += SAMPLE_BLOCK.pack(
            block.offset, channel, block.first, block.count, block.first_ns, block.last_ns, low, high
        )  # fmt: skip


class Parts(NamedTuple):
    """An index's tables, as they stand in its payload."""

    previous: int
    edge_blocks: bytes
    entries: bytes
    sample_blocks: bytes
    texts: list[int]


def split_index(payload: bytes) -> Parts:
    """Take an index apart.

    Raises:
        ValueError, struct.error: It is not whole.
    """
    previous, edges, entries, samples, texts, _ = HEAD.unpack_from(payload)
    sizes = (edges * EDGE_BLOCK.size, entries * ENTRY.size, samples * SAMPLE_BLOCK.size, texts * TEXT.size)
    if len(payload) != HEAD.size + sum(sizes):
        raise ValueError("an index of the wrong length")
    parts, begin = [], HEAD.size
    for size in sizes:
        parts.append(payload[begin : begin + size])
        begin += size
    return Parts(previous, parts[0], parts[1], parts[2], [offset for (offset,) in TEXT.iter_unpack(parts[3])])


_MASKS = [bytes(int(byte == channel) for byte in range(256)) for channel in range(256)]


def _levels_of(channels: bytes, levels: bytes, floats: Sequence[float]) -> list[tuple[int, Levels]]:
    """Each channel's count, extremes and last level. Byte strings as long numbers: bits count faster than loops."""
    if floats:
        return _levels_with_floats(channels, levels, floats)
    found = []
    ones = int.from_bytes(levels, "little")
    left, channel = len(channels), 0
    while left:
        count = channels.count(channel)
        if count:
            left -= count
            high = (int.from_bytes(channels.translate(_MASKS[channel]), "little") & ones).bit_count()
            last = levels[channels.rindex(channel)]
            found.append((channel, Levels(count, 0 if high < count else 1, 1 if high else 0, last)))
        channel += 1
    return found


def _levels_with_floats(channels: bytes, levels: bytes, floats: Sequence[float]) -> list[tuple[int, Levels]]:
    found: dict[int, Levels] = {}
    rest = iter(floats)
    for channel, code in zip(channels, levels, strict=True):
        level = next(rest) if code == FLOAT else code
        one = Levels(1, level, level, level)
        found[channel] = found[channel].then(one) if channel in found else one
    return list(found.items())
