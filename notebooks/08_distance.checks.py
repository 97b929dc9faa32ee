"""What the checks of lesson 8 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from math import sqrt
from statistics import mean, stdev

from gpiozero import LED, DistanceSensor

from labkit.checking import define, gives_back, stays
from labkit.sim.scenario import Scenario

READINGS = (50.1, 49.7, 50.4, 50.0)


@define(
    "mean and error",
    given={"readings": lambda: list(READINGS)},
    seconds=1,
    hints=[
        "The mean is right. The second number is the standard deviation, divided by the root of how many there are.",
        "stdev(readings) has the n - 1 in it already; pstdev has n, and makes a few readings look surer than they are.",
        "return mean(readings), stdev(readings) / sqrt(len(readings))",
    ],
)
def mean_and_error(seen):
    wanted = [mean(READINGS), stdev(READINGS) / sqrt(len(READINGS))]
    yield gives_back(seen.returned, wanted, tolerance=0.001, what="your function for 50.1, 49.7, 50.4 and 50.0")


@define(
    "too near",
    pins={"near": 17},
    given={
        "ranger": lambda: DistanceSensor(echo=24, trigger=23, max_distance=2, queue_len=1),
        "near": lambda: LED(17),
    },
    scenario=Scenario()
    .at(2).set("distance24", distance=0.15)
    .at(4).set("distance24", distance=0.25)
    .at(6).set("distance24", distance=0.05)
    .at(8).set("distance24", distance=1.0),
    seconds=10,
    hints=[
        "In range is near: what has to happen to the LED then? And when the target goes out of range?",
        "The target stops at 25 cm once. Does the sensor know that your threshold is 20 cm?",
        "ranger.threshold_distance = 0.2 in the first line, then when_in_range and when_out_of_range.",
    ],
)  # fmt: skip
def too_near(seen):
    for now, level in enumerate([0, 1, 0, 1, 0]):
        yield stays(seen["near"], level, start=2 * now + 0.3, stop=2 * now + 2)
