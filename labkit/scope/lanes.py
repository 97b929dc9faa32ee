"""The channels of one scope, as a history: whatever they did since they are followed, older things in less detail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from labkit.bench import Bench
from labkit.history import Columns, Lane, Points
from labkit.pieces import pins_of
from labkit.recordables import unique
from labkit.scope.channels import Channel
from labkit.scope.pump import Pump
from labkit.scope.track import Track

__all__ = ["Lanes"]


class Lanes:
    """`labkit.history.History`. Callable from any thread; a lane's number is its place from the top."""

    def __init__(self, bench: Bench, pump: Pump) -> None:
        self._bench = bench
        self._pump = pump
        self._pairs: tuple[tuple[Channel, Track], ...] = ()
        self._lock = threading.Lock()
        self._begin_ns = bench.clock.now_ns()

    @property
    def lanes(self) -> Sequence[Lane]:
        return [
            Lane(number, channel.name, channel.is_digital, channel.unit)
            for number, (channel, _) in enumerate(self._pairs)
        ]

    @property
    def span_ns(self) -> tuple[int, int]:
        begin_ns = min((track.begin_ns for _, track in self._pairs), default=self._begin_ns)
        return begin_ns, self._bench.clock.now_ns()

    @property
    def zero_ns(self) -> int:
        return 0

    @property
    def marks(self) -> Sequence[tuple[int, str]]:
        return ()

    @property
    def pairs(self) -> Sequence[tuple[Channel, Track]]:
        """The channels with their tracks, from the top."""
        return self._pairs

    def columns(self, begin_ns: int, end_ns: int, pixels: int) -> Mapping[int, Columns]:
        now_ns = self._bench.clock.now_ns()
        return {
            number: track.columns(begin_ns, end_ns, pixels, now_ns) for number, (_, track) in enumerate(self._pairs)
        }

    def points(self, begin_ns: int, end_ns: int, most: int) -> Mapping[int, Points] | None:
        found: dict[int, Points] = {}
        for number, (_, track) in enumerate(self._pairs):
            points = track.points(begin_ns, end_ns, most)
            if points is None:
                return None
            most -= len(points.times_ns)
            found[number] = points
        return found

    def add(self, channels: Iterable[Channel]) -> None:
        """Follow more, below; what is there already stays where it is. Names and so colours are each one's own."""
        with self._lock:
            there = {channel.key for channel, _ in self._pairs}
            fresh = {channel.key: channel for channel in channels if channel.key not in there}
            names = {channel.name for channel, _ in self._pairs}
            new = [replace(channel, name=unique(channel.name, names)) for channel in fresh.values()]
            self._pairs += tuple(zip(new, self._pump.follow(new), strict=True))

    def remove(self, is_gone: Callable[[Channel], bool]) -> None:
        """Follow these no more."""
        with self._lock:
            gone = [pair for pair in self._pairs if is_gone(pair[0])]
            self._pairs = tuple(pair for pair in self._pairs if pair not in gone)
        for channel, track in gone:
            self._pump.drop(channel, track)

    def named(self, what: Any) -> Channel:
        """The channel of that name, or of that device.

        Raises:
            ValueError: There is none, or the device has several.
        """
        found = [channel for channel, _ in self._pairs if what == channel.name or what is channel.device]
        if len(found) == 1:
            return found[0]
        names = ", ".join(channel.name for channel, _ in self._pairs)
        if found:
            raise ValueError(f"That device has several channels. Name one: {', '.join(each.name for each in found)}.")
        raise ValueError(f"The scope shows no channel {what!r}. It shows {names or 'none'}.")

    def look_for_ends(self) -> bool:
        """End the tracks of pins whose device is closed, unless another one took its place; whether any did end."""
        has_ended = False
        for channel, track in self._pairs:
            if channel.pin is None or not getattr(channel.device, "closed", False):
                continue
            is_held = any(channel.pin in pins_of(device) for device in self._bench.devices)
            if not is_held and track.end_ns is None:
                track.end_ns = self._bench.clock.now_ns()
                has_ended = True
            elif is_held and track.end_ns is not None:
                track.end_ns = None
                has_ended = True
        return has_ended
