"""What tests use of a pin: a test lead that holds its level, and the states it went through."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from gpiozero.pins.mock import MockPin, PinState

from labkit.sim.leg import OPEN, VDD, Drive, Leg

if TYPE_CHECKING:
    from labkit.sim.grid import Grid

__all__ = ["STATES_KEPT", "LeadPin"]

NS_PER_S = 1_000_000_000
STATES_KEPT = 10_000
"""How many states a pin remembers, for `states` and `assert_states`; it forgets the oldest."""
LEAD_OHMS = 0.1
LEAD = {True: Drive(VDD, LEAD_OHMS), False: Drive(0.0, LEAD_OHMS)}


class LeadPin(MockPin):
    """The part of a pin that gpiozero's mock pins offer to tests."""

    _grid: Grid
    _leg: Leg

    def __init__(self, factory: Any, info: Any) -> None:
        self._probe: Leg | None = None
        self._kept: deque[tuple[int, Any]] = deque(maxlen=STATES_KEPT)
        super().__init__(factory, info)

    def drive_high(self) -> None:
        """Hold the net high from outside."""
        self._drive_from_outside(True)

    def drive_low(self) -> None:
        """Hold the net low from outside."""
        self._drive_from_outside(False)

    def _drive_from_outside(self, level: bool) -> None:
        if self._function != "input":
            raise AssertionError(f"{self!r} is an output: it can't be driven from outside")
        probe, net = self._probe, self._leg.net
        if probe is not None and net.overriding is probe:
            probe.put(LEAD[level])
            return
        if probe is None:
            probe = self._probe = net.leg(f"the test lead on {self!r}")
        with self._grid.hold():
            net.overriding = probe
            net.refresh()
            probe.put(LEAD[level])
        self._look()

    def let_go(self) -> None:
        """Take the test lead off: the net is left to whatever drives or pulls it."""
        with self._grid.hold():
            self._unprobe()
        self._look()

    @property
    def lead(self) -> int | None:
        """The level that the test lead holds; None where there is none on the pin."""
        probe = self._probe
        if probe is None or probe.net.overriding is not probe:
            return None
        return int(probe.drive_now is LEAD[True])

    @property
    def is_floating(self) -> bool:
        """It is an input that nothing drives and nothing pulls: reading it would read noise."""
        return self._function == "input" and self._leg.net.solution.floating

    def _unprobe(self) -> None:
        if self._probe is not None:
            self._probe.net.overriding = None
            self._probe.net.refresh()
            self._probe.put(OPEN)

    @property
    def states(self) -> list[Any]:
        """The states it went through, oldest first, each with the seconds since the one before.

        The newest 10,000; older ones are forgotten, so that memory does not grow with time.
        """
        kept = list(self._kept)
        instants = [kept[0][0], *(instant_ns for instant_ns, _ in kept)]
        return [
            PinState((now_ns - before_ns) / NS_PER_S, state)
            for before_ns, (now_ns, state) in zip(instants, kept, strict=False)
        ]

    def clear_states(self) -> None:
        self._kept.clear()
        self._kept.append((self._grid.clock.now_ns(), self._state))

    def _look(self) -> None:
        raise NotImplementedError
