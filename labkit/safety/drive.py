"""What a page has to do with one device that moves: whether it drives it, and whether it still may."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from labkit.clock import Scheduled
from labkit.safety.outputs import outputs_of

__all__ = ["Drive"]


class Drive:
    """From the moment that a page uses a unit's panel until code writes to the unit. `Heartbeat` has the lock.

    Args:
        unit: A device that acts on its own: a motor, a servo.
        seconds: How long its page may be gone.
    """

    def __init__(self, unit: Any, seconds: float) -> None:
        self.unit = weakref.ref(unit)
        self.seconds = seconds
        self.off_levels = {output.name: output.off_level for output in outputs_of(unit)}
        self.touched_by: str | None = None
        """The page that used the panel last."""
        self.page: str | None = None
        """The page that drives; None where none does, or where it is not known yet which."""
        self.is_driven = False
        """A page drives, and no code has written since."""
        self.acted_ns = 0
        self.acts = 0
        """How many acts of panels are under way."""
        self.threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        """What acts set going: a sweep, blinking."""
        self.stopped = ""
        """Why a page may not drive until it is touched anew; empty where it may."""
        self.was_on = False
        """Something moved when it was stopped: a person should be told."""
        self._timer: Scheduled | None = None

    def end_later(self, timer: Scheduled | None) -> None:
        """Have this timer, or none, be what ends the drive."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def end(self) -> None:
        """The page does not drive any more, and may not before it is touched anew."""
        self.is_driven, self.page, self.touched_by = False, None, None
        self.stopped = f"stopped: the page that drove it was gone for {self.seconds:g} s"
        self.end_later(None)

    def hand_to_code(self) -> None:
        """Code writes to it now."""
        self.is_driven, self.page, self.stopped, self.was_on = False, None, "", False
        self.end_later(None)
