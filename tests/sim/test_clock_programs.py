"""Whole programs in virtual time: their ends, their threads, their `atexit`; and time at a pace."""

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from labkit.clock import Clock, RealClock
from labkit.sim.clock import VirtualClock
from labkit.sim.time.active import REAL

S = 1_000_000_000
PINS = """
import atexit, threading, time
from gpiozero import LED, Button, Device
from gpiozero.pins.mock import MockFactory, MockPWMPin
Device.pin_factory = MockFactory(pin_class=MockPWMPin)
"""
RUN = """
import runpy, sys
from labkit.sim.clock import VirtualClock
from labkit.sim.program import run_program
clock = VirtualClock(budget={budget}, wall_budget=20)
outcome = run_program(clock, lambda: runpy.run_path({path!r}, run_name="__main__"))
how, when, failures = type(outcome.ended_by).__name__, outcome.lab_ns / 1e9, len(outcome.failures)
print(f"ended by {{how}} at {{when:g}} s, {{failures}} failures")
"""


def python(source: str, tmp_path) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "driver.py"
    script.write_text(source)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    return subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment,
        check=False,
    )


def run(program: str, tmp_path, budget: float | None = 600) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "program.py"
    path.write_text(PINS + textwrap.dedent(program))
    return python(RUN.format(budget=budget, path=str(path)), tmp_path)


def test_a_script_with_a_blink_running_and_a_thread_asleep_ends_when_the_thread_does(tmp_path):
    done = run(
        """
        led = LED(17)
        led.blink()
        threading.Thread(target=lambda: (time.sleep(60), print("thread done"))).start()
        atexit.register(lambda: (time.sleep(5), print("atexit", led.closed)))
        print("main done")
        """,
        tmp_path,
    )
    assert done.stdout.splitlines() == [
        "main done",
        "thread done",
        "atexit False",
        "ended by NoneType at 65 s, 0 failures",
    ]
    assert done.stderr == ""
    assert done.returncode == 0


def test_an_endless_script_ends_with_its_budget_and_runs_finally_and_atexit(tmp_path):
    done = run(
        """
        atexit.register(lambda: print("atexit"))
        led = LED(17)
        try:
            while True:
                led.toggle()
                time.sleep(0.5)
        finally:
            print("finally")
        """,
        tmp_path,
    )
    assert done.stdout.splitlines() == ["finally", "atexit", "ended by TimeBudgetSpent at 600 s, 0 failures"]


def test_an_endless_thread_does_not_outlive_the_budget(tmp_path):
    done = run(
        """
        def work():
            while True:
                time.sleep(1)
        threading.Thread(target=work).start()
        """,
        tmp_path,
    )
    assert done.stdout.splitlines() == ["ended by TimeBudgetSpent at 600 s, 0 failures"]
    assert done.returncode == 0


def test_an_error_in_a_script_is_reported_as_ever(tmp_path):
    done = run("raise ValueError('oh dear')", tmp_path)
    assert done.stderr.rstrip().endswith("ValueError: oh dear")
    assert done.stdout == "ended by ValueError at 0 s, 0 failures\n"


def test_a_pool_that_nobody_shut_down_does_not_hold_up_the_end(tmp_path):
    done = run(
        """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(2)
        pool.submit(time.sleep, 3)
        """,
        tmp_path,
    )
    assert (done.stdout, done.stderr) == ("ended by NoneType at 3 s, 0 failures\n", "")


def test_a_program_that_only_meets_the_clock_takes_part_until_it_exits(tmp_path):
    source = PINS + textwrap.dedent(
        """
        from labkit.sim.clock import VirtualClock
        from labkit.sim.program import take_part_until_exit
        clock = VirtualClock()
        take_part_until_exit(clock)
        led = LED(17)
        led.blink()
        button = Button(2)
        threading.Thread(target=lambda: (time.sleep(600), print("thread", clock.now_ns()))).start()
        atexit.register(lambda: (time.sleep(1), print("atexit", clock.now_ns())))
        """
    )
    done = python(source, tmp_path)
    assert (done.stdout.splitlines(), done.stderr) == (["thread 600000000000", "atexit 601000000000"], "")


def test_both_clocks_keep_the_contract():
    clocks: list[Clock] = [RealClock(), VirtualClock()]
    for clock in clocks:
        clock.poll()
        clock.acted()
        assert clock.now_ns() >= 0


def test_a_scaled_clock_follows_real_time_at_its_speed():
    with VirtualClock(speed=20).running() as clock:
        start = REAL.monotonic()
        fired: list[int] = []
        clock.call_later(2 * S, lambda: fired.append(clock.now_ns()))
        time.sleep(4)
        took = REAL.monotonic() - start
    assert took >= 0.2
    assert clock.now_ns() >= 4 * S
    assert fired[0] >= 2 * S


def test_a_busy_loop_ends_in_scaled_time():
    with VirtualClock(speed=20).running():
        start, real = time.monotonic(), REAL.monotonic()
        while time.monotonic() - start < 2:
            pass
        assert REAL.monotonic() - real >= 0.09


def test_scaled_time_waits_for_somebody_outside():
    with VirtualClock(speed=20).running() as clock:
        event = threading.Event()
        import _thread

        _thread.start_new_thread(lambda: (REAL.sleep(0.1), event.set()), ())
        assert event.wait()
        assert clock.now_ns() >= 2 * S


def test_an_event_loop_with_a_socket_waits_for_it_in_real_time():
    async def main() -> bytes:
        here, there = socket.socketpair()
        here.setblocking(False)
        import _thread

        _thread.start_new_thread(lambda: (REAL.sleep(0.1), there.send(b"x")), ())
        got = await asyncio.get_running_loop().sock_recv(here, 1)
        await asyncio.sleep(3600)
        here.close()
        there.close()
        return got

    with VirtualClock(wall_budget=20).running() as clock:
        assert asyncio.run(main()) == b"x"
        assert 3600 * S <= clock.now_ns() < 3610 * S


@pytest.mark.parametrize("memory_of", ["timeouts", "cancelled"])
def test_what_will_not_happen_takes_no_memory(memory_of):
    with VirtualClock().running() as clock:
        event = threading.Event()
        if memory_of == "timeouts":

            def waker() -> None:
                for _ in range(5000):
                    time.sleep(0.001)
                    event.set()

            threading.Thread(target=waker).start()
            for _ in range(5000):
                event.wait(86_400)
                event.clear()
        else:
            for _ in range(5000):
                clock.call_later(86_400 * S, lambda: None).cancel()
        assert len(clock._scheduler._agenda.entries) < 1100


def test_an_idle_pool_ends_with_the_clock_without_a_word(caplog):
    from concurrent.futures import ThreadPoolExecutor

    with VirtualClock().running():
        pool = ThreadPoolExecutor(2)
        pool.submit(time.sleep, 1).result()
    assert caplog.messages == []


def test_a_forked_child_lives_in_real_time():
    with VirtualClock(wall_budget=20).running() as clock:
        threading.Thread(target=time.sleep, args=(5,)).start()
        child = os.fork()
        if child == 0:
            time.sleep(0.01)
            os._exit(7 if clock.now_ns() == 0 else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7


def test_garbage_that_a_sleeping_loop_makes_is_collected():
    import weakref

    class Cycle:
        def __init__(self) -> None:
            self.me = self

    with VirtualClock().running():
        alive = weakref.WeakSet[Cycle]()
        for _ in range(3000):
            alive.add(Cycle())
            time.sleep(1)
        assert len(alive) < 1100
