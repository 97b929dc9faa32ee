"""Makes records of what was recorded, and hands them to the disk, or says what the disk could not take."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from labkit.clock import Clock, RealClock
from labkit.runfile.appending import RunLog
from labkit.runfile.book import Book
from labkit.runfile.columns import pack_edges, pack_samples
from labkit.runfile.contents import Channel, Ending, Mark
from labkit.runfile.disk import Disk
from labkit.runfile.index import Index
from labkit.runfile.records import CLOCKS, Kind, record
from labkit.trace import Edge, Sample

__all__ = ["CHUNK", "Packer", "Tally"]

CHUNK = 1 << 16
"""Edges in a record, at most."""
ALIVE_NS = 1_000_000_000
SETTLED_NS = 1_000_000_000
STEP_NS = 1_000_000_000
"""What times of edges go back by is no thread's delay any more."""

_log = logging.getLogger("labkit.recorder")


@dataclass
class Tally:
    """What was recorded so far; `dropped` is what the recorder itself could not take."""

    edges: int = 0
    samples: int = 0
    bytes: int = 0
    dropped: int = 0


class Packer:
    """Fills one file. Not thread-safe: one thread packs.

    Attributes:
        tally: What was recorded so far.
        problem: What is being lost at present, and why; empty while all is well.
        newcomer: Asked about a pin without a channel, at its first edge; None: such pins are ignored.
    """

    def __init__(self, log: RunLog, disk: Disk, clock: Clock) -> None:
        self.tally = Tally(bytes=log.size)
        self.problem = ""
        self.newcomer: Callable[[Edge], Channel | None] | None = None
        self._path = log.path
        self._disk = disk
        self._clock, self._real = clock, RealClock()
        self._book = Book()
        self._index = Index()
        self._dropping: Mark | None = None
        self._written_ns = self._added_ns = 0
        self._first_ns, self._last_ns, self._newest_ns = 1 << 63, -(1 << 63), -(1 << 63)

    def add(self, channel: Channel, at_ns: int) -> None:
        """A channel begins."""
        self._book.add(channel)
        self._added_ns = self._real.now_ns()
        self.put_text(channel.record(at_ns))

    def put_text(self, made: bytes) -> None:
        """Put a channel's record, or a mark's."""
        self._index.add_text(self.tally.bytes)
        self._put(made)

    def pack_edges(self, edges: list[Edge]) -> None:
        """Put edges, of any pins, in the order they were published."""
        edges, channels = self._book.channels_of(edges, self._meet)
        if not edges:
            return
        packed = pack_edges(edges, channels)
        times = packed.times
        in_order = times == sorted(times)
        first_ns, last_ns = (times[0], times[-1]) if in_order else (min(times), max(times))
        made = record(Kind.EDGES, packed.payload, first_ns=first_ns, last_ns=last_ns, count=len(edges), compress=True)
        is_taken = self._is_taken(made, len(edges))
        self._book.count_edges(edges, channels, received=is_taken)
        if is_taken:
            self.tally.edges += len(edges)
            self._reach(first_ns, last_ns)
            levels = (packed.levels, packed.floats)
            self._index.add_edges(self.tally.bytes, times, channels, *levels, in_order=in_order)
            self._put(made)
            self._look_for_steps(times, in_order=in_order)

    def pack_samples(self, samples: Sequence[Sample]) -> None:
        """Put samples of any channels."""
        by_channel: dict[str, list[Sample]] = {}
        for sample in samples:
            by_channel.setdefault(sample.channel, []).append(sample)
        for name, own in by_channel.items():
            self._pack_one_channel(self._book.by_name[name], own)

    def note_drop(self, count: int, why: str) -> None:
        """So many were dropped, and some already before; told at once, and marked in the file when there is room."""
        self.tally.dropped += count
        now_ns = self._clock.now_ns()
        if self._dropping is None:
            self._dropping = Mark(now_ns, "dropped", why, details={"count": 0, "until_ns": now_ns})
            self.problem = f"Losing edges: {why}."
            _log.error("recording %s is losing edges: %s.", self._path, why)
        self._dropping.details["count"] += count
        self._dropping.details["until_ns"] = now_ns

    def keep_alive(self) -> None:
        """Where nothing was put for a second, put that nothing happened."""
        real_ns = self._real.now_ns()
        if real_ns - self._added_ns > SETTLED_NS:
            self._book.settle()
        if real_ns - self._written_ns >= ALIVE_NS:
            now_ns = self._clock.now_ns()
            clocks = CLOCKS.pack(time.time_ns(), real_ns)
            self._put(record(Kind.ALIVE, clocks, first_ns=now_ns, last_ns=now_ns))

    def missing(self) -> dict[str, int]:
        """By channel: how many edges or samples the numbers prove missing so far."""
        return self._book.missing()

    def finish(self, how: str, text: str, at_ns: int) -> Ending:
        """Put the end, and wait until the file is closed."""
        self._mark_drop()
        tally = self.tally
        index = self._index.record(at_ns)
        details = {
            "wall_ns": time.time_ns(), "elapsed_ns": self._real.now_ns(), "dropped": tally.dropped,
            "longest_sync_ns": self._disk.longest_sync_ns, "index": tally.bytes,
        }  # fmt: skip
        if self._last_ns >= self._first_ns:
            details |= {"first_ns": self._first_ns, "last_ns": self._last_ns}
        brief = Ending(how, text[:500], at_ns, tally.edges, tally.samples)
        ending = Ending(how, text, at_ns, tally.edges, tally.samples, self.missing(), details)
        end = ending.record()
        tally.bytes += len(index) + len(end)
        self._disk.close(index + end, brief.record())
        return ending

    def _meet(self, edge: Edge) -> None:
        channel = None if self.newcomer is None else self.newcomer(edge)
        if channel is None:
            self._book.ignore(edge.pin)
        else:
            self.add(channel, edge.timestamp_ns)

    def _pack_one_channel(self, channel: Channel, samples: list[Sample]) -> None:
        times = [sample.timestamp_ns for sample in samples]
        first_ns, last_ns = min(times), max(times)
        made = record(
            Kind.SAMPLES, pack_samples(samples), first_ns=first_ns, last_ns=last_ns, count=len(samples),
            channel=channel.number, compress=True,
        )  # fmt: skip
        is_taken = self._is_taken(made, len(samples))
        self._book.count_samples(channel, samples, received=is_taken)
        if is_taken:
            self.tally.samples += len(samples)
            self._reach(first_ns, last_ns)
            values = [sample.value for sample in samples]
            self._index.add_samples(self.tally.bytes, channel.number, times, values)
            self._put(made)

    def _reach(self, first_ns: int, last_ns: int) -> None:
        """What is in the file reaches that far."""
        self._first_ns, self._last_ns = min(self._first_ns, first_ns), max(self._last_ns, last_ns)

    def _look_for_steps(self, times: list[int], *, in_order: bool) -> None:
        """Mark where times go back: they are recorded as they came, and nobody shall wonder."""
        newest_ns, self._newest_ns = self._newest_ns, times[-1]
        back_ns = newest_ns - times[0]
        if not in_order:
            back_ns = max(back_ns, max(before - after for before, after in pairwise(times)))
        if back_ns >= STEP_NS:
            text = f"times go back by {back_ns / 1e9:.3f} s: a clock was set, or an edge was told of late"
            _log.warning("recording %s: %s.", self._path, text)
            self.put_text(Mark(times[-1], "clock", text, details={"back_ns": back_ns}).record())

    def _is_taken(self, made: bytes, count: int) -> bool:
        """Whether the disk has room for a record; where it has not, what the record holds is dropped."""
        if self._disk.has_room(len(made)):
            self._mark_drop()
            return True
        if self._disk.error is None:
            self.note_drop(count, f"the disk can't keep up: {self._disk.waiting >> 20} MB wait to be written")
        return False

    def _mark_drop(self) -> None:
        dropping, self._dropping = self._dropping, None
        if dropping is not None:
            self.problem = ""
            self.put_text(dropping.record())

    def _put(self, made: bytes) -> None:
        self._disk.put(made)
        self.tally.bytes += len(made)
        self._written_ns = self._real.now_ns()
        if self._index.is_due:
            index, self._index = self._index, Index(previous=self.tally.bytes)
            self._put(index.record(self._clock.now_ns()))
