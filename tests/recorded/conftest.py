"""Runs of this process's own, with what went into them."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace

import pytest
from vcd.reader import TokenKind, tokenize

from labkit.clock import ManualClock
from labkit.recorded.run import open_run
from labkit.recorder import Recorder
from labkit.runfile.appending import RunLog
from labkit.runfile.contents import Channel, Mark
from labkit.runfile.records import Kind, json_record
from labkit.trace import Edge, Sample

ZERO_NS = 7_000_000_000
PINS = ("GPIO2", "GPIO17", "GPIO18")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Twenty thousand edges of three pins in bursts and pauses, duty cycles on the third; 2,000 samples; marks."""
    folder: Path = tmp_path_factory.mktemp("recorded")
    rng = random.Random(5)
    log = RunLog.create(folder, "run")
    log.begin(json_record(Kind.HEAD, {"version": 1, "start_ns": ZERO_NS, "wall_ns": 1_700_000_000 * 10**9}, ZERO_NS))
    clock = ManualClock()
    recorder = Recorder(log, clock, lambda: None)
    for number, pin in enumerate(PINS):
        recorder.add(Channel(number, f"ch{number}", "digital", pin, "LED", initial=int(number == 1), seq=number))
    recorder.add(Channel(3, "pot", "analog", device="MCP3008", rate=100, first_ns=ZERO_NS))
    edges: list[Edge] = []
    samples: list[Sample] = []
    numbers = {pin: number for number, pin in enumerate(PINS)}
    now_ns = ZERO_NS
    for turn in range(20_000):
        now_ns += rng.choice([0, 1, 50, 1_000, 20_000, 3_000_000 if turn % 50 == 0 else 10])
        pin = rng.choice(PINS)
        numbers[pin] += 1
        level = rng.choice([0, 1, 0.25, 1 / 3]) if pin == "GPIO18" else numbers[pin] % 2
        edges.append(Edge(pin, now_ns, numbers[pin], level))
        recorder.receive_edge(edges[-1])
        if turn % 10 == 0:
            value = float("nan") if turn % 1000 == 0 else rng.gauss(0.5, 0.1)
            samples.append(Sample("pot", now_ns, len(samples), value, turn % 70 == 0))
            recorder.receive_sample(samples[-1])
        if turn % 3000 == 0:
            recorder.mark(Mark(now_ns, "mark", f"turn {turn}"))
            recorder.flush()
    clock._now_ns = now_ns + 1000
    recorder.stop("stopped", "by the test")
    return SimpleNamespace(path=log.path, edges=edges, samples=samples, run=open_run(log.path), last_ns=now_ns + 1000)


def read_vcd(path: Path) -> tuple[dict[str, str], dict[str, list[tuple[int, float]]], int]:
    """By pyvcd: kinds and changes by name, and the last time."""
    kinds, ids, changes, now, unit = {}, {}, {}, 0, None
    with path.open("rb") as file:
        for token in tokenize(file):
            if token.kind is TokenKind.TIMESCALE:
                unit = str(token.timescale)
            elif token.kind is TokenKind.VAR:
                ids[token.var.id_code] = token.var.reference
                kinds[token.var.reference] = token.var.type_.value
                changes[token.var.reference] = []
            elif token.kind is TokenKind.CHANGE_TIME:
                now = token.time_change
            elif token.kind in (TokenKind.CHANGE_SCALAR, TokenKind.CHANGE_REAL):
                change = token.scalar_change if token.kind is TokenKind.CHANGE_SCALAR else token.real_change
                changes[ids[change.id_code]].append((now, float(change.value)))
    assert unit == "1 ns"
    return kinds, changes, now
