"""Makes the pins of any gpiozero factory report their edges.

Every factory takes the class of its pins from its `pin_class` attribute. A tapped class publishes
each change of state and otherwise behaves as before, so that real, remote and simulated pins look
alike to recorders and views.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

from labkit.clock import Clock
from labkit.kernelevents import KernelEvents, Ticks, reports_kernel_events, widen_event_pipe
from labkit.latch import Latch
from labkit.trace import Edge

__all__ = ["Tap", "tap_factory", "untap_factory"]

NS_PER_S = 1_000_000_000


class Tap:
    """Where edges come together: numbers them per pin and hands them to its subscribers.

    Publishing takes no lock and runs the subscribers in the publishing thread: they must be quick
    and must not block. Subscribing is safe from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.latch = Latch()
        """What every write to a tapped pin has to pass."""
        self.rewired: Callable[[], None] | None = None
        """Called after a pin became an input or an output, before it takes a level; it must be quick."""
        self.written: Callable[[str, float | None], None] | None = None
        """Called with a pin's name and the level that it is about to be driven at, or None: made an output, or
        given another frequency. It is called in the writing thread, and what it raises refuses the write."""
        self.setups: dict[str, int] = {}
        """How often each pin's function, pull or frequency was set: what was asked of them holds until then."""
        self.noted: Callable[[str], None] | None = None
        """Called with the pin's name after that, and after the pin closed; it must be quick."""
        self.deliver: Callable[[Callable[[Any, Any], None], Any, Any], None] | None = None
        """Calls a pin's handler with ticks and state, in place of the tap: who wants to know what it raises."""
        self.latest: dict[str, Edge] = {}
        """The newest edge of each pin that ever had one, by the pin's name."""
        # next() on a count is atomic, so two threads writing one pin never share a number.
        self._counters: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
        self._subscribers: tuple[Callable[[Edge], None], ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, receive: Callable[[Edge], None]) -> Callable[[], None]:
        """Call receive with every edge from now on; what is returned ends that."""
        with self._lock:
            self._subscribers = (*self._subscribers, receive)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = tuple(other for other in self._subscribers if other is not receive)

        return unsubscribe

    def publish(self, pin: str, timestamp_ns: int, level: float, lost: int = 0) -> None:
        """Number an edge and pass it on.

        Args:
            pin: Its name.
            timestamp_ns: By the source's own clock, in nanoseconds of lab time.
            level: What it took.
            lost: How many edges of the pin are known to be missing before this one: their numbers are left out.
        """
        counter = self._counters[pin]
        if lost:
            for _ in range(lost):
                next(counter)
        # A fifth of what the class's own constructor takes.
        edge = _new(Edge, (pin, timestamp_ns, next(counter), level))
        receivers = iter(self._subscribers)
        try:
            self.latest[pin] = edge
            for receive in receivers:
                receive(edge)
        except KeyboardInterrupt:
            # It has a number: whoever has not got it yet would take it for lost.
            for receive in receivers:
                receive(edge)
            raise


_new = tuple.__new__


def tap_factory(factory: Any, tap: Tap) -> None:
    """Tap every pin that the factory has made and will make, once."""
    if reports_kernel_events(factory.pin_class):
        widen_event_pipe()
    if not hasattr(factory.pin_class, "labkit_tap"):
        factory.pin_class = _tapped(factory.pin_class)
    factory.pin_class.labkit_tap = tap
    for pin in factory.pins.values():
        if not hasattr(pin, "labkit_tap"):
            pin.__class__ = _tapped(type(pin))
        type(pin).labkit_tap = tap


def untap_factory(factory: Any) -> None:
    """Report nothing any more; the pins keep their tapped classes, which then do as before."""
    for pin_class in {factory.pin_class, *(type(pin) for pin in factory.pins.values())}:
        pin_class.labkit_tap = None


# One tapped class per pin class: factories compare pins' classes, and a second bench on the same
# factory must find the first one's pins tapped already.
_TAPPED: dict[type, Any] = {}


def _tapped(pin_class: Any) -> Any:
    if pin_class not in _TAPPED:
        name = f"Tapped{pin_class.__name__}"
        events = (KernelEvents,) if reports_kernel_events(pin_class) else ()
        _TAPPED[pin_class] = type(name, (_TapMixin, *events, pin_class), {"__doc__": pin_class.__doc__})
    return _TAPPED[pin_class]


class _TapMixin:
    """Overrides the hooks that every gpiozero pin class routes its properties through."""

    labkit_tap: Tap | None = None
    labkit_lost = 0
    labkit_kernel_stamps = False
    _tap_level: float | None = None
    _tap_ns = -(1 << 63)
    _tap_handler: Callable[[], Any] | None = None

    def labkit_watch(self) -> None:
        """Report edges of an input that has no handler; hardware detects none until asked to."""
        if self.function == "input" and super()._get_when_changed() is None:  # type: ignore[attr-defined,misc]
            super()._set_when_changed(self._tap_edge)  # type: ignore[misc]
            self._tap_sync()

    def _get_when_changed(self) -> Any:
        return None if self._tap_handler is None else self._tap_handler()

    def _set_when_changed(self, value: Any) -> None:
        if value is None:
            self._tap_handler = None
            super()._set_when_changed(None)  # type: ignore[misc]
        else:
            # Weak, as gpiozero holds it: a pin must not keep its device alive.
            bound = isinstance(value, MethodType)
            self._tap_handler = weakref.WeakMethod(value) if bound else weakref.ref(value)
            super()._set_when_changed(self._tap_edge)  # type: ignore[misc]

    def _set_edges(self, value: Any) -> None:
        watched = super()._get_when_changed() is not None  # type: ignore[misc]
        super()._set_edges(value)  # type: ignore[misc]
        if watched:
            # Backends take the handler off meanwhile and put the user's back, where there is one.
            self.labkit_watch()

    def _tap_edge(self, ticks: Any, state: Any) -> None:
        # Publish before gpiozero's callbacks: a callback may write other pins,
        # and the trace must show cause before effect.
        tap = self.labkit_tap
        if tap is not None:
            # Even at the level it had: then an edge in between was lost, and this one still happened.
            self._tap_level = None
            self._tap_publish(tap, self._tap_instant(tap, ticks), state, self.labkit_lost)
        handler = self._get_when_changed()
        if handler is not None:
            if tap is not None:
                # Simulated pins call it from inside a write, which has changed its level by now.
                tap.latch.leave()
            if tap is not None and tap.deliver is not None:
                tap.deliver(handler, ticks, state)
            else:
                handler(ticks, state)

    def _tap_instant(self, tap: Tap, ticks: Any) -> int:
        """When, in lab time: to the nanosecond where the source knows, else as old as its ticks are."""
        if isinstance(ticks, Ticks):
            return ticks.lab_ns
        factory: Any = self.factory  # type: ignore[attr-defined]
        age_s: float = factory.ticks_diff(factory.ticks(), ticks)
        return tap.clock.now_ns() - round(age_s * NS_PER_S)

    def _set_state(self, value: Any) -> None:
        self._tap_drive(super()._set_state, value, value)  # type: ignore[misc]

    def _set_function(self, value: Any) -> None:
        if value == "output":
            self._tap_drive(super()._set_function, value, None)  # type: ignore[misc]
        else:
            super()._set_function(value)  # type: ignore[misc]
            self._tap_sync()
        tap = self.labkit_tap
        if tap is not None and tap.rewired is not None:
            tap.rewired()
        self._tap_note()

    def _set_frequency(self, value: Any) -> None:
        if value:
            self._tap_drive(super()._set_frequency, value, None)  # type: ignore[misc]
        else:
            super()._set_frequency(value)  # type: ignore[misc]
            self._tap_sync()
        self._tap_note()

    def output_with_state(self, state: Any) -> None:
        # As one write: simulated pins become an output and take the level in one step.
        self._tap_drive(super().output_with_state, state, None)  # type: ignore[misc]

    def _tap_drive(self, write: Callable[[Any], None], value: Any, level: Any) -> None:
        """Write what drives the pin, where the latch admits it."""
        tap = self.labkit_tap
        if tap is None:
            write(value)
            return
        latch, name = tap.latch, self.info.name  # type: ignore[attr-defined]
        entered = latch.enter()
        try:
            if latch.watchful and not latch.admits(name, level):
                return
            if tap.written is not None:
                tap.written(name, level)
            write(value)
            if latch.stop is not None and level is not None:
                self._tap_return(latch, name, level)
            # Still inside: whoever waits for this write to end may count on its edge, too.
            self._tap_sync()
        except KeyboardInterrupt:
            # Perhaps between the write and its record: the record must not miss what the pin did.
            self._tap_sync()
            raise
        finally:
            if entered:
                latch.leave()

    def _tap_return(self, latch: Latch, name: str, level: Any) -> None:
        """Take a level back that got past the latch because its write took too long to be waited for."""
        kept = False
        try:
            kept = latch.admits(name, level)
        finally:
            if not kept:
                super()._set_state(latch.off_levels.get(name, 0))  # type: ignore[misc]

    def _set_pull(self, value: Any) -> None:
        super()._set_pull(value)  # type: ignore[misc]
        self._tap_sync()
        self._tap_note()

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        self._tap_sync()
        tap = self.labkit_tap
        if tap is not None and tap.rewired is not None:
            # Some backends close a pin without setting its function.
            tap.rewired()
        self._tap_note()

    def labkit_level(self) -> Any:
        """The level, for a record of it; simulated pins tell theirs without counting as read by the program."""
        known = getattr(super(), "labkit_level", None)
        return self._get_state() if known is None else known()  # type: ignore[attr-defined]

    def _tap_note(self) -> None:
        tap = self.labkit_tap
        if tap is not None:
            name = self.info.name  # type: ignore[attr-defined]
            tap.setups[name] = tap.setups.get(name, 0) + 1
            if tap.noted is not None:
                tap.noted(name)

    def _tap_sync(self) -> None:
        tap = self.labkit_tap
        if tap is not None:
            self._tap_publish(tap, tap.clock.now_ns(), self.labkit_level())

    def _tap_publish(self, tap: Tap, timestamp_ns: int, state: Any, lost: int = 0) -> None:
        level = int(state) if state in (0, 1) else float(state)
        if level != self._tap_level:
            self._tap_level = level
            if timestamp_ns < self._tap_ns and not self.labkit_kernel_stamps:
                # What a simulated part did was due before the program's own write, and came after it.
                timestamp_ns = self._tap_ns
            self._tap_ns = timestamp_ns
            tap.publish(self.info.name, timestamp_ns, level, lost)  # type: ignore[attr-defined]
