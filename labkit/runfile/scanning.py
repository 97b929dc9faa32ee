"""Finds the records of a file, also behind a place where its bytes were damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from labkit.errors import BadRunFile
from labkit.runfile.records import HEADER, SYNC, Record, unpack_header

__all__ = ["Damage", "Pages"]

WINDOW = 1 << 16
LONGEST_END = 1 << 20


class Damage(NamedTuple):
    """A stretch of a file that holds no whole record: from one offset to another."""

    begin: int
    end: int


class Pages:
    """A file's bytes as they were when it was opened; more may be appended meanwhile. Safe from any thread.

    Raises:
        BadRunFile: It can't be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = -1
        try:
            self.file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            os.pread(self.file, 1, 0)  # a folder can be opened, but not read
        except OSError as error:
            raise BadRunFile(f"{path}: can't read the recording: {error.strerror}.") from None
        self.size = os.fstat(self.file).st_size
        self._window = (0, b"")

    def close(self) -> None:
        """Let go of the file."""
        if self.file >= 0:
            file, self.file = self.file, -1
            os.close(file)

    def __del__(self) -> None:
        self.close()

    def read(self, offset: int, size: int) -> bytes:
        """So many bytes from there; fewer at the file's end."""
        begin, window = self._window
        if begin <= offset and offset + size <= begin + len(window):
            return window[offset - begin : offset - begin + size]
        size = max(0, min(size, self.size - offset))
        if size >= WINDOW:
            return os.pread(self.file, size, offset)
        window = os.pread(self.file, min(WINDOW, self.size - offset), offset)
        self._window = offset, window
        return window[:size]

    def header(self, offset: int) -> Record | None:
        """The record at that offset; None where none stands there, or not all of it."""
        found = unpack_header(self.read(offset, HEADER.size), offset)
        return found if found is not None and found.end <= self.size else None

    def payload(self, record: Record) -> bytes | None:
        """What a record holds; None where its bytes were damaged."""
        return record.payload(self.read(record.offset + HEADER.size, record.size))

    def records(self, offset: int = 0) -> Iterator[Record | Damage]:
        """Every record from that offset on, and every stretch in between that is none."""
        while offset < self.size:
            found = self.header(offset)
            if found is None:
                behind = self._next_header(offset + 1)
                yield Damage(offset, behind)
                offset = behind
            else:
                yield found
                offset = found.end

    def last_record(self) -> Record | None:
        """The record that the file ends with; None where it was cut off within one."""
        for reach in (WINDOW // 16, LONGEST_END):
            begin = max(0, self.size - reach)
            tail = self.read(begin, self.size - begin)
            at = tail.rfind(SYNC)
            while at >= 0:
                found = self.header(begin + at)
                if found is not None and found.end == self.size:
                    return found
                at = tail.rfind(SYNC, 0, at + len(SYNC) - 1)
        return None

    def _next_header(self, offset: int) -> int:
        """Where the next record stands, or the file's end."""
        while offset < self.size:
            # A little more than asked for: a sync may lie across two stretches.
            stretch = self.read(offset, WINDOW + len(SYNC))
            at = stretch.find(SYNC)
            if at < 0:
                offset += WINDOW
            elif self.header(offset + at) is not None:
                return offset + at
            else:
                offset += at + 1
        return self.size
