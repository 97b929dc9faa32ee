"""A folder of runs: what is in it, newest first. The files are the truth; an index beside them saves opening each."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, overload

from labkit.errors import BadRunFile
from labkit.recorded.run import RecordedRun, open_run
from labkit.recorded.tables import html_table, length_text, size_text
from labkit.runfile.records import SUFFIX

__all__ = ["RUNS", "RunInfo", "Runs", "list_runs"]

RUNS = "runs"
INDEX = ".index.json"
NS_PER_S = 1_000_000_000


@dataclass(frozen=True)
class RunInfo:
    """What a list tells of a run.

    Attributes:
        file: Its name in the folder.
        started: By the machine's clock, ISO 8601 with the zone.
        seconds: How long it is.
        channels: What they are called.
        edges, samples: How many.
        ended: How it ended, in words; of a file that can't be read, why.
        how: In a word; `"unreadable"` of such a file.
    """

    file: str
    size: int
    started: str = ""
    seconds: float = 0
    channels: Sequence[str] = ()
    edges: int = 0
    samples: int = 0
    ended: str = ""
    how: str = ""

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.file.removesuffix(SUFFIX)


class Runs(Sequence[RecordedRun]):
    """The runs of a folder, newest first: `runs[0]`, `runs["heating"]`; a table in a notebook."""

    def __init__(self, folder: Path, infos: Sequence[RunInfo]) -> None:
        self.folder = folder
        self.infos = infos

    def __len__(self) -> int:
        return len(self.infos)

    @overload
    def __getitem__(self, key: int | str) -> RecordedRun: ...
    @overload
    def __getitem__(self, key: slice) -> Runs: ...
    def __getitem__(self, key: int | str | slice) -> RecordedRun | Runs:
        """Open a run, by its place or its name.

        Raises:
            BadRunFile: There is none of that name, or it can't be read.
        """
        if isinstance(key, slice):
            return Runs(self.folder, self.infos[key])
        if isinstance(key, int):
            return open_run(self.folder / self.infos[key].file)
        for info in self.infos:
            if key in (info.name, info.file):
                return open_run(self.folder / info.file)
        there = ", ".join(info.name for info in self.infos[:8]) or "none"
        raise BadRunFile(f"There is no run {key!r} in {self.folder}; there are {there}.")

    def __iter__(self) -> Iterator[RecordedRun]:
        return (open_run(self.folder / info.file) for info in self.infos if info.how != "unreadable")

    def __repr__(self) -> str:
        lines = [f"{self._count} in {self.folder}/"]
        lines += ["  " + "  ".join(cell for cell in _row(info) if cell) for info in self.infos]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = ("name", "when", "length", "channels", "edges", "samples", "size", "how it ended")
        return html_table(heads, map(_row, self.infos), f"{self._count} in <code>{escape(str(self.folder))}/</code>")

    @property
    def _count(self) -> str:
        return "1 run" if len(self) == 1 else f"{len(self)} runs"


def list_runs(folder: str | os.PathLike[str] = RUNS) -> Runs:
    """The runs in a folder, newest first; none where there is no such folder."""
    folder = Path(folder)
    known = _read_index(folder)
    infos: list[RunInfo] = []
    index: dict[str, Any] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            state = path.stat()
        except OSError:
            continue  # gone meanwhile
        stamp = [state.st_size, state.st_mtime_ns]
        entry = known.get(path.name)
        info = _from_index(entry, stamp) or _info(path, state.st_size)
        infos.append(info)
        if info.how != "recording":
            index[path.name] = {"stamp": stamp, "run": asdict(info)}
    if index != known:
        _write_index(folder, index)
    infos.sort(key=lambda info: info.started, reverse=True)
    return Runs(folder, infos)


def _info(path: Path, size: int) -> RunInfo:
    try:
        run = open_run(path)
    except BadRunFile as error:
        return RunInfo(path.name, size, ended=str(error), how="unreadable")
    try:
        ending = run.file.ending
        started = run.started.isoformat(timespec="milliseconds")
        return RunInfo(
            path.name, size, started, run.seconds, run.channels, ending.edges, ending.samples, ending.text, ending.how
        )  # fmt: skip
    finally:
        run.close()


def _read_index(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _from_index(entry: Any, stamp: list[int]) -> RunInfo | None:
    """What the index tells of a file that is as it was."""
    try:
        return RunInfo(**entry["run"]) if entry["stamp"] == stamp else None
    except (TypeError, KeyError):
        return None


def _write_index(folder: Path, index: dict[str, Any]) -> None:
    """Whole or not at all; where the folder can't be written, the next list opens the files again."""
    part = folder / f"{INDEX}.{os.getpid()}"
    with contextlib.suppress(OSError):
        part.write_text(json.dumps(index), encoding="utf-8")
        part.replace(folder / INDEX)


def _row(info: RunInfo) -> tuple[str, ...]:
    when = f"{datetime.fromisoformat(info.started):%Y-%m-%d %H:%M:%S}" if info.started else ""
    channels = ", ".join(info.channels[:6]) + (" …" if len(info.channels) > 6 else "")
    counts = (f"{info.edges:,}" if info.edges else "", f"{info.samples:,}" if info.samples else "")
    length = length_text(info.seconds) if info.started else ""
    return (info.name, when, length, channels, *counts, size_text(info.size), info.ended)
