"""Wrong answers to the checks of lesson 3."""

from __future__ import annotations

from time import sleep

from gpiozero import Button
from lesson import wrong


@wrong("one change", says="red is on from 1 s for 20 ms, not for 1 s")
def sleeps_after_a_press(red):
    def pressed():
        red.toggle()
        sleep(0.02)

    go = Button(2)
    go.when_pressed = pressed
    return go


@wrong("one change", says="red is on from 1.103 s for 2.5")
def waits_too_long(red):
    go = Button(2, bounce_time=0.1)
    go.when_pressed = red.toggle
    return go


@wrong("one change", says="its devices went with it")
def keeps_no_button(red):
    go = Button(2, bounce_time=0.02)
    go.when_pressed = red.toggle


@wrong("one change", says="Nothing of yours is on GPIO2, where the lesson has go; your go (Button) is on GPIO3.")
def on_another_pin(red):
    go = Button(3, bounce_time=0.02)
    go.when_pressed = red.toggle
    return go


@wrong("by hand", says="the list gave back [0.5, 0.525, 1.2, 1.22, 3, 4.5], not 4 values")
def measures_from_what_counted(times, quiet):
    found = []
    for time in times:
        if not found or time - found[-1] >= quiet:
            found.append(time)
    return found


@wrong("by hand", says="the list gave back [1.2, 3, 4.5], not 4 values")
def forgets_the_first(times, quiet):
    return [time for before, time in zip(times, times[1:], strict=False) if time - before >= quiet]


@wrong("by hand", says="the list gave nothing back: end it with `return` and the value")
def prints_them(times, quiet):
    for before, time in zip([-1, *times], times, strict=False):
        if time - before >= quiet:
            print(time)
