"""Wrong answers to the checks of lesson 2."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("on and off", says="red is off from 0 s to the end; after 1 s red should be on")
def looks_once(red, left, right):
    if left.is_pressed:
        red.on()
    if right.is_pressed:
        red.off()


@wrong("on and off", says="red is on from 1 s for 0.3 s, not for 2 s")
def lets_go(red, left, right):
    left.when_pressed = red.on
    left.when_released = red.off
    right.when_pressed = red.off


@wrong("on and off", says="Let the device tell you: when_pressed = …, or wait_for_press().")
def looks_now_and_then(red, left, right):
    while True:
        if left.is_pressed:
            red.on()
        if right.is_pressed:
            red.off()
        sleep(0.2)


@wrong("on and off", says="given nothing to call: write the function without brackets")
def brackets_too_many(red, left, right):
    left.when_pressed = red.on()
    right.when_pressed = red.off


@wrong("short and long", says="at 4 s green is on; nothing should be on")
def green_stays(red, green, go):
    go.hold_time = 1
    go.when_pressed = red.on
    go.when_held = green.on
    go.when_released = red.off


@wrong("short and long", says="at 1.5 s green is on; nothing should be on")
def green_at_the_release(red, green, go):
    go.when_pressed = red.on

    def released():
        red.off()
        green.on()
        sleep(0.5)
        green.off()

    go.when_released = released


@wrong("short and long", says="red is on from 1 s for 0.2 s, not for 0.5 s")
def holds_too_long(red, green, go):
    def both_off():
        red.off()
        green.off()

    go.hold_time = 0.2
    go.when_pressed = red.on
    go.when_held = green.on
    go.when_released = both_off
