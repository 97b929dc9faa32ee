"""Wrong answers to the checks of lesson 9."""

from __future__ import annotations

from statistics import median
from time import sleep

from lesson import wrong


@wrong("steps to volts", says="value 1 of your list for steps 0, 1, 511 and 1023 is 0, not 0.001611")
def lower_end_of_the_step(steps):
    return [step * 3.3 / 1024 for step in steps]


@wrong("steps to volts", says="value 3 of your list for steps 0, 1, 511 and 1023 is 1.65, not 1.648")
def one_step_too_few(steps):
    return [(step + 0.5) * 3.3 / 1023 for step in steps]


@wrong("steps to volts", says="not 4 values")
def only_the_first(steps):
    for step in steps:
        return (step + 0.5) * 3.3 / 1024
    return None


@wrong("dimmer", says="lamp was on 25% of the time from 2.5 s to 4 s, not 88% to 92%")
def once(dial, lamp):
    sleep(0.1)
    lamp.value = dial.value


@wrong("dimmer", says="lamp was on 75% of the time from 0.5 s to 2 s, not 23% to 27%")
def the_wrong_way_round(dial, lamp):
    while True:
        lamp.value = 1 - dial.value
        sleep(0.02)


@wrong("finer than a step", says="for 700.90 steps, gave back 700.4, not 700.9")
def without_the_half(dial):
    steps = [dial.raw_value for _ in range(400)]
    return sum(steps) / len(steps)


@wrong("finer than a step", says="not 700.9")
def the_middle_one(dial):
    return median(dial.raw_value for _ in range(400)) + 0.5


@wrong("finer than a step", says="for 700.90 steps, gave back 0.68")
def of_the_value(dial):
    return sum(dial.value for _ in range(400)) / 400
