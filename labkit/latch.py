"""The STOP latch: while it is engaged, no pin of a bench leaves its off level.

It sits where every write passes, real or simulated: in the tapped pins. A write of the off level is
always admitted, so that `finally: motor.stop()` and closing a device go on working.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import get_ident

from labkit.errors import Stopped

__all__ = ["Latch", "Stop"]

# A write to hardware takes microseconds. What takes longer sits in a callback that the write set off on
# simulated pins, or waits for its turn in virtual time.
PATIENCE_S = 0.25


@dataclass(frozen=True)
class Stop:
    """One stop of a bench.

    Attributes:
        when: By the machine's clock.
        who: `"bench.stop() in cell [3]"`, `"the STOP button"`.
    """

    when: datetime
    who: str

    def __str__(self) -> str:
        return f"stopped at {self.when:%H:%M:%S} by {self.who}"


class Latch:
    """Admits every write, or, once engaged, only those of a pin's off level. Safe from any thread.

    A writer enters before it looks whether the latch is engaged, and leaves after it wrote; engaging
    waits for those that are inside. So after `engage` no write is under way that was admitted before.
    """

    def __init__(self) -> None:
        self.stop: Stop | None = None
        """The stop in force, or None."""
        self.watchful = False
        """Whether writes have to ask `admits`: not before the first stop, so that they cost next to nothing."""
        self.off_levels: dict[str, float] = {}
        """The level at which a pin is off, where it is not 0; by the pin's name."""
        self.is_bus: Callable[[str], bool] = lambda pin: False
        """Tells of a pin's name whether it carries the data of a sensor's bus: those go on being read."""
        # Adding to a set and discarding are atomic.
        self._writing: set[int] = set()
        self._retired: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._left = threading.Condition()
        self._waiting = 0

    def engage(self, stop: Stop) -> None:
        """Refuse from now on; return when every write that was admitted before is done."""
        self.stop = stop
        self.watchful = True
        self.settle()

    def settle(self) -> None:
        """Return when every write is done that is under way now."""
        with self._left:
            # Before the look: who leaves after it sees that somebody waits.
            self._waiting += 1
            inside = self._writing - {get_ident()}
            self._left.wait_for(lambda: not inside & self._writing, PATIENCE_S)
            self._waiting -= 1

    def release(self) -> None:
        """Admit everything again, except from threads that were retired."""
        self.stop = None

    def retire(self, thread: threading.Thread) -> None:
        """Drop what this thread writes from now on, without an error: it was stopped and is about to end."""
        self._retired.add(thread)
        self.watchful = True

    def enter(self) -> bool:
        """Begin to write; False where this thread is inside already and will leave later."""
        me = get_ident()
        if me in self._writing:
            return False
        self._writing.add(me)
        return True

    def leave(self) -> None:
        """The write is done, or it is about to call user code, which may take its time."""
        self._writing.discard(get_ident())
        if self._waiting:
            with self._left:
                self._left.notify_all()

    def admits(self, pin: str, level: float | None) -> bool:
        """Whether this thread may drive a pin at that level; None: make it an output at all.

        Raises:
            Stopped: It may not, and its code has to know.
        """
        if threading.current_thread() in self._retired:
            return False
        stop = self.stop
        if stop is None or level == self.off_levels.get(pin, 0) or self.is_bus(pin):
            return True
        raise Stopped(f"{pin} stays off: the bench was {stop}. When all is safe, bench.resume() lets it switch again.")
