"""Records edges and samples from any thread into a file: nothing is lost unseen, and nobody waits for the disk.

Who changes a pin appends a tuple to a queue in memory, and that is all. A thread of the recorder's own empties the
queue some times a second and packs what it finds; another writes it down. Both queues are bounded: what they can't
take is counted, told at once and marked in the file, and the numbers of the edges prove it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from labkit.clock import Clock, RealClock
from labkit.errors import DiskFull
from labkit.observing import ObserverThread
from labkit.runfile.appending import RunLog
from labkit.runfile.contents import Channel, Ending, Mark
from labkit.runfile.disk import Disk
from labkit.runfile.packing import CHUNK, Packer, Tally
from labkit.trace import Edge, Sample

__all__ = ["MOST_QUEUED", "Recorder"]

MOST_QUEUED = 1 << 18
"""Edges that may wait to be packed: more than a second of 200,000 a second, and some 40 MB when that happens."""
LOOK_NS = 100_000_000
KEEP_NS = 250_000_000
"""How old an edge may become before it is written: with the disk's half second, a power cut takes less than one."""
WORTH_WRITING = 1 << 11
"""So many edges are written at the next look, younger or not: a busy machine may delay that one long enough."""

_log = logging.getLogger("labkit.recorder")


class Recorder:
    """One recording, from its making to `stop`. Callable from any thread.

    Attributes:
        receive_edge: Takes an edge, from any thread, in some 50 ns; never waits.
        receive_sample: The same for a sample.
        ending: How it ended; None while it goes on.
    """

    def __init__(self, log: RunLog, clock: Clock, leave: Callable[[], None]) -> None:
        """Record into that file; `leave` is called once, when nothing more is to be received."""
        edges: deque[Edge] = deque(maxlen=MOST_QUEUED)
        samples: deque[Sample] = deque(maxlen=MOST_QUEUED)
        self.receive_edge = edges.append
        self.receive_sample = samples.append
        self.ending: Ending | None = None
        self._edges, self._samples = edges, samples
        self._clock, self._real = clock, RealClock()
        self._leave = leave
        self._path = log.path
        self._disk = Disk(log, self._disk_failed)
        self._packer = Packer(log, self._disk, clock)
        self._packing = threading.Lock()
        self._pending: list[Edge] = []
        self._pending_since_ns = 0
        self._is_leaving = False
        self._wanted: tuple[str, str, int] | None = None
        self._failure = ""
        self._asked = self._answered = 0
        self._changed = threading.Condition()
        self._thread = ObserverThread(self._real.now_ns, self._look, "labkit-recorder")

    @property
    def tally(self) -> Tally:
        """What was recorded so far; at most a quarter of a second old."""
        return self._packer.tally

    @property
    def problem(self) -> str:
        """What is wrong at present, in words; empty while all is well."""
        return self._failure or self._packer.problem

    def missing(self) -> dict[str, int]:
        """By channel: how many edges or samples the numbers prove missing so far."""
        return self._packer.missing()

    def add(self, channel: Channel) -> None:
        """A channel begins; its edges or samples may come from now on."""
        with self._packing:
            self._packer.add(channel, self._clock.now_ns())

    def follow(self, newcomer: Callable[[Edge], Channel | None]) -> None:
        """Ask about a pin without a channel, on the recorder's thread, at its first edge."""
        self._packer.newcomer = newcomer

    def mark(self, mark: Mark) -> None:
        """Something happened."""
        with self._packing:
            if self.ending is None:
                self._packer.put_text(mark.record())

    def flush(self) -> None:
        """Wait until everything received so far is in the file."""
        with self._changed:
            self._asked += 1
            mine = self._asked
        self._thread.wake()
        with self._changed:
            self._changed.wait_for(lambda: self._answered >= mine or self.ending is not None)
        if self.ending is None:
            self._disk.flush()

    def stop(self, how: str, text: str) -> Ending:
        """Receive no more, write all there is, and end the file; stopping again gives the first ending.

        An interrupt of the waiting thread does not interrupt the ending itself.
        """
        self._end(how, text)
        self._thread.wake()
        with self._changed:
            self._changed.wait_for(lambda: self.ending is not None)
        assert self.ending is not None
        return self.ending

    # ---- the recorder's own thread

    def _look(self) -> int | None:
        asked = self._asked
        try:
            with self._packing:
                self._turn(asked > self._answered)
        except Exception as error:  # noqa: BLE001 - whatever it is, the file must say that it ends here
            _log.exception("recording %s", self._path)
            self._fail(f"{type(error).__name__}: {error}")
        self._disk.tick()
        with self._changed:
            self._answered = asked
            self._changed.notify_all()
        if self.ending is not None:
            self._thread.close()
            return None
        # Where many are waiting already, the next look comes at once.
        return self._real.now_ns() + (0 if len(self._edges) > CHUNK or self._wanted else LOOK_NS)

    def _turn(self, is_asked: bool) -> None:
        if self.ending is not None:
            return
        # Read before the queue is emptied: what came before the end was wanted belongs to it.
        wanted = self._wanted
        self._gather()
        if wanted is not None:
            self._pack()
            self.ending = self._packer.finish(*wanted)
        elif is_asked or len(self._pending) >= WORTH_WRITING or self._real.now_ns() - self._pending_since_ns >= KEEP_NS:
            self._pack()
            self._packer.keep_alive()

    def _gather(self) -> None:
        queue = self._edges
        waiting = len(queue)
        if waiting == MOST_QUEUED:
            self._packer.note_drop(0, "edges came faster than they could be packed")
        self._pending += [queue.popleft() for _ in range(waiting)]
        if len(self._pending) >= CHUNK:
            self._pack()

    def _pack(self) -> None:
        edges, self._pending = self._pending, []
        self._pending_since_ns = self._real.now_ns()
        for begin in range(0, len(edges), CHUNK):
            self._packer.pack_edges(edges[begin : begin + CHUNK])
        queue = self._samples
        self._packer.pack_samples([queue.popleft() for _ in range(len(queue))])

    # ---- how it ends

    def _fail(self, text: str) -> None:
        self._failure = text
        if self._wanted is None:
            self._end("failed", text)
        elif self.ending is None:
            # Even the end could not be made: what is in the file will be found without it.
            self.ending = Ending("failed", text, self._clock.now_ns())
            self._disk.close(b"", b"")

    def _disk_failed(self) -> None:
        error = self._disk.error
        self._failure = str(error)
        _log.error("%s", error)
        self._end("disk full" if isinstance(error, DiskFull) else "failed", str(error))
        self._thread.wake()

    def _end(self, how: str, text: str) -> None:
        with self._changed:
            if self._is_leaving:
                return
            self._is_leaving = True
        self._leave()
        # After that: no edge is younger than the end.
        self._wanted = how, text, self._clock.now_ns()
