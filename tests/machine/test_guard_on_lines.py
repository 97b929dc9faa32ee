"""The guard on GPIO lines of a kernel, by lgpio: on a Raspberry Pi, or on lines that gpio-sim makes.

A released line of gpio-sim is an input, and reads what it is pulled to: so a pull the other way, set from outside
as root, tells the guard's work from the system's own letting go. On a Pi only the guarded case is tested.
"""

import os
import re
import select
import signal
import subprocess
import sys

import pytest

pytest.importorskip("lgpio")

from wires import SIMULATED, level, pull

OPEN = """
import labkit
from gpiozero import LED, Motor
bench = labkit.bench("real")
red, motor, low = LED(17), Motor(20, 21), LED(22, active_high=False)
red.on()
motor.forward()
low.on()
"""
ON, OFF = {17: "1", 20: "1", 21: "0", 22: "0"}, {17: "0", 20: "0", 21: "0", 22: "1"}


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "lgpio")
    monkeypatch.setenv("LG_WD", str(tmp_path))
    return tmp_path / "labkit"


def levels():
    found = {pin: level(pin) for pin in ON}
    print(found)
    return found


def guard_of(kernel, runtime):
    found = re.findall(rf"guard (\d+) watches process {kernel.pid}\n", (runtime / "guard.log").read_text())
    return int(found[-1])


def kill(pid):
    """Kill a process and wait for its end, as far as anybody but its parent can."""
    end = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(end)


def wait_for_end(end):
    assert select.select([end], [], [], 60)[0], "it did not end"
    os.close(end)


@pytest.fixture
def driving(start_kernel):
    """A kernel that drives outputs, on wires that pull to `on` whatever is let go."""
    kernel = start_kernel()
    kernel.check(OPEN)
    assert levels() == ON
    if SIMULATED:
        for pin, on in ON.items():
            pull(pin, "down" if on == "0" and pin == 22 else "up")
    assert levels() == ON
    return kernel


def test_the_guard_drives_the_lines_of_a_killed_kernel_off_and_they_stay_off(driving, runtime):
    guard = os.pidfd_open(guard_of(driving, runtime))
    kill(driving.pid)
    wait_for_end(guard)
    assert levels() == OFF
    log = (runtime / "guard.log").read_text()
    print(log)
    assert "switched off: GPIO20=0 GPIO21=0 GPIO17=0 GPIO22=1" in log


def test_the_next_kernel_gets_the_lines(driving, start_kernel, runtime):
    guard = os.pidfd_open(guard_of(driving, runtime))
    kill(driving.pid)
    wait_for_end(guard)
    start_kernel().check(OPEN)
    assert levels() == ON


def test_a_line_of_a_program_without_labkit_is_listed_and_taken(start_kernel):
    hold = "import lgpio; lgpio.gpio_claim_output(lgpio.gpiochip_open(0), 5); print('held', flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    kernel = start_kernel()
    kernel.check("import labkit\nfrom gpiozero import LED\nbench = labkit.bench('real')")
    listed = kernel.check("bench.claims()").text
    print(listed)
    assert re.search(r"GPIO5 .*another program or driver \(lg\) +real pins", listed)
    assert "PinTaken: GPIO5 is in use by another program" in kernel.run("LED(5)").error
    other.communicate("\n", timeout=30)
    assert "GPIO5" not in kernel.check("bench.claims()").text


@pytest.mark.skipif(not SIMULATED, reason="on a board, what a line does after its release depends on its kernel")
def test_without_the_guard_they_do_not(driving, runtime):
    kill(guard_of(driving, runtime))
    kill(driving.pid)
    assert levels() == {17: "1", 20: "1", 21: "1", 22: "0"}
