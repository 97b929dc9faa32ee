"""All that keeps one bench safe, in one place: STOP, the heartbeat, the guard, and who else uses the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.claims import Claims
from labkit.clock import RealClock
from labkit.safety.guarding import guard_for
from labkit.safety.heartbeat import Heartbeat
from labkit.safety.neighbours import Neighbours
from labkit.safety.stop import StopSwitch
from labkit.tap import Tap

__all__ = ["Safeguards"]


class Safeguards:
    """Made before the factory's pins are tapped, for every write counts. Callable from any thread.

    Args:
        factory: The pins.
        claims: Who holds them.
        tap: Theirs.
        simulated: Whether they are this process's own.
        stop: Stops the bench; takes who did it.
        changed: Called with a pin's name when what is shown of it may have changed.
    """

    def __init__(
        self,
        factory: Any,
        claims: Claims,
        tap: Tap,
        simulated: bool,
        stop: Callable[[str], None],
        changed: Callable[[str], None],
    ) -> None:
        tap.latch.is_bus = claims.is_bus
        self.neighbours = Neighbours(factory, claims, simulated)
        self.guard = guard_for(factory, claims, tap)
        self.switch = StopSwitch(factory, tap.latch, claims.devices)
        self.heartbeat = Heartbeat(RealClock(), tap, self.switch.stop_device, stop, changed)

    def rest(self) -> None:
        """Switch everything off: the bench closes, and that may wait long for a device's thread."""
        self.heartbeat.close()
        self.switch.rest()

    def close(self) -> None:
        """Everything is closed in good order: nobody needs to watch any more."""
        if self.guard is not None:
            self.guard.dismiss()
        self.neighbours.close()
