"""The only knowledge of how gpiozero waits: which of its timed waits are background polls.

Nothing of gpiozero is patched for it: its threads are recognized by the code they wait in, and a
release whose code differs merely polls in earnest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import CodeType, FrameType

__all__ = ["Poll", "background_poll"]


@dataclass(frozen=True, slots=True)
class Poll:
    """A wait that only ends to look again.

    Attributes:
        lazy: The look only sees whether the thread was asked to stop; it may sleep until somebody joins it.
        settles: After that many looks without any event the next ones see the same; 0 where unknown.
    """

    lazy: bool = False
    settles: int = 0


def background_poll(frame: FrameType, condition: object) -> Poll | None:
    """What kind of poll waits there; None for a wait with a purpose.

    Args:
        frame: The function that called `Event.wait`.
        condition: What the event waits on.
    """
    if "gpiozero.mixins" not in sys.modules:
        return None
    judge = _judges().get(frame.f_code)
    return judge(frame, condition) if judge is not None else None


@cache
def _judges() -> dict[CodeType, Callable[[FrameType, object], Poll | None]]:
    from gpiozero.mixins import GPIOQueue, HoldThread

    judges: dict[CodeType, Callable[[FrameType, object], Poll | None]] = {}
    for function, judge in (
        (getattr(HoldThread, "held", None), _hold),
        (getattr(GPIOQueue, "fill", None), _fill),
    ):
        if function is not None:
            judges[function.__code__] = judge
    return judges


def _hold(frame: FrameType, condition: object) -> Poll | None:
    # `holding.wait(0.1)`: ten times a second, only to see whether `stopping` was set. Its other wait,
    # `parent._inactive_event.wait(hold_time)`, is a deadline with a purpose.
    thread = frame.f_locals.get("self")
    try:
        polls = thread.holding._cond is condition  # type: ignore[union-attr]
    except AttributeError:
        return None
    return Poll(lazy=True) if polls else None


def _fill(frame: FrameType, _condition: object) -> Poll | None:
    # A smoothed input: when its whole window was read anew, twice, its average can't change any more.
    from gpiozero.input_devices import InputDevice

    thread = frame.f_locals.get("self")
    try:
        reads_its_pin = thread.parent.__class__._read is InputDevice._read  # type: ignore[union-attr]
        length = thread.queue.maxlen  # type: ignore[union-attr]
    except (AttributeError, ReferenceError):
        return None
    return Poll(settles=2 * length + 2) if reads_its_pin else None
