"""Wrong answers to the checks of lesson 4."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("breathing", says="lamp was off at")
def steps_too_big(lamp):
    for step in range(5):
        lamp.value = step / 4
        sleep(0.4)
    for step in range(5):
        lamp.value = 1 - step / 4
        sleep(0.4)


@wrong("breathing", says="lamp was at")
def twice_as_fast(lamp):
    lamp.pulse(1, 1, n=2, background=False)


@wrong("breathing", says="lamp was off at 2")
def forgets_the_way_down(lamp):
    for step in range(50):
        lamp.value = step / 50
        sleep(0.04)
    lamp.value = 0


@wrong("breathing", says="value must be between 0 and 1")
def counts_to_fifty(lamp):
    for step in range(50):
        lamp.value = step
        sleep(0.04)


@wrong("even steps", says="value 2 of the list is 0.4812, not 0.02899")
def takes_the_root(steps):
    return [(step / (steps - 1)) ** (1 / 2.2) for step in range(steps)]


@wrong("even steps", says="value 2 of the list is 0.01941, not 0.02899")
def does_not_come_to_one(steps):
    return [(step / steps) ** 2.2 for step in range(steps)]


@wrong("even steps", says="the list gave back [0], not 6 values")
def returns_too_early(steps):
    duties = []
    for step in range(steps):
        duties.append((step / (steps - 1)) ** 2.2)
        return duties
