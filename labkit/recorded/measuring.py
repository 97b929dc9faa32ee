"""The figures of a recorded channel, gathered piece by piece: a channel of any length in little memory."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from labkit.trace import Statistics, figures_html

__all__ = ["EdgeFigures", "SampleFigures", "SampleStatistics"]

NS_PER_S = 1_000_000_000
Times = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class SampleStatistics:
    """What was sampled within a window, in figures; not a number where there is nothing to measure.

    Attributes:
        samples: How many readings were made.
        missing: How many deadlines passed without one.
        late: How many came nearer to the next deadline than to their own.
        empty: How many gave no value.
        low, high: The extremes of the values.
        mean: Of the values.
        deviation: Their standard deviation.
    """

    samples: int
    missing: int
    late: int
    empty: int
    low: float
    high: float
    mean: float
    deviation: float

    def _repr_html_(self) -> str:
        figures = asdict(self).items()
        return figures_html(
            {name: f"{value:,}" if isinstance(value, int) else f"{value:.6g}" for name, value in figures}
        )


class _Spread:
    """Count, mean, deviation and extremes of numbers that come in pieces."""

    def __init__(self) -> None:
        self.count = 0
        self.low, self.high = math.inf, -math.inf
        self._mean = self._squares = 0.0

    def add(self, values: Times | Values) -> None:
        if not len(values):
            return
        count, mean = len(values), float(values.mean())
        squares = float(((values - mean) ** 2).sum())
        total = self.count + count
        # Chan, Golub and LeVeque's rule for joining two spreads: no sum of large squares.
        self._squares += squares + (mean - self._mean) ** 2 * self.count * count / total
        self._mean += (mean - self._mean) * count / total
        self.count = total
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    @property
    def mean(self) -> float:
        return self._mean if self.count else math.nan

    @property
    def deviation(self) -> float:
        return math.sqrt(self._squares / self.count) if self.count else math.nan

    @property
    def least(self) -> float:
        return self.low if self.count else math.nan

    @property
    def most(self) -> float:
        return self.high if self.count else math.nan


class EdgeFigures:
    """Statistics of edges, as `Trace.statistics` defines them."""

    def __init__(self, begin_ns: int, before: float) -> None:
        self._begin_ns = self._now_ns = begin_ns
        self._level = before
        self._edges = self._rising = self._falling = self._missing = 0
        self._area = 0.0
        self._number: int | None = None
        self._turn_ns = self._rise_ns = np.empty(0, np.int64)
        self._turned = np.empty(0, np.bool_)
        self._periods, self._highs, self._lows = _Spread(), _Spread(), _Spread()

    def add(self, times: Times, levels: Values, numbers: Times) -> None:
        """The next edges."""
        if not len(times):
            return
        held = np.concatenate(([self._level], levels))
        self._area += float((held[:-1] * np.diff(np.concatenate(([self._now_ns], times)))).sum())
        before = self._number if self._number is not None else int(numbers[0]) - 1
        self._missing += int(numbers[-1]) - before - len(numbers)
        was, is_ = held[:-1] != 0, held[1:] != 0
        turned = was != is_
        self._take_turns(times[turned], is_[turned])
        self._edges += len(times)
        self._level, self._now_ns, self._number = float(levels[-1]), int(times[-1]), int(numbers[-1])

    def result(self, end_ns: int) -> Statistics:
        """The figures up to an instant."""
        width = end_ns - self._begin_ns
        area = self._area + self._level * (end_ns - self._now_ns)
        periods = self._periods
        return Statistics(
            edges=self._edges,
            rising=self._rising,
            falling=self._falling,
            missing=max(0, self._missing),
            duty=area / width if width > 0 else math.nan,
            period=periods.mean / NS_PER_S,
            jitter=periods.deviation / NS_PER_S,
            shortest_period=periods.least / NS_PER_S,
            longest_period=periods.most / NS_PER_S,
            shortest_high=self._highs.least / NS_PER_S,
            shortest_low=self._lows.least / NS_PER_S,
        )

    def _take_turns(self, times: Times, rises: NDArray[np.bool_]) -> None:
        rising = times[rises]
        self._rising += len(rising)
        self._falling += len(times) - len(rising)
        self._periods.add(_steps(self._rise_ns, rising))
        self._rise_ns = rising[-1:] if len(rising) else self._rise_ns
        widths = _steps(self._turn_ns, times)
        began_high = np.concatenate((self._turned, rises))[:-1]
        self._highs.add(widths[began_high])
        self._lows.add(widths[~began_high])
        if len(times):
            self._turn_ns, self._turned = times[-1:], rises[-1:]


def _steps(before: Times, times: Times) -> Times:
    """From each to the next, beginning with the one before, if there is one."""
    joined = np.concatenate((before, times))
    return joined[1:] - joined[:-1]


class SampleFigures:
    """Statistics of samples."""

    def __init__(self) -> None:
        self._samples = self._missing = self._late = 0
        self._number: int | None = None
        self._values = _Spread()

    def add(self, values: Values, numbers: Times, late: NDArray[np.bool_]) -> None:
        """The next samples."""
        if not len(values):
            return
        before = self._number if self._number is not None else int(numbers[0]) - 1
        self._missing += int(numbers[-1]) - before - len(numbers)
        self._samples += len(values)
        self._late += int(late.sum())
        self._values.add(values[~np.isnan(values)])
        self._number = int(numbers[-1])

    def result(self) -> SampleStatistics:
        """The figures."""
        values = self._values
        return SampleStatistics(
            samples=self._samples,
            missing=max(0, self._missing),
            late=self._late,
            empty=self._samples - values.count,
            low=values.least,
            high=values.most,
            mean=values.mean,
            deviation=values.deviation,
        )
