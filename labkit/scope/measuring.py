"""What can be read off a channel between two instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labkit.history import History, Lane, Points

__all__ = ["Measurement", "measure"]

NS_PER_S = 1_000_000_000
MOST = 400_000
WIDE = 1000


@dataclass(frozen=True)
class Measurement:
    """One channel within a window. What can't be known is None.

    Attributes:
        last: The level or value at the end.
        count: Edges, or samples.
        frequency_hz: Of a digital channel: from its first rising edge to its last.
        duty: The share of the window that a digital channel is high; of PWM, the mean duty cycle.
        shortest_s: The shortest pulse, high or low, that lies in the window as a whole.
        low, high, mean: Of an analog channel.
    """

    last: float | None = None
    count: int = 0
    frequency_hz: float | None = None
    duty: float | None = None
    shortest_s: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None

    def told(self) -> dict[str, Any]:
        """What is known, as a page takes it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def measure(history: History, begin_ns: int, end_ns: int) -> Mapping[int, Measurement]:
    """Every lane, by its number."""
    points = history.points(begin_ns, end_ns, MOST)
    if points is not None:
        found = {lane.number: points.get(lane.number) for lane in history.lanes}
        return {lane.number: _measured(lane, found[lane.number], begin_ns, end_ns) for lane in history.lanes}
    columns = history.columns(begin_ns, end_ns, WIDE)
    return {
        lane.number: Measurement(count=int(columns[lane.number].counts.sum()), **_range(lane, columns[lane.number]))
        for lane in history.lanes
    }


def _range(lane: Lane, columns: Any) -> dict[str, float]:
    if lane.is_digital or np.isnan(columns.low).all():
        return {}
    return {"low": float(np.nanmin(columns.low)), "high": float(np.nanmax(columns.high))}


def _measured(lane: Lane, points: Points | None, begin_ns: int, end_ns: int) -> Measurement:
    if points is None:
        return Measurement()
    return _digital(points, begin_ns, end_ns) if lane.is_digital else _analog(points)


def _analog(points: Points) -> Measurement:
    values = points.values[~np.isnan(points.values)]
    if not len(values):
        return Measurement()
    low, high, mean = float(values.min()), float(values.max()), float(values.mean())
    return Measurement(float(values[-1]), len(values), low=low, high=high, mean=mean)


def _digital(points: Points, begin_ns: int, end_ns: int) -> Measurement:
    levels = np.concatenate(((points.before,), points.values))
    last = float(levels[-1])
    if np.isnan(levels[0]):
        # It began within the window: what was before is not known.
        begin_ns, levels = (int(points.times_ns[0]), levels[1:]) if len(points.times_ns) else (end_ns, levels[:0])
    times = points.times_ns[-(len(levels) - 1) :] if len(levels) > 1 else points.times_ns[:0]
    if not len(levels) or end_ns <= begin_ns:
        return Measurement(None if np.isnan(last) else last, len(points.values))
    bounds = np.concatenate(((begin_ns,), times, (end_ns,)))
    duty = float((levels * np.diff(bounds)).sum() / (end_ns - begin_ns))
    is_high = levels > 0
    rises = times[is_high[1:] & ~is_high[:-1]]
    frequency = (len(rises) - 1) * NS_PER_S / int(rises[-1] - rises[0]) if len(rises) > 1 else None
    changes = times[is_high[1:] != is_high[:-1]]
    shortest = float(np.diff(changes).min()) / NS_PER_S if len(changes) > 1 else None
    return Measurement(last, len(points.values), frequency, duty, shortest)
