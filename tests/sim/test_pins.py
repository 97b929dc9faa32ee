"""Pins on nets: levels, wires, pulls, PWM, edges, debounce; and all that tests of mock pins use."""

import threading

import gpiozero.pins.mock as mock
import pytest
from gpiozero import LED, PWMLED, Button, Device, LEDBoard, RotaryEncoder
from gpiozero.exc import PinFixedPull, PinInvalidPin, PinInvalidState, PinSetInput
from gpiozero.pins.pi import PiBoardInfo

from labkit.clock import ManualClock, RealClock
from labkit.sim.board import Board
from labkit.sim.factory import SimulatedFactory
from labkit.sim.lead import STATES_KEPT
from labkit.sim.parts.buttons import PushButton
from labkit.sim.pins import SimulatedPin


def test_a_wire_carries_a_level_from_an_output_to_an_input(board, factory):
    board.join(17, 27)
    led, button = LED(17, pin_factory=factory), Button(27, pull_up=False, pin_factory=factory)
    seen = []
    button.when_pressed = lambda: seen.append(board.clock.now_ns())
    board.clock.run_for(0.5)
    led.on()
    assert button.is_pressed
    assert seen == [500_000_000]


def test_a_wire_may_join_pins_that_have_joined_others(board, factory):
    board.join(4, 5)
    board.join(6, 12)
    board.join(5, 6)
    source = factory.pin(4)
    source.function = "output"
    source.state = True
    assert [bool(factory.pin(gpio).state) for gpio in (5, 6, 12)] == [True, True, True]
    assert board.net(12) is board.net(4)


def test_a_wire_put_in_later_takes_effect_at_once(board, factory):
    led = LED(17, initial_value=True, pin_factory=factory)
    button = Button(27, pull_up=False, pin_factory=factory)
    assert not button.is_pressed
    board.join(17, 27)
    assert button.is_pressed
    led.off()
    assert not button.is_pressed


def test_pulls_are_weak(board, factory):
    board.join(17, 27)
    led, pin = factory.pin(17), factory.pin(27)
    pin.pull = "up"
    assert pin.state
    led.function = "output"
    assert pin.state
    led.state = False
    assert not pin.state


def test_gpio2_has_a_fixed_pull_up(factory):
    pin = factory.pin(2)
    assert pin.state
    with pytest.raises(PinFixedPull):
        pin.pull = "down"


def test_a_level_between_the_thresholds_stays_what_it_was(board, factory):
    pin = factory.pin(4)
    outside = board.net(4).leg("a lab supply")
    outside.drive(1.2)
    assert not pin.state
    outside.drive(1.7)
    assert pin.state
    outside.drive(1.2)
    assert pin.state
    outside.drive(0.8)
    assert not pin.state


def test_pwm_is_a_duty_cycle_and_a_frequency(board, factory):
    led = PWMLED(17, frequency=250, pin_factory=factory)
    led.value = 0.3
    net = board.net(17)
    assert (net.duty, net.frequency_hz) == (0.3, 250)
    led.value = 1
    assert (net.duty, net.frequency_hz, net.level) == (1, 0, 1)


def test_an_input_wired_to_a_pulsing_output_is_high_for_its_share_of_the_period(board, factory):
    board.join(17, 27)
    led = PWMLED(17, frequency=100, initial_value=0.25, pin_factory=factory)
    pin = factory.pin(27)
    levels = []
    for _ in range(40):  # one period of 10 ms, in quarters of a millisecond
        levels.append(bool(pin.state))
        board.clock.run_for(0.00025)
    assert levels == [True] * 10 + [False] * 30
    led.on()
    assert pin.state


def test_edges_of_pulses_reach_the_handler_of_a_wired_input(board, factory):
    board.join(17, 27)
    led = PWMLED(17, frequency=100, pin_factory=factory)
    button = Button(27, pull_up=False, pin_factory=factory)
    presses, releases = [], []
    button.when_pressed = lambda: presses.append(board.clock.now_ns())
    button.when_released = lambda: releases.append(board.clock.now_ns())
    led.value = 0.25
    board.clock.run_for(0.0299)
    assert presses == [0, 10_000_000, 20_000_000]
    assert releases == [2_500_000, 12_500_000, 22_500_000]
    led.off()
    board.clock.run_for(1)
    assert len(presses) == 3


def test_a_pin_reports_only_the_edges_that_were_asked_for(board, factory):
    pin = factory.pin(4)
    pin.pull = "down"
    edges = []

    def changed(ticks, state):
        edges.append((ticks, state))

    pin.when_changed = changed
    pin.edges = "falling"
    board.clock.run_for(0.25)
    pin.drive_high()
    pin.drive_low()
    assert edges == [(0.25, 0)]


def test_debounce_reports_a_level_once_it_has_been_stable(board, factory):
    pin = factory.pin(4)
    pin.pull = "down"
    edges = []

    def changed(ticks, state):
        edges.append((ticks, state, board.clock.now_ns()))

    pin.bounce = 0.050
    pin.when_changed = changed
    pin.drive_high()
    board.clock.run_for(0.010)
    pin.drive_low()
    board.clock.run_for(0.010)
    pin.drive_high()  # at 20 ms, for good
    board.clock.run_for(1)
    assert edges == [(0.070, 1, 70_000_000)]


def test_a_glitch_shorter_than_the_debounce_time_is_not_reported(board, factory):
    pin = factory.pin(4)
    pin.pull = "down"
    edges = []

    def changed(ticks, state):
        edges.append(state)

    pin.bounce = 0.050
    pin.when_changed = changed
    pin.drive_high()
    board.clock.run_for(0.049)
    pin.drive_low()
    board.clock.run_for(1)
    assert edges == []


def test_upstreams_slip_with_the_encoders_bounce_time_does_no_harm(factory):
    with RotaryEncoder(20, 21, bounce_time=0.1, pin_factory=factory) as encoder:
        assert encoder.a.pin.bounce is None


def test_a_handler_may_drive_other_pins_and_sees_every_change_settled(board, factory):
    board.join(17, 27)
    led, echo = LED(17, pin_factory=factory), Button(27, pull_up=False, pin_factory=factory)
    follower = LED(5, pin_factory=factory)
    echo.when_pressed = follower.on
    echo.when_released = follower.off
    led.on()
    assert follower.value == 1
    led.off()
    assert follower.value == 0


def test_one_handlers_error_does_not_cost_another_its_edge(board, factory):
    board.join(17, 27, 22)
    led = LED(17, pin_factory=factory)
    one, other = (Button(gpio, pull_up=False, pin_factory=factory) for gpio in (27, 22))
    seen = []

    def fail():
        raise ValueError("a slip of the user's")

    one.when_pressed = fail
    other.when_pressed = lambda: seen.append("other")
    with pytest.raises(ValueError, match="a slip"):
        led.on()
    assert seen == ["other"]


def test_listeners_hear_an_edge_before_its_handler_runs(board, factory):
    order = []
    board.listeners.append(lambda pin, timestamp_ns, level: order.append((pin, level)))
    button = Button(4, pin_factory=factory)
    button.when_pressed = lambda: order.append("handler")
    order.clear()
    factory.pin(4).drive_low()
    assert order == [("GPIO4", 0), "handler"]


def test_an_output_is_what_was_written(factory):
    pin = factory.pin(4)
    with pytest.raises(PinSetInput):
        pin.state = 1
    pin.function = "output"
    pin.state = 1
    assert pin.state == 1
    with pytest.raises(PinInvalidState, match=r"must be 0 to 1, not 1\.1"):
        pin.state = 1.1
    with pytest.raises(PinInvalidState):
        pin.output_with_state(1.1)
    assert pin.state == 1


def test_closing_takes_the_test_lead_off(factory):
    with Button(4, pin_factory=factory) as button:
        factory.pin(4).drive_low()
        assert button.is_pressed
    with Button(4, pin_factory=factory) as button:
        assert not button.is_pressed


def test_states_are_remembered_with_the_time_in_between(board, factory):
    pin = factory.pin(4)
    pin.function = "output"
    pin.clear_states()
    board.clock.run_for(0.5)
    pin.state = 1
    board.clock.run_for(0.25)
    pin.state = 0
    pin.assert_states([False, True, False])
    pin.assert_states_and_times([(0.0, False), (0.5, True), (0.25, False)])
    with pytest.raises(AssertionError):
        pin.assert_states([False, False, True])
    with pytest.raises(AssertionError):
        pin.assert_states_and_times([(0.0, False), (0.7, True), (0.25, False)])


def test_memory_does_not_grow_with_edges(factory):
    pin = factory.pin(4)
    pin.function = "output"
    for _ in range(STATES_KEPT):
        pin.state = 1
        pin.state = 0
    assert len(pin.states) == STATES_KEPT


@pytest.mark.parametrize("name", ["MockPin", "MockPWMPin", "MockConnectedPin", "MockChargingPin", "MockTriggerPin"])
def test_gpiozeros_mock_pin_classes_are_put_on_nets(factory, name):
    pin_class = getattr(mock, name)
    pin = factory.pin(4, pin_class=pin_class)
    assert isinstance(pin, SimulatedPin)
    assert isinstance(pin, pin_class)


def test_a_pin_class_of_ones_own_keeps_its_overrides(board):
    class Counting(mock.MockPin):
        writes = 0

        def _set_state(self, value):
            Counting.writes += 1
            super()._set_state(value)

    factory = SimulatedFactory(pin_class=Counting, board=board)
    with LED(4, pin_factory=factory) as led:
        before = Counting.writes
        led.on()
        assert Counting.writes == before + 1
        assert board.net(4).level == 1


def test_a_charging_pin_goes_high_after_its_charge_time(board, factory):
    pin = factory.pin(4, pin_class=mock.MockChargingPin, charge_time=0.01)
    pin.function = "output"
    pin.state = 0
    pin.function = "input"
    board.clock.run_for(0.009_999)
    assert not pin.state
    board.clock.run_for(0.000_001)
    assert pin.state


def test_a_connected_pin_is_wired_to_the_other(board, factory):
    other = factory.pin(4)
    pin = factory.pin(5, pin_class=mock.MockConnectedPin, input_pin=other)
    pin.function = "output"
    pin.state = 1
    assert other.state == 1
    pin.frequency = 100
    pin.state = 0.25
    board.clock.run_for(0.002)
    assert other.state == 1
    board.clock.run_for(0.002)
    assert other.state == 0


def test_a_trigger_pin_raises_its_echo_pin(board, factory):
    echo = factory.pin(4)
    echo.pull = "down"
    trigger = factory.pin(5, pin_class=mock.MockTriggerPin, echo_pin=echo, echo_time=0.02)
    trigger.function = "output"
    trigger.state = 1
    board.clock.run_for(0.001)
    assert echo.state
    board.clock.run_for(0.02)
    assert not echo.state


def test_the_mock_environment_is_honored(monkeypatch):
    monkeypatch.setenv("GPIOZERO_MOCK_REVISION", "c04170")
    monkeypatch.setenv("GPIOZERO_MOCK_PIN_CLASS", "mockpwmpin")
    factory = SimulatedFactory()
    assert factory.board_info.model == "5B"
    assert isinstance(factory.pin(4), mock.MockPWMPin)


@pytest.mark.parametrize("revision", ["0002", "0010", "900093", "902120", "a02082", "c03114", "c04170", "d04170"])
def test_every_generation_of_pi_has_its_pins(revision):
    factory = SimulatedFactory(revision)
    assert factory.board_info == PiBoardInfo.from_revision(int(revision, 16))
    with LED(17, pin_factory=factory) as led:
        led.on()
        assert led.value == 1


def test_a_pin_that_is_no_gpio_is_refused(factory):
    with pytest.raises(PinInvalidPin):
        factory.pin("J8:1")
    with pytest.raises(PinInvalidPin):
        factory.pin(60)


def test_reset_forgets_pins_and_reservations(board, factory):
    LED(17, initial_value=True, pin_factory=factory)
    factory.reset()
    assert factory.pins == {}
    with LEDBoard(17, 18, pin_factory=factory) as leds:
        assert leds.value == (0, 0)
    assert len(board.net(17).legs) == 1


def test_it_is_a_mock_factory_to_who_asks(factory):
    assert isinstance(factory, mock.MockFactory)
    assert factory.ticks_diff(3.5, 1.0) == 2.5


def test_one_boards_time_is_its_clocks(board, factory):
    board.clock.run_for(1.25)
    assert factory.ticks() == 1.25
    with Button(4, pin_factory=factory) as button:
        factory.pin(4).drive_low()
        board.clock.run_for(0.5)
        assert button.active_time == 0.5


def test_a_board_may_change_its_clock(board, factory):
    later = ManualClock()
    later.run_for(10)
    board.clock = later
    assert factory.ticks() == 10


def test_no_default_factory_is_made_behind_the_users_back(factory):
    assert Device.pin_factory is None
    with factory.spi(clock_pin=4, mosi_pin=5, miso_pin=6, select_pin=12) as spi:
        assert spi.transfer([0x55]) == [0]
    assert Device.pin_factory is None


def test_boards_share_nothing():
    one, other = Board(ManualClock()), Board(ManualClock())
    pin = SimulatedFactory(board=one).pin(4)
    pin.function = "output"
    pin.state = True
    assert (one.net(4).level, other.net(4).level) == (1, 0)


def test_changing_one_import_is_enough(board):
    from labkit.sim.mock import MockFactory, MockPWMPin, MockSPIDevice

    factory = MockFactory(pin_class=MockPWMPin, board=board)
    with PWMLED(17, pin_factory=factory) as led:
        led.value = 0.5
        factory.pin(17).assert_states([0, 0.5])
    assert issubclass(MockSPIDevice, mock.MockSPIDevice)


def test_a_mock_spi_device_hears_what_hardware_pins_send(board):
    from labkit.sim.mock import MockSPIDevice

    class Echo(MockSPIDevice):
        def on_start(self):
            super().on_start()
            self.tx_word(0xA5, 8)

    factory = SimulatedFactory(board=board)
    with Echo(11, 10, 9, 8, pin_factory=factory), factory.spi(port=0, device=0) as spi:
        assert spi.transfer([0]) == [0xA5]


def test_pins_may_be_driven_from_many_threads(board):
    board.clock = RealClock()
    factory = SimulatedFactory(board=board)
    board.join(17, 27)
    led, button = LED(17, pin_factory=factory), Button(27, pull_up=False, pin_factory=factory)
    counts = {"presses": 0, "edges": 0}

    def pressed():
        counts["presses"] += 1

    def edge(pin, timestamp_ns, level):
        counts["edges"] += pin == "GPIO27"

    button.when_pressed = pressed
    board.listeners.append(edge)
    part = board.add(PushButton(5))
    other = Button(5, pin_factory=factory)

    def toggle():
        for _ in range(300):
            led.toggle()
            part.press(None)
            part.release()

    threads = [threading.Thread(target=toggle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts["edges"] == 4 * 300
    assert counts["presses"] <= 600
    assert not other.is_pressed
    for device in (led, button, other):
        device.close()
