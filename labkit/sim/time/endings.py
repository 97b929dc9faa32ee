"""How a program in virtual time can come to its end other than by itself."""

from __future__ import annotations

from collections.abc import Callable

from labkit.errors import LabError

__all__ = [
    "BlockingPhysics",
    "BudgetSpent",
    "ClockInUse",
    "Deadlock",
    "Ending",
    "Stopped",
    "TimeBudgetSpent",
    "WallBudgetSpent",
    "ending_of",
]


class Deadlock(LabError, RuntimeError):
    """Every thread waits, and nothing that could wake one of them is going to happen.

    Its message has one line for each thread: its name, what it waits for, and where.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks for this: the message names the places that matter, a traceback does not.
        return [f"{type(self).__name__}: {self}"]


class ClockInUse(LabError, RuntimeError):
    """A virtual clock already runs in this process; there can be one at a time."""


class BlockingPhysics(LabError, RuntimeError):
    """A `call_later` callback tried to wait: physics takes no time; use `deliver` for user code."""


class Ending(BaseException):
    """The base of the signals that end a program on purpose.

    Not an Exception, so that a program's `except Exception` does not swallow its own end;
    `finally` and `atexit` run as ever.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class BudgetSpent(Ending):
    """The program used up the time it was given."""


class TimeBudgetSpent(BudgetSpent):
    """The budget of lab time is spent: for a program that loops for ever, a good end."""


class WallBudgetSpent(BudgetSpent):
    """The budget of real time is spent, the last resort."""


class Stopped(Ending):
    """The clock was stopped while this thread waited on it."""


def ending_of(step: Callable[[], object]) -> BaseException | None:
    """What a step of a program raised, whatever it is; None where it came to its own end.

    However a program ends, its threads and handlers come next, and there is something to say of it.
    """
    try:
        step()
    except BaseException as error:
        return error
    return None
