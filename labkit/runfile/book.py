"""Which pin and which name is which channel of a recording, and what came of each."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

from labkit.runfile.contents import Channel
from labkit.trace import Edge, Sample

__all__ = ["Book"]

_PIN = itemgetter(0)


class Book:
    """Which pin and which name is which channel, and what came of each."""

    def __init__(self) -> None:
        self.by_name: dict[str, Channel] = {}
        self._by_pin: dict[str, int] = {}
        self._ignored: set[str] = set()
        self._channels: dict[int, Channel] = {}
        self._received: dict[int, int] = {}
        self._newest: dict[int, int] = {}
        # An edge that was numbered before its channel began may still be on its way.
        self._begun: dict[str, int] = {}

    def add(self, channel: Channel) -> None:
        self._channels[channel.number] = self.by_name[channel.name] = channel
        self._received[channel.number] = 0
        if channel.pin:
            self._by_pin[channel.pin] = channel.number
            self._newest[channel.number] = channel.seq
            self._begun[channel.pin] = channel.seq
        else:
            self._newest[channel.number] = -1

    def ignore(self, pin: str) -> None:
        self._ignored.add(pin)

    def settle(self) -> None:
        """By now no edge is on its way that was numbered before its channel began."""
        self._begun.clear()

    def channels_of(self, edges: list[Edge], meet: Callable[[Edge], None]) -> tuple[list[Edge], bytes]:
        """The edges that are to be recorded, and a byte for each that says its channel.

        Args:
            edges: Of any pins.
            meet: Called with the first edge of a pin that has no channel: to `add` one, or `ignore` the pin.
        """
        by_pin = self._by_pin
        if not self._begun:
            try:
                return edges, bytes(map(by_pin.__getitem__, map(_PIN, edges)))
            except KeyError:
                pass  # a pin without a channel is among them
        for pin, first in {edge[0]: edge for edge in reversed(edges)}.items():
            if pin not in by_pin and pin not in self._ignored:
                meet(first)
        begun = self._begun
        kept = [edge for edge in edges if edge[0] in by_pin and (not begun or edge[2] > begun.get(edge[0], 0))]
        return kept, bytes([by_pin[edge[0]] for edge in kept])

    def count_edges(self, edges: list[Edge], channels: bytes, *, received: bool) -> None:
        """These came; whether they were received, or are missing."""
        for number in self._newest:
            count = channels.count(number) if number < 256 else 0
            if count:
                newest = edges[channels.rindex(number)].seq
                self._newest[number] = max(self._newest[number], newest)
                if received:
                    self._received[number] += count

    def count_samples(self, channel: Channel, samples: list[Sample], *, received: bool) -> None:
        """These came; whether they were received, or are missing."""
        self._newest[channel.number] = max(self._newest[channel.number], samples[-1].seq)
        if received:
            self._received[channel.number] += len(samples)

    def missing(self) -> dict[str, int]:
        """By channel: how many edges or samples the numbers prove missing so far."""
        missing = {}
        for number, channel in self._channels.items():
            before = channel.seq if channel.pin else -1
            missing[channel.name] = max(0, self._newest[number] - before - self._received[number])
        return missing
