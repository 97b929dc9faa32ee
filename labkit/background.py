"""User code that no cell is running: callbacks, and threads. What it prints and raises goes to the bench's log.

A notebook has no place for either: Jupyter shows what a thread prints under whatever cell ran last, and an exception
ends the thread of gpiozero's that it comes up in. `labkit.seams` calls in here.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, Protocol

from labkit.cells import CellWatch
from labkit.clock import Clock
from labkit.failures import Failure, describe, device_in, frames_of, place_of
from labkit.log import Log
from labkit.pieces import pins_of

__all__ = ["Background", "Failed", "Printed", "Whose"]

NS_PER_S = 1_000_000_000
# What fails a thousand times a second is counted each time, and described so often.
DESCRIBED_EVERY_NS = 50_000_000
LONGEST = 200


@dataclass(frozen=True)
class Failed:
    """What the callbacks of one device raised so far.

    Attributes:
        count: How many exceptions.
        last: The newest.
        time_s: When that came, in lab time.
    """

    count: int
    last: Failure
    time_s: float
    place: tuple[Any, ...]
    described_ns: int
    source: str


@dataclass(frozen=True)
class Printed:
    """What the callbacks of one device printed.

    Attributes:
        count: How many pieces.
        last: The newest line.
    """

    count: int = 0
    last: str = ""


@dataclass(frozen=True)
class Whose:
    """Whose code runs in a thread: a device's, or else that of a thread which no cell waits for."""

    device: Any
    name: str


@dataclass(frozen=True)
class _Birth:
    """Where a thread was started: in a device's callback, or else in that run of a cell."""

    device: weakref.ref[Any] | None
    run: int


class Viewers(Protocol):
    """Who shows a bench, and is told that there is something new."""

    def note_change(self, pin: str) -> None: ...

    def poke(self) -> None: ...


class Background:
    """Knows whose code runs, in any thread.

    Args:
        cells: Which cell runs.
        clock: The bench's.
        name_of: What to call a device.
        viewers: Told when a device's callback printed or raised.
        show_log: Makes what the log is displayed as.

    Attributes:
        log: Takes what was printed and raised.
    """

    def __init__(
        self,
        cells: CellWatch,
        clock: Clock,
        name_of: Callable[[Any], str],
        viewers: Viewers,
        show_log: Callable[[], Any],
    ) -> None:
        self.log = Log(clock.now_ns, viewers.poke, show_log)
        self._cells = cells
        self._clock = clock
        self._name_of = name_of
        self._viewers = viewers
        self._failed: weakref.WeakKeyDictionary[Any, Failed] = weakref.WeakKeyDictionary()
        self._printed: weakref.WeakKeyDictionary[Any, Printed] = weakref.WeakKeyDictionary()
        self._births: weakref.WeakKeyDictionary[threading.Thread, _Birth] = weakref.WeakKeyDictionary()
        self._here = threading.local()
        # Again by the same thread: an exception that is asked for its words may print.
        self._lock = threading.RLock()

    def failed(self, device: Any) -> Failed | None:
        """What the device's callbacks raised, since it was made or since `forget`."""
        return self._failed.get(device)

    def printed(self, device: Any) -> Printed:
        """What the device's callbacks printed, likewise."""
        return self._printed.get(device, Printed())

    def forget(self, device: Any) -> None:
        """Somebody has seen what was raised."""
        self._failed.pop(device, None)
        self._printed.pop(device, None)
        self._note(device)

    @contextmanager
    def acting(self, device: Any) -> Iterator[None]:
        """What this thread prints inside is the device's, and no cell's."""
        before = getattr(self._here, "devices", ())
        self._here.devices = (*before, device)
        try:
            yield
        finally:
            self._here.devices = before

    def call(self, device: Any, act: Callable[[], None]) -> None:
        """Run a device's callback; what it raises is noted, so that the thread that called it goes on."""
        with self.acting(device):
            try:
                act()
            except Exception as error:  # noqa: BLE001 - that of the user's own code, told where it belongs
                self.fail(device, error)

    def whose(self) -> Whose | None:
        """Whose code runs in this thread; None where it is a cell's."""
        devices = getattr(self._here, "devices", ())
        if devices:
            return self._device(devices[0])
        thread = threading.current_thread()
        birth = self._births.get(thread)
        if birth is not None and birth.device is not None:
            return self._device(birth.device())
        if thread is threading.main_thread():
            return None
        device = device_in(_stack(sys._getframe(1)))
        if device is not None:
            return self._device(device)
        # What its own cell waits for, or has not left yet, is that cell's.
        is_cells = birth is None or (birth.run == self._cells.current.run and self._cells.is_running)
        return None if is_cells else Whose(None, thread.name)

    def bear(self, thread: threading.Thread) -> None:
        """A thread is about to be started by this one."""
        devices = getattr(self._here, "devices", ())
        if devices and devices[0] is not None:
            self._births[thread] = _Birth(weakref.ref(devices[0]), 0)
            return
        birth = self._births.get(threading.current_thread())
        if birth is not None:
            self._births[thread] = birth
        elif threading.current_thread() is threading.main_thread():
            self._births[thread] = _Birth(None, self._cells.current.run)

    def fail(self, device: Any, error: BaseException) -> None:
        """Note an exception of a device's callback."""
        now_ns, place = self._clock.now_ns(), place_of(error)
        with self._lock:
            before = self._failed.get(device) if device is not None else None
            again = before is not None and before.place == place
            if before is not None and again and now_ns - before.described_ns < DESCRIBED_EVERY_NS:
                failed, text = replace(before, count=before.count + 1, time_s=now_ns / NS_PER_S), None
            else:
                count = 1 if before is None else before.count + 1
                told = describe(error)
                failed = Failed(count, told, now_ns / NS_PER_S, place, now_ns, self._device(device).name)
                text = told.traceback
            if device is not None:
                self._failed[device] = failed
            self.log.fail(failed.source, text, repeats=again)
        if device is not None:
            self._note(device)

    def end(self, thread: threading.Thread | None, error: BaseException) -> bool:
        """A thread ended with an exception: note it where it is a device's or has outlived its cell, else say False."""
        birth = self._births.get(thread) if thread is not None else None
        device = birth.device() if birth is not None and birth.device is not None else None
        device = device or device_in(frames_of(error.__traceback__))
        if device is None and self.whose() is None:
            return False
        self.fail(device, error)
        return True

    def wrote(self, text: str, whose: Whose, stream: str) -> None:
        """Take what was printed to `stdout` or `stderr`."""
        said = self.log.write(text, whose.name, "err" if stream == "stderr" else "out")[:LONGEST]
        if whose.device is not None:
            with self._lock:
                before = self._printed.get(whose.device, Printed())
                self._printed[whose.device] = Printed(before.count + 1, said or before.last)
            self._note(whose.device)

    def _note(self, device: Any) -> None:
        for pin in pins_of(device):
            self._viewers.note_change(pin)
        self._viewers.poke()

    def _device(self, device: Any) -> Whose:
        return Whose(device, threading.current_thread().name if device is None else self._name_of(device))


def _stack(frame: FrameType | None) -> list[FrameType]:
    """The frames of this thread, the outermost first."""
    found: list[FrameType] = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]
