"""Wrong answers to the checks of lesson 7."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("night light", says="lamp is off from 0 s for 6.203 s; after 3 s lamp should be on")
def the_wrong_way_round(sensor, lamp):
    sensor.when_dark = lamp.off
    sensor.when_light = lamp.on


@wrong("night light", says="to the end; after 3 s lamp should be on")
def looks_once(sensor, lamp):
    if not sensor.light_detected:
        lamp.on()


@wrong("night light", says="Let the device tell you")
def looks_now_and_then(sensor, lamp):
    while True:
        lamp.value = not sensor.light_detected
        sleep(0.1)


@wrong("night light", says="lamp is on from 3.256 s for 1 s, not for 3 s")
def on_for_a_second_only(sensor, lamp):
    sensor.when_dark = lambda: lamp.blink(1, 0, n=1)


@wrong("two thresholds", says="value 4 of the list is False, not True")
def forgets_how_it_was(values, dark, bright):
    return [value < dark for value in values]


@wrong("two thresholds", says="value 1 of the list is True, not False")
def begins_on(values, dark, bright):
    states, is_on = [], True
    for value in values:
        is_on = value < dark or (is_on and value <= bright)
        states.append(is_on)
    return states


@wrong("two thresholds", says="not 11 values")
def only_the_changes(values, dark, bright):
    states, is_on = [], False
    for value in values:
        if value < dark:
            is_on = True
            states.append(is_on)
        elif value > bright:
            is_on = False
            states.append(is_on)
    return states
