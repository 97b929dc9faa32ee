"""Traces as files: changes of level streamed to VCD, CSV or JSON lines, and read back from the latter two.

Nothing is kept in memory: what a file has is written as it comes, in the order it came.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from labkit.errors import BadTraceFile
from labkit.vcd import VcdWriter

__all__ = ["CsvWriter", "JsonLinesWriter", "TraceWriter", "open_trace", "read_changes", "signals"]

COLUMNS = ("timestamp_ns", "pin", "level")


class TraceWriter(Protocol):
    """Takes changes of level, oldest first. Not thread-safe: changes must come one at a time."""

    def change(self, pin: str, timestamp_ns: int, level: float) -> None:
        """A pin took a level: 0 or 1, or a duty cycle in between."""
        ...

    def close(self, names: Mapping[str, str], end_ns: int) -> None:
        """Finish the file.

        Args:
            names: What to call a pin, where something better than its own name is known.
            end_ns: Until when it was recorded.
        """
        ...


class CsvWriter:
    """A line per change: `timestamp_ns,pin,level`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(",".join(COLUMNS) + "\n")

    def change(self, pin: str, timestamp_ns: int, level: float) -> None:
        self._file.write(f"{timestamp_ns},{pin},{_plain(level)}\n")

    def close(self, names: Mapping[str, str], end_ns: int) -> None:
        self._file.close()


class JsonLinesWriter:
    """A line per change: `{"timestamp_ns": 0, "pin": "GPIO17", "level": 1}`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")

    def change(self, pin: str, timestamp_ns: int, level: float) -> None:
        self._file.write(f'{{"timestamp_ns": {timestamp_ns}, "pin": "{pin}", "level": {_plain(level)}}}\n')

    def close(self, names: Mapping[str, str], end_ns: int) -> None:
        self._file.close()


WRITERS: dict[str, Any] = {".vcd": VcdWriter, ".csv": CsvWriter, ".jsonl": JsonLinesWriter}


def open_trace(path: str | Path) -> TraceWriter:
    """Begin a trace file of the kind that its suffix says.

    Raises:
        BadTraceFile: The suffix is none of .vcd, .csv and .jsonl, or the file can't be written.
    """
    path = Path(path)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadTraceFile(f"{path}: a trace is written to a file ending in .vcd, .csv or .jsonl.")
    try:
        opened: TraceWriter = writer(path)
    except OSError as error:
        raise BadTraceFile(f"{path}: can't write there: {error.strerror}.") from None
    return opened


def signals(path: str | Path) -> list[str]:
    """The names of the signals in a CSV or JSONL trace, in the order they first appear.

    Raises:
        BadTraceFile: There is no such file, or it is no trace.
    """
    return list(dict.fromkeys(pin for pin, _, _ in _lines(Path(path))))


def read_changes(path: str | Path, signal: str) -> Iterator[tuple[int, float]]:
    """When a signal of a CSV or JSONL trace changed, in nanoseconds, and to what.

    Raises:
        BadTraceFile: There is no such file, or it is no trace; while it is read.
    """
    return ((timestamp_ns, level) for pin, timestamp_ns, level in _lines(Path(path)) if pin == signal)


def _lines(path: Path) -> Iterator[tuple[str, int, float]]:
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise BadTraceFile(f"{path}: a trace is read back from a file ending in .csv or .jsonl.")
    done = 0
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in read(file):
                yield str(row["pin"]), int(row["timestamp_ns"]), _number(row["level"])
                done += 1
    except OSError as error:
        raise BadTraceFile(f"{path}: can't read it: {error.strerror}.") from None
    except (KeyError, TypeError, ValueError) as error:
        columns = ", ".join(COLUMNS)
        raise BadTraceFile(f"{path}, entry {done + 1}: this is no trace with {columns} ({error}).") from None


def _json_lines(file: IO[str]) -> Iterator[Any]:
    return (json.loads(line) for line in file if line.strip())


READERS: dict[str, Any] = {".csv": csv.DictReader, ".jsonl": _json_lines}


def _number(value: Any) -> float:
    level = float(value)
    return int(level) if level in (0, 1) else level


def _plain(level: float) -> str:
    return str(int(level)) if level in (0, 1) else repr(float(level))
