"""A process that records 50,000 edges a second is killed at any moment: less than its last second is lost."""

import random
import signal
import subprocess
import sys
import time

import pytest

import labkit

pytestmark = pytest.mark.process

RATE = 50_000
SAMPLES = 100
PROGRAM = f"""
import sys, time, labkit
from gpiozero import LED, MCP3008
bench = labkit.bench("simulated")
pins = ["GPIO%d" % n for n in range(17, 25)]
devices = [LED(n) for n in range(17, 25)]
pot = MCP3008(0)
run = bench.record("killed", *devices, pot, rate={SAMPLES}, folder=sys.argv[1])
(sampler,) = run._capture.samplers
began, given, level = time.perf_counter(), 0, 0
print("recording", flush=True)
while True:
    due = int((time.perf_counter() - began) * {RATE})
    while given < due:
        level = 1 - level if given % 8 == 0 else level
        bench.tap.publish(pins[given % 8], bench.clock.now_ns(), level)
        given += 1
    # What this process knows it has done, for when it is gone: by the lab clock of its edges.
    sys.stdout.write("%d %d %d %d\\n" % (bench.clock.now_ns(), given, sampler._number, sampler.missed))
    sys.stdout.flush()
    time.sleep(0.002)
"""


def killed_after(folder, seconds):
    """The file of a process that was killed so long after it began, and its last words.

    These are: lab time, edges given, deadlines of samples that passed, and how many of these it missed.
    """
    with subprocess.Popen([sys.executable, "-c", PROGRAM, folder], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "recording\n"
        end, words = time.monotonic() + seconds, "0 0 0 0"
        while time.monotonic() < end:
            words = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        # Lines that were on their way; the last one may be cut.
        rest = process.stdout.read().splitlines()
        words = rest[-2] if len(rest) > 1 else words
    return labkit.open_run(folder / "killed.labrun"), *map(int, words.split())


def check(run, now_ns, given, due, missed):
    assert run.how == "cut off"
    by_pin = {}
    for edge in run.file.edges():
        by_pin.setdefault(edge.pin, []).append(edge.seq)
    for pin, numbers in by_pin.items():
        first = run.file.channel(pin).seq + 1
        assert numbers == list(range(first, first + len(numbers))), pin  # no gap, from the first edge on
    kept = sum(map(len, by_pin.values()))
    last_ns = max((edge.timestamp_ns for edge in run.file.edges()), default=0)
    assert now_ns - last_ns < 1_000_000_000, f"{(now_ns - last_ns) / 1e9:.2f} s before the end are missing"
    assert given - kept < RATE
    assert run.missing.keys() <= {"pot"}
    # A busy machine may miss a deadline, which the number proves; a reading that was made is as safe as an edge. The
    # process may have gone on for a moment after its last words.
    numbers = [sample.seq for sample in run.file.samples()]
    assert numbers == sorted(set(numbers))
    gaps = max(numbers, default=-1) + 1 - len(numbers)
    assert gaps <= missed + 1
    assert due - missed - len(numbers) <= SAMPLES


def rounds(tmp_path, count):
    rng = random.Random()
    for number in range(count):
        folder = tmp_path / str(number)
        check(*killed_after(folder, rng.uniform(0.05, 2.5)))


def test_killed_at_three_random_moments_it_lost_less_than_the_last_second(tmp_path):
    rounds(tmp_path, 3)


@pytest.mark.soak
def test_killed_at_fifty_random_moments_it_lost_less_than_the_last_second(tmp_path):
    rounds(tmp_path, 50)
