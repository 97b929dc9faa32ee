"""Wrong answers to the checks of lesson 1."""

from __future__ import annotations

from time import sleep

from gpiozero import LED
from lesson import wrong

UNIT = 0.2


@wrong("flashes", says="red stayed on from 2.3 s, not for 0.2 s")
def begins_dark(red):
    for _ in range(5):
        red.off()
        sleep(0.3)
        red.on()
        sleep(0.2)


@wrong("flashes", says="from coming on the 1st time to the next it took 0.2 s instead of 0.5 s")
def forgets_to_wait_in_the_dark(red):
    for _ in range(5):
        red.on()
        sleep(0.2)
        red.off()


@wrong("flashes", says="red was on for 0.3 s the 1st time, not for 0.2 s")
def exchanges_the_times(red):
    for _ in range(5):
        red.on()
        sleep(0.3)
        red.off()
        sleep(0.2)


@wrong("flashes", says="red came on 8 times, not 5 times")
def never_ends(red):
    while True:
        red.blink(0.2, 0.3, n=1, background=False)


@wrong("flashes", says="none that your function was given")
def makes_an_led_of_its_own(red):
    other = LED(17)
    other.blink(0.2, 0.3, n=5, background=False)


@wrong("sos", says="red is off from 1 s for 0.2 s, not for 0.6 s")
def no_pause_between_letters(red):
    for sign in "...---...":
        red.on()
        sleep(UNIT if sign == "." else 3 * UNIT)
        red.off()
        sleep(UNIT)


@wrong("sos", says="red is on from 1.6 s for 0.4 s, not for 0.6 s")
def dashes_too_short(red):
    for letter in ("...", "---", "..."):
        for sign in letter:
            red.on()
            sleep(UNIT if sign == "." else 2 * UNIT)
            red.off()
            sleep(UNIT)
        sleep(2 * UNIT)


@wrong("sos", says="NameError: name 'UNITS' is not defined")
def misspelt(red):
    red.on()
    sleep(UNITS)  # noqa: F821
