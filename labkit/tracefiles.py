"""Traces as files: streamed to VCD, CSV or JSON lines, and read back from the latter two, and from recorded runs.

Nothing is kept in memory: what a file has is written as it comes, in the order it came.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from labkit.errors import BadTraceFile
from labkit.runfile.reading import RunFile
from labkit.runfile.records import SUFFIX as RUN
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
    """The names of the signals in a CSV or JSONL trace, in the order they first appear; of a run, its channels'.

    Raises:
        BadTraceFile, BadRunFile: There is no such file, or it is no trace and no run.
    """
    if Path(path).suffix == RUN:
        return [name for channel in RunFile(path).channels for name in (channel.name, channel.pin) if name]
    return list(dict.fromkeys(pin for pin, _, _ in _lines(Path(path))))


def read_changes(path: str | Path, signal: str) -> Iterator[tuple[int, float]]:
    """When a signal of a CSV or JSONL trace, or of a run, changed, in nanoseconds, and to what.

    A run's signal first takes the level that it began with, at 0; where nothing was read, it keeps the value it had.

    Raises:
        BadTraceFile: There is no such file, or it is no trace; while it is read.
    """
    if Path(path).suffix == RUN:
        return _run_changes(RunFile(path), signal)
    return ((timestamp_ns, level) for pin, timestamp_ns, level in _lines(Path(path)) if pin == signal)


def _run_changes(run: RunFile, signal: str) -> Iterator[tuple[int, float]]:
    channel = run.channel(signal)
    # What a debounced pin reported, its line did that much earlier; driven so, such a pin reports it again in time.
    earlier_ns = run.start_ns + round(channel.bounce * 1e9)
    changes = ((each.timestamp_ns - earlier_ns, each.value) for each in run.changes([channel.number]))
    level, begun = channel.initial, channel.kind != "digital"
    for time_ns, value in changes:
        if time_ns < 0:
            level = value  # stamped by the kernel just before the start, and handed on just after it
            continue
        if not begun:
            begun = True
            yield 0, level
        if not math.isnan(value):
            yield time_ns, value
    if not begun:
        yield 0, level


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
