"""Wrong answers to the checks of lesson 12."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("throttle", says="A callback of yours")
def without_limits(knob, motor):
    knob.when_rotated = lambda: motor.forward(knob.steps / 20)


@wrong("throttle", says="forward was off at 2 s, not at 20%")
def sets_it_once(knob, motor):
    motor.forward(min(max(knob.steps / 20, 0), 1))


@wrong("throttle", says="forward was at 40% at 2 s, not at 20%")
def ten_percent_a_step(knob, motor):
    knob.when_rotated = lambda: motor.forward(min(max(knob.steps / 10, 0), 1))


def drive(motor, shaft, correct):
    power = 0.5
    for _ in range(50):
        motor.forward(power)
        before = shaft.steps
        sleep(0.2)
        power = min(max(correct(power, (shaft.steps - before) / 60 / 0.2 * 60), 0), 1)
    motor.stop()


@wrong("hold the speed", says="shaft came on")
def takes_the_power_away(motor, shaft):
    drive(motor, shaft, lambda power, measured: power - 0.002 * (100 - measured))


@wrong("hold the speed", says="shaft came on")
def proportional_only(motor, shaft):
    drive(motor, shaft, lambda power, measured: 0.5 + 0.002 * (100 - measured))


@wrong("hold the speed", says="shaft came on")
def too_nervous(motor, shaft):
    drive(motor, shaft, lambda power, measured: power + 0.02 * (100 - measured))


@wrong("hold the speed", says="shaft came on")
def turns_a_second(motor, shaft):
    drive(motor, shaft, lambda power, measured: power + 0.002 * (100 - measured / 60))
