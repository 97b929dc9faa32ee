"""Whether anything can still happen, and if not, who waits for what, and where."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from labkit.sim.time.callers import Kind, kind_of
from labkit.sim.time.task import Task

__all__ = ["IDLE_EDGES", "UNSEEN", "describe_waiters", "is_settled", "name_place", "place_namers"]

NS_PER_S = 1_000_000_000
# The clock's own threads, of no interest to a reader.
IDLE_EDGES = "waits for edges"
UNSEEN = "observes"

THREAD_START = ("_bootstrap", "_bootstrap_inner", "run")

# A file's name as a reader knows it, such as "cell [3]" for a cell's file; None where it is no such file.
place_namers: list[Callable[[str], str | None]] = []


def is_settled(entry: tuple[int, int, int, Any, int], heap: list[Any], activity: int) -> bool:
    """Whether all that is pending are background pollers that have seen everything there is to see.

    A poller's next look depends on the pins alone; `settles` looks in a row without anything
    having happened anywhere prove that all later ones will be the same: unless something has
    happened since its last look, which `activity`, the count of what happened, tells.
    """
    first = entry[3]
    if not isinstance(first, Task) or not _has_seen_it_all(first, activity):
        return False
    return all(_is_quiet(other[3], other[4], activity) for other in heap)


def _is_quiet(item: Any, token: int, activity: int) -> bool:
    if not isinstance(item, Task):
        return item.callback is None
    return item.token != token or _has_seen_it_all(item, activity)


def _has_seen_it_all(task: Task, activity: int) -> bool:
    return 0 < task.settles <= task.quiet and task.seen == activity


def describe_waiters(tasks: Iterable[Task], now_ns: int) -> str:
    """The message of a deadlock: one line for each thread."""
    frames = sys._current_frames()
    now = f"{now_ns / NS_PER_S:.6f} s of lab time"
    lines = [f"every thread waits, and nothing is going to happen any more (at {now})"]
    meant = [task for task in tasks if task.what not in (IDLE_EDGES, UNSEEN)]
    meant.sort(key=lambda task: (task.daemon, task.name))
    lines += [_describe(task, frames.get(task.ident)) for task in meant]
    return "\n".join(lines)


def _describe(task: Task, frame: FrameType | None) -> str:
    name = f"  {task.name}{' (background)' if task.daemon else ''}"
    if frame is None:
        return f"{name}: has not started"
    what = task.what or _call_that_waits(frame)
    until = ", polling" if task.settles else ""
    return f"{name}: {what}{until}\n      at {name_place(frame)}"


def _call_that_waits(frame: FrameType | None) -> str:
    """The outermost library call on the way from the user's line to the wait."""
    name = "waits"
    while frame is not None:
        kind = kind_of(frame.f_globals.get("__name__", ""))
        if kind is Kind.USER:
            break
        module = frame.f_globals.get("__name__", "")
        if not module.startswith("labkit.") and frame.f_code.co_name not in THREAD_START:
            name = f"waits in {frame.f_code.co_qualname}()"
        frame = frame.f_back
    return name


def name_place(frame: FrameType) -> str:
    """The user's file and line; where no user's code is on the stack, the library's."""
    library = place = None
    here: FrameType | None = frame
    while here is not None:
        module = here.f_globals.get("__name__", "")
        kind = kind_of(module)
        if kind is Kind.USER:
            place = here
            break
        if kind is Kind.LIBRARY or (kind is Kind.STDLIB and library is None):
            library = library if library is not None and kind is Kind.STDLIB else here
        here = here.f_back
    found = place or library or frame
    return _name_line(found.f_code.co_filename, found.f_lineno, found.f_code.co_name)


def _name_line(file: str, line: int, function: str) -> str:
    name = next((name for namer in place_namers if (name := namer(file))), None)
    within = "" if function == "<module>" or function.startswith("<cell") else f", in {function}"
    text = linecache.getline(file, line).strip()
    where = f"{name}, line {line}" if name else f"{file}:{line}"
    return f"{where}{within}" + (f": {text}" if text else "")
