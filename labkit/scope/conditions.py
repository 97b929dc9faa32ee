"""What a trigger waits for. Each condition is told what is new on each channel, and says when it was met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Condition", "Crossing", "Fresh", "Level", "Pattern", "Pulse"]

Times = NDArray[np.int64]
NONE: Times = np.empty(0, np.int64)


class Fresh(NamedTuple):
    """What is new on a channel: edges or samples in order, and the level before them."""

    times: Times
    values: NDArray[np.float64]
    before: float
    is_digital: bool = True


class Condition(Protocol):
    """Keeps what it must know of the past; one thread only."""

    @property
    def channels(self) -> Sequence[str]:
        """What it looks at."""
        ...

    def met(self, fresh: Mapping[str, Fresh], now_ns: int) -> Times:
        """When, in order, among what is new; each channel is there, if with nothing new."""
        ...


@dataclass
class Crossing:
    """An edge: the level rises through, or falls through, a value."""

    channel: str
    slope: Literal["rising", "falling", "either"]
    level: float = 0.5

    @property
    def channels(self) -> Sequence[str]:
        return (self.channel,)

    def met(self, fresh: Mapping[str, Fresh], now_ns: int) -> Times:
        news = fresh[self.channel]
        if not len(news.times):
            return NONE
        values = np.concatenate(((news.before,), news.values))
        above = values >= self.level
        known = ~np.isnan(values)
        changes = (above[1:] != above[:-1]) & known[1:] & known[:-1]
        if self.slope != "either":
            changes &= above[1:] == (self.slope == "rising")
        places = np.flatnonzero(changes)
        if news.is_digital:
            return news.times[places]
        # Between two samples, where the line between them crosses: a picture that stands still.
        return self._between(news, values, places)

    def _between(self, news: Fresh, values: NDArray[np.float64], places: NDArray[np.intp]) -> Times:
        later = news.times[places]
        earlier = np.where(places > 0, news.times[places - 1], later)
        left, right = values[places], values[places + 1]
        part = (right - self.level) / (right - left)
        return later - np.asarray((later - earlier) * part, np.int64)


@dataclass
class Level:
    """The level is above a value, or below it; met also where it stays so."""

    channel: str
    side: Literal["above", "below"]
    level: float = 0.5

    @property
    def channels(self) -> Sequence[str]:
        return (self.channel,)

    def met(self, fresh: Mapping[str, Fresh], now_ns: int) -> Times:
        news = fresh[self.channel]
        if not len(news.times):
            return np.array([now_ns]) if self._is_met(np.array([news.before]))[0] else NONE
        return news.times[self._is_met(news.values)]

    def _is_met(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        return values >= self.level if self.side == "above" else values < self.level


@dataclass
class Pulse:
    """A pulse ends that was shorter than a time, or longer than one, or both."""

    channel: str
    polarity: Literal["high", "low"]
    shorter_ns: float = np.inf
    longer_ns: float = 0.0
    level: float = 0.5
    _begun_ns: int | None = None

    @property
    def channels(self) -> Sequence[str]:
        return (self.channel,)

    def met(self, fresh: Mapping[str, Fresh], now_ns: int) -> Times:
        news = fresh[self.channel]
        if not len(news.times):
            return NONE
        values = np.concatenate(((news.before,), news.values))
        inside = (values >= self.level) == (self.polarity == "high")
        changes = np.flatnonzero((inside[1:] != inside[:-1]) & ~np.isnan(values[:-1]))
        times, begins = news.times[changes], inside[1:][changes]
        ends = np.flatnonzero(~begins)
        # Beginnings and ends alternate: before each end lies its beginning, perhaps in an earlier piece of news.
        first = np.array([self._begun_ns if self._begun_ns is not None else now_ns + 1], np.int64)
        started = np.concatenate((first, times))[ends]
        if len(times):
            self._begun_ns = int(times[-1]) if begins[-1] else None
        widths = times[ends] - started
        return times[ends][(widths >= 0) & (widths < self.shorter_ns) & (widths > self.longer_ns)]


class Pattern:
    """Several channels take wanted levels at once: met when the last of them does."""

    def __init__(self, wanted: Mapping[str, bool], level: float = 0.5) -> None:
        self._wanted = dict(wanted)
        self._level = level
        self._was_met = True  # one that is met from the beginning is no event

    @property
    def channels(self) -> Sequence[str]:
        return tuple(self._wanted)

    def met(self, fresh: Mapping[str, Fresh], now_ns: int) -> Times:
        times = _merged(fresh[channel].times for channel in self._wanted)
        if not len(times):
            return NONE
        matches = np.ones(len(times), np.bool_)
        for channel, wanted in self._wanted.items():
            news = fresh[channel]
            # The channel's level at each of the times: its own last one until then.
            along = np.concatenate(((news.before,), news.values))[np.searchsorted(news.times, times, "right")]
            matches &= (along >= self._level) == wanted
        begins = matches & ~np.concatenate(((self._was_met,), matches[:-1]))
        self._was_met = bool(matches[-1])
        return times[begins]


def _merged(parts: Iterable[Times]) -> Times:
    found = [part for part in parts if len(part)]
    return np.unique(np.concatenate(found)) if found else NONE
