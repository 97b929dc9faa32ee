"""Edges, samples and traces: frozen values, and the pure questions one asks of them."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Edge", "Sample", "Statistics", "Trace", "figures_html"]

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
class Statistics:
    """What a pin did within a window, in figures. Times in seconds; not a number where there is nothing to measure.

    Attributes:
        edges: How many changes of level, changes between duty cycles included.
        rising: How often the level left 0.
        falling: How often it came back to 0.
        missing: How many edges their numbers prove missing.
        duty: The mean level.
        period: The mean of the times from each rising edge to the next.
        jitter: Their standard deviation.
        shortest_period, longest_period: The extremes of them.
        shortest_high: The shortest time from a rising edge to the falling one.
        shortest_low: The shortest time from a falling edge to the rising one.
    """

    edges: int
    rising: int
    falling: int
    missing: int
    duty: float
    period: float
    jitter: float
    shortest_period: float
    longest_period: float
    shortest_high: float
    shortest_low: float

    @property
    def frequency_hz(self) -> float:
        """How many periods a second has, on average."""
        return 1 / self.period if self.period else math.nan

    def _repr_html_(self) -> str:
        counts = ("edges", "rising", "falling", "missing")
        shown = {name: f"{getattr(self, name):,}" for name in counts} | {"duty": f"{self.duty:.2%}"}
        seconds = {name: _seconds_text(value) for name, value in asdict(self).items() if name not in shown}
        return figures_html(shown | seconds)


def figures_html(figures: Mapping[str, str]) -> str:
    """Figures by name, as a table for a notebook."""
    left = 'style="text-align:left"'
    rows = (
        f'<tr><th scope="row" {left}>{name.replace("_", " ")}</th><td {left}>{text}</td></tr>'
        for name, text in figures.items()
    )
    return f'<table class="labkit-table"><tbody>{"".join(rows)}</tbody></table>'


def _seconds_text(seconds: float) -> str:
    if math.isnan(seconds):
        return "–"
    return f"{seconds * 1000:.4g} ms" if seconds < 0.1 else f"{seconds:.6g} s"


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

    def statistics(self, start: float, stop: float) -> Statistics:
        """The figures of the window from start to stop (seconds), both included.

        Raises:
            ValueError: The window is empty.
        """
        begin, end = round(start * NS_PER_S), round(stop * NS_PER_S)
        first = bisect_right(self._times, begin - 1)
        before = self.edges[first - 1].level if first else self.initial
        inside = Trace(self.pin, self.edges[first : bisect_right(self._times, end)], before)
        turns = [(now_ns, after) for now_ns, level, after in inside._steps_ns() if bool(level) != bool(after)]
        widths = [(later[0] - earlier[0], earlier[1]) for earlier, later in pairwise(turns)]
        rising = [now_ns for now_ns, level in turns if level]
        periods = [later - earlier for earlier, later in pairwise(rising)]
        return Statistics(
            edges=len(inside),
            rising=len(rising),
            falling=len(turns) - len(rising),
            missing=inside.lost,
            duty=self.duty(start, stop),
            period=_seconds(statistics.fmean(periods) if periods else None),
            jitter=_seconds(statistics.pstdev(periods) if periods else None),
            shortest_period=_seconds(min(periods, default=None)),
            longest_period=_seconds(max(periods, default=None)),
            shortest_high=_seconds(min((width for width, level in widths if level), default=None)),
            shortest_low=_seconds(min((width for width, level in widths if not level), default=None)),
        )

    def _steps_ns(self) -> Iterator[tuple[int, float, float]]:
        before = self.initial
        for edge in self.edges:
            yield edge.timestamp_ns, before, edge.level
            before = edge.level

    def _steps(self) -> Iterator[tuple[float, float, float]]:
        return ((now_ns / NS_PER_S, before, after) for now_ns, before, after in self._steps_ns())


def _seconds(time_ns: float | None) -> float:
    return math.nan if time_ns is None else time_ns / NS_PER_S
