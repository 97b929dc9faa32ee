"""Records: what a run's file is made of. Each carries its own length, times and checksums."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CLOCKS", "HEADER", "MOST_BYTES", "SUFFIX", "SYNC", "VERSION", "Kind", "Record", "json_record", "record",
    "unpack_header",
]  # fmt: skip

SUFFIX = ".labrun"
VERSION = 1
# The first byte is no text in any encoding, so that nobody takes the file for one.
SYNC = b"\x89LKR"
HEADER = struct.Struct("<4ssBHIIqqII")
"""Sync, kind, flags, channel, bytes of payload, count, first and last time, checksums of payload and header."""
CLOCKS = struct.Struct("<qq")
"""In a record that only says the recorder is alive: the machine's calendar time, and how long it records; in ns."""
_CHECKED = HEADER.size - 4
_CHECKSUM = struct.Struct("<I")
COMPRESSED = 1
MOST_BYTES = 1 << 26
MOST_INDEX = 1 << 26
MOST_EACH = 32  # bytes of an edge or a sample, before compression
COMPRESSION = 1  # higher levels cost a small machine five times as much for three per cent


class Kind:
    """What a record holds."""

    HEAD = b"H"  # JSON: the run's metadata; the file's first record
    CHANNEL = b"C"  # JSON: a channel, before its first edge or sample
    EDGES = b"E"
    SAMPLES = b"S"
    MARK = b"M"  # JSON: something that happened
    ALIVE = b"A"  # nothing happened since the record before; the machine's calendar time
    INDEX = b"I"  # what the records since the last index hold, in short
    SPACE = b"P"  # room that is kept for the end, should the disk be full by then
    END = b"Z"  # JSON: how it ended


@dataclass(frozen=True, slots=True)
class Record:
    """A record's header.

    Attributes:
        offset: Of the header, in the file.
        kind: One of `Kind`.
        channel: Of samples; 0 for other kinds.
        size: Bytes of payload, as stored.
        count: How many edges or samples.
        first_ns: The earliest time in it, lab time.
        last_ns: The latest.
        checksum: Of the payload as stored.
        is_compressed: The payload went through zlib.
    """

    offset: int
    kind: bytes
    channel: int
    size: int
    count: int
    first_ns: int
    last_ns: int
    checksum: int
    is_compressed: bool

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + HEADER.size + self.size

    def payload(self, stored: bytes) -> bytes | None:
        """What it holds, from the bytes behind its header; None where they are not what was written."""
        if len(stored) != self.size or zlib.crc32(stored) != self.checksum:
            return None
        if not self.is_compressed:
            return stored
        # A file from anywhere must not be able to fill the memory.
        unpacking = zlib.decompressobj()
        most = MOST_INDEX if self.kind == Kind.INDEX else MOST_EACH * self.count + MOST_EACH
        payload = unpacking.decompress(stored, most)
        return payload if unpacking.eof else None


def record(
    kind: bytes,
    payload: bytes,
    *,
    first_ns: int,
    last_ns: int,
    count: int = 0,
    channel: int = 0,
    compress: bool = False,
) -> bytes:
    """A whole record, ready to be appended."""
    flags = COMPRESSED if compress else 0
    stored = zlib.compress(payload, COMPRESSION) if compress else payload
    head = HEADER.pack(
        SYNC, kind, flags, channel, len(stored), count, first_ns, last_ns, zlib.crc32(stored), 0
    )[:_CHECKED]  # fmt: skip
    return head + _CHECKSUM.pack(zlib.crc32(head)) + stored


def json_record(kind: bytes, content: dict[str, Any], at_ns: int) -> bytes:
    """A record of text; JSON in UTF-8."""
    return record(kind, json.dumps(content, ensure_ascii=False).encode(), first_ns=at_ns, last_ns=at_ns)


def unpack_header(data: bytes | memoryview, offset: int) -> Record | None:
    """The header in these bytes, which stand at that offset of the file; None where there is none."""
    if len(data) < HEADER.size:
        return None
    sync, kind, flags, channel, size, count, first_ns, last_ns, checksum, own = HEADER.unpack_from(data)
    if sync != SYNC or own != zlib.crc32(data[:_CHECKED]) or size > MOST_BYTES:
        return None
    return Record(offset, kind, channel, size, count, first_ns, last_ns, checksum, bool(flags & COMPRESSED))
