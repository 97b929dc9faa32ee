"""Knobs, servos, motors, sockets, sounders and displays against values worked out by hand."""

import math

import pytest
from gpiozero import (
    RGBLED,
    AngularServo,
    LEDCharDisplay,
    Motor,
    OutputDevice,
    PhaseEnableMotor,
    RotaryEncoder,
    Servo,
    TonalBuzzer,
)
from gpiozero import Buzzer as BuzzerDevice

import labkit.sim.parts.motors as motors
import labkit.sim.parts.servos as servos
from labkit.sim.parts.energenie import EnergenieSockets
from labkit.sim.parts.knobs import Knob
from labkit.sim.parts.leds import RgbLed, SevenSegment
from labkit.sim.parts.sounders import Buzzer


def test_a_detent_is_one_step_of_the_encoder(board, factory):
    knob = board.add(Knob(20, 21))
    encoder = RotaryEncoder(20, 21, pin_factory=factory)
    knob.rotate(3)
    board.clock.run_for(1)
    assert encoder.steps == 3
    knob.rotate(-5)
    board.clock.run_for(1)
    assert (encoder.steps, knob.position) == (-2, -2)


def test_a_detent_is_four_changes_a_quarter_of_its_time_apart(board, factory):
    knob = board.add(Knob(20, 21))
    for gpio in (20, 21):
        factory.pin(gpio).pull = "up"
    seen = []
    board.listeners.append(lambda *change: seen.append(change))
    knob.rotate(1, seconds=0.04)
    board.clock.run_for(1)
    assert seen == [
        ("GPIO20", 10_000_000, 0),
        ("GPIO21", 20_000_000, 0),
        ("GPIO20", 30_000_000, 1),
        ("GPIO21", 40_000_000, 1),
    ]


def test_chattering_contacts_still_count_one_step(board, factory):
    knob = board.add(Knob(20, 21, bounces=3))
    encoder = RotaryEncoder(20, 21, pin_factory=factory)
    knob.rotate(4)
    board.clock.run_for(1)
    assert encoder.steps == 4


def test_a_servo_takes_its_time(board, factory):
    part = board.add(servos.Servo(17))
    servo = Servo(17, pin_factory=factory)
    servo.max()
    assert part.angle == 0
    board.clock.run_for(0.1)
    assert part.angle == pytest.approx(60)  # 600 degrees a second
    board.clock.run_for(0.05)
    assert part.angle == pytest.approx(90)
    board.clock.run_for(1)
    assert part.angle == pytest.approx(90)


def test_a_servo_without_pulses_stays_where_it_is(board, factory):
    part = board.add(servos.Servo(17))
    servo = Servo(17, pin_factory=factory)
    servo.min()
    board.clock.run_for(0.1)
    servo.detach()
    board.clock.run_for(1)
    assert part.angle == pytest.approx(-60)


def test_pulse_widths_are_angles(board, factory):
    part = board.add(servos.Servo(17, min_pulse=0.0005, max_pulse=0.0025))
    servo = AngularServo(17, min_pulse_width=0.0005, max_pulse_width=0.0025, pin_factory=factory)
    servo.angle = 45
    assert part.target == pytest.approx(45)


def test_a_motor_gains_speed_with_its_time_constant(board, factory):
    part = board.add(motors.HBridgeMotor(4, 5, max_rpm=600, tau=0.2))
    motor = Motor(4, 5, pin_factory=factory)
    motor.forward(0.5)
    board.clock.run_for(0.2)
    assert part.rpm == pytest.approx(300 * (1 - math.exp(-1)))
    assert part.turns == pytest.approx(5 * (0.2 - 0.2 * (1 - math.exp(-1))))
    board.clock.run_for(5)
    motor.backward()
    board.clock.run_for(5)
    assert part.rpm == pytest.approx(-600)


def test_what_holds_against_a_motor_slows_it_in_both_directions_and_can_stall_it(board, factory):
    part = board.add(motors.HBridgeMotor(4, 5, max_rpm=600, tau=0.2))
    motor = Motor(4, 5, pin_factory=factory)
    motor.forward(0.5)
    board.clock.run_for(5)
    part.drag = 0.2
    assert part.rpm == pytest.approx(300)
    board.clock.run_for(0.2)
    assert part.rpm == pytest.approx(180 + 120 / math.e)
    motor.backward(0.5)
    board.clock.run_for(5)
    assert part.rpm == pytest.approx(-180)
    part.set("drag", 0.5)
    board.clock.run_for(5)
    assert part.rpm == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="0 to 1 of its stall torque, not by 2"):
        part.drag = 2


def test_both_pins_alike_brake_it(board, factory):
    part = board.add(motors.HBridgeMotor(4, 5))
    one, other = OutputDevice(4, pin_factory=factory), OutputDevice(5, pin_factory=factory)
    one.on()
    board.clock.run_for(5)
    assert part.rpm == pytest.approx(200)
    other.on()
    board.clock.run_for(5)
    assert part.rpm == pytest.approx(0, abs=1e-6)


def test_a_phase_pin_reverses_it(board, factory):
    part = board.add(motors.PhaseEnableMotor(4, 5))
    motor = PhaseEnableMotor(4, 5, pin_factory=factory)
    motor.backward(0.5)
    board.clock.run_for(5)
    assert part.rpm == pytest.approx(-100)


def test_the_encoder_on_the_shaft_tells_each_quarter_of_a_cycle_on_time(board, factory):
    part = board.add(motors.HBridgeMotor(4, 5, max_rpm=60, tau=1e-4, encoder=(20, 21), cycles=10))
    encoder = RotaryEncoder(20, 21, max_steps=0, pin_factory=factory)
    seen = []
    board.listeners.append(lambda pin, when, level: seen.append(when) if pin == "GPIO20" else None)
    motor = Motor(4, 5, pin_factory=factory)
    motor.forward()
    board.clock.run_for(2.0)
    assert encoder.steps == 19  # the 20th cycle ends a tenth of a millisecond later
    # One turn a second, 0.1 ms late: A changes at the 1st and 3rd quarter of each 100 ms.
    assert seen[:3] == [pytest.approx(when, abs=200) for when in (25_100_000, 75_100_000, 125_100_000)]
    motor.stop()
    board.clock.run_for(1.0)
    assert part.turns == pytest.approx(2.0, abs=0.001)


def test_sockets_obey_a_code_they_have_heard_for_a_tenth_of_a_second(board, factory):
    part = board.add(EnergenieSockets())
    k0, k1, k2, k3, enable = (OutputDevice(gpio, pin_factory=factory) for gpio in (17, 22, 23, 27, 25))
    for pin in (k1, k2, k3):  # 1110: socket 2, on
        pin.on()
    k0.off()
    enable.on()
    board.clock.run_for(0.05)
    enable.off()
    board.clock.run_for(1)
    assert not any(part.on.values())
    enable.on()
    board.clock.run_for(0.25)
    enable.off()
    assert part.on == {1: False, 2: True, 3: False, 4: False}


def test_an_active_buzzer_has_its_own_tone(board, factory):
    part = board.add(Buzzer(17))
    device = BuzzerDevice(17, pin_factory=factory)
    assert part.tone_hz == 0
    device.on()
    assert part.tone_hz == 2300


def test_a_passive_buzzer_plays_what_it_is_told(board, factory):
    part = board.add(Buzzer(17, active=False))
    device = TonalBuzzer(17, pin_factory=factory)
    device.play("A4")
    assert part.tone_hz == pytest.approx(440)
    device.stop()
    assert not part.is_sounding


def test_a_passive_buzzer_is_silent_on_a_constant_level(board, factory):
    part = board.add(Buzzer(17, active=False))
    device = OutputDevice(17, initial_value=True, pin_factory=factory)
    assert device.value == 1
    assert not part.is_sounding


def test_an_rgb_led_shows_three_duty_cycles(board, factory):
    part = board.add(RgbLed(4, 5, 6))
    device = RGBLED(4, 5, 6, pin_factory=factory)
    device.color = (1, 0.5, 0.25)
    assert part.color == (1, 0.5, 0.25)
    assert part.milliamps("red") == pytest.approx(1.3 / 370 * 1000)
    assert part.milliamps("blue") == pytest.approx(0.6 / 370 * 1000)


SEGMENTS = dict(zip("abcdefg", (4, 5, 6, 12, 13, 16, 19), strict=True))


def test_a_seven_segment_display_shows_the_character(board, factory):
    part = board.add(SevenSegment({**SEGMENTS, "dp": 20}))
    device = LEDCharDisplay(*SEGMENTS.values(), dp=20, pin_factory=factory)
    shown = []
    for char in ("0", "1", "7", "A.", " "):
        device.value = char
        shown.append(part.text)
    assert shown == ["0", "1", "7", "A.", " "]


def test_characters_that_take_turns_stay_visible(board, factory):
    part = board.add(SevenSegment(SEGMENTS, digits=(20, 21)))
    char = LEDCharDisplay(*SEGMENTS.values(), pin_factory=factory)
    digits = [OutputDevice(gpio, pin_factory=factory) for gpio in (20, 21)]
    for digit, text in zip(digits, "42", strict=True):
        char.value = text
        digit.on()
        digit.off()
    assert part.text == "42"
