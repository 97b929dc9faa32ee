"""The Clock contract: lab time for parts, taps and recordings; and its real-time implementation.

Lab time is counted in integer nanoseconds from the clock's start. Simulated parts ask for
nothing but this contract, so that the same part runs in real, scaled and virtual time.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from labkit.observing import Look, Observation, ObserverThread

__all__ = ["Clock", "ManualClock", "RealClock", "Scheduled", "report_errors"]

NS_PER_S = 1_000_000_000
LAST = 1 << 62  # above the number of anything that is asked for in the ordinary way


class Scheduled:
    """A callback that a clock will run; `cancel` takes it back. Safe from any thread."""

    __slots__ = ("callback", "deadline_ns")

    def __init__(self, deadline_ns: int, callback: Callable[[], None]) -> None:
        self.deadline_ns = deadline_ns
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Never run it; does nothing where it ran already."""
        self.callback = None


class Clock(Protocol):
    """What simulated parts, taps and views know about time."""

    def now_ns(self) -> int:
        """Nanoseconds of lab time since the clock's start; never steps back. Any thread."""
        ...

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Scheduled:
        """Run callback once, delay_ns from now; any thread may ask.

        The callback is physics, not user code: it must not block. Callbacks due at the same
        instant run in the order they were asked for, one at a time, never two at once.
        """
        ...

    def deliver(self, callback: Callable[[], None]) -> None:
        """Run user code that an edge set off: an event handler, which may sleep or take locks.

        Called from a thread that may block, it runs callback there and then. Called from inside
        a `call_later` callback, it hands it to the clock's one edge thread, in order, as lgpio does.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for that much lab time."""
        ...

    def poll(self) -> None:
        """A program looked at something that time can change: a pin's state, `ticks()`.

        Pins call it before they answer, or a busy loop such as `while not button.is_pressed: pass`
        would go round for ever in one instant of virtual time. Any thread; in real time it does nothing.
        """
        ...

    def observe(self, look: Look) -> Observation:
        """Call look at instants of its own choosing, on a thread of its own, after all else that happens then.

        It returns when it wants to look next, in this clock's nanoseconds, or None for not until it is woken. It may
        block; its looks never keep a program from ending, nor hide a deadlock.
        """
        ...

    def at_machine_ns(self, machine_ns: int) -> int:
        """The lab time of an instant of the machine's monotonic clock, by which the kernel stamps its events.

        Where lab time does not follow the machine's, it is now.
        """
        ...

    def acted(self) -> None:
        """Something changed that others can see: a pin's level, a duty cycle, a sensor's reading.

        Pins and parts call it once for each change, not for a write that changes nothing. By it virtual
        time tells a busy program from one that turns round and round, and background pollers that
        may yet see something from those that have seen it all. Any thread; in real time it does nothing.
        """
        ...


class RealClock:
    """Lab time is the machine's monotonic time, from 0 at the clock's making.

    What was asked for happens at its own instant, however late a busy machine gets round to it: while its callback
    runs, it is that instant for it. So an echo is as long as it should be, and its edges are stamped as a kernel
    would have stamped them.

    Threads start at the first `call_later`, and are daemons: a clock nobody uses costs nothing.
    """

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()
        self._heap: list[tuple[int, int, Scheduled]] = []
        self._seq = 0
        self._wake = threading.Condition()
        self._timer: threading.Thread | None = None
        self._instant_ns: int | None = None  # of the callback that runs; for its thread only
        self._edges = _EdgeThread()

    def now_ns(self) -> int:
        instant_ns = self._instant_ns
        if instant_ns is not None and threading.current_thread() is self._timer:
            return instant_ns
        return time.monotonic_ns() - self._start_ns

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def poll(self) -> None:
        """Costs nothing: real time passes by itself."""

    def observe(self, look: Look) -> Observation:
        return ObserverThread(self.now_ns, look)

    def at_machine_ns(self, machine_ns: int) -> int:
        return machine_ns - self._start_ns

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Scheduled:
        scheduled = Scheduled(self.now_ns() + max(0, int(delay_ns)), callback)
        with self._wake:
            self._seq += 1
            heapq.heappush(self._heap, (scheduled.deadline_ns, self._seq, scheduled))
            if self._timer is None:
                self._timer = threading.Thread(target=self._run, name="labkit-clock", daemon=True)
                self._timer.start()
            self._wake.notify()
        return scheduled

    def acted(self) -> None:
        """Costs nothing: real time passes by itself."""

    def deliver(self, callback: Callable[[], None]) -> None:
        if threading.current_thread() is self._timer:
            self._edges.put(callback)
        else:
            callback()

    def _run(self) -> None:
        while True:
            scheduled = self._next()
            if scheduled.callback is not None:
                self._instant_ns = scheduled.deadline_ns
                report_errors(scheduled.callback)
                self._instant_ns = None

    def _next(self) -> Scheduled:
        with self._wake:
            while True:
                if not self._heap:
                    self._wake.wait()
                    continue
                left_ns = self._heap[0][0] - self.now_ns()
                if left_ns <= 0:
                    return heapq.heappop(self._heap)[2]
                self._wake.wait(left_ns / NS_PER_S)


class ManualClock:
    """Lab time that stands still until it is told to run: exact, single-threaded, for tests.

    Not thread-safe: parts, handlers and the test share one thread.
    """

    def __init__(self) -> None:
        self._now_ns = 0
        self._heap: list[tuple[int, int, Scheduled]] = []
        self._seq = 0
        self._in_callback = False
        self._handlers: deque[Callable[[], None]] = deque()

    def now_ns(self) -> int:
        return self._now_ns

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Scheduled:
        scheduled = Scheduled(self._now_ns + max(0, int(delay_ns)), callback)
        self._seq += 1
        heapq.heappush(self._heap, (scheduled.deadline_ns, self._seq, scheduled))
        return scheduled

    def call_last(self, when_ns: int, callback: Callable[[], None]) -> Scheduled:
        """Run callback at that instant, after all that `call_later` has there."""
        scheduled = Scheduled(when_ns, callback)
        self._seq += 1
        heapq.heappush(self._heap, (when_ns, LAST + self._seq, scheduled))
        return scheduled

    def deliver(self, callback: Callable[[], None]) -> None:
        if self._in_callback:
            self._handlers.append(callback)
        else:
            callback()

    def sleep(self, seconds: float) -> None:
        self.run_for(seconds)

    def poll(self) -> None:
        """Costs nothing: only `run_for` moves this clock."""

    def acted(self) -> None:
        """Costs nothing: only `run_for` moves this clock."""

    def observe(self, look: Look) -> Observation:
        return _ManualObservation(self, look)

    def at_machine_ns(self, machine_ns: int) -> int:
        return self._now_ns

    def run_for(self, seconds: float) -> None:
        """Let lab time pass, running what falls due in order; a callback's error ends it and is raised."""
        end_ns = self._now_ns + round(seconds * NS_PER_S)
        while self._heap and self._heap[0][0] <= end_ns:
            deadline_ns, _, scheduled = heapq.heappop(self._heap)
            self._now_ns = max(self._now_ns, deadline_ns)
            if scheduled.callback is not None:
                self._run(scheduled.callback)
        self._now_ns = max(self._now_ns, end_ns)

    def _run(self, callback: Callable[[], None]) -> None:
        self._in_callback = True
        try:
            callback()
        finally:
            self._in_callback = False
        while self._handlers:
            self._handlers.popleft()()


class _ManualObservation:
    """Looks at the end of an instant, after all that was asked for then."""

    def __init__(self, clock: ManualClock, look: Look) -> None:
        self._clock = clock
        self._look: Look | None = look
        self._next: Scheduled | None = None
        self.wake()

    def wake(self) -> None:
        self._plan(self._clock.now_ns())

    def close(self) -> None:
        self._look = None

    def _plan(self, when_ns: int | None) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = None if when_ns is None else self._clock.call_last(when_ns, self._turn)

    def _turn(self) -> None:
        if self._look is not None:
            self._plan(self._look())


class _EdgeThread:
    """Runs handlers one after another on a thread of their own."""

    def __init__(self) -> None:
        self._queue: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, callback: Callable[[], None]) -> None:
        with self._wake:
            self._queue.append(callback)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="labkit-edges", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue:
                    self._wake.wait()
                callback = self._queue.popleft()
            report_errors(callback)


def report_errors(callback: Callable[[], None]) -> None:
    """Run a handler; what it raises is reported as a thread's last error is, and goes no further."""
    try:
        callback()
    except Exception as error:  # noqa: BLE001 - one handler's error must not end the thread
        threading.excepthook(
            threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
        )
