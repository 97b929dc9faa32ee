"""Virtual time in a real kernel, through nbclient: cells, threads, interrupts, and what it leaves alone."""

import asyncio
import queue
import threading
import time
from collections.abc import Iterator

import nbformat
import pytest
from nbclient import NotebookClient

from labkit.sim.time.cells import _complete

SETUP = """
import asyncio, threading, time, sys
from gpiozero import LED, Button, Device
from gpiozero.pins.mock import MockFactory, MockPWMPin
Device.pin_factory = MockFactory(pin_class=MockPWMPin)
from labkit.sim.clock import VirtualClock
from labkit.sim.time.cells import Cells
clock = VirtualClock(wall_budget=30)
cells = Cells(clock, get_ipython(), budget=100_000)
"""
FOREIGN = """
import _thread
gaps, go_on = [], [True]
def tick(now=time.monotonic, nap=time.sleep):
    before = now()
    while go_on:
        nap(0.01)
        gaps.append(now() - before)
        before = now()
ticker = _thread.start_new_thread(tick, ())
"""


class Kernel:
    """One kernel; `run` returns what a cell printed, or its error's text."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client

    def run(self, source: str) -> str:
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        return "".join(_text(output) for output in cell.outputs)

    def run_and_interrupt(self, source: str) -> tuple[str, float]:
        """Interrupt a cell that prints `begun`; returns its output and the seconds until it ended."""
        took: list[float] = []

        def interrupt() -> None:
            while "begun" not in "".join(map(_text, self.client.nb.cells[-1].get("outputs", []))):
                time.sleep(0.02)
            time.sleep(0.5)
            took.append(time.perf_counter())
            asyncio.run(self.client.km._async_interrupt_kernel())

        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        text = self.run(source)
        interrupter.join()
        return text, time.perf_counter() - took[0]


def _text(output: dict) -> str:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return output.get("text", "") or output.get("data", {}).get("text/plain", "")


def _listen_in_slices(channel) -> None:
    """nbclient can miss a reply after an Output widget's cell, and then waits for its whole timeout."""
    get_msg = channel.get_msg

    async def get_in_slices(timeout: float | None = None):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 0.25 if end is None else min(0.25, end - time.monotonic())
            try:
                return await get_msg(timeout=max(0, left))
            except queue.Empty:
                if end is not None and time.monotonic() >= end:
                    raise

    channel.get_msg = get_in_slices


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    notebook = nbformat.v4.new_notebook()
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True)
    with client.setup_kernel():
        _listen_in_slices(client.kc.shell_channel)
        kernel = Kernel(client)
        assert kernel.run(SETUP + FOREIGN) == ""
        assert kernel.run("cells.start()") == ""
        yield kernel
        assert kernel.run("cells.stop(); print(time.sleep)") == "<built-in function sleep>\n"


def test_a_cell_sleeps_in_lab_time(kernel):
    assert kernel.run("t = clock.now_ns(); time.sleep(3600); print((clock.now_ns() - t) / 1e9)") == "3600.0\n"


def test_time_stands_still_between_cells_but_closing_works(kernel):
    assert kernel.run("led = LED(17); led.blink(); b = Button(2); time.sleep(1); t = clock.now_ns()") == ""
    assert kernel.run("print(clock.now_ns() - t); led.close(); b.close(); print(led.closed)") == "0\nTrue\n"


GATHER = """
t = clock.now_ns()
await asyncio.gather(asyncio.sleep(500), asyncio.sleep(700))
print((clock.now_ns() - t) / 1e9)
"""
TASK = """
done = []
async def later():
    await asyncio.sleep(10)
    done.append(1)
task = asyncio.ensure_future(later())
await asyncio.sleep(5)
"""
THREAD = """
seen = []
def work():
    for _ in range(3):
        time.sleep(10)
        seen.append(clock.now_ns())
thread = threading.Thread(target=work)
thread.start()
time.sleep(15)
print(len(seen))
"""
WIDGET = """
import ipywidgets
out = ipywidgets.Output()
with out:
    print('within')
    time.sleep(5)
print('after')
"""
PAUSE = """
clock._scheduler.interactive = True
try:
    threading.Event().wait()
finally:
    clock._scheduler.interactive = False
"""
FAST_BLINK = """
gaps.clear()
led = LED(17)
led.blink(0.0005, 0.0005)
time.sleep(30)
led.close()
print(len(gaps), max(gaps), min(gaps))
"""


def test_an_async_cell_runs_on_a_virtual_loop(kernel):
    assert kernel.run(GATHER) == "700.0\n"


def test_a_task_goes_on_in_the_next_async_cell(kernel):
    assert kernel.run(TASK) == ""
    assert kernel.run("await asyncio.sleep(6); print(done)") == "[1]\n"


def test_a_thread_of_one_cell_goes_on_in_the_next(kernel):
    assert kernel.run(THREAD) == "1\n"
    assert kernel.run("thread.join(); print(len(seen))") == "3\n"


def test_output_captured_by_a_widget_arrives(kernel):
    pytest.importorskip("ipywidgets")
    assert kernel.run(WIDGET) == "after\n"


def test_a_deadlock_names_the_cell_and_its_line(kernel):
    text = kernel.run("button = Button(3)\nbutton.wait_for_press()")
    assert text.startswith("Deadlock: every thread waits")
    assert "line 2: button.wait_for_press()" in text
    assert "cell [" in text
    assert kernel.run("button.close(); print('fine')") == "fine\n"


def test_an_endless_cell_ends_with_its_budget_and_the_next_is_fine(kernel):
    assert kernel.run("while True: time.sleep(1)").startswith("TimeBudgetSpent: the budget of")
    assert kernel.run("time.sleep(1); print('fine')") == "fine\n"


@pytest.mark.parametrize(
    "source",
    [
        "while True:\n    time.sleep(1)",
        PAUSE,
        "while True: pass",
        "while True: await asyncio.sleep(1)\n",
        "import os; os.read(os.pipe()[0], 1)",
    ],
    ids=["looping", "pausing", "spinning", "async", "outside"],
)
def test_an_interrupt_ends_the_cell_at_once_and_the_next_is_fine(kernel, source):
    text, seconds = kernel.run_and_interrupt("clock.allow(None)\nprint('begun', flush=True)\n" + source)
    assert "KeyboardInterrupt" in text
    assert seconds < 2
    assert kernel.run("t = clock.now_ns(); time.sleep(2); print(clock.now_ns() - t)") == "2000000000\n"


@pytest.mark.parametrize("is_lost", [True, False])
def test_an_interrupt_between_two_steps_of_an_async_cell_ends_it(is_lost):
    said = []

    async def cell(loop):
        woken = loop.create_future()

        def interrupted():
            woken.set_result(None)
            if is_lost:
                loop._ready.clear()  # as where the signal comes right after the loop took the step
            raise KeyboardInterrupt

        loop.call_soon(interrupted)
        try:
            await woken
        finally:
            said.append("finally")

    loop = asyncio.new_event_loop()
    try:
        with pytest.raises(KeyboardInterrupt):
            _complete(loop, cell(loop))
    finally:
        loop.close()
    assert said == ["finally"]


def test_the_heartbeat_beats_and_a_foreign_thread_keeps_its_pace_while_a_cell_runs(kernel):
    beats: list[bool] = []
    stop = threading.Event()

    def listen() -> None:
        while not stop.wait(0.2):
            beats.append(kernel.client.kc.hb_channel.is_beating())

    listener = threading.Thread(target=listen)
    listener.start()
    text = kernel.run(FAST_BLINK)
    stop.set()
    listener.join()
    count, longest, shortest = map(float, text.split())
    assert count > 5
    assert longest < 0.5
    assert shortest >= 0.009
    assert all(beats)


ASYNC_TRACE = """
led, trace = LED(17), []
led.pin._change_state = lambda value: trace.append((clock.now_ns() - t, value))
async def main():
    global t
    t = clock.now_ns()
    led.blink(0.3, 0.7)
    await asyncio.gather(asyncio.sleep(3), asyncio.to_thread(time.sleep, 4.5))
    led.close()
await main()
print(hash(tuple(trace)), len(trace))
"""


def test_the_same_cells_make_the_same_trace(kernel):
    assert len({kernel.run(ASYNC_TRACE) for _ in range(5)}) == 1


@pytest.mark.soak
def test_the_same_async_cell_makes_the_same_trace_two_hundred_times(kernel):
    assert len({kernel.run(ASYNC_TRACE) for _ in range(200)}) == 1
