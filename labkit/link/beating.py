"""The heartbeat over the link: which page uses which panel, and which pages are there."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Sequence
from typing import Any, Protocol

from labkit.cells import CellWatch
from labkit.clock import Clock, RealClock
from labkit.link.hub import Departure, Hub
from labkit.link.pings import Pings
from labkit.link.serving import serving
from labkit.safety.safeguards import Safeguards

__all__ = ["HeartbeatChannel", "serve_heartbeat"]


class Watched(Protocol):
    """What of a bench the channel needs."""

    safety: Safeguards
    cells: CellWatch


class HeartbeatChannel:
    """The channel `heartbeat` of one bench; a later bench takes it over.

    A page sends `{"type": "touch", "device": "d1", "stops": 3}` when somebody uses a device's panel in it, and
    `{"type": "hello", "device": "d1"}` for each view and each new way. It is told `{"type": "state", "device": "d1",
    "stops": 3, "said": "stopped: …"}`; `stops` is what its touches have to carry, `said` is for the person. Where
    nothing else watches a page that drives something, it gets `{"type": "ping"}` and answers `{"type": "pong"}`.
    """

    def __init__(self, hub: Hub, bench: Watched, clock: Clock) -> None:
        self.bench = bench
        self._hub = hub
        self._heartbeat = bench.safety.heartbeat
        self._devices: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._tokens: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self._told: weakref.WeakKeyDictionary[Any, dict[str, Any]] = weakref.WeakKeyDictionary()
        self._numbers = itertools.count(1)
        self._pings = Pings(clock, self._ping, self._needs_pings, self._running, self._heartbeat.page_gone)
        self._channel = hub.channel("heartbeat")
        self._channel.open(self._receive, came=self._came, gone=self._gone)

    def token(self, device: Any) -> str:
        """What pages call a device."""
        if device not in self._tokens:
            self._tokens[device] = f"d{next(self._numbers)}"
            self._devices[self._tokens[device]] = device
        return self._tokens[device]

    def tell(self, device: Any) -> None:
        """Tell every page what has become of a device, if anything has."""
        state = self._state(device)
        if state != self._told.get(device):
            self._told[device] = state
            self._channel.broadcast(state)

    def _state(self, device: Any) -> dict[str, Any]:
        said = self._heartbeat.stopped(device)
        return {"type": "state", "device": self.token(device), "stops": self._heartbeat.stops(device), "said": said}

    def _receive(self, page: str, view: str, message: Any, _buffers: Sequence[Any]) -> None:
        match message:
            case {"type": "touch", "device": str(token), "stops": int(stops)} if token in self._devices:
                self._heartbeat.touched(page, self._devices[token], stops)
                self._watch(page)
            case {"type": "hello", "device": str(token)} if token in self._devices:
                self._channel.send(page, view, self._state(self._devices[token]))
            case {"type": "pong"}:
                self._pings.heard(page)

    def _came(self, page: str) -> None:
        self._heartbeat.page_came(page)
        self._watch(page)

    def _gone(self, page: str, departure: Departure) -> None:
        self._heartbeat.page_gone(page, departure.silent_s)

    def _watch(self, page: str) -> None:
        if self._needs_pings(page):
            self._pings.watch(page)

    def _needs_pings(self, page: str) -> bool:
        found = self._hub.page(page)
        return found is not None and not found.link.is_watched and self._heartbeat.is_driving(page)

    def _ping(self, page: str) -> None:
        self._channel.send(page, "", {"type": "ping"})

    def _running(self) -> int | None:
        cells = self.bench.cells
        return cells.current.run if cells.is_running else None


_channel: HeartbeatChannel | None = None


def serve_heartbeat(bench: Watched) -> HeartbeatChannel:
    """Have pages tell this bench, and no other, what is used in them and when they are gone."""
    global _channel
    if _channel is None or _channel.bench is not bench:
        _channel = HeartbeatChannel(serving()[0], bench, RealClock())
    return _channel
