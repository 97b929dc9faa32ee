"""Wrong answers to the checks of lesson 5."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("once round", says="red and green were both on at 4 s, for 3 s")
def forgets_red(red, amber, green):
    red.on()
    sleep(3)
    amber.on()
    sleep(1)
    amber.off()
    green.on()
    sleep(3)
    green.off()
    amber.on()
    sleep(1)


@wrong("once round", says="amber and red are on from 3 s for 3 s; after 1 s green should be on")
def times_mixed_up(red, amber, green):
    for levels, seconds in [((1, 0, 0), 3), ((1, 1, 0), 3), ((0, 0, 1), 1), ((0, 1, 0), 1)]:
        red.value, amber.value, green.value = levels
        sleep(seconds)
    amber.off()


@wrong("once round", says="at 3 s amber is on; amber and red should be on")
def no_get_ready(red, amber, green):
    for levels, seconds in [((1, 0, 0), 3), ((0, 1, 0), 1), ((0, 0, 1), 3), ((0, 1, 0), 1)]:
        red.value, amber.value, green.value = levels
        sleep(seconds)


@wrong("once round", says="amber is on from 7 s to the end; after 1 s nothing should be on")
def stays_amber(red, amber, green):
    for levels, seconds in [((1, 0, 0), 3), ((1, 1, 0), 1), ((0, 0, 1), 3), ((0, 1, 0), 1)]:
        red.value, amber.value, green.value = levels
        sleep(seconds)


def demand(red, amber, green):
    for levels, seconds in [((0, 1, 0), 1), ((1, 0, 0), 3), ((1, 1, 0), 1)]:
        red.value, amber.value, green.value = levels
        sleep(seconds)
    red.value, amber.value, green.value = 0, 0, 1


@wrong("on demand", says="green is on from 7 s to the end; after 3 s amber should be on")
def only_once(red, amber, green, go):
    green.on()
    go.wait_for_press()
    demand(red, amber, green)


@wrong("on demand", says="green is on from 7 s for 1.5 s, not for 3 s")
def does_not_wait_for_the_press(red, amber, green, go):
    green.on()
    go.wait_for_press()
    while True:
        demand(red, amber, green)
        sleep(1.5)


@wrong("on demand", says="green is on from 7 s for 1 ms, not for 3 s")
def remembers_presses(red, amber, green, go):
    presses = []
    go.when_pressed = lambda: presses.append(1)
    green.on()
    while True:
        if presses:
            presses.pop()
            demand(red, amber, green)
        sleep(0.001)
