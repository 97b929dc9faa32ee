"""Values that change by themselves: what a scenario can set a quantity to, instead of a number.

Values in a waveform are written like any other, with or without a unit: `Sine("30 cm", "5 cm", "4 s")`.
Times count from the instant at which the waveform starts.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from labkit.sim.quantities import seconds
from labkit.tracefiles import read_changes, signals

__all__ = ["Noise", "Ramp", "RandomWalk", "Replay", "Sine", "Steps", "Sum", "Waveform"]

Convert = Callable[[Any], Any]
"""Turns a value as it was written into the quantity's own unit."""
NS_PER_S = 1_000_000_000


class Waveform:
    """A value as a function of time. Subclasses are frozen: one may be started many times."""

    def instants(self) -> Iterator[float]:
        """When it takes a new value, in seconds from its start, increasing; it may end."""
        raise NotImplementedError

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        """Its value by seconds; asked with times that never decrease."""
        raise NotImplementedError

    def play(self, random: Random, convert: Convert, current: float) -> Iterator[tuple[float, Any]]:
        """Each instant at which it takes a value, in seconds from its start, and that value."""
        value = self.begin(random, convert, current)
        return ((instant, value(instant)) for instant in self.instants())

    def __add__(self, other: Waveform) -> Sum:
        return Sum((self, other))


def ticks(step: Any) -> Iterator[float]:
    """0, step, 2 step, … without adding up errors."""
    width = seconds(step)
    if width <= 0:
        raise ValueError("a waveform's step must be above 0 s")
    return (index * width for index in itertools.count())


@dataclass(frozen=True)
class Sine(Waveform):
    """mean + amplitude · sin(2π (t / period + phase)), a new value every `step`."""

    mean: Any
    amplitude: Any
    period: Any
    phase: float = 0.0
    step: Any = 0.02

    def __post_init__(self) -> None:
        if seconds(self.period) <= 0:
            raise ValueError("a sine's period must be above 0 s")

    def instants(self) -> Iterator[float]:
        return ticks(self.step)

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        mean, amplitude, period = convert(self.mean), convert(self.amplitude), seconds(self.period)
        return lambda t: mean + amplitude * math.sin(math.tau * (t / period + self.phase))


@dataclass(frozen=True)
class Ramp(Waveform):
    """From where it is (or `start`) to `to` in a straight line, in `seconds`; then it stays there."""

    to: Any
    seconds: Any
    start: Any = None
    step: Any = 0.02

    def instants(self) -> Iterator[float]:
        end = seconds(self.seconds)
        return itertools.chain(itertools.takewhile(lambda t: t < end, ticks(self.step)), [end])

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        first = current if self.start is None else convert(self.start)
        last, length = convert(self.to), seconds(self.seconds)
        return lambda t: last if t >= length else first + (last - first) * t / length


@dataclass(frozen=True)
class Steps(Waveform):
    """One value after another, each for `every`; once through, or again and again."""

    values: Sequence[Any]
    every: Any
    repeat: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.values, list | tuple) or not self.values:
            raise ValueError("steps needs a list of at least one value")

    def instants(self) -> Iterator[float]:
        return ticks(self.every) if self.repeat else itertools.islice(ticks(self.every), len(self.values))

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        values, width = [convert(value) for value in self.values], seconds(self.every)
        # Half a millionth of a step: an instant is a product, and may fall short of its own step.
        return lambda t: values[int(t / width + 5e-7) % len(values)]


@dataclass(frozen=True)
class RandomWalk(Waveform):
    """From where it is (or `start`) up or down by at most `by` every `every`, between `low` and `high`."""

    by: Any
    every: Any = 0.1
    low: Any = None
    high: Any = None
    start: Any = None

    def instants(self) -> Iterator[float]:
        return ticks(self.every)

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        by = convert(self.by)
        low = -math.inf if self.low is None else convert(self.low)
        high = math.inf if self.high is None else convert(self.high)
        width = seconds(self.every)
        value, walked = (current if self.start is None else convert(self.start)), 0

        def at(t: float) -> float:
            nonlocal value, walked
            while walked < int(t / width + 5e-7):
                value, walked = min(high, max(low, value + random.uniform(-by, by))), walked + 1
            return value

        return at


@dataclass(frozen=True)
class Noise(Waveform):
    """Around where it is, Gaussian with the standard deviation `sigma`, a new value every `every`."""

    sigma: Any
    every: Any = 0.02

    def instants(self) -> Iterator[float]:
        return ticks(self.every)

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        sigma = convert(self.sigma)
        return lambda t: current + random.gauss(0.0, sigma)


@dataclass(frozen=True)
class Replay(Waveform):
    """What a recording shows of one of its signals: a run, or a CSV or JSONL trace as `labkit run` writes it.

    Its times count from the recording's own time 0; `speed=2` plays it twice as fast. Exact to the nanosecond for
    26 days, which is how far whole nanoseconds go in a float of seconds.
    """

    file: Any
    signal: str
    speed: float = 1.0

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError("a replay's speed must be above 0")
        there = signals(self.file)
        if self.signal not in there:
            raise ValueError(f"{self.file} has no signal {self.signal!r}; it has {', '.join(there) or 'none'}")

    def instants(self) -> Iterator[float]:
        return (instant for instant, _ in self._changes())

    def play(self, random: Random, convert: Convert, current: float) -> Iterator[tuple[float, Any]]:
        # Change by change: two at one instant are a pulse, though one without width.
        return self._changes()

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        changes = self._changes()
        upcoming, value = next(changes, None), current

        def at(t: float) -> float:
            nonlocal upcoming, value
            while upcoming is not None and upcoming[0] <= t:
                value, upcoming = upcoming[1], next(changes, None)
            return value

        return at

    def _changes(self) -> Iterator[tuple[float, float]]:
        return ((now_ns / NS_PER_S / self.speed, level) for now_ns, level in read_changes(self.file, self.signal))


@dataclass(frozen=True)
class Sum(Waveform):
    """Several added up: a sine with noise on it. All but the first start from 0."""

    terms: tuple[Waveform, ...]

    def instants(self) -> Iterator[float]:
        merged = heapq.merge(*(term.instants() for term in self.terms))
        return (instant for instant, _ in itertools.groupby(merged))

    def begin(self, random: Random, convert: Convert, current: float) -> Callable[[float], Any]:
        starts = [current, *[0.0] * (len(self.terms) - 1)]
        values = [term.begin(random, convert, start) for term, start in zip(self.terms, starts, strict=True)]
        return lambda t: sum(value(t) for value in values)
