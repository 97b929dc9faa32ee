"""The two parts of everyone's first lesson."""

import pytest
from gpiozero import LED, PWMLED, Button

from labkit.sim.parts.buttons import PushButton
from labkit.sim.parts.leds import Led


def test_an_led_draws_what_its_resistor_allows(board, factory):
    led = board.add(Led(17, resistor=330, forward_volts=2.0))
    device = LED(17, pin_factory=factory)
    assert led.milliamps == 0
    device.on()
    assert led.milliamps == pytest.approx(1.3 / (330 + 40) * 1000)  # (3.3 V - 2.0 V) over resistor and pin


def test_an_led_is_as_bright_as_its_duty_cycle(board, factory):
    led = board.add(Led(17))
    device = PWMLED(17, pin_factory=factory)
    device.value = 1
    full = led.brightness
    device.value = 0.25
    assert led.brightness == pytest.approx(full / 4)


def test_an_active_low_led_is_lit_by_a_low_pin(board, factory):
    led = board.add(Led(17, active_high=False))
    device = LED(17, active_high=False, pin_factory=factory)
    assert not led.is_lit
    device.on()
    assert led.is_lit
    assert led.milliamps == pytest.approx(1.3 / 370 * 1000)


def test_an_active_low_pwm_led_shines_while_its_pin_is_low(board, factory):
    led = board.add(Led(17, active_high=False))
    device = PWMLED(17, active_high=False, pin_factory=factory)
    device.value = 1
    full = led.brightness
    device.value = 0.25
    assert led.brightness == pytest.approx(full / 4)


def test_a_press_lasts_as_long_as_it_is_told(board, factory):
    part = board.add(PushButton(2))
    button = Button(2, pin_factory=factory)
    part.press(seconds=0.2)
    assert button.is_pressed
    board.clock.run_for(0.199_999_999)
    assert button.is_pressed
    board.clock.run_for(0.000_000_001)
    assert not button.is_pressed


def test_a_press_goes_against_whichever_pull_is_on(board, factory):
    part = board.add(PushButton(4))
    with Button(4, pull_up=False, pin_factory=factory) as button:
        part.press()
        assert button.is_pressed
        assert board.net(4).level == 1
        board.clock.run_for(1)
    with Button(4, pull_up=True, pin_factory=factory) as button:
        assert not button.is_pressed
        part.press()
        assert button.is_pressed
        assert board.net(4).level == 0


def test_a_bouncing_contact_chatters_inside_its_window_and_ends_closed(board, factory):
    part = board.add(PushButton(2))
    changes = []
    button = Button(2, pin_factory=factory)
    board.listeners.append(lambda pin, timestamp_ns, level: changes.append((timestamp_ns, level)))
    part.press(None, bounces=4, within=0.010)
    board.clock.run_for(1)
    assert len(changes) == 1 + 2 * 4
    assert all(timestamp_ns <= 10_000_000 for timestamp_ns, _ in changes)
    assert button.is_pressed


def test_the_same_seed_gives_the_same_bounces():
    def bounces(seed):
        from labkit.clock import ManualClock
        from labkit.sim.board import Board
        from labkit.sim.factory import SimulatedFactory

        board = Board(ManualClock(), seed=seed)
        part, changes = board.add(PushButton(2)), []
        board.listeners.append(lambda *change: changes.append(change))
        with Button(2, pin_factory=SimulatedFactory(board=board)):
            part.press(bounces=4, within=0.010)
            board.clock.run_for(1)
        return changes

    assert bounces(1) == bounces(1)
    assert bounces(1) != bounces(2)


def test_a_debounced_button_reports_a_chattering_press_once(board, factory):
    part = board.add(PushButton(2))
    button = Button(2, bounce_time=0.05, pin_factory=factory)
    presses = []
    button.when_pressed = lambda: presses.append(board.clock.now_ns())
    part.press(seconds=0.5, bounces=4, within=0.010)
    board.clock.run_for(1)
    assert len(presses) == 1
    assert 50_000_000 <= presses[0] <= 60_000_000


def test_without_debounce_the_same_press_counts_five_times(board, factory):
    part = board.add(PushButton(2))
    button = Button(2, pin_factory=factory)
    presses = []
    button.when_pressed = lambda: presses.append(board.clock.now_ns())
    part.press(None, bounces=4, within=0.010)
    board.clock.run_for(1)
    assert len(presses) == 5


def test_what_a_program_does_about_a_press_delays_neither_its_bounces_nor_its_end(board, factory):
    part = board.add(PushButton(2))
    button = Button(2, pin_factory=factory)
    changes = []
    board.listeners.append(lambda pin, timestamp_ns, level: changes.append(timestamp_ns))
    taking_its_time = [0.05]
    button.when_pressed = lambda: taking_its_time and board.clock.run_for(taking_its_time.pop())
    part.press(0.2, bounces=4, within=0.010)
    board.clock.run_for(1)
    pressed, released = changes[: 1 + 2 * 4], changes[1 + 2 * 4 :]
    assert max(pressed) <= 10_000_000
    assert len(released) == 1 + 2 * 4
    assert released[0] == 200_000_000


def test_an_led_goes_out_when_its_device_is_closed_whichever_way_it_is_wired(board, factory):
    for gpio, active_high in ((17, True), (18, False)):
        led = board.add(Led(gpio, active_high=active_high))
        changes = []
        board.listeners.append(lambda pin, _timestamp_ns, level, changes=changes: changes.append((pin, level)))
        device = LED(gpio, active_high=active_high, pin_factory=factory)
        device.on()
        assert led.brightness > 0
        device.close()
        assert led.brightness == 0
        assert changes[-1] == (f"GPIO{gpio}", 0 if active_high else 1)
        board.listeners.clear()
