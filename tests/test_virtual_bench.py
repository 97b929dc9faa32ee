"""The bench in virtual time: exact, at once, and over when it is over."""

import threading
import time

import pytest
from gpiozero import LED, Button, Device, DistanceSensor, MotionSensor
from gpiozero.pins.mock import MockFactory

from labkit.bench import Bench
from labkit.boards import Board
from labkit.errors import RealPins
from labkit.sim.time.endings import Deadlock
from labkit.trace import Trace
from labkit.virtualtime import NoVirtualTime


def recorded(bench):
    edges = []
    bench.tap.subscribe(edges.append)
    return edges


def test_ten_minutes_of_blinking_are_exact_and_take_no_time(bench):
    edges = recorded(bench)
    with bench.virtual_time(), LED(17) as red:
        began = bench.clock.now_ns()
        red.blink(on_time=0.3, off_time=0.7)
        time.sleep(600)
        lab_ns = bench.clock.now_ns() - began
        blinks = Trace.of("GPIO17", [edge for edge in edges if edge.timestamp_ns < began + 600 * 10**9])
    assert lab_ns == 600 * 10**9
    assert len(blinks.rising) == 600
    assert {round(period, 9) for period in blinks.periods} == {1.0}


def test_a_press_asked_for_comes_at_its_instant_of_lab_time(bench):
    edges = recorded(bench)
    with bench.virtual_time(), Button(2) as go:
        edges.clear()
        began = bench.clock.now_ns()
        bench.parts[2].press(0.25)
        go.wait_for_release()
    assert [(edge.level, edge.timestamp_ns - began) for edge in edges[:2]] == [(0, 0), (1, 250_000_000)]


def test_an_edge_keeps_its_nanoseconds_after_a_year(bench):
    edges, year_ns = recorded(bench), 365 * 86_400 * 10**9
    with bench.virtual_time(), Button(2) as go:
        go.when_pressed = lambda: time.sleep(5)  # the release waits behind it, and is handed on late
        began = bench.clock.now_ns()
        bench.clock.call_later(year_ns + 123_456_789, lambda: bench.parts[2].press(0.000_000_001 * 77))
        edges.clear()
        time.sleep(366 * 86_400)
    assert [edge.timestamp_ns - began - year_ns for edge in edges[:2]] == [123_456_789, 123_456_789 + 77]


def test_an_endless_loop_ends_with_its_seconds_and_that_is_no_error(bench):
    turns = 0
    with bench.virtual_time(seconds=10):
        while True:
            time.sleep(0.5)
            turns += 1
    assert turns == 20


def test_waiting_for_what_will_never_come_names_the_line(bench):
    with Button(2) as go, pytest.raises(Deadlock, match=r"test_virtual_bench\.py:\d+.*go\.wait_for_press\(\)"):  # noqa: SIM117
        with bench.virtual_time():
            go.wait_for_press()


def test_a_poller_sees_the_last_thing_that_happens(bench):
    with bench.virtual_time(), MotionSensor(12) as motion:
        bench.parts[12].move(2.0)
        motion.wait_for_motion()
        motion.wait_for_no_motion()
        assert bench.clock.now_ns() > 2 * 10**9


def test_distances_are_exact(bench):
    with bench.virtual_time(), DistanceSensor(echo=24, trigger=25, queue_len=1) as ranger:
        bench.parts[24].distance = 0.321
        time.sleep(1)
        assert ranger.distance == pytest.approx(0.321, abs=1e-6)


def test_lab_time_goes_on_in_real_time_afterwards_and_parts_with_it(bench):
    with Button(2) as go:
        with bench.virtual_time():
            time.sleep(1000)
        released = threading.Event()
        go.when_released = released.set
        bench.parts[2].press(0.01)
        assert released.wait(10)
        assert 1000 * 10**9 < bench.clock.now_ns() < 1060 * 10**9


def test_real_pins_live_in_real_time():
    opened = Bench(MockFactory(), Board("any", simulated=False, why=""), views=None)
    try:
        with pytest.raises(RealPins, match="no virtual time"), opened.virtual_time():
            pass
        with pytest.raises(RealPins, match="no parts"):
            opened.parts[2]
    finally:
        opened.close()
        assert Device.pin_factory is None


def test_cells_live_in_virtual_time_from_start_to_stop_and_may_await(kernel):
    kernel.check("import asyncio, time\nbench.virtual_time().start()", cell="a")
    kernel.check("bench.virtual_time().start()", cell="a")
    assert kernel.check("await asyncio.sleep(3600)\nround(bench.clock.now_ns() / 1e9) // 100", cell="b").text == "36"
    kernel.check("red = LED(17)\nred.blink(0.5, 0.5)\ntime.sleep(1800.25)", cell="c")
    assert kernel.check("red.value, red.closed", cell="d").text == "(1, False)"
    kernel.check("bench.virtual_time().stop()\nbench.virtual_time().stop()", cell="e")
    ran = kernel.check("before = time.perf_counter()\ntime.sleep(0.05)\ntime.perf_counter() - before > 0.04", cell="f")
    assert ran.text == "True"
    assert kernel.check("5400 < bench.clock.now_ns() / 1e9 < 5500", cell="g").text == "True"


def test_a_block_that_awaits_is_told_the_other_way_and_the_next_cell_is_fine(kernel):
    ran = kernel.run("import asyncio\nwith bench.virtual_time():\n    await asyncio.sleep(2)", cell="a")
    assert "NoVirtualTime: A block of virtual time can't be awaited in." in ran.error
    assert kernel.check("1 + 1", cell="b").text == "2"


def test_closing_the_bench_ends_virtual_time(kernel):
    kernel.check("import time\nbench.virtual_time().start()\nred = LED(17)\nred.blink()\ntime.sleep(100)", cell="a")
    kernel.check("bench.close()", cell="b")
    kernel.check("bench = labkit.bench('simulated')\nred = LED(17)\nred.on()", cell="c")
    assert kernel.check("bench.clock.now_ns() / 1e9 < 50", cell="d").text == "True"


def test_outside_a_notebook_there_are_no_cells_to_start(bench):
    with pytest.raises(NoVirtualTime, match=r"with bench\.virtual_time"):
        bench.virtual_time().start()


def test_a_cell_of_a_notebook_can_live_in_virtual_time(kernel):
    kernel.check("red = LED(17)", cell="a")
    source = (
        "import time\nwith bench.virtual_time(3600):\n    red.blink(30, 30)\n    time.sleep(1800)\n    print(red.value)"
    )
    ran = kernel.check(source, cell="b")
    assert ran.text in ("0\n", "1\n")
    assert kernel.check("t = bench.clock.now_ns() / 1e9\n1800 < t < 1900", cell="c").text == "True"
    assert "Deadlock" in kernel.run("with bench.virtual_time():\n    Button(3).wait_for_press()", cell="d").error
    kernel.check("red.on()", cell="e")
