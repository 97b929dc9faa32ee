"""What happens inside the kernel that a notebook is proven in; the outside talks to it by `begin` and `report`."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

import labkit
from labkit.errors import LabError
from labkit.sim.performance import Performance
from labkit.sim.scenario import Scenario
from labkit.sim.scenariofile import parse_scenario
from labkit.trace import Edge, Trace
from labkit.tracefiles import open_trace
from labkit.waves import text_waves

__all__ = ["begin", "finish", "report"]

KEPT_EDGES = 20_000
NS_PER_S = 1_000_000_000


class _Proof:
    """One notebook's bench, its scenario and what its pins did."""

    def __init__(self, bench: Any, vcd: str) -> None:
        self.bench = bench
        self.edges: deque[Edge] = deque(maxlen=KEPT_EDGES)
        self.performance: Performance | None = None
        self.troubles: list[str] = []
        self.names: dict[str, str] = {}
        self._writer = open_trace(vcd) if vcd else None
        # Making the bench took real time, more or less of it; what is told begins with the first cell.
        self._start_ns = bench.clock.now_ns()
        self._board = bench.factory.board
        self._board.listeners.append(self._change)
        bench.watch(None, self._note_names)

    def start(self, scenario: Scenario) -> None:
        self.performance = scenario.start(self._board, names=self._pins_called, on_error=self._give_up)

    def finish(self) -> None:
        if self.performance is not None:
            self.troubles += [str(failure) for failure in self.performance.finish()]
        with suppress(ValueError):
            self._board.listeners.remove(self._change)
        if self._writer is not None:
            self._note_names()
            self._writer.close(self.names, self.lab_ns())
            self._writer = None

    def traces(self) -> dict[str, Trace]:
        self._note_names()
        pins = sorted({edge.pin for edge in self.edges} | set(self.names), key=lambda pin: (len(pin), pin))
        return {self.names.get(pin, pin): Trace.of(pin, self.edges) for pin in pins}

    def lab_ns(self) -> int:
        """Lab time since the first cell."""
        since_ns: int = self.bench.clock.now_ns() - self._start_ns
        return since_ns

    def notes(self) -> list[str]:
        """What stood in the way of virtual time."""
        return list(self.bench.virtual_time().notes)

    def _change(self, pin: str, timestamp_ns: int, level: float) -> None:
        since_ns = timestamp_ns - self._start_ns
        self.edges.append(Edge(pin, since_ns, 0, level))
        if self._writer is not None:
            self._writer.change(pin, since_ns, level)

    def _note_names(self) -> None:
        for claim in self.bench.claims():
            if claim.is_here and claim.holder:
                self.names[claim.pin] = f"{claim.holder} {claim.pin}"

    def _pins_called(self, name: str) -> list[int]:
        from labkit.cells import variables
        from labkit.pieces import pins_of

        device = dict(variables()).get(name)
        return [] if device is None else sorted(int(pin[4:]) for pin in pins_of(device))

    def _give_up(self, error: Exception) -> None:
        self.troubles.append(str(error))


_proof: _Proof | None = None


def begin(folder: str, seconds: float, scenario: str, place: str, vcd: str) -> None:
    """Simulated pins and virtual time for all cells to come; called from a cell that nobody sees.

    Args:
        folder: Where the notebook lies: files that it opens are there.
        seconds: Lab time that each cell may use.
        scenario: YAML, or empty.
        place: Where that stands.
        vcd: The file to record all pins in, or empty.
    """
    global _proof
    os.chdir(folder)
    bench = labkit.bench("simulated")
    bench.virtual_time(seconds).start()
    _proof = _Proof(bench, vcd)
    if scenario:
        try:
            _proof.start(parse_scenario(scenario, Path(place)))
        except LabError as error:
            _proof.troubles.append(str(error))


def finish() -> str:
    """The notebook is over: `report` once more, with what the scenario expected and did not get."""
    assert _proof is not None
    _proof.finish()
    return report()


def report() -> str:
    """How things stand, as JSON: lab time, what the scenario missed, electrical warnings, waves as text."""
    assert _proof is not None
    seconds = _proof.lab_ns() / NS_PER_S
    traces = _proof.traces()
    return json.dumps(
        {
            "lab_s": seconds,
            "troubles": _proof.troubles,
            "notes": _proof.notes(),
            "faults": [str(fault) for fault in _proof.bench.factory.board.faults],
            "waves": text_waves(traces, 0.0, seconds) if traces and seconds else "",
            "python": sys.version.split()[0],
        }
    )
