"""What a user's callback raised, in words and strings only: the exception itself would keep devices alive."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from gpiozero import Device

from labkit.cells import notebook_shell

__all__ = ["Failure", "describe", "device_in", "frames_of", "place_of"]

LABKIT = str(Path(__file__).parent)
INSTALLED = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")})


@dataclass(frozen=True)
class Failure:
    """One exception of a callback.

    Attributes:
        sentence: `"ZeroDivisionError: division by zero"`.
        where: The user's own line that it came from: `"cell [4], line 3"`, `"robot.py, line 12"`.
        source: The text of that line.
        traceback: All of it, as it would be printed.
    """

    sentence: str
    where: str
    source: str
    traceback: str


def describe(error: BaseException) -> Failure:
    """The exception in words. It costs some hundred microseconds."""
    told = traceback.TracebackException.from_exception(error)
    for each in _chain(told):
        each.stack = traceback.StackSummary.from_list([_renamed(frame) for frame in each.stack if not _is_ours(frame)])
    frame, line = _users_line(error.__traceback__)
    source = linecache.getline(frame.f_code.co_filename, line).strip() if frame else ""
    where = f"{_file(frame.f_code.co_filename)}, line {line}" if frame else ""
    return Failure(_sentence(error), where, source, "".join(told.format()).rstrip())


def place_of(error: BaseException) -> tuple[Any, ...]:
    """The same for exceptions that one line raised again and again: cheap, where `describe` is not."""
    found: tuple[Any, ...] = (type(error),)
    step = error.__traceback__
    while step is not None:
        found = (type(error), step.tb_frame.f_code, step.tb_lineno)
        step = step.tb_next
    return found


def device_in(frames: Iterable[FrameType]) -> Any:
    """The first device whose method runs in one of these frames: from the outermost on, the one whose thread it is."""
    for frame in frames:
        found = frame.f_locals.get("self")
        # By its type: a proxy would say that it is a device, too.
        if issubclass(type(found), Device):
            return found
    return None


def frames_of(trace: TracebackType | None) -> list[FrameType]:
    """The frames of a traceback, the outermost first."""
    return [step.tb_frame for step in _steps(trace)]


def _sentence(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - a user's own exception class may fail at this, too
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _chain(told: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    while told is not None:
        yield told
        told = told.__cause__ or told.__context__


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(LABKIT)


def _renamed(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    _ = frame.line  # read now, by the name that the file has
    frame.filename = _file(frame.filename, whole=True)
    return frame


def _users_line(trace: TracebackType | None) -> tuple[FrameType | None, int]:
    """The innermost line of the user's own, else of any; a cell's before that of a file."""
    found = [(step.tb_frame, step.tb_lineno) for step in _steps(trace)]
    for wanted in (_cell, _is_users):
        for frame, line in reversed(found):
            if wanted(frame.f_code.co_filename):
                return frame, line
    return found[-1] if found else (None, 0)


def _steps(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_users(file: str) -> bool:
    return not file.startswith((LABKIT, "<", *INSTALLED))


def _cell(file: str) -> str:
    """ "cell [4]" for the file that IPython gives a cell; empty for others."""
    compiler = getattr(notebook_shell(), "compile", None)
    number = getattr(compiler, "_filename_map", {}).get(file)
    return "" if number is None else f"cell [{number}]"


def _file(file: str, *, whole: bool = False) -> str:
    return _cell(file) or (file if whole else file.rpartition("/")[2])
