"""`labkit export` and `labkit runs`, for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from labkit.errors import BadTraceFile
from labkit.recorded.folder import RUNS, list_runs
from labkit.recorded.run import RecordedRun, open_run
from labkit.runfile.records import SUFFIX

__all__ = ["export_runs", "print_runs"]


def export_runs(
    names: Sequence[str], to: str, folder: Path | None, window: tuple[float | None, float | None], *, force: bool
) -> None:
    """Export runs, one after the other; each is told of on stdout when it is done, and meanwhile on a terminal.

    Args:
        names: Files, or names of runs in the folder `runs`.
        to: `"vcd"`, `"csv"`, `"jsonl"` or `"parquet"`.
        folder: Where to; None for beside each run.
        window: From and until when, in seconds since its start; None for its own.
        force: Replace files that are there.

    Raises:
        BadRunFile: There is no such run, or it can't be read.
        BadTraceFile: A file is there already, or can't be written.
        NotInstalled: For Parquet: pyarrow is not here.
    """
    for name in names:
        run = _open(name)
        path = (folder or run.path.parent) / f"{run.name}.{to}"
        if path.exists() and not force:
            raise BadTraceFile(f"{path} is there already: --force replaces it, --output puts it elsewhere.")
        with _Progress(path.name) as told:
            run[window[0] : window[1]].export(path, told=told)
        print(path)
        for problem in run.problems:
            print(f"{run.name}: {problem}", file=sys.stderr)


def print_runs(folder: Path) -> None:
    """The runs in a folder, newest first."""
    print(repr(list_runs(folder)))


def _open(name: str) -> RecordedRun:
    path = Path(name)
    if path.suffix != SUFFIX and not path.exists():
        beside = Path(RUNS) / f"{name}{SUFFIX}"
        path = beside if beside.exists() else path.with_name(path.name + SUFFIX)
    return open_run(path)


class _Progress:
    """Shows how far an export is, where somebody looks."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = -1

    def __enter__(self) -> Callable[[float], None] | None:
        return self._tell if sys.stderr.isatty() else None

    def __exit__(self, *_: object) -> None:
        if self._shown >= 0:
            with suppress(OSError):
                sys.stderr.write("\r\033[K")
                sys.stderr.flush()

    def _tell(self, share: float) -> None:
        percent = int(100 * share)
        if percent != self._shown:
            self._shown = percent
            sys.stderr.write(f"\r{self._name}  {percent:3d} %")
            sys.stderr.flush()
