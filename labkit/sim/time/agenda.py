"""What is going to happen, in order: by instant, then physics before waking threads, then as asked for."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from labkit.clock import Scheduled
from labkit.sim.time.task import State, Task

__all__ = ["LAST", "PHYSICS", "WAKE", "Agenda", "Entry"]

PHYSICS, WAKE, LAST = 0, 1, 2  # what comes first at one instant
MOST_STALE = 1024

# Instant, order at that instant, number, what, and the token of the wait it ends.
Entry = tuple[int, int, int, "Task | Scheduled", int]


class Agenda:
    """A heap that forgets what was cancelled, or was woken before its time. Guarded by its owner."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._seq = 0
        self._crowd = MOST_STALE

    def __bool__(self) -> bool:
        return bool(self.entries)

    def push(self, when_ns: int, order: int, item: Task | Scheduled, token: int = 0) -> None:
        self._seq += 1
        heappush(self.entries, (when_ns, order, self._seq, item, token))
        if len(self.entries) > self._crowd:
            self.entries = [entry for entry in self.entries if is_live(entry)]
            heapify(self.entries)
            self._crowd = max(MOST_STALE, 2 * len(self.entries))

    def first(self) -> Entry | None:
        """The next thing that is still to happen."""
        entries = self.entries
        while entries:
            if is_live(entries[0]):
                return entries[0]
            heappop(entries)
        return None

    def pop(self) -> None:
        """Strike out what `first` found."""
        heappop(self.entries)

    def earliest_ns(self, otherwise_ns: int) -> int:
        """No later than the next instant at which something happens."""
        return self.entries[0][0] if self.entries else otherwise_ns


def is_live(entry: Entry) -> bool:
    """Whether it is still to happen."""
    item = entry[3]
    if isinstance(item, Task):
        return item.token == entry[4] and item.state is State.WAITING
    return item.callback is not None
