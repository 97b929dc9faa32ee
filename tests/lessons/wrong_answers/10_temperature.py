"""Wrong answers to the checks of lesson 10."""

from __future__ import annotations

from math import log, log10
from time import sleep

import numpy as np
from lesson import wrong


@wrong("thermometer", says="gave back 289.3, not 16.15")
def kelvins(share):
    ohms = 10_000 * share / (1 - share)
    return 1 / (1 / 298.15 + log(ohms / 10_000) / 3950)


@wrong("thermometer", says="gave back 34.41, not 16.15")
def divider_upside_down(share):
    ohms = 10_000 * (1 - share) / share
    return 1 / (1 / 298.15 + log(ohms / 10_000) / 3950) - 273.15


@wrong("thermometer", says="gave back 21.09, not 16.15")
def the_other_logarithm(share):
    ohms = 10_000 * share / (1 - share)
    return 1 / (1 / 298.15 + log10(ohms / 10_000) / 3950) - 273.15


@wrong("too warm", says="alarm was off from 30")
def one_threshold(celsius, alarm):
    for _ in range(120):
        if celsius() > 30:
            alarm.on()
        else:
            alarm.off()
        sleep(0.5)


@wrong("too warm", says="alarm was on at 0 s, not off")
def the_wrong_way_round(celsius, alarm):
    for _ in range(120):
        if celsius() < 28:
            alarm.on()
        elif celsius() > 30:
            alarm.off()
        sleep(0.5)


@wrong("too warm", says="alarm was on at 33.1 s, not off")
def never_off(celsius, alarm):
    for _ in range(120):
        if celsius() > 30:
            alarm.on()
        sleep(0.5)


@wrong("too warm", says="alarm was on at 33.1 s, not off")
def stops_too_early(celsius, alarm):
    for _ in range(12):
        if celsius() > 30:
            alarm.on()
        elif celsius() < 28:
            alarm.off()
        sleep(2)


@wrong("time constant", says="not 12")
def logarithm_of_the_temperature(times, temperatures, room):
    slope, _ = np.polyfit(times, np.log(temperatures), 1)
    return -1 / slope


@wrong("time constant", says="gave back -12, not 12")
def forgets_the_sign(times, temperatures, room):
    slope, _ = np.polyfit(times, np.log(temperatures - room), 1)
    return 1 / slope


@wrong("time constant", says="not 12")
def slope_itself(times, temperatures, room):
    slope, _ = np.polyfit(times, np.log(temperatures - room), 1)
    return slope
