"""A whole program in virtual time, from its first line to its last `atexit`."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from labkit.sim.clock import VirtualClock
from labkit.sim.time.endings import Ending, ending_of

__all__ = ["Outcome", "run_program", "take_part_until_exit"]


@dataclass(frozen=True)
class Outcome:
    """How a program ended.

    Attributes:
        ended_by: What its main thread raised: a SystemExit, an error, a `BudgetSpent`, a `Deadlock`;
            None where it came to its end.
        failures: What was raised in its other threads and callbacks, with the thread's name.
        lab_ns: When it ended.
    """

    ended_by: BaseException | None
    failures: tuple[tuple[str, BaseException], ...]
    lab_ns: int


def run_program(clock: VirtualClock, main: Callable[[], object]) -> Outcome:
    """Run main as Python runs a program: then wait for its threads, then `atexit`, all in lab time.

    For a process that ends with it: `atexit` runs the handlers of this process.

    Args:
        main: Such as `lambda: runpy.run_path("program.py", run_name="__main__")`.
    """
    with clock.running():
        ended_by = ending_of(main) or ending_of(clock.join_threads)
        if ended_by is not None and not isinstance(ended_by, (Ending, SystemExit)):
            sys.excepthook(type(ended_by), ended_by, ended_by.__traceback__)
        ended_by = ending_of(atexit._run_exitfuncs) or ended_by
        lab_ns = clock.now_ns()
    return Outcome(ended_by, tuple(clock.failures), lab_ns)


def take_part_until_exit(clock: VirtualClock) -> None:
    """The calling thread, the main one, takes part until the interpreter ends.

    Python waits for a program's threads where nobody can see it; the clock does so just before.
    """
    clock.install()
    clock.enter()
    threading._register_atexit(clock.join_threads)  # type: ignore[attr-defined]
