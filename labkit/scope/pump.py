"""One thread for all scopes of a bench: takes what happened to its tracks, and gives each scope its turn.

Whoever changes a pin appends the edge to a queue, and that is all it costs him: 13 ns. The pump empties the queue
sixty times a second while something happens and somebody looks, four times a second otherwise.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from labkit.bench import Bench
from labkit.clock import RealClock, report_errors
from labkit.observing import ObserverThread
from labkit.sampling import Source
from labkit.scope.channels import Channel
from labkit.scope.conditions import Fresh
from labkit.scope.track import Track
from labkit.trace import Edge, Sample

__all__ = ["MOST_WAITING", "News", "Pump", "Watcher", "pump_of"]

NS_PER_S = 1_000_000_000
FRAME_NS = NS_PER_S // 60
IDLE_NS = NS_PER_S // 4
MOST_WAITING = 1 << 18

News = Mapping[str, Fresh]


class Watcher(Protocol):
    """What the pump gives a turn: a scope."""

    def turn(self, now_ns: int, real_ns: int, news: News) -> bool:
        """Show what is new, on the pump's thread; returns whether somebody waits for more.

        Args:
            now_ns: Lab time.
            real_ns: Real time, from some beginning: the pace of pictures.
            news: By the key of the channel; those without any are missing.
        """
        ...


@dataclass
class _Followed:
    track: Track
    channel: Channel
    users: int = 0
    trouble: str = ""
    new: list[Any] = field(default_factory=list)


class Pump:
    """Callable from any thread."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._edges: deque[Edge] = deque(maxlen=MOST_WAITING)
        self._samples: deque[Sample] = deque(maxlen=MOST_WAITING)
        self._followed: dict[str, _Followed] = {}
        self._watchers: tuple[Watcher, ...] = ()
        self._lock = threading.RLock()
        self._turning = threading.RLock()
        self._real = RealClock()
        self._due_ns = 0
        self._is_idle = True
        self._thread: ObserverThread | None = None
        self._endings: list[Any] = []
        self.lost = 0
        """How many edges came faster than they could be taken: at least so many are missing."""

    def join(self, watcher: Watcher) -> None:
        """Give a scope its turns; the first one starts the thread."""
        with self._lock:
            self._watchers = (*self._watchers, watcher)
            if self._thread is None:
                self._endings = [
                    self._bench.tap.subscribe(self._edges.append),
                    # Told of the first change after a silence, so that nobody has to look sixty times a second for it.
                    self._bench.watch(None, self._rouse),
                ]
                self._thread = ObserverThread(self._real.now_ns, self._look, "labkit-scope")
        self.wake()

    def leave(self, watcher: Watcher) -> None:
        """No more turns; the last one ends the thread."""
        with self._lock:
            self._watchers = tuple(each for each in self._watchers if each is not watcher)
            if not self._watchers and self._thread is not None:
                self._thread.close()
                self._thread = None
                for end in self._endings:
                    end()

    def wake(self) -> None:
        """Take a turn now."""
        if self._thread is not None:
            self._thread.wake()

    def follow(self, channels: Sequence[Channel]) -> list[Track]:
        """The channels' tracks, which go on for as long as somebody follows them."""
        with self._lock:
            fresh = [channel for channel in channels if self._has_ended(channel)]
            self._followed |= {channel.key: _Followed(self._new_track(channel), channel) for channel in fresh}
            for channel in channels:
                self._followed[channel.key].users += 1
            for rate in {channel.rate for channel in fresh if channel.source is not None}:
                self._sample(
                    [self._followed[each.key] for each in fresh if each.source is not None and each.rate == rate]
                )
            return [self._followed[channel.key].track for channel in channels]

    def drop(self, channel: Channel, track: Track) -> None:
        """Somebody follows the channel no more."""
        with self._lock:
            followed = self._followed.get(channel.key)
            if followed is None or followed.track is not track:
                return
            followed.users -= 1
            if followed.users <= 0:
                del self._followed[channel.key]

    def trouble_with(self, channel: Channel) -> str:
        """Why the channel can't be read at present; empty where it can."""
        followed = self._followed.get(channel.key)
        return followed.trouble if followed is not None else ""

    def _new_track(self, channel: Channel) -> Track:
        now_ns = self._bench.clock.now_ns()
        if channel.pin is None:
            return Track(False, now_ns)
        pin = self._bench.factory.pin(channel.pin)
        pin.labkit_watch()
        return Track(True, now_ns, float(pin.labkit_level()))

    def _has_ended(self, channel: Channel) -> bool:
        followed = self._followed.get(channel.key)
        return followed is None or followed.track.end_ns is not None

    def _sample(self, several: Sequence[_Followed]) -> None:
        """Read what is sampled at one rate, one after the other: that costs less than each for itself."""
        clock = self._bench.clock
        # Weakly: a sampler is forgotten later than its channels, whose tracks are large.
        known = {followed.channel.key: weakref.ref(followed) for followed in several}

        def troubled(source: Source, trouble: str) -> None:
            there = known[source.channels[0]]()
            if there is not None:
                there.trouble = trouble
                there.track.end_ns = there.track.end_ns if trouble else clock.now_ns()

        sources = [_while_followed(each) for each in several]
        self._bench.sampling.add(sources, several[0].channel.rate, self._samples.append, troubled)

    # ---- the pump's own thread

    def _rouse(self) -> None:
        if self._is_idle:
            self.wake()

    def _look(self) -> int:
        is_wanted = self.turn()
        self._is_idle = not is_wanted
        now_ns = self._real.now_ns()
        # From deadline to deadline, so that sixty a second are sixty, unless one is missed.
        self._due_ns = max(self._due_ns + FRAME_NS, now_ns) if is_wanted else now_ns + IDLE_NS
        return self._due_ns

    def turn(self) -> bool:
        """Take what happened, and show it. Tests call it themselves."""
        with self._turning:
            news = self._take()
            now_ns, real_ns = self._bench.clock.now_ns(), self._real.now_ns()
            wanted: list[bool] = []
            for watcher in self._watchers:
                report_errors(lambda turn=watcher.turn: wanted.append(turn(now_ns, real_ns, news)))  # type: ignore[misc]
            return any(wanted)

    def _take(self) -> dict[str, Fresh]:
        followed = dict(self._followed)
        if len(self._edges) == MOST_WAITING:
            self.lost += 1
        for edge in _taken(self._edges):
            there = followed.get(edge.pin)
            if there is not None:
                there.new.append((edge.timestamp_ns, edge.level))
        for sample in _taken(self._samples):
            there = followed.get(sample.channel)
            if there is not None:
                there.new.append((sample.timestamp_ns, sample.value))
        return {key: self._entered(each) for key, each in followed.items() if each.new}

    def _entered(self, followed: _Followed) -> Fresh:
        rows, followed.new = followed.new, []
        times = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        values = np.fromiter((row[1] for row in rows), np.float64, len(rows))
        if len(times) > 1 and (times[1:] < times[:-1]).any():
            order = np.argsort(times, kind="stable")
            times, values = times[order], values[order]
        before = followed.track.level_before(int(times[0]))
        followed.track.append(times, values)
        return Fresh(times, values, before, followed.track.is_digital)


def _while_followed(followed: _Followed) -> Source:
    """The channel's source, which ends when nobody follows it any more."""
    channel, reference = followed.channel, weakref.ref(followed)
    source = channel.source
    assert source is not None

    def is_over() -> bool:
        there = reference()
        return there is None or there.users <= 0 or source.is_closed()

    return Source((channel.key,), source.read, is_over)


def _taken(queue: deque[Any]) -> Iterable[Any]:
    take = queue.popleft
    return [take() for _ in range(len(queue))]


# Weakly both: a pump lives as long as a scope has it.
_pumps: weakref.WeakKeyDictionary[Bench, weakref.ref[Pump]] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def pump_of(bench: Bench) -> Pump:
    """The bench's pump, one for all of its scopes."""
    with _making:
        known = _pumps.get(bench)
        pump = known() if known is not None else None
        if pump is None:
            pump = Pump(bench)
            _pumps[bench] = weakref.ref(pump)
        return pump
