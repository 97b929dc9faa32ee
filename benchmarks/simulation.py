"""What virtual time costs: ten minutes of a busy bench, events a second, and growth with the number of devices.

    .venv/bin/python benchmarks/simulation.py            # the figures
    .venv/bin/python benchmarks/simulation.py --plot docs/images/cost-of-devices.svg

Everything runs on one core, as on the small machines it is meant for. Ten virtual minutes are measured
against the ten real ones that gpiozero's mock pins would take. `edge_cost.py` has the cost of an edge.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

from charts import draw
from gpiozero import LED, PWMLED, Button, Device, DistanceSensor

from labkit.claims import close_reservers
from labkit.devices import BenchFactory
from labkit.sim.clock import VirtualClock
from labkit.sim.time.active import REAL

MINUTES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plot", type=Path, metavar="SVG", help="draw cost against number of devices")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ten_minutes(options.runs)
    scheduler(options.runs)
    memory()
    growth(options.runs, options.plot)


def ten_minutes(runs: int) -> None:
    """Blink, pulse, a distance sensor and a bouncing button, all at once."""

    def program(factory: BenchFactory) -> int:
        red, glow = LED(17), PWMLED(18)
        ranger, go = DistanceSensor(echo=24, trigger=25), Button(2, bounce_time=0.01)
        go.when_pressed = red.toggle
        red.blink(0.5, 0.5)
        glow.pulse(1, 1)
        edges = count(factory)
        for second in range(60 * MINUTES):
            if second % 5 == 0:
                factory.board.parts[2].press(0.2, bounces=4)
            factory.board.parts[24].distance = 0.2 + second / 1000
            time.sleep(1)
        assert abs(ranger.distance - 0.8) < 0.05
        return edges()

    walls, edges = measure(program, runs)
    wall = statistics.median(walls)
    seconds = 60 * MINUTES
    print(f"blink + pulse + distance + button, {seconds} s of lab time, median of {runs}, one core")
    print(f"  wall time              {wall:10.2f} s   (min {min(walls):.2f}, max {max(walls):.2f}; target 2)")
    print(f"  against real time      {seconds / wall:10.0f} times as fast")
    print(f"  edges                  {edges:10d}     {edges / wall:,.0f} a second")


def scheduler(runs: int) -> None:
    """The scheduler alone: physics that asks for itself again, and one thread that sleeps."""
    events = 100_000

    def physics(factory: BenchFactory) -> int:
        clock, left = factory.board.clock, [events]

        def again() -> None:
            left[0] -= 1
            if left[0]:
                clock.call_later(1_000, again)

        clock.call_later(0, again)
        time.sleep(1)
        return events

    def sleeps(_factory: BenchFactory) -> int:
        for _ in range(events):
            time.sleep(0.001)
        return events

    def callbacks(factory: BenchFactory) -> int:
        seen = []
        go = Button(2)
        go.when_pressed = go.when_released = lambda: seen.append(1)
        part = factory.board.parts[2]
        for _ in range(10_000):
            part.press(0.01)
            time.sleep(0.02)
        assert len(seen) == 20_000
        return 20_000

    print("the scheduler, one core")
    for name, program in (("physics events", physics), ("sleeps", sleeps), ("edges to a user's callback", callbacks)):
        walls, number = measure(program, runs)
        wall = statistics.median(walls)
        print(f"  {name:28}{number / wall:12,.0f} a second {1e6 * wall / number:8.2f} µs each")


def memory() -> None:
    """Memory after one hour and after two, without a trace."""
    after = []

    def program(_factory: BenchFactory) -> int:
        LED(17).blink(0.05, 0.05)
        tracemalloc.start()
        for _ in range(2):
            time.sleep(3600)
            after.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        return 0

    measure(program, 1)
    print(f"memory of a blinking LED: after 1 h {after[0] / 1024:.0f} KiB, after 2 h {after[1] / 1024:.0f} KiB")


def growth(runs: int, plot: Path | None) -> None:
    """A minute of n LEDs that blink ten times a second, for n from 1 to 26."""
    cost: dict[int, float] = {}
    print("a minute of n blinking LEDs, one core")
    for number in (1, 2, 4, 8, 13, 20, 26):

        def program(factory: BenchFactory, number: int = number) -> int:
            edges = count(factory)
            for gpio in range(2, 2 + number):
                LED(gpio).blink(0.05, 0.05)
            time.sleep(60)
            return edges()

        walls, edges = measure(program, runs)
        wall = statistics.median(walls)
        cost[number] = wall
        print(f"  {number:3d} LEDs {wall:8.3f} s {1e6 * wall / edges:8.2f} µs an edge")
    if plot is not None:
        title = "wall seconds for one virtual minute (dashed: in proportion to one LED)"
        line, proportion = {0: 0.0, **cost}, {0: 0.0, max(cost): max(cost) * cost[1]}
        draw(plot, title, "blinking LEDs", {"measured": line}, reference=proportion)


def count(factory: BenchFactory) -> Callable[[], int]:
    seen = [0]

    def note(_pin: str, _timestamp_ns: int, _level: float) -> None:
        seen[0] += 1

    factory.board.listeners.append(note)
    return lambda: seen[0]


def measure(program: Callable[[BenchFactory], int], runs: int) -> tuple[list[float], int]:
    """Wall seconds of each run, after one that does not count, and what the program counted."""
    walls, counted = [], 0
    for _ in range(runs + 1 if runs > 1 else 1):
        clock = VirtualClock()
        began = REAL.perf_counter()
        with clock.running():
            Device.pin_factory = factory = BenchFactory(clock=clock)
            try:
                counted = program(factory)
            finally:
                close_reservers(factory)
                factory.close()
                Device.pin_factory = None
        walls.append(REAL.perf_counter() - began)
    return walls[1:] or walls, counted


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
