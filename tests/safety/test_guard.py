import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gpiozero import LED, MCP3008, Motor

from labkit.bench import Bench
from labkit.boards import Board
from labkit.safety.filelines import FileFactory
from labkit.safety.guard import parsed, to_lgpio

KERNEL = """
import os, signal, sys, threading, time
from pathlib import Path
from gpiozero import LED, Motor, Servo
from labkit.bench import Bench
from labkit.boards import Board
from labkit.safety.filelines import FileFactory
pins = [int(pin) for pin in sys.argv[2].split(",")]
bench = Bench(FileFactory(Path(sys.argv[1])), Board("a real one", simulated=False, why=""), views=None)
low = LED(pins[0], active_high=False, initial_value=True)
if len(pins) > 1:
    red, motor = LED(pins[1]), Motor(pins[2], pins[3])
    red.on()
    motor.forward()
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "labkit"


@pytest.fixture
def lines(tmp_path):
    folder = tmp_path / "lines"
    folder.mkdir()
    return folder


class Kernel:
    """A process that drives outputs, with its guard."""

    def __init__(self, lines, pins="4,17,5,6"):
        self.process = subprocess.Popen(
            [sys.executable, "-c", KERNEL, str(lines), pins],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def wait_until_ready(self):
        assert self.process.stdout.readline() == "ready\n"
        return self

    def run(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def guard(self, runtime):
        """Its guard's number, and something to wait for its end with."""
        log = (runtime / "guard.log").read_text()
        pid = int(re.findall(rf"guard (\d+) watches process {self.process.pid}\n", log)[-1])
        return pid, os.pidfd_open(pid)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


def wait_for_end(fd):
    assert select.select([fd], [], [], 30)[0], "the guard did not end"
    os.close(fd)


def levels(lines, *pins):
    return [(lines / f"GPIO{pin}").read_text() for pin in pins]


def test_a_killed_kernels_outputs_go_off(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    _, guard = kernel.guard(runtime)
    assert levels(lines, 4, 17, 5, 6) == ["0", "1", "1", "0"]
    os.killpg(kernel.process.pid, signal.SIGKILL)
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 4, 17, 5, 6) == ["1", "0", "0", "0"]
    # What moves went first.
    expected = f"process {kernel.process.pid} ended without closing its bench; switched off: GPIO5=0 GPIO6=0 "
    assert expected in (runtime / "guard.log").read_text()


def test_ten_kernels_killed_at_once(lines, runtime):
    kernels = [Kernel(lines, str(pin)) for pin in range(4, 14)]
    guards = [kernel.wait_until_ready().guard(runtime)[1] for kernel in kernels]
    assert levels(lines, *range(4, 14)) == ["0"] * 10
    for kernel in kernels:
        kernel.process.send_signal(signal.SIGKILL)
    for kernel, guard in zip(kernels, guards, strict=True):
        wait_for_end(guard)
        kernel.end()
    assert levels(lines, *range(4, 14)) == ["1"] * 10
    assert (runtime / "guard.log").read_text().count("switched off: GPIO") == 10


def test_a_kernel_that_hangs_in_its_farewell_and_is_killed(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    _, guard = kernel.guard(runtime)
    # A source that never yields: closing the LED waits ten seconds for its thread; Jupyter waits five.
    kernel.run("red.source = (threading.Event().wait() for _ in [1]); motor.backward()")
    kernel.process.stdin.close()
    kernel.process.send_signal(signal.SIGKILL)
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 17, 5, 6) == ["0", "0", "0"]


def test_a_kernel_that_closes_its_bench_needs_nothing(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    _, guard = kernel.guard(runtime)
    kernel.run("bench.close()")
    (lines / "GPIO17").write_text("somebody else's")
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 17) == ["somebody else's"]
    assert "ended without" not in (runtime / "guard.log").read_text()


def test_closed_devices_are_none_of_the_guards_business(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    _, guard = kernel.guard(runtime)
    kernel.run("red.close()")
    (lines / "GPIO17").write_text("somebody else's")
    kernel.process.send_signal(signal.SIGKILL)
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 17, 5) == ["somebody else's", "0"]


def test_a_living_kernel_is_left_alone_whatever_becomes_of_the_pipe(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    _, guard = kernel.guard(runtime)
    kernel.run("os.close(bench.safety.guard._pipe)")
    assert select.select([guard], [], [], 0.2)[0] == []
    assert levels(lines, 17, 5) == ["1", "1"]
    kernel.process.send_signal(signal.SIGKILL)
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 17, 5) == ["0", "0"]


def test_a_child_that_holds_the_pipe_does_not_hide_the_kernels_end(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    _, guard = kernel.guard(runtime)
    kernel.process.stdin.write("child = os.fork() or signal.pause()\nprint(child, flush=True)\n")
    kernel.process.stdin.flush()
    kernel.process.stdout.readline()
    child = int(kernel.process.stdout.readline())
    kernel.process.send_signal(signal.SIGKILL)
    wait_for_end(guard)
    os.kill(child, signal.SIGKILL)
    kernel.end()
    assert levels(lines, 17, 5) == ["0", "0"]


def test_the_guard_survives_what_ends_kernels(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    pid, guard = kernel.guard(runtime)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid, number)
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    parent, group = int(stat[1]), int(stat[2])
    assert parent != kernel.process.pid  # or ipykernel would kill it first
    assert group != os.getpgid(kernel.process.pid)
    kernel.process.send_signal(signal.SIGKILL)
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 17) == ["0"]


def test_a_guard_that_was_killed_is_replaced_at_the_next_change(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    pid, guard = kernel.guard(runtime)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(guard)
    kernel.run("green = LED(22); green.on()")
    _, guard = kernel.guard(runtime)
    kernel.process.send_signal(signal.SIGKILL)
    wait_for_end(guard)
    kernel.end()
    assert levels(lines, 17, 22, 5) == ["0", "0", "0"]


def test_the_guard_is_small_and_sleeps(lines, runtime):
    kernel = Kernel(lines).wait_until_ready()
    pid, guard = kernel.guard(runtime)
    status = Path(f"/proc/{pid}/status").read_text()
    resident_kb = int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
    print(f"the guard's resident memory: {resident_kb / 1024:.1f} MB")
    assert resident_kb < 16_000
    kernel.run("bench.close()")
    wait_for_end(guard)
    kernel.end()


def test_what_the_guard_is_told_follows_the_devices(lines):
    opened = Bench(FileFactory(lines), Board("a real one", simulated=False, why=""), views=None)
    try:
        with (
            LED(17, active_high=False),
            Motor(5, 6, enable=7),
            MCP3008(clock_pin=8, mosi_pin=9, miso_pin=10, select_pin=11),
        ):
            assert opened.safety.guard._outputs() == [("GPIO5", 0), ("GPIO6", 0), ("GPIO7", 0), ("GPIO17", 1)]
        assert opened.safety.guard._outputs() == []
    finally:
        opened.close()


def test_half_a_line_counts_for_nothing():
    assert parsed(b"GPIO5=0 GPIO17=1\nGPIO5=0 GP") == [("GPIO5", 0), ("GPIO17", 1)]
    assert parsed(b"") == parsed(b"GPIO5") == []


def test_lines_are_driven_off_and_pulled_off(tmp_path, monkeypatch):
    (tmp_path / "lgpio.py").write_text(
        "SET_PULL_DOWN, SET_PULL_UP, claimed = 64, 32, []\n"
        "def gpiochip_open(chip):\n    return chip\n"
        "def gpio_claim_output(handle, gpio, level, flags):\n"
        "    if gpio == 6 or (gpio == 7 and flags):\n"
        "        raise Exception('GPIO busy' if gpio == 6 else 'no pull here')\n"
        "    claimed.append((handle, gpio, level, flags))\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("LG_WD", "")
    monkeypatch.delitem(sys.modules, "lgpio", raising=False)
    failures = to_lgpio(f"4:{tmp_path}", [("GPIO5", 0), ("GPIO6", 0), ("GPIO7", 0), ("GPIO17", 1)])
    assert sys.modules.pop("lgpio").claimed == [(4, 5, 0, 64), (4, 7, 0, 0), (4, 17, 1, 32)]
    assert failures == {"GPIO6": "GPIO busy"}


def test_the_log_is_closed_to_others(lines, runtime):
    Bench(FileFactory(lines), Board("a real one", simulated=False, why=""), views=None).close()
    assert (runtime / "guard.log").stat().st_mode & 0o777 == 0o600


def test_simulated_pins_need_no_guard(bench, runtime):
    assert bench.safety.guard is None
    assert not runtime.exists()
