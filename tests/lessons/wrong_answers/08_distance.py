"""Wrong answers to the checks of lesson 8."""

from __future__ import annotations

from math import sqrt
from statistics import mean, pstdev, stdev

from lesson import wrong


@wrong("mean and error", says="value 2 of your function for 50.1, 49.7, 50.4 and 50.0 is 0.125, not 0.1443")
def divides_by_n(readings):
    return mean(readings), pstdev(readings) / sqrt(len(readings))


@wrong("mean and error", says="is 0.2887, not 0.1443")
def error_of_a_single_reading(readings):
    return mean(readings), stdev(readings)


@wrong("mean and error", says="gave nothing back: end it with `return` and the value")
def prints_instead(readings):
    print(mean(readings), stdev(readings) / sqrt(len(readings)))


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
