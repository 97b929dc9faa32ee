"""A busy bench leaves the same trace every time, on every Python; and what it measures is right."""

import hashlib
import time

import pytest
from gpiozero import LED, PWMLED, Button, Device, DigitalInputDevice, DistanceSensor, MotionSensor, OutputDevice

from labkit.claims import close_reservers
from labkit.devices import BenchFactory
from labkit.sim.clock import VirtualClock

pytestmark = pytest.mark.filterwarnings("ignore:For more accurate readings")

DIGEST = "b74a69c37bab03984edb1d67bc0922425200ef27d225f09995a0538432f19bde"


@pytest.fixture
def factory():
    """Default parts in virtual time, for gpiozero programs."""
    clock = VirtualClock()
    with clock.running():
        Device.pin_factory = made = BenchFactory(clock=clock)
        yield made
        close_all(made)


def close_all(factory):
    close_reservers(factory)
    factory.close()
    Device.pin_factory = None


def run_once() -> str:
    """A minute of nearly everything at once; the digest of every change of every pin."""
    digest = hashlib.sha256()
    clock = VirtualClock()
    with clock.running():
        Device.pin_factory = factory = BenchFactory(clock=clock)
        factory.board.listeners.append(lambda *change: digest.update(repr(change).encode()))
        red, glow, go = LED(17), PWMLED(18), Button(2, bounce_time=0.01)
        near, far = DistanceSensor(echo=24, trigger=25), DistanceSensor(echo=22, trigger=27)
        motion = MotionSensor(12)
        go.when_pressed = red.toggle
        motion.when_motion = red.blink
        motion.when_no_motion = red.off
        glow.pulse(0.7, 0.3)
        for second in range(60):
            factory.board.parts[2].press(0.2, bounces=5)
            if second % 20 == 7:
                factory.board.parts[12].move(3)
            factory.board.parts[24].distance = 0.2 + second / 100
            time.sleep(1)
        digest.update(f"{near.distance:.6f} {far.distance:.6f} {red.value}".encode())
        close_all(factory)
    return digest.hexdigest()


def test_a_busy_bench_leaves_the_same_trace_on_every_python():
    assert {run_once() for _ in range(3)} == {DIGEST}


@pytest.mark.soak
def test_a_busy_bench_leaves_the_same_trace_two_hundred_times_whatever_else_the_machine_does(busy_machine):
    assert {run_once() for _ in range(200)} == {DIGEST}


def test_two_distance_sensors_are_right_to_a_micrometre(factory):
    with (
        DistanceSensor(echo=24, trigger=25, queue_len=1) as near,
        DistanceSensor(echo=22, trigger=27, queue_len=1, max_distance=3) as far,
    ):
        factory.board.parts[24].distance = 0.123456
        factory.board.parts[22].distance = 2.345678
        time.sleep(1)
        assert near.distance == pytest.approx(0.123456, abs=1e-6)
        assert far.distance == pytest.approx(2.345678, abs=1e-6)


def test_a_hand_written_driver_that_waits_busily_is_right_to_a_millimetre(factory):
    with OutputDevice(5) as trigger, DigitalInputDevice(6) as echo:
        from labkit.sim.parts.distance import HcSr04

        for part in list(factory.board.parts.values()):
            if {5, 6} & set(part.pins.values()):
                factory.board.remove(part)
        factory.board.add(HcSr04(6, 5, distance=0.75))
        trigger.on()
        time.sleep(0.00001)
        trigger.off()
        while not echo.value:
            began = time.perf_counter()
        while echo.value:
            ended = time.perf_counter()
        assert (ended - began) * 343.26 / 2 == pytest.approx(0.75, abs=0.001)
