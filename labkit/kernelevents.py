"""The kernel's own timestamps, where gpiozero's lgpio backend drops their last digits, and room for its events.

The kernel stamps an edge with nanoseconds of its monotonic clock when the interrupt comes. lgpio hands them through a
named pipe to a thread of Python's, and gpiozero makes seconds of them, as a float.
"""

from __future__ import annotations

import contextlib
import fcntl
import sys
import threading
from typing import Any

__all__ = ["KernelEvents", "Ticks", "reports_kernel_events", "widen_event_pipe"]

NS_PER_S = 1_000_000_000
PIPE_BYTES = 1 << 20  # 65,536 events; more needs root


class Ticks(float):
    """gpiozero's ticks, in seconds, that also know their instant of lab time to the nanosecond."""

    __slots__ = ("lab_ns",)

    lab_ns: int

    @classmethod
    def at(cls, seconds: float, lab_ns: int) -> Ticks:
        made = cls(seconds)
        made.lab_ns = lab_ns
        return made


class KernelEvents:
    """Mixed into a tapped lgpio pin: hands each event on with the kernel's nanoseconds, and notices lost ones.

    Neither lgpio nor gpiozero passes on the kernel's sequence numbers. But where both edges are reported, two events
    in a row to the same level prove that at least one between them was lost.
    """

    labkit_tap: Any
    _edges: Any
    labkit_kernel_stamps = True
    """Its edges' times are the kernel's, and stand as they are."""
    labkit_lost = 0
    """How many edges are known to be missing just before the event that is being reported."""
    _event_level: int | None = None

    def _call_when_changed(self, chip: int, gpio: int, level: int, ticks: int) -> None:
        try:
            self._hand_on(chip, gpio, level, ticks)
        except Exception:  # noqa: BLE001 - whatever it is, gpiozero's or the user's
            # lgpio calls back for all pins from one thread, and an exception would end that: every pin would be deaf.
            kind, error, trace = sys.exc_info()
            threading.excepthook(threading.ExceptHookArgs((kind, error, trace, threading.current_thread())))

    def _hand_on(self, chip: int, gpio: int, level: int, ticks: int) -> None:
        tap = self.labkit_tap
        if tap is None:
            super()._call_when_changed(chip, gpio, level, ticks)  # type: ignore[misc]
            return
        both = self.edges == "both"  # type: ignore[attr-defined]
        self.labkit_lost = int(both and level == self._event_level)
        self._event_level = level
        stamp = Ticks.at(ticks / NS_PER_S, tap.clock.at_machine_ns(ticks))
        # What lgpio's own method does with its ticks, past the place where it divides them.
        _local_pin()._call_when_changed(self, stamp, level)

    def _enable_event_detect(self) -> None:
        self._event_level = None
        super()._enable_event_detect()  # type: ignore[misc]


def reports_kernel_events(pin_class: type) -> bool:
    """Whether these are pins of gpiozero's lgpio backend."""
    return any(base.__module__ == "gpiozero.pins.lgpio" for base in pin_class.__mro__)


def widen_event_pipe() -> int:
    """Let lgpio's pipe hold as many events as the system allows, 16 times as many as by default.

    What does not fit is lost without a word, when Python is kept busy by something else. Returns the pipe's bytes, 0
    where it can't be reached. The kernel's own buffer, 16 events a line, is emptied by a thread of lgpio's in C.
    """
    thread = getattr(sys.modules.get("lgpio"), "_notify_thread", None)
    file = getattr(thread, "_file", None)
    with contextlib.suppress(OSError, AttributeError, ValueError):
        return fcntl.fcntl(file.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)  # type: ignore[union-attr]
    return 0


def _local_pin() -> Any:
    from gpiozero.pins.local import LocalPiPin

    return LocalPiPin
