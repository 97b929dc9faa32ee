"""Wrong answers to the checks of lesson 11."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("sweep", says="arm was at 8% at 20 ms, not at 5%")
def begins_in_the_middle(arm):
    for turn in (arm.mid, arm.min, arm.max):
        turn()
        sleep(1)
    arm.detach()


@wrong("sweep", says="at 3.02 s, not off")
def never_rests(arm):
    arm.min()
    sleep(1)
    arm.mid()
    sleep(1)
    arm.max()


@wrong("sweep", says="arm was at 10% at 20 ms, not at 5%")
def does_not_wait(arm):
    arm.min()
    arm.mid()
    arm.max()
    sleep(3)
    arm.detach()


@wrong("soft start", says="forward was at 10% at 0.12 s, not at 5%")
def ten_steps(motor):
    for step in range(1, 11):
        sleep(0.1)
        motor.forward(step / 10)
    sleep(2)
    motor.stop()


@wrong("soft start", says="forward was on at 3.02 s, not off")
def never_stops(motor):
    for step in range(1, 21):
        sleep(0.1)
        motor.forward(step / 20)


@wrong("soft start", says="stopped with an error")
def percent(motor):
    for step in range(1, 21):
        sleep(0.1)
        motor.forward(step * 5)


@wrong("stop means stop", says="forward did not go off within 20 ms after halt changed at 3.37 s")
def looks_now_and_then(motor, halt):
    motor.forward(0.6)
    for _ in range(100):
        sleep(0.1)
        if halt.is_pressed:
            break
    motor.stop()


@wrong("stop means stop", says="it should stay off from 3.4 s")
def starts_again(motor, halt):
    halt.when_pressed = motor.stop
    for _ in range(10):
        motor.forward(0.6)
        sleep(1)


@wrong("stop means stop", says="forward did not go off within 20 ms")
def waits_for_the_release(motor, halt):
    motor.forward(0.6)
    halt.wait_for_press(timeout=10)
    halt.wait_for_release()
    motor.stop()
