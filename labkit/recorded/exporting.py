"""Runs as files of other kinds: traces (VCD, CSV, JSON lines) and Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit.errors import BadTraceFile, NotInstalled
from labkit.recorded.merging import merged
from labkit.tracefiles import TraceWriter, open_trace

if TYPE_CHECKING:
    from labkit.recorded.run import RecordedRun

__all__ = ["SUFFIXES", "export"]

SUFFIXES = (".vcd", ".csv", ".jsonl", ".parquet")


def export(run: RecordedRun, path: Path, told: Callable[[float], None] | None) -> Path:
    """Write a run; see `RecordedRun.export`. What was at that place stays until the new file is complete."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadTraceFile(f"{path}: a run is exported to a file ending in {', '.join(SUFFIXES)}.")
    part = path.with_name(f".{path.stem}.part{suffix}")
    try:
        part.open("wb").close()  # what writes it says less clearly why it can't
        (_to_parquet if suffix == ".parquet" else _to_trace)(run, part, told)
        part.replace(path)
    except OSError as error:
        raise BadTraceFile(f"{path}: can't write there: {error.strerror or error}.") from None
    finally:
        # A writer has a part file of its own beside the one it was given.
        for left in (part, part.with_name(part.name + ".part")):
            left.unlink(missing_ok=True)
    return path


def _to_trace(run: RecordedRun, path: Path, told: Callable[[float], None] | None) -> None:
    """Changes by time, counted from the run's start; the level that each channel begins with comes first."""
    names = {channel.number: channel.name for channel in run.file.channels}
    begin_ns = run.span_ns[0]
    with _closing(open_trace(path), begin_ns - run.file.start_ns + round(run.seconds * 1e9)) as writer:
        for channel in run.file.channels:
            if channel.kind == "digital":
                level = run.windows.level_before(channel, begin_ns)
                writer.change(channel.name, begin_ns - run.file.start_ns, level)
        for piece in _pieces(run, told):
            times, channels, values = (piece[name].tolist() for name in ("time_ns", "channel", "value"))
            for time_ns, channel, value in zip(times, channels, values, strict=True):
                if value == value:  # not where nothing was read
                    writer.change(names[channel], time_ns, value)


@contextmanager
def _closing(writer: TraceWriter, end_ns: int) -> Iterator[TraceWriter]:
    """Finishes the file, also when what is written into it fails."""
    try:
        yield writer
    finally:
        writer.close({}, end_ns)


def _to_parquet(run: RecordedRun, path: Path, told: Callable[[float], None] | None) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise NotInstalled(
            "pyarrow is not installed here, and Parquet needs it. Install it: pip install pyarrow; or write a .csv."
        ) from None
    numbers = np.array([channel.number for channel in run.file.channels])
    names = pyarrow.array([channel.name for channel in run.file.channels], pyarrow.string())
    schema = pyarrow.schema([
        ("time_ns", pyarrow.int64()), ("channel", pyarrow.dictionary(pyarrow.int16(), pyarrow.string())),
        ("value", pyarrow.float64()), ("number", pyarrow.int64()), ("late", pyarrow.bool_()),
    ])  # fmt: skip
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for piece in _pieces(run, told):
            places = np.searchsorted(numbers, piece["channel"]).astype(np.int16)
            columns = [
                pyarrow.array(np.ascontiguousarray(piece["time_ns"])),
                pyarrow.DictionaryArray.from_arrays(places, names),
                *(pyarrow.array(np.ascontiguousarray(piece[name])) for name in ("value", "number", "late")),
            ]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))


def _pieces(run: RecordedRun, told: Callable[[float], None] | None) -> Iterator[NDArray[Any]]:
    """The run's entries by time, counted from its start."""
    begin_ns, end_ns = run.span_ns
    for reached, piece in merged(run.windows, begin_ns, end_ns, frozenset(each.number for each in run.file.channels)):
        piece["time_ns"] -= run.file.start_ns
        yield piece
        if told is not None:
            told(reached / max(1, run.file.size))
