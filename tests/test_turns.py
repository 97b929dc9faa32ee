"""Two threads that switch one device, as a cell and a panel do."""

from __future__ import annotations

import random
import sys
import threading

import pytest
from gpiozero import LED, PWMLED, Motor, Robot
from gpiozero.threads import GPIOThread

from labkit.turns import Turns

ROUNDS = 300


@pytest.fixture
def turns(monkeypatch):
    """gpiozero as it is in a notebook."""
    made = Turns(lambda: True)
    for kind, name, method in made.methods():
        monkeypatch.setattr(kind, name, method)
    return made


@pytest.fixture
def quick_switches():
    """Threads are switched so often that what can meet does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*acts, rounds=ROUNDS):
    """Run random ones of the acts in two threads; what they raised."""
    raised = []

    def run(seed):
        choice = random.Random(seed)
        for _ in range(rounds):
            try:
                choice.choice(acts)()
            except Exception as error:
                raised.append(error)

    threads = [threading.Thread(target=run, args=[seed]) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def blinking():
    return [each for each in threading.enumerate() if isinstance(each, GPIOThread) and each.is_alive()]


@pytest.mark.usefixtures("turns", "quick_switches")
@pytest.mark.parametrize("kind", [LED, PWMLED])
def test_a_device_that_two_threads_switch_stays_whole(bench, kind):
    led = kind(17)
    raised = at_once(lambda: led.blink(0.001, 0.001), led.on, led.off, led.toggle, lambda: setattr(led, "value", 1))
    led.off()
    assert raised == []
    assert blinking() == []
    assert bench.tap.latest["GPIO17"].level == 0


@pytest.mark.usefixtures("turns", "quick_switches")
def test_a_motor_is_never_driven_both_ways(bench):
    motor = Motor(5, 6)
    both = []

    def watch(edge):
        levels = [bench.tap.latest[pin].level for pin in ("GPIO5", "GPIO6") if pin in bench.tap.latest]
        if len(levels) == 2 and all(levels):
            both.append(edge)

    bench.tap.subscribe(watch)
    assert at_once(motor.forward, motor.backward, motor.stop, motor.reverse) == []
    assert both == []


@pytest.mark.usefixtures("turns")
def test_off_ends_a_blinking_that_is_waited_for(bench):
    led = LED(17)
    began = threading.Event()
    bench.tap.subscribe(lambda edge: began.set())
    waiting = threading.Thread(target=led.blink, kwargs={"on_time": 60, "n": 3, "background": False})
    waiting.start()
    assert began.wait(10)
    led.off()
    waiting.join(10)
    assert not waiting.is_alive()
    assert led._blink_thread is None


@pytest.mark.usefixtures("turns")
def test_a_whole_and_its_piece_never_wait_for_each_other(bench):
    robot = Robot(Motor(5, 6), Motor(7, 8))
    left = robot.left_motor
    assert at_once(robot.forward, robot.stop, left.backward, left.stop, left.forward_device.off) == []


def test_where_turns_are_off_nothing_is_locked(monkeypatch, bench):
    for kind, name, method in Turns(lambda: False).methods():
        monkeypatch.setattr(kind, name, method)
    led = LED(17)
    led.blink(0.001, 0.001, n=2, background=False)
    assert not led.is_lit
