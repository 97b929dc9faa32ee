"""Whose call it is: time is virtual for a program and what works for it, not for the machinery around."""

from __future__ import annotations

import enum
import sys
from _thread import get_ident
from types import FrameType

from labkit.sim.time import active
from labkit.sim.time.task import Task

__all__ = ["Kind", "caller_frame", "kind_of", "participant"]


class Kind(enum.Enum):
    """What a module is to virtual time."""

    USER = 1  # the program; also any library that is not named below
    LIBRARY = 2  # gpiozero: works for the program, but a reader looks for the line that called it
    STDLIB = 3  # virtual too; may read the clock while it holds a lock, so that reading must not wait
    THROUGH = 4  # waits on behalf of its caller, whose kind decides
    MACHINERY = 5  # runs the program: always in real time


MACHINERY = frozenset({
    "IPython", "_pytest", "comm", "coverage", "debugpy", "execnet", "importlib", "ipykernel",
    "ipywidgets", "jupyter_client", "jupyter_core", "jupyter_server", "labkit", "multiprocessing", "nbclient",
    "pdb", "bdb", "pluggy", "pydevd", "_pydevd_bundle", "_pydev_bundle", "pytest", "runpy", "subprocess",
    "tornado",    "traitlets", "xdist", "zmq", "matplotlib_inline", "anywidget", "faulthandler", "unittest",
})  # fmt: skip
THROUGH = frozenset(
    {
        "threading",
        "queue",
        "asyncio",
        "selectors",
        "concurrent",
        "sched",
        "contextlib",
        "functools",
        "_weakrefset",
        "weakref",
    }
)
# What of labkit itself waits in the program's name: for its threads at its end, for its event loop.
OF_THE_PROGRAM = frozenset({"labkit.sim.clock", "labkit.sim.program", "labkit.sim.time.cells"})

_kinds: dict[str, Kind] = {}


def kind_of(module: str) -> Kind:
    """What kind a module of that name is; an empty name is the user's."""
    kind = _kinds.get(module)
    if kind is None:
        kind = _kinds[module] = _classify(module)
    return kind


def _classify(module: str) -> Kind:
    top = module.partition(".")[0]
    if module in OF_THE_PROGRAM:
        return Kind.LIBRARY
    if top in THROUGH or module.startswith("labkit.sim.time"):
        return Kind.THROUGH
    if top in MACHINERY:
        return Kind.MACHINERY
    if top in ("gpiozero", "colorzero"):
        return Kind.LIBRARY
    return Kind.STDLIB if top in sys.stdlib_module_names and top != "__main__" else Kind.USER


def caller_frame(depth: int) -> tuple[FrameType, Kind]:
    """The first frame, from `depth` callers up, that does not wait for another's sake."""
    frame = sys._getframe(depth)
    kind = kind_of(frame.f_globals.get("__name__", ""))
    while kind is Kind.THROUGH and frame.f_back is not None:
        frame = frame.f_back
        kind = kind_of(frame.f_globals.get("__name__", ""))
    return frame, kind


def participant(depth: int = 2) -> Task | None:
    """The calling thread's task, where the call `depth` frames up is to take virtual time."""
    scheduler = active.scheduler
    if scheduler is None:
        return None
    task = scheduler.tasks.get(get_ident())
    if task is None:
        return None
    return None if caller_frame(depth + 1)[1] is Kind.MACHINERY else task
