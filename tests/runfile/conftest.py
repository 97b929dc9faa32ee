"""Files that were recorded on a clock wound by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labkit.clock import ManualClock
from labkit.recorder import Recorder
from labkit.runfile.appending import RunLog
from labkit.runfile.contents import Channel
from labkit.runfile.records import Kind, json_record
from labkit.trace import Edge, Sample

PINS = ("GPIO2", "GPIO17", "GPIO18")
S = 1_000_000_000


class Bare:
    """A recorder without a bench: the test hands it what it is to record.

    Attributes:
        edges, samples: All that was handed over.
    """

    def __init__(self, folder: Path, name: str = "run") -> None:
        self.clock = ManualClock()
        self.edges: list[Edge] = []
        self.samples: list[Sample] = []
        self.left = 0
        log = RunLog.create(folder, name)
        self.path = log.path
        log.begin(json_record(Kind.HEAD, {"version": 1, "start_ns": 0, "name": log.path.stem}, 0))
        self.recorder = Recorder(log, self.clock, self._leave)
        for number, pin in enumerate(PINS):
            self.recorder.add(Channel(number, f"ch{number}", "digital", pin))
        self.recorder.add(Channel(len(PINS), "pot", "analog", rate=1000))
        self._numbers = dict.fromkeys(PINS, 0)

    def _leave(self) -> None:
        self.left += 1

    def edge(self, pin: str, level: float | None = None, skip: int = 0) -> None:
        """The pin's next edge, now; `skip` numbers of it are missing."""
        self._numbers[pin] += 1 + skip
        number = self._numbers[pin]
        edge = Edge(pin, self.clock.now_ns(), number, number % 2 if level is None else level)
        self.edges.append(edge)
        self.recorder.receive_edge(edge)

    def sample(self, value: float) -> None:
        made = Sample("pot", self.clock.now_ns(), len(self.samples), value)
        self.samples.append(made)
        self.recorder.receive_sample(made)

    def some(self, count: int, step_s: float = 0.001) -> None:
        """Edges of all pins in turn, a duty cycle now and then, and samples."""
        for number in range(count):
            self.clock.run_for(step_s)
            self.edge(PINS[number % 3], 0.25 if number % 7 == 6 else None)
            if number % 2:
                self.sample(number / 8)

    def chunk(self, count: int) -> None:
        """Some, as records of their own."""
        self.some(count)
        self.recorder.flush()


@pytest.fixture
def bare(tmp_path: Path) -> Callable[..., Bare]:
    made: list[Bare] = []

    def make(name: str = "run") -> Bare:
        made.append(Bare(tmp_path, name))
        return made[-1]

    yield make
    for each in made:
        each.recorder.stop("stopped", "the test is over")
