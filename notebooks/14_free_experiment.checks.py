"""What the checks of lesson 14 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from math import sqrt
from statistics import mean, stdev

from labkit.checking import define, gives_back

VALUES = (0.21, 0.18, 0.25, 0.2, 0.16)


@define(
    "summary",
    given={"values": lambda: list(VALUES)},
    seconds=1,
    hints=[
        "The sum is not the mean yet, and the second number is missing.",
        "From `statistics`: mean and stdev. The standard error is stdev divided by the root of how many there are.",
        "return mean(values), stdev(values) / sqrt(len(values))",
    ],
)
def summary(seen):
    wanted = [mean(VALUES), stdev(VALUES) / sqrt(len(VALUES))]
    yield gives_back(seen.returned, wanted, tolerance=0.0005, what="your function for 0.21, 0.18, 0.25, 0.2 and 0.16")


@define(
    "agree",
    given={
        "values": lambda: [0.18, 0.23, 0.15, 0.29],
        "errors": lambda: [0.015, 0.01, 0.02, 0.05],
        "expected": lambda: 0.2,
    },
    seconds=1,
    hints=[
        "How far is each value from the expected one, and how far may it be? Both directions count.",
        "abs(value - expected) is how far; 2 * error is how far it may be.",
        "[abs(value - expected) <= 2 * error for value, error in zip(values, errors)]",
    ],
)
def agree(seen):
    what = "your list for 0.18 ± 0.015, 0.23 ± 0.01, 0.15 ± 0.02 and 0.29 ± 0.05"
    yield gives_back(seen.returned, [True, False, False, True], what=what)
