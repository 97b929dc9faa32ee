"""The one thread that reads values at a rate, for recordings and scopes alike.

Deadlines come from the rate alone, never from the time of the reading before, so that they do not drift. A reading
that comes late says so, one that could not be made is missing, and its number with it: nothing is invented.
"""

from __future__ import annotations

import math
import threading
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from labkit.clock import Clock
from labkit.errors import BadRate
from labkit.observing import Observation
from labkit.trace import Sample

__all__ = ["FASTEST_HZ", "Sampler", "Sampling", "Source", "check_rate", "sources_of"]

NS_PER_S = 1_000_000_000
FASTEST_HZ = 100_000
"""No Python thread reads faster than that; it is the limit of nonsense, not a promise."""


@dataclass(frozen=True)
class Source:
    """Something with a value.

    Attributes:
        channels: What its values are called: one, or one for each piece of a tuple.
        read: Gives the value: a number, None where there is none just now, or a tuple of those.
        is_closed: Tells whether it will give no more.
    """

    channels: tuple[str, ...]
    read: Callable[[], Any]
    is_closed: Callable[[], bool] = lambda: False


def sources_of(name: str, device: Any) -> Source:
    """Any object with a `value` as a source; reads it once, to see what there is.

    Raises:
        TypeError: It has no value that is a number, or a tuple of numbers.
    """
    if not hasattr(type(device), "value") and not hasattr(device, "value"):
        raise TypeError(f"{name} ({type(device).__name__}) has no value to sample.")
    value = device.value
    channels = _pieces(name, value)
    for piece in value if isinstance(value, tuple) else (value,):
        if piece is not None and not isinstance(piece, Real):
            raise TypeError(f"{name} ({type(device).__name__}) has the value {piece!r}, which is no number.")
    return Source(channels, lambda: device.value, lambda: bool(getattr(device, "closed", False)))


def _pieces(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        return (name,)
    fields = getattr(value, "_fields", None)
    return tuple(f"{name}.{field}" for field in fields) if fields else tuple(f"{name}[{n}]" for n in range(len(value)))


def check_rate(rate: float) -> float:
    """The rate in hertz, as a number.

    Raises:
        BadRate: It is none, or none that can be sampled at.
    """
    is_number = isinstance(rate, int | float) and not isinstance(rate, bool) and math.isfinite(rate)
    if is_number and 0 < rate <= FASTEST_HZ:
        return rate
    raise BadRate(
        f"rate={rate!r} is no rate to sample at: give samples per second, above 0 and at most {FASTEST_HZ:,}, "
        f"such as rate=1000."
    )


class Sampler:
    """Readings of some sources at one rate, from `Sampling.add` until `close`.

    Attributes:
        start_ns: The first deadline, in lab time; deadline n is `deadline_ns(n)`.
        rate: Per second.
        missed: How many deadlines passed without a reading.
        late: How many readings came nearer to the next deadline than to their own.
        longest_ns: The longest that a round of readings took.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        rate: float,
        start_ns: int,
        receive: Callable[[Sample], object],
        troubled: Callable[[Source, str], None],
    ) -> None:
        self.rate = check_rate(rate)
        self.start_ns = start_ns
        self.missed = self.late = self.longest_ns = 0
        self._sources = list(sources)
        self._receive = receive
        self._troubled = troubled
        self._troubles: dict[Source, str] = {}
        self._number = 0
        self.due_ns: int | None = start_ns if self._sources else None
        """The next deadline; None when there is nothing to read any more."""

    def deadline_ns(self, number: int) -> int:
        """When reading number n is due, in lab time."""
        return self.start_ns + round(number * NS_PER_S / self.rate)

    def close(self) -> None:
        """Read no more."""
        self.due_ns = None

    def read(self, now_ns: Callable[[], int]) -> None:
        """Make the readings that are due. Only for the sampling thread."""
        began_ns = now_ns()
        due_ns = self.due_ns
        if due_ns is None:
            return
        newest = max(self._number, math.floor((began_ns - self.start_ns) * self.rate / NS_PER_S))
        # The quotient of two rounded numbers may fall on either side.
        newest += (self.deadline_ns(newest + 1) <= began_ns) - (self.deadline_ns(newest) > began_ns)
        self.missed += newest - self._number
        is_late = 2 * (began_ns - self.deadline_ns(newest)) * self.rate > NS_PER_S
        self.late += is_late
        for source in tuple(self._sources):
            self._read_one(source, newest, now_ns(), is_late)
        self.longest_ns = max(self.longest_ns, now_ns() - began_ns)
        self._number = newest + 1
        if self.due_ns is not None:
            self.due_ns = self.deadline_ns(self._number) if self._sources else None

    def _read_one(self, source: Source, number: int, now_ns: int, is_late: bool) -> None:
        values: tuple[float, ...] = (math.nan,) * len(source.channels)
        trouble = ""
        try:
            read = source.read()
            pieces = read if isinstance(read, tuple) else (read,)
            values = tuple(math.nan if piece is None else float(piece) for piece in pieces)
        except Exception as error:  # noqa: BLE001 - a device may raise anything, and the others are still to be read
            trouble = f"{type(error).__name__}: {error}"
        if source.is_closed():
            self._sources.remove(source)
            self._troubled(source, "")
            return
        if trouble != self._troubles.get(source, ""):
            self._troubles[source] = trouble
            if trouble:
                self._troubled(source, trouble)
        for channel, value in zip(source.channels, values, strict=False):
            self._receive(Sample(channel, now_ns, number, value, is_late))


class Sampling:
    """All samplers of a bench, on one thread of its clock. Callable from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samplers: tuple[Sampler, ...] = ()
        self._lock = threading.Lock()
        self._observation: Observation | None = None
        # When the bench goes over to another clock, the last look by the old one may still be under way.
        self._looking = allocate_lock()

    def add(
        self,
        sources: Sequence[Source],
        rate: float,
        receive: Callable[[Sample], object],
        troubled: Callable[[Source, str], None] = lambda source, trouble: None,
        start_ns: int | None = None,
    ) -> Sampler:
        """Read these sources at that rate.

        Args:
            sources: Read one after the other, each with the time of its own reading.
            rate: Per second.
            receive: Called with every reading, on the sampling thread: it must be quick.
            troubled: Told, on that thread, that a source can't be read, and why, once for each reason; or, with an
                empty reason, that it was closed and is read no more.
            start_ns: The first deadline; now, where it is not given.

        Raises:
            BadRate: The rate is none.
        """
        start_ns = self._clock.now_ns() if start_ns is None else start_ns
        sampler = Sampler(sources, rate, start_ns, receive, troubled)
        with self._lock:
            self._samplers = (*(each for each in self._samplers if each.due_ns is not None), sampler)
            if self._observation is None:
                self._observation = self._clock.observe(self._look)
            else:
                self._observation.wake()
        return sampler

    def close(self) -> None:
        """Read nothing any more."""
        with self._lock:
            self._samplers = ()
            observation, self._observation = self._observation, None
        if observation is not None:
            observation.close()

    def _look(self) -> int | None:
        now_ns = self._clock.now_ns
        with self._looking:
            for sampler in self._samplers:
                if sampler.due_ns is not None and sampler.due_ns <= now_ns():
                    sampler.read(now_ns)
            return min((sampler.due_ns for sampler in self._samplers if sampler.due_ns is not None), default=None)
