"""The same program makes the same trace, byte for byte; and when it is over everything is as before."""

import asyncio
import asyncio.events
import datetime
import gc
import hashlib
import queue
import random
import sched
import select
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from gpiozero import LED, PWMLED, Button, Device, DistanceSensor
from gpiozero.pins.mock import MockFactory, MockPWMPin

from labkit.sim.clock import VirtualClock
from labkit.sim.time.active import REAL
from labkit.sim.time.endings import Deadlock

S = 1_000_000_000

# Of the trace that `program` leaves: the same on every Python and machine.
DIGEST = "e4e32d38b190b20407a4e3fc1f3d5caf36a3d61c62d0e1d2381438aaf9e22977"


def program(clock: VirtualClock) -> list[str]:
    """Blinks, pulses, a bouncing button, slow handlers, threads, a pool, a busy loop, an event loop."""
    Device.pin_factory = MockFactory(pin_class=MockPWMPin)
    trace: list[str] = []
    chance = random.Random(7)

    def log(what: str, value: object = "") -> None:
        trace.append(f"{clock.now_ns()} {what} {value}\n")

    leds = [LED(17), LED(27), PWMLED(18)]
    for led in leds:
        led.pin._change_state = lambda value, led=led: log(led.pin.info.name, value)
    leds[0].blink(0.3, 0.7)
    leds[1].blink(0.25, 0.25)
    leds[2].pulse(0.5, 0.5)
    button = Button(2, hold_time=0.4)
    button.when_held = lambda: log("held")

    def pressed() -> None:
        log("pressed")
        time.sleep(chance.random())
        log("handled")

    button.when_pressed = pressed
    for press in range(1, 8):
        for bounce in range(5):
            drive = button.pin.drive_low if bounce % 2 == 0 else button.pin.drive_high
            clock.call_later(press * S + chance.randrange(5_000_000), lambda drive=drive: clock.deliver(drive))
        clock.call_later(press * S + S // 2, lambda: clock.deliver(button.pin.drive_high))

    lock, work = threading.Lock(), queue.Queue()

    def produce(name: str) -> None:
        for i in range(5):
            with lock:
                time.sleep(0.1)
            work.put((name, i))
            log("put", (name, i))

    def consume() -> None:
        while (item := work.get()) is not None:
            log("got", item)

    threads = [threading.Thread(target=produce, args=(name,)) for name in "abc"] + [threading.Thread(target=consume)]
    for thread in threads:
        thread.start()
    with ThreadPoolExecutor(3) as pool:
        for done in pool.map(lambda s: (time.sleep(s), s)[1], [0.3, 0.1, 0.2]):
            log("pool", done)
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass
    log("busy loop over")

    async def main() -> None:
        async def tick(name: str, seconds: float) -> None:
            for _ in range(4):
                await asyncio.sleep(seconds)
                log(name)

        await asyncio.gather(tick("fast", 0.2), tick("slow", 0.5), asyncio.to_thread(time.sleep, 0.77))

    asyncio.run(main())
    work.put(None)
    time.sleep(6)
    for device in (*leds, button):
        device.close()
    log("end", f"{time.time():.6f}")
    return trace


def run_once() -> str:
    before = Device.pin_factory
    try:
        with VirtualClock(wall_budget=60).running() as clock:
            trace = program(clock)
        assert clock.failures == []
        return hashlib.sha256("".join(trace).encode()).hexdigest()
    finally:
        Device.pin_factory = before


def test_a_program_leaves_the_same_trace_every_time_and_on_every_python():
    assert {run_once() for _ in range(5)} == {DIGEST}


@pytest.mark.soak
def test_a_program_leaves_the_same_trace_two_hundred_times_whatever_else_the_machine_does(busy_machine):
    assert {run_once() for _ in range(200)} == {DIGEST}


PATCHED = [
    *((time, name) for name in ("sleep", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter")),
    *((time, name) for name in ("perf_counter_ns", "localtime", "gmtime", "strftime", "ctime", "asctime")),
    *((threading, name) for name in ("Lock", "RLock", "excepthook", "_time")),
    *((threading.Thread, name) for name in ("start", "join", "is_alive", "_bootstrap_inner")),
    (threading.Condition, "wait"),
    (queue, "SimpleQueue"),
    (queue, "time"),
    (datetime, "datetime"),
    (datetime, "date"),
    (select, "select"),
    (signal, "signal"),
    (signal, "pause"),
    (asyncio, "new_event_loop"),
    (asyncio.events, "new_event_loop"),
    (sched, "_time"),
    (sys.modules[__name__], "EARLY"),
    (DistanceSensor, "ECHO_LOCK"),
    (sys.modules["gpiozero.input_devices"], "sleep"),
    (sys.modules["gpiozero.pins.mock"], "monotonic"),
    (sys.modules["gpiozero.internal_devices"], "datetime"),
]
EARLY = time.sleep


def everything() -> list[object]:
    state: list[object] = [getattr(owner, name) for owner, name in PATCHED]
    state += [
        sched.scheduler.__init__.__defaults__,
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGTERM),
    ]
    # What is passed over may end on its own, a list or a dictionary here and there.
    return [*state, gc.isenabled(), gc.get_freeze_count() > 0, sorted(t.name for t in threading.enumerate())]


def run_well() -> None:
    with VirtualClock().running():
        assert not any(mine is real for mine, real in zip(everything()[: len(PATCHED)], BEFORE, strict=False))
        threading.Thread(target=time.sleep, args=(5,)).start()
        time.sleep(1)


def run_into_an_error() -> None:
    with pytest.raises(ZeroDivisionError), VirtualClock().running():
        _ = 1 / 0


def run_into_a_deadlock() -> None:
    with pytest.raises(Deadlock), VirtualClock().running():
        threading.Event().wait()


def run_a_refused_clock() -> None:
    with VirtualClock().running(), pytest.raises(RuntimeError), VirtualClock().running():
        pass


BEFORE = everything()


@pytest.mark.parametrize("run", [run_well, run_into_an_error, run_into_a_deadlock, run_a_refused_clock])
def test_everything_is_as_before_when_it_is_over(run):
    before = everything()
    run()
    assert everything() == before


def test_names_that_a_module_bound_meanwhile_are_real_again_afterwards():
    module = sys.modules[__name__]
    with VirtualClock().running():
        exec("from time import sleep as bound_meanwhile", vars(module))
        assert module.bound_meanwhile is time.sleep
        assert module.bound_meanwhile is not REAL.sleep
    assert module.bound_meanwhile is EARLY is REAL.sleep
