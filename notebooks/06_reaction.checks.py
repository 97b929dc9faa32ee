"""What the checks of lesson 6 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from statistics import fmean, stdev

from gpiozero import LED, Button

from labkit.checking import define, gives_back, goes_through
from labkit.sim.scenario import Scenario


@define(
    "one round",
    pins={"red": 17, "go": 2},
    given={"red": lambda: LED(17), "go": lambda: Button(2), "delay": lambda: 1.5},
    seconds=5,
    scenario=Scenario().at(0.5).press("GPIO2", seconds=0.1).at(1.75).press("GPIO2", seconds=0.2),
    hints=[
        "Read the clock when the LED comes on and when the press is there: what is the time between?",
        "begin = perf_counter() comes right after red.on(); the difference right after wait_for_press.",
        "Keep the difference in a variable, switch red off, and end with `return` and that variable.",
    ],
)
def one_round(seen):
    states = [(set(), 1.5), ({"red"}, 0.25), (set(), None)]
    yield goes_through({"red": seen["red"]}, states, tolerance=0.01)
    yield gives_back(seen.returned, 0.25, tolerance=0.005, what="the time in seconds")


TIMES = [0.21, 0.25, 0.19, 0.31, 0.24]


@define(
    "three numbers",
    seconds=1,
    given={"times": lambda: list(TIMES)},
    hints=[
        "Which of the three values is the first one that is not right?",
        "s is the root of: the sum of (time - mean) ** 2 over all times, divided by n - 1. A root is ** 0.5.",
        "return mean, deviation, deviation / n ** 0.5",
    ],
)
def three_numbers(seen):
    wanted = [fmean(TIMES), stdev(TIMES), stdev(TIMES) / len(TIMES) ** 0.5]
    yield gives_back(seen.returned, wanted, tolerance=1e-6, what="the result")
