"""Wrong answers to the checks of lesson 8."""

from __future__ import annotations

from math import ceil
from statistics import pstdev, stdev

from lesson import wrong


@wrong("how many readings", says="gave back 33, not 34")
def rounds_down(readings, wanted):
    return int((stdev(readings) / wanted) ** 2)


@wrong("how many readings", says="gave back 6, not 34")
def forgets_the_square(readings, wanted):
    return ceil(stdev(readings) / wanted)


@wrong("how many readings", says="gave back 25, not 34")
def looks_surer_than_it_is(readings, wanted):
    return ceil((pstdev(readings) / wanted) ** 2)


@wrong("how many readings", says="gave nothing back: end it with `return` and the value")
def prints_instead(readings, wanted):
    print(ceil((stdev(readings) / wanted) ** 2))


@wrong("too near", says="near was off at 2.3 s, not on")
def exchanged(ranger, near):
    ranger.threshold_distance = 0.2
    ranger.when_in_range = near.off
    ranger.when_out_of_range = near.on


@wrong("too near", says="near was on at 4.3 s, not off")
def the_sensors_own_threshold(ranger, near):
    ranger.when_in_range = near.on
    ranger.when_out_of_range = near.off


@wrong("too near", says="in line 3 of centimetres (ranger.threshold_distance = 20)")
def centimetres(ranger, near):
    ranger.threshold_distance = 20
    ranger.when_in_range = near.on
    ranger.when_out_of_range = near.off


@wrong("too near", says="near was off at 2.3 s, not on")
def looks_once(ranger, near):
    if ranger.distance < 0.2:
        near.on()
