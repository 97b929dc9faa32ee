"""The guard of real Jupyter kernels: killed, ten at once, and restarted while a thread hangs."""

import os
import re
import select
import signal

import pytest

OPEN = """
import threading, time
from pathlib import Path
from gpiozero import LED, Device, Motor
import labkit
from labkit.safety.filelines import FileFactory
Device.pin_factory = FileFactory(Path({folder!r}))
bench = labkit.bench()
red, motor = LED(17), Motor(20, 21)
red.on()
motor.forward()
"""


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "labkit"


@pytest.fixture
def start(start_kernel, tmp_path):
    """Starts a kernel that drives an LED and a motor on lines of its own; they are the files in its folder."""

    def open_it(name="lines"):
        kernel, folder = start_kernel(), tmp_path / name
        folder.mkdir()
        kernel.check(OPEN.format(folder=str(folder)))
        assert levels(folder) == ["1", "1", "0"]
        return kernel, folder

    return open_it


def levels(folder):
    return [(folder / f"GPIO{pin}").read_text() for pin in (17, 20, 21)]


def guard_of(kernel, runtime):
    """Something to wait for the end of its guard with."""
    found = re.findall(rf"guard (\d+) watches process {kernel.pid}\n", (runtime / "guard.log").read_text())
    return os.pidfd_open(int(found[-1]))


def wait_for_end(guard):
    assert select.select([guard], [], [], 30)[0], "the guard did not end"
    os.close(guard)


def off_by_guard(kernel):
    return f"process {kernel.pid} ended without closing its bench; switched off: GPIO20=0 GPIO21=0 GPIO17=0\n"


def test_a_killed_kernels_motor_and_led_go_off(start, runtime):
    kernel, folder = start()
    guard = guard_of(kernel, runtime)
    os.kill(kernel.pid, signal.SIGKILL)
    wait_for_end(guard)
    assert levels(folder) == ["0", "0", "0"]
    assert off_by_guard(kernel) in (runtime / "guard.log").read_text()


def test_restarting_a_kernel_with_a_stuck_thread_and_one_that_drives_on(start, runtime):
    kernel, folder = start()
    guard = guard_of(kernel, runtime)
    # Closing the LED waits ten seconds for a source that never yields; Jupyter waits five, here one. Meanwhile
    # the user's own thread switches on again whatever the bench switches off: only the guard has the last word.
    kernel.check(
        "def drive():\n"
        "    while True:\n"
        "        red.on(), motor.forward()\n"
        "        time.sleep(0.01)\n"
        "red.source = (threading.Event().wait() for _ in [1])\n"
        "threading.Thread(target=drive, daemon=True).start()"
    )
    kernel.restart(patience_s=1.0)
    wait_for_end(guard)
    assert levels(folder) == ["0", "0", "0"]
    assert off_by_guard(kernel) in (runtime / "guard.log").read_text()
    # The kernel after it has the pins to itself.
    kernel.check(OPEN.format(folder=str(folder)))
    assert levels(folder) == ["1", "1", "0"]


def test_an_ending_kernel_is_off_before_any_device_is_closed(start, runtime):
    kernel, folder = start()
    kernel.check(
        "told = Path(bench.factory.folder, 'told')\n"
        "red.close = lambda: told.write_text((told.parent / 'GPIO20').read_text())"
    )
    kernel.restart()
    assert (folder / "told").read_text() == "0"


@pytest.mark.soak
def test_ten_kernels_killed_at_once(start, runtime):
    kernels = [start(f"lines{n}") for n in range(10)]
    guards = [guard_of(kernel, runtime) for kernel, _ in kernels]
    for kernel, _ in kernels:
        os.kill(kernel.pid, signal.SIGKILL)
    for (kernel, folder), guard in zip(kernels, guards, strict=True):
        wait_for_end(guard)
        assert levels(folder) == ["0", "0", "0"]
        assert off_by_guard(kernel) in (runtime / "guard.log").read_text()
