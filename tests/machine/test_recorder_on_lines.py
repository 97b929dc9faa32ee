"""A recording of GPIO lines of a kernel, whose wires another process moves: on lines that gpio-sim makes."""

import json
import subprocess
import sys
import threading

import pytest

pytest.importorskip("lgpio")

from gpiozero import LED, Button
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
        # Read beside the interpreter that is kept busy.
        self._said: list[str] = []
        self._reader = threading.Thread(target=lambda: self._said.extend(self.process.stdout))
        self._reader.start()

    def begin(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def spans(self) -> list[tuple[int, int]]:
        assert self.process.wait(120) == 0
        self._reader.join()
        return json.loads("".join(self._said))


def recorded(run):
    """The edges of GPIO4 in nanoseconds of lab time, with levels and numbers."""
    opened = labkit.open_run(run.path)
    assert opened.problems == []
    edges = opened.to_numpy("go")
    return [int(time) + opened.file.start_ns for time in edges["time_ns"]], list(edges["value"]), list(edges["number"])


@pytest.mark.parametrize("holds_up", [False, True], ids=["while idle", "while Python is held up"])
def test_each_edge_has_the_kernels_own_time_and_the_next_number(bench, holds_up) -> None:
    go = Button(4, pull_up=False)
    run = bench.record("wires", go)
    mover = Mover(200, 0.002)
    mover.begin()
    while holds_up and mover.process.poll() is None:
        # One call into C that lets no other thread run for a while: events are read late, and stamped in time.
        pow(7, 200_000)
    spans = mover.spans()
    run.stop()
    times, levels, numbers = recorded(run)
    assert levels == [1.0, 0.0] * 100
    assert numbers == list(range(numbers[0], numbers[0] + 200))
    lab = [(bench.clock.at_machine_ns(begin), bench.clock.at_machine_ns(end)) for begin, end in spans]
    outside = [n for n, (time, (begin, end)) in enumerate(zip(times, lab, strict=True)) if not begin <= time <= end]
    assert outside == []
    assert any(time % 1000 for time in times), "these are no nanoseconds of a kernel"


def test_what_a_cell_drives_and_what_a_wire_does_are_in_one_run_in_order(bench) -> None:
    go, red = Button(4, pull_up=False), LED(17)
    answered = threading.Event()

    def answer() -> None:
        red.on()
        answered.set()

    go.when_pressed = answer
    run = bench.record("answer", go, red)
    pull(4, "up")
    assert answered.wait(10)
    run.stop()
    opened = labkit.open_run(run.path)
    assert [opened.channels[edge["channel"]] for edge in opened.to_numpy()] == ["go", "red"]
    assert opened.problems == []
