"""A recording of GPIO lines of a kernel, whose wires another process moves: on lines that gpio-sim makes."""

import json
import subprocess
import sys
import threading

import pytest

pytest.importorskip("lgpio")

from gpiozero import DigitalInputDevice
from wires import SIMULATED, pull, pull_file

import labkit

pytestmark = pytest.mark.skipif(
    not SIMULATED, reason="needs lines that can be moved from outside: the kernel's gpio-sim"
)

# Moves a wire and notes, by the clock that the kernel stamps events with, between which two instants each time.
MOVE = """
import json, sys, time
path, count, pause = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
with open(path, "w", buffering=1) as wire:
    print("ready", flush=True)
    sys.stdin.readline()
    seen = []
    for number in range(count):
        begin = time.monotonic_ns()
        wire.write("pull-up" if number % 2 == 0 else "pull-down")
        wire.flush()
        seen.append((begin, time.monotonic_ns()))
        time.sleep(pause)
print(json.dumps(seen))
"""


@pytest.fixture
def bench(monkeypatch, tmp_path):
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "lgpio")
    monkeypatch.setenv("LG_WD", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    pull(4, "down")
    opened = labkit.bench("real")
    yield opened
    opened.close()


class Mover:
    """Another process, root's, that moves the wire of GPIO4."""

    def __init__(self, count: int, pause: float) -> None:
        command = ["sudo", "-n", sys.executable, "-c", MOVE, str(pull_file(4)), str(count), str(pause)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self._said: list[str] = []
        self._reader = threading.Thread(target=lambda: self._said.extend(self.process.stdout))
        self._reader.start()

    def begin(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def spans(self) -> list[tuple[int, int]]:
        assert self.process.wait(120) == 0
        self._reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        return json.loads("".join(self._said))


def recorded(run):
    """The edges of GPIO4 in nanoseconds of lab time, with levels and numbers."""
    opened = labkit.open_run(run.path)
    assert opened.missing == {}
    edges = opened.to_numpy()
    return [int(time) + opened.file.start_ns for time in edges["time_ns"]], list(edges["value"]), list(edges["number"])


def test_each_edge_has_the_kernels_own_time_and_the_next_number(bench) -> None:
    go = DigitalInputDevice(4, pull_up=False)
    run = bench.record("wires", go)
    mover = Mover(40, 0.05)
    mover.begin()
    spans = mover.spans()
    run.stop()
    times, levels, numbers = recorded(run)
    assert levels == [1.0, 0.0] * 20
    assert numbers == list(range(numbers[0], numbers[0] + 40))
    lab = [(bench.clock.at_machine_ns(begin), bench.clock.at_machine_ns(end)) for begin, end in spans]
    outside = [n for n, (time, (begin, end)) in enumerate(zip(times, lab, strict=True)) if not begin <= time <= end]
    assert outside == []
    assert any(time % 1000 for time in times), "these are no nanoseconds of a kernel"
