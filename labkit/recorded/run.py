"""A recorded run: what `labkit.open_run(path)` gives."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from labkit.runfile.contents import Channel, Mark
from labkit.runfile.reading import RunFile

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from labkit.history import History
    from labkit.recorded.traces import EdgeTrace, SampleTrace
    from labkit.recorded.windows import Windows

__all__ = ["RecordedRun", "open_run"]

NS_PER_S = 1_000_000_000
CLOCK_STEP_NS = 2 * NS_PER_S


def open_run(path: str | os.PathLike[str]) -> RecordedRun:
    """Open a recorded run. Its data is read when it is asked for.

    Raises:
        BadRunFile: There is no such file, or it is no recording.
    """
    return RecordedRun(RunFile(Path(path)))


class RecordedRun:
    """A recorded run, or a window of one: `run[1.5:2]`. Times are seconds since the start of the run.

    A file that was cut off is as good as any other, up to where it was cut; `ended` says so. Safe from any thread.
    """

    def __init__(self, file: RunFile, window: tuple[int, int] | None = None, windows: Windows | None = None) -> None:
        self._opened = file
        self._window = window
        self._read: Windows | None = windows

    # ---- what it is

    @property
    def name(self) -> str:
        """As the file is called."""
        return self.path.stem

    @property
    def path(self) -> Path:
        """The file."""
        return self._opened.path

    @property
    def metadata(self) -> dict[str, Any]:
        """Board, pins, devices, wiring, versions, notebook, and when it began."""
        return self.file.head

    @property
    def started(self) -> datetime:
        """When it began, by the machine's clock. Where that was set meanwhile, counted back from the end."""
        wall_ns = int(self.file.head.get("wall_ns", 0)) + self._clock_step_ns
        return datetime.fromtimestamp(wall_ns / NS_PER_S, timezone.utc).astimezone()  # noqa: UP017 - 3.11 and later

    @property
    def seconds(self) -> float:
        """How long it is, in lab time."""
        begin_ns, end_ns = self.span_ns
        return (min(end_ns, self.file.span_ns[1]) - begin_ns) / NS_PER_S

    @property
    def channels(self) -> list[str]:
        """What they are called."""
        return [channel.name for channel in self.file.channels]

    @property
    def marks(self) -> list[Mark]:
        """What happened, in order; `at_ns` counts from the start of the run."""
        begin_ns, end_ns = self.span_ns
        zero_ns = self.file.start_ns
        return [
            Mark(mark.at_ns - zero_ns, mark.kind, mark.text, mark.channel, mark.details)
            for mark in self.file.marks
            if begin_ns <= mark.at_ns < end_ns
        ]

    @property
    def how(self) -> str:
        """How it ended: `"stopped"`, `"disk full"`, `"failed"`, `"cut off"`; or `"recording"`."""
        return self.file.ending.how

    @property
    def ended(self) -> str:
        """The same in words."""
        return self.file.ending.text

    @property
    def missing(self) -> dict[str, int]:
        """By channel: how many edges or samples the numbers prove missing; only channels that miss some."""
        given = self.file.ending.missing
        if not given and self.how != "stopped":
            given = {name: self[name].statistics().missing for name in self.channels}
        return {name: count for name, count in given.items() if count}

    @property
    def problems(self) -> list[str]:
        """What is not as it should be, in sentences; empty where all is."""
        found = (
            [] if self.how in ("stopped", "recording") else [f"It did not end as it should: {self.ended.rstrip('.')}."]
        )
        found += [f"{name} lacks {count:,}: their numbers are missing." for name, count in self.missing.items()]
        found += [
            f"{mark.at_ns / NS_PER_S:g} s: {mark.text}."
            for mark in self.marks
            if mark.kind in ("dropped", "failed", "clock")
        ]
        torn = [damage for damage in self.file.damages if damage.end < self.file.size]
        found += [f"Bytes {damage.begin:,} to {damage.end:,} of the file are damaged." for damage in torn]
        if self._clock_step_ns:
            found.append(
                f"The machine's clock was set by {self._clock_step_ns / NS_PER_S:+.1f} s while it was recorded."
            )
        return found

    # ---- what it holds

    @overload
    def __getitem__(self, key: str) -> EdgeTrace | SampleTrace: ...
    @overload
    def __getitem__(self, key: slice) -> RecordedRun: ...
    def __getitem__(self, key: str | slice) -> EdgeTrace | SampleTrace | RecordedRun:
        """A channel by its name or pin; or a window of the run, in seconds.

        Raises:
            BadRunFile: There is no such channel.
        """
        from labkit.recorded.traces import EdgeTrace, SampleTrace, window_ns

        if isinstance(key, slice):
            window = window_ns(key, self.file.start_ns, *self.span_ns)
            return RecordedRun(self.file, window, self.windows)
        channel = self.file.channel(key)
        kind = EdgeTrace if channel.kind == "digital" else SampleTrace
        return kind(self.windows, channel, *self.span_ns)

    def to_numpy(self, *channels: str) -> NDArray[np.void]:
        """Every edge and sample of these channels by time; none named: of all.

        A structured array: `time_ns` since the start, `channel` (its place in `channels`), `value`, `number`, `late`.
        """
        import numpy as np

        from labkit.recorded.merging import ENTRY, merged

        numbers = frozenset(channel.number for channel in self._chosen(channels))
        pieces = [piece for _, piece in merged(self.windows, *self.span_ns, numbers)]
        entries = np.concatenate(pieces) if pieces else np.empty(0, ENTRY)
        entries["time_ns"] -= self.file.start_ns
        return entries

    def to_pandas(self, *channels: str, wide: bool = False) -> pd.DataFrame:
        """A table by seconds since the start of the run; of these channels, or of all.

        Args:
            channels: By name.
            wide: A column for each channel, in which a level holds until the next edge, and a value stands where it was
                sampled. Else a row for each edge and sample, with everything that is known of it.

        Raises:
            NotInstalled: pandas is not here.
        """
        from labkit.recorded.frames import long_table, wide_table

        chosen = self._chosen(channels)
        entries = self.to_numpy(*channels)
        if not wide:
            return long_table(entries, {channel.number: channel.name for channel in chosen}, 0)
        begin_ns = self.span_ns[0]
        initial = {
            channel.number: self.windows.level_before(channel, begin_ns)
            for channel in chosen
            if channel.kind == "digital"
        }
        return wide_table(entries, chosen, initial, 0)

    def export(self, path: str | Path, *, told: Callable[[float], None] | None = None) -> Path:
        """Write it to a file of the kind that its suffix says: .vcd, .csv, .jsonl or .parquet.

        Args:
            path: Written anew.
            told: Called with the share that is done, 0 to 1, a few times a second.

        Raises:
            BadTraceFile: It can't be written, or the suffix is none of these.
            NotInstalled: For Parquet: pyarrow is not here.
        """
        from labkit.recorded.exporting import export

        return export(self, Path(path), told)

    def plot(self) -> Any:
        """The run as a figure: zoom in to single edges, measure between cursors, take away what is in sight.

        What is in a window is read when it is looked at, however long the run is.
        """
        from labkit.recorded.plotting import draw

        return draw(self.history, self.name)

    @property
    def history(self) -> History:
        """What a figure draws it from."""
        from labkit.recorded.drawing import RunHistory

        return RunHistory(self.windows, self.span_ns)

    def close(self) -> None:
        """Let go of the file; a run that is collected does so by itself."""
        self._opened.close()

    def __repr__(self) -> str:
        ending = self.file.ending
        return (
            f"<RecordedRun {self.name}: {self.seconds:g} s, {len(self.channels)} channels, {ending.edges:,} edges, "
            f"{ending.samples:,} samples, {self.ended}>"
        )

    def _repr_html_(self) -> str:
        from labkit.recorded.tables import run_table

        return run_table(self)

    # ---- within

    @property
    def file(self) -> RunFile:
        """The file, for labkit's own modules."""
        return self._opened

    @property
    def windows(self) -> Windows:
        """What reads its data, for labkit's own modules."""
        if self._read is None:
            from labkit.recorded.windows import Windows

            self._read = Windows(self.file)
        return self._read

    @property
    def span_ns(self) -> tuple[int, int]:
        """Its first instant, and the one after its last, in nanoseconds of lab time."""
        if self._window is not None:
            return self._window
        first_ns, last_ns = self.file.span_ns
        return first_ns, last_ns + 1

    @property
    def _clock_step_ns(self) -> int:
        """By how much the machine's clock was set while it was recorded; 0 for what a clock drifts by."""
        details = self.file.ending.details
        if "wall_ns" not in details or "wall_ns" not in self.file.head:
            return 0
        step_ns = int(details["wall_ns"] - self.file.head["wall_ns"] - details["elapsed_ns"])
        return step_ns if abs(step_ns) >= CLOCK_STEP_NS else 0

    def _chosen(self, names: tuple[str, ...]) -> list[Channel]:
        return [self.file.channel(name) for name in names] if names else list(self.file.channels)
