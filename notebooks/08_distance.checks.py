"""What the checks of lesson 8 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import LED, DistanceSensor

from labkit.checking import define, gives_back, stays
from labkit.sim.scenario import Scenario


@define(
    "how many readings",
    given={"readings": lambda: [50.1, 49.7, 50.4, 50.0], "wanted": lambda: 0.05},
    seconds=1,
    hints=[
        "The standard error is s / sqrt(n). For which n is it as small as wanted?",
        "s / sqrt(n) = wanted, solved for n: n = (s / wanted) ** 2.",
        "ceil((stdev(readings) / wanted) ** 2): rounded up, or the error would be a little too large.",
    ],
)
def how_many_readings(seen):
    # s is 0.2887, so n is 33.3.
    what = "your function, for 50.1, 49.7, 50.4 and 50.0 and an error of 0.05,"
    yield gives_back(seen.returned, 34, what=what)


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
