"""What a scope costs the longer it runs: a turn of the pump, the whole history, memory; as SVG.

    .venv/bin/python benchmarks/scope_length.py docs/images

One channel of 1 kHz, in the portions that sixty turns a second bring, from a minute to a day. No browser takes part:
benchmarks/scope.py has one.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from charts import draw

from labkit.scope.track import Track

S = 1_000_000_000
RATE = 1000
TURN = 17  # samples between two pictures
COLUMN_NS = 10_000_000  # of a window of ten seconds
PORTION = 60_000
TIMES = 41
LENGTHS_MIN = (1, 10, 60, 6 * 60, 24 * 60)


class Running:
    """A track that has been fed for some time."""

    def __init__(self) -> None:
        self.track = Track(False, 0)
        self.samples = 0

    def feed(self, count: int) -> None:
        """So many samples more."""
        times = (self.samples + np.arange(count)) * (S // RATE)
        self.track.append(times, np.sin(times / S))
        self.samples += count

    @property
    def now_ns(self) -> int:
        return self.samples * (S // RATE)

    def turn(self) -> None:
        """What comes between two pictures, and the columns that it changes."""
        since_ns = self.now_ns // COLUMN_NS
        self.feed(TURN)
        until_ns = self.now_ns // COLUMN_NS + 1
        self.track.columns(since_ns * COLUMN_NS, until_ns * COLUMN_NS, until_ns - since_ns, self.now_ns)

    def all(self) -> None:
        """Everything since it began, in a thousand columns."""
        self.track.columns(0, self.now_ns, 1000, self.now_ns)

    def past(self) -> None:
        """Ten seconds from the middle."""
        middle_ns = self.now_ns // 2
        self.track.columns(middle_ns, middle_ns + 10 * S, 1000, self.now_ns)


def resident_mb() -> float:
    """What the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def took_ms(act: Callable[[], None]) -> float:
    """The median of some times."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        took.append(1e3 * (time.perf_counter() - began))
    return statistics.median(took)


def main() -> None:
    running = Running()
    began_mb = resident_mb()
    turns: dict[float, float] = {}
    whole: dict[float, float] = {}
    past: dict[float, float] = {}
    print(f"{'minutes':>8} {'a turn, ms':>11} {'all of it':>10} {'10 s of the past':>17} {'memory, MB':>11}")
    for minutes in LENGTHS_MIN:
        while running.samples < minutes * 60 * RATE:
            running.feed(PORTION)
        turns[minutes], whole[minutes], past[minutes] = map(took_ms, (running.turn, running.all, running.past))
        memory = resident_mb() - began_mb
        print(f"{minutes:8d} {turns[minutes]:11.3f} {whole[minutes]:10.2f} {past[minutes]:17.2f} {memory:11.1f}")
    if len(sys.argv) > 1:
        lines = {"a turn": turns, "all of it": whole, "10 s of the past": past}
        title = "milliseconds, one channel of 1 kHz, against how long the scope has run"
        draw(Path(sys.argv[1]) / "scope-length.svg", title, "minutes", lines, x_log=True)


if __name__ == "__main__":
    main()
