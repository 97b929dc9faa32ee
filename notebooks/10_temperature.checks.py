"""What the checks of lesson 10 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from time import monotonic

import numpy as np
from gpiozero import LED

from labkit.checking import define, gives_back, stays

TAU = 12.0


@define(
    "thermometer",
    given={"share": lambda: 0.6},
    seconds=1,
    hints=[
        "The resistance is right. The second formula makes 1/T out of it: what is T?",
        "The formula counts in kelvins, and 0 °C is 273.15 K. And which logarithm is ln?",
        "kelvins = 1 / (1 / 298.15 + log(ohms / 10_000) / 3950), and return kelvins - 273.15.",
    ],
)
def thermometer(seen):
    yield gives_back(seen.returned, 16.15, tolerance=0.02, what="your function for a share of 0.6")


def warming():
    """Warmer by a degree a second from 20 to 40 °C, and back."""
    start = monotonic()
    return lambda: 40 - abs(monotonic() - start - 20)


@define(
    "too warm",
    pins={"alarm": 17},
    given={"celsius": warming, "alarm": lambda: LED(17)},
    seconds=62,
    hints=[
        "Warmer than 30 °C: which way round is the comparison? And what switches the LED off?",
        "On and off have thresholds of their own, as in lesson 7: between 28 and 30 °C it stays as it is.",
        "`if celsius() > 30: alarm.on()`, then `elif celsius() < 28: alarm.off()`.",
    ],
)
def too_warm(seen):
    yield stays(seen["alarm"], 0, start=0, stop=9.9)
    yield stays(seen["alarm"], 1, start=11.1, stop=31.9)
    yield stays(seen["alarm"], 0, start=33.1)


def cooling():
    """Times and temperatures: from 35 °C towards 21 °C, with noise."""
    times = np.arange(0, 24, 0.2)
    return times, 21 + 14 * np.exp(-times / TAU) + np.random.default_rng(1).normal(0, 0.03, len(times))


@define(
    "time constant",
    given={"times": lambda: cooling()[0], "temperatures": lambda: cooling()[1], "room": lambda: 21.0},
    seconds=1,
    hints=[
        "The temperatures are a curve. Of what is the logarithm a straight line?",
        "Of the difference to the room: np.log(temperatures - room).",
        "slope, start = np.polyfit(times, np.log(temperatures - room), 1), and return -1 / slope.",
    ],
)
def time_constant(seen):
    yield gives_back(seen.returned, TAU, tolerance=0.3, what="your function, for data that was made with 12 s,")
