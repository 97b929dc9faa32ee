"""`bench.record(...)`: a bench's devices into a run's file, from its beginning to its end."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from labkit.bench import Bench
from labkit.capture import Capture
from labkit.cells import notebook_shell
from labkit.errors import BadRunFile, DiskFull, RecordingFailed
from labkit.metadata import head_of
from labkit.recordables import recordable
from labkit.recorded.run import RecordedRun
from labkit.recorder import Recorder
from labkit.runfile.appending import RunLog
from labkit.runfile.contents import Ending, Mark
from labkit.runfile.packing import Tally
from labkit.runfile.reading import RunFile
from labkit.runfile.records import SUFFIX, Kind, json_record
from labkit.sampling import check_rate

__all__ = ["Recording", "record"]


def record(bench: Bench, name: Any, devices: tuple[Any, ...], rate: float, folder: Any) -> Recording:
    """Begin to record; see `Bench.record`. In a notebook a line tells how it goes on."""
    if name is not None and not isinstance(name, str):
        name, devices = None, (name, *devices)
    recording = Recording(bench, name, devices, rate, Path(folder))
    shell = notebook_shell()
    if shell is not None and hasattr(shell, "kernel"):
        from labkit.progress import show_progress

        show_progress(bench, recording)
    return recording


class Recording(RecordedRun):
    """A run that is being recorded, until `stop`, the end of its `with` block, or until its cell runs again.

    All that a recorded run can, it can meanwhile, with what was recorded so far. Callable from any thread.
    """

    def __init__(self, bench: Bench, name: str | None, devices: tuple[Any, ...], rate: float, folder: Path) -> None:
        rate = check_rate(rate)
        recordables = [recordable(bench, device) for device in devices or bench.devices]
        self._bench = bench
        self._opening = threading.Lock()
        name = f"run-{datetime.now():%Y%m%d-%H%M%S}" if name is None else name
        # Absolute: the program may go to another folder meanwhile.
        log = RunLog.create(folder.absolute(), _checked(name))
        log.begin(json_record(Kind.HEAD, head_of(bench, log.path.stem, recordables), bench.clock.now_ns()))
        super().__init__(RunFile(log.path))
        self._capture = Capture(bench, rate)
        self._recorder = Recorder(log, bench.clock, self._capture.leave)
        # Ends what this cell recorded when it ran before.
        self._capture.leaving.append(bench.keep(self))
        self._capture.begin(self._recorder, recordables, follow=not devices)

    # ---- what one does with it

    def mark(self, text: str) -> None:
        """Note that something happens now: `run.mark("heater on")`.

        Raises:
            RecordingFailed: The recording has ended.
        """
        if self._recorder.ending is not None:
            raise RecordingFailed(f"{self.name} has ended ({self._recorder.ending.text}): there is nothing to mark.")
        self._recorder.mark(Mark(self._bench.clock.now_ns(), "mark", str(text)))

    def stop(self, by: str = "") -> Self:
        """End it; stopping again does nothing.

        Args:
            by: What the file says stopped it; this cell, by default.

        Raises:
            DiskFull, RecordingFailed: It had ended before, for that reason; its file holds what was written.
        """
        ending = self._end(f"stopped by {by or self._bench.cells.current.label}")
        if ending.how == "disk full":
            raise DiskFull(ending.text)
        if ending.how == "failed":
            raise RecordingFailed(ending.text)
        return self

    def close(self) -> None:
        """End it because its cell runs again, or the bench is closed; for `Bench.keep`."""
        self._end("the bench was closed" if self._bench.closed else "its cell ran again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.stop()
        else:
            self._end(f"stopped by {type(error).__name__}")

    # ---- how it goes

    @property
    def is_recording(self) -> bool:
        """Whether it goes on."""
        return self._recorder.ending is None

    @property
    def tally(self) -> Tally:
        """Edges, samples and bytes so far, and how many could not be taken."""
        return self._recorder.tally

    @property
    def problem(self) -> str:
        """What is wrong just now, in words; empty while all is well."""
        return self._recorder.problem or self._capture.problem

    @property
    def elapsed(self) -> float:
        """Seconds of lab time since its start."""
        ending = self._recorder.ending
        return ((self._bench.clock.now_ns() if ending is None else ending.at_ns) - self._opened.start_ns) / 1e9

    @property
    def missing(self) -> dict[str, int]:
        return {name: count for name, count in self._recorder.missing().items() if count}

    @property
    def outcome(self) -> str:
        """How it ended, in words; `"recording"` while it goes on."""
        ending = self._recorder.ending
        return "recording" if ending is None else ending.text

    @property
    def samples_values(self) -> bool:
        """Whether there is anything that has to be sampled."""
        return bool(self._capture.samplers)

    @property
    def file(self) -> RunFile:
        """The file with all that was recorded so far."""
        self._recorder.flush()
        with self._opening:
            opened = self._opened
            is_old = opened.ending.how == "recording" and not self.is_recording
            if is_old or os.stat(opened.path).st_size != opened.size:
                self._opened, self._read = RunFile(opened.path), None
            return self._opened

    def __repr__(self) -> str:
        return super().__repr__().replace("<RecordedRun", "<Recording", 1)

    # ---- how it ends

    def _end(self, text: str) -> Ending:
        return self._recorder.stop("stopped", text)


def _checked(name: str) -> str:
    """A run's name, as a file's.

    Raises:
        BadRunFile: It is none.
    """
    name = name.removesuffix(SUFFIX)
    if not name or name.startswith(".") or "/" in name or "\0" in name or len(name.encode()) > 200:
        raise BadRunFile(
            f"{name!r} can't be the name of a run, for it names its file: no slash in it, no dot before it, at most "
            f"200 characters. Another place is given as folder=…."
        )
    return name
