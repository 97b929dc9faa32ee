"""Stops what a browser drives when that browser is gone."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gpiozero.threads import GPIOThread

from labkit.clock import Clock, Scheduled
from labkit.errors import PageGone
from labkit.safety.drive import Drive
from labkit.safety.outputs import MOVING, background_threads, is_on, outputs_of, units_of
from labkit.tap import Tap

__all__ = ["DEFAULT_S", "Heartbeat"]

DEFAULT_S = 2.0
# A touch and the act that it announces come by different ways, in either order.
TOGETHER_S = 1.0
PATIENCE_S = 0.5
NS_PER_S = 1_000_000_000


class Heartbeat:
    """Knows which page drives which device, and stops the device when its page is gone for long enough.

    A page drives a device from the moment that its panel's controls, used there, wrote to it, until code writes to
    it or another page does. Pages are told of by `page_came` and `page_gone`; which of them is used, by `touched`;
    panels act inside `acting`. Callable from any thread; nothing of it waits for a page.

    Args:
        clock: Real time, for people live in it.
        tap: Tells of every write to a pin.
        stop: Switches one unit off, and ends these threads.
        stop_all: Stops the bench; takes who did it.
        changed: Called with a pin's name when what its panel shows may have changed.
    """

    def __init__(
        self,
        clock: Clock,
        tap: Tap,
        stop: Callable[[Any, Iterable[threading.Thread]], None],
        stop_all: Callable[[str], None],
        changed: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._tap = tap
        self._stop = stop
        self._stop_all = stop_all
        self._changed = changed
        self._seconds: weakref.WeakKeyDictionary[Any, float | None] = weakref.WeakKeyDictionary()
        self._from_code: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()
        self._stops: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._stop_count = 0
        self._drives: dict[str, Drive] = {}
        self._pages: set[str] = set()
        self._gone_ns: dict[str, int] = {}
        self._lonely: Scheduled | None = None
        self.when_set: Callable[[], None] | None = None
        """Called after `set`."""
        self._local = threading.local()
        self._touched = threading.Condition(threading.RLock())

    def set(self, device: Any, seconds: float | None, code: bool = False) -> None:
        """Stop this device when its page has been gone for so long; see `Bench.heartbeat`."""
        if seconds is not None and not 0 < seconds < float("inf"):
            raise ValueError(f"A heartbeat is a positive number of seconds, or None for none, not {seconds!r}.")
        with self._touched:
            for unit in units_of(device):
                self._seconds[unit] = seconds
                self._from_code.pop(unit, None)
                if code and seconds is not None:
                    self._from_code[unit] = seconds
                for drive in self._drives_of([unit]):
                    if seconds is None:
                        self._drop(drive)
                    else:
                        drive.seconds = seconds
                for output in outputs_of(unit):
                    self._changed(output.name)
        if self.when_set is not None:
            self.when_set()

    def seconds(self, device: Any) -> float | None:
        """After how long the device stops; None where it has no heartbeat."""
        found = [each for unit in units_of(device) if (each := self._seconds_of(unit)) is not None]
        return min(found, default=None)

    def stopped(self, device: Any) -> str:
        """Why it was stopped: `"stopped: the page that drove it was gone for 2 s"`; empty where it was not."""
        with self._touched:
            found = [drive.stopped for drive in self._drives_of(units_of(device)) if drive.was_on]
        return next(filter(None, found), "")

    def stops(self, device: Any) -> int:
        """The number of the newest stop of the device; by it a page shows that it knows of that stop."""
        return max(self._stops.get(unit, 0) for unit in units_of(device))

    def is_driving(self, page: str) -> bool:
        """Whether that page drives anything, or is about to."""
        return any(page in (drive.page, drive.touched_by) for drive in list(self._drives.values()))

    def touched(self, page: str, device: Any, stops: int) -> None:
        """Somebody used the device's panel in that page.

        Args:
            page: Which.
            device: The panel's.
            stops: What that page knows as `stops`. Where there was a stop since, this was meant for another world:
                it lay in some queue while the page was cut off.
        """
        with self._touched:
            for unit in units_of(device):
                drive = self._drive_of(unit)
                if drive is None or stops < self._stops.get(unit, 0):
                    continue
                drive.touched_by = page
                if drive.stopped:
                    drive.stopped = ""
                    self._tell(drive)
                is_fresh = self._clock.now_ns() - drive.acted_ns < TOGETHER_S * NS_PER_S
                if drive.is_driven and (is_fresh or drive.page is None):
                    self._take(drive, page)
            self._touched.notify_all()

    @contextmanager
    def acting(self, device: Any) -> Iterator[None]:
        """What this thread writes to the device inside, a person did in a page, and so do threads set going by it."""
        with self._touched:
            drives = [drive for unit in units_of(device) if (drive := self._drive_of(unit)) is not None]
            for drive in drives:
                drive.acts += 1
            # After a stop it takes a touch to drive again, and that may be on its way.
            self._touched.wait_for(lambda: not any(drive.stopped for drive in drives), PATIENCE_S)
        before = self._acting
        self._local.acting = (*before, *drives)
        try:
            yield
        finally:
            self._local.acting = before
            begun = list(background_threads(device))
            for drive in drives:
                drive.acts -= 1
                drive.threads.update(begun)

    def page_came(self, page: str) -> None:
        """That page is there, or is there again."""
        with self._touched:
            self._pages.add(page)
            self._gone_ns.pop(page, None)
            if self._lonely is not None:
                self._lonely.cancel()
            for drive in self._drives.values():
                if drive.page == page:
                    drive.end_later(None)

    def page_gone(self, page: str, silent_s: float = 0.0) -> None:
        """That page is gone, and had not been heard of for so long by then."""
        with self._touched:
            self._pages.discard(page)
            gone_ns = self._clock.now_ns() - round(silent_s * NS_PER_S)
            if self.is_driving(page):
                self._gone_ns[page] = gone_ns
            for drive in set(self._drives.values()):
                if drive.page == page:
                    self._take(drive, page)
            if not self._pages and self._from_code:
                self._lonely = self._after(gone_ns, min(self._from_code.values()), self._left_alone)

    def released(self, pin: str) -> None:
        """Another device has the pin from now on, or none."""
        drive = self._drives.get(pin)
        if drive is not None:
            with self._touched:
                self._drop(drive)

    def close(self) -> None:
        """Stop nothing any more."""
        with self._touched:
            for drive in set(self._drives.values()):
                self._drop(drive)
            self._from_code.clear()

    @property
    def _acting(self) -> tuple[Drive, ...]:
        return getattr(self._local, "acting", ())

    def _seconds_of(self, unit: Any) -> float | None:
        return self._seconds.get(unit, DEFAULT_S if isinstance(unit, MOVING) else None)

    def _drives_of(self, units: Iterable[Any]) -> list[Drive]:
        found = {drive for unit in units for o in outputs_of(unit) if (drive := self._drives.get(o.name)) is not None}
        return list(found)

    def _drive_of(self, unit: Any) -> Drive | None:
        """What is known of the unit, from now on; None where it has no heartbeat."""
        known, seconds = self._drives_of([unit]), self._seconds_of(unit)
        if known or seconds is None:
            return known[0] if known else None
        made = Drive(unit, seconds)
        if not made.off_levels:
            return None  # it is closed
        self._drives.update(dict.fromkeys(made.off_levels, made))
        # Before that, writing costs nothing more.
        self._tap.written = self._written
        return made

    def _drop(self, drive: Drive) -> None:
        drive.end_later(None)
        for pin in drive.off_levels:
            if self._drives.get(pin) is drive:
                del self._drives[pin]
        if not self._drives:
            self._tap.written = None
            self._gone_ns.clear()

    def _written(self, pin: str, level: float | None) -> None:
        drive = self._drives.get(pin)
        if drive is None or (drive.stopped and level in (None, drive.off_levels[pin])):
            return
        if not self._is_of_page(drive):
            self._hand_to_code(drive)
        elif drive.stopped:
            raise PageGone(f"{pin} stays off: this was sent before the stop. Use its controls once more.")
        else:
            drive.acted_ns = self._clock.now_ns()
            if not drive.is_driven or drive.page != drive.touched_by:
                with self._touched:
                    drive.is_driven = True
                    self._take(drive, drive.touched_by)

    def _is_of_page(self, drive: Drive) -> bool:
        thread = threading.current_thread()
        is_begun_now = drive.acts > 0 and isinstance(thread, GPIOThread)
        return drive in self._acting or thread in drive.threads or is_begun_now

    def _hand_to_code(self, drive: Drive) -> None:
        with self._touched:
            was_stopped = drive.stopped
            drive.hand_to_code()
            if not drive.acts:
                self._drop(drive)
        if was_stopped:
            self._tell(drive)

    def _take(self, drive: Drive, page: str | None) -> None:
        """The page drives; if it is gone already, its time runs."""
        drive.page = page
        gone_ns = self._gone_ns.get(page or "")
        timer = None if gone_ns is None else self._after(gone_ns, drive.seconds, lambda: self._end(drive))
        drive.end_later(timer)

    def _after(self, since_ns: int, seconds: float, act: Callable[[], None]) -> Scheduled:
        left_ns = since_ns + round(seconds * NS_PER_S) - self._clock.now_ns()
        return self._clock.call_later(max(0, left_ns), act)

    def _end(self, drive: Drive) -> None:
        """The page of this drive has been gone for long enough."""
        with self._touched:
            unit = drive.unit()
            if unit is None or drive not in self._drives.values() or drive.page not in self._gone_ns:
                return
            self._stop_count += 1
            self._stops[unit] = self._stop_count
            drive.was_on = is_on(unit)
            drive.end()
        # Who asked whether it may write before this did write before that.
        self._tap.latch.settle()
        self._stop(unit, drive.threads)
        self._tell(drive)

    def _left_alone(self) -> None:
        with self._touched:
            alone = {} if self._pages else dict(self._from_code)
        on = [seconds for unit, seconds in alone.items() if is_on(unit)]
        if on:
            self._stop_all(f"a heartbeat: no page was there for {on[0]:g} s")

    def _tell(self, drive: Drive) -> None:
        for pin in drive.off_levels:
            self._changed(pin)
