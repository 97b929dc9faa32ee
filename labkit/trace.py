"""Edges, samples and traces: frozen values, and the pure questions one asks of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Edge", "Sample", "Trace"]

NS_PER_S = 1_000_000_000


class Edge(NamedTuple):
    """One change of one pin's state.

    A tuple, because a tap makes one for every edge: a frozen dataclass costs five times as much.

    Attributes:
        pin: The pin's name on the board, `"GPIO17"`.
        timestamp_ns: When, by the source's own clock, in nanoseconds of lab time.
        seq: Counts this pin's edges from 1; a gap proves that edges were lost.
        level: 0 or 1; on a PWM pin the duty cycle, 0.0 to 1.0.
    """

    pin: str
    timestamp_ns: int
    seq: int
    level: float


class Sample(NamedTuple):
    """One reading of one channel.

    Attributes:
        channel: What was read.
        timestamp_ns: When it was read, in nanoseconds of lab time.
        seq: The number of the deadline it was read for, from 0; a gap proves that some were missed.
        value: What it read; not a number where it gave none.
        is_late: Read nearer to the next deadline than to its own.
    """

    channel: str
    timestamp_ns: int
    seq: int
    value: float
    is_late: bool = False


@dataclass(frozen=True)
class Trace:
    """What one pin did, oldest first.

    All times in and out are seconds of lab time; a level holds until the next edge.
    Not changed once made: safe to share between threads.
    """

    pin: str
    edges: tuple[Edge, ...] = ()
    initial: float = 0
    _times: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_times", tuple(edge.timestamp_ns for edge in self.edges))

    @classmethod
    def of(cls, pin: str, edges: Iterable[Edge], initial: float = 0) -> Trace:
        """Pick one pin's edges out of a mixed sequence."""
        return cls(pin, tuple(edge for edge in edges if edge.pin == pin), initial)

    def __len__(self) -> int:
        return len(self.edges)

    def __iter__(self) -> Iterator[Edge]:
        return iter(self.edges)

    @property
    def rising(self) -> list[float]:
        """When the level left 0, in seconds; a change between two duty cycles is no rising edge."""
        return [now for now, before, after in self._steps() if not before and after]

    @property
    def falling(self) -> list[float]:
        """When the level came back to 0, in seconds."""
        return [now for now, before, after in self._steps() if before and not after]

    @property
    def periods(self) -> list[float]:
        """Seconds from each rising edge to the next."""
        rising = self.rising
        return [later - earlier for earlier, later in pairwise(rising)]

    @property
    def lost(self) -> int:
        """How many edges the sequence numbers prove missing."""
        return sum(b.seq - a.seq - 1 for a, b in pairwise(self.edges))

    def at(self, seconds: float) -> float:
        """The level at an instant; at an edge's own instant it is the level after it."""
        index = bisect_right(self._times, round(seconds * NS_PER_S))
        return self.edges[index - 1].level if index else self.initial

    def duty(self, start: float, stop: float) -> float:
        """The mean level from start to stop (seconds): 0.25 for a pin that was high a quarter of the time.

        Raises:
            ValueError: The window is empty.
        """
        begin, end = round(start * NS_PER_S), round(stop * NS_PER_S)
        if end <= begin:
            raise ValueError(f"a window from {start} s to {stop} s is empty: stop must come after start")
        area, now, level = 0.0, begin, self.at(start)
        for edge in self.edges[bisect_right(self._times, begin) : bisect_right(self._times, end)]:
            area += level * (edge.timestamp_ns - now)
            now, level = edge.timestamp_ns, edge.level
        return (area + level * (end - now)) / (end - begin)

    def _steps(self) -> Iterator[tuple[float, float, float]]:
        before = self.initial
        for edge in self.edges:
            yield edge.timestamp_ns / NS_PER_S, before, edge.level
            before = edge.level
