import gc
import weakref

import pytest
from gpiozero import LED, PWMLED, Button, InputDevice
from gpiozero.pins.mock import MockFactory, MockPWMPin

from labkit.clock import RealClock
from labkit.tap import Tap, tap_factory


@pytest.fixture
def factory():
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.close()


@pytest.fixture
def tapped(factory):
    edges = []
    tap = Tap(RealClock())
    tap_factory(factory, tap)
    tap.subscribe(edges.append)
    return edges


def levels(edges, pin):
    return [edge.level for edge in edges if edge.pin == pin]


def test_an_outputs_changes_are_published(factory, tapped):
    with LED(17, pin_factory=factory) as red:
        tapped.clear()
        red.on()
        red.on()
        red.off()
    assert levels(tapped, "GPIO17") == [1, 0]


def test_a_duty_cycle_is_published_as_a_level_between(factory, tapped):
    with PWMLED(18, pin_factory=factory) as dim:
        dim.value = 0.25
        dim.value = 1
    assert levels(tapped, "GPIO18")[-3:] == [0.25, 1, 0]


def test_an_inputs_edge_is_published_before_the_users_callback(factory, tapped):
    with Button(2, pin_factory=factory) as go, LED(17, pin_factory=factory) as red:
        go.when_pressed = red.on
        tapped.clear()
        go.pin.drive_low()
        assert [(edge.pin, edge.level) for edge in tapped] == [("GPIO2", 0), ("GPIO17", 1)]


def test_pins_made_before_the_tap_are_tapped_as_well(factory):
    with LED(17, pin_factory=factory) as red:
        edges, tap = [], Tap(RealClock())
        tap_factory(factory, tap)
        tap.subscribe(edges.append)
        red.on()
        assert levels(edges, "GPIO17") == [1]


def test_an_input_without_a_handler_reports_once_it_is_watched(factory, tapped):
    with InputDevice(4, pull_up=True, pin_factory=factory) as plain:
        tapped.clear()
        plain.pin.drive_low()
        assert tapped == []
        plain.pin.labkit_watch()
        plain.pin.drive_high()
        assert levels(tapped, "GPIO4") == [0, 1]


def test_tapping_twice_publishes_once(factory, tapped):
    second, edges = Tap(RealClock()), []
    tap_factory(factory, second)
    second.subscribe(edges.append)
    with LED(17, pin_factory=factory) as red:
        edges.clear()
        red.on()
        assert levels(edges, "GPIO17") == [1]


def test_sequence_numbers_count_each_pin_without_a_gap(factory, tapped):
    with LED(17, pin_factory=factory) as red, LED(18, pin_factory=factory) as green:
        for _ in range(3):
            red.toggle()
            green.toggle()
    for pin in ("GPIO17", "GPIO18"):
        numbers = [edge.seq for edge in tapped if edge.pin == pin]
        assert numbers == list(range(1, len(numbers) + 1))


def test_what_was_due_before_a_write_and_came_after_it_does_not_go_back_in_time(factory):
    """A busy machine gets round late to what a simulated part does, which is stamped with the instant it was due."""

    class Late(RealClock):
        instant_ns = 0

        def now_ns(self):
            return self.instant_ns

    edges, clock = [], Late()
    tap = Tap(clock)
    tap_factory(factory, tap)
    tap.subscribe(edges.append)
    with LED(17, pin_factory=factory) as red:
        for clock.instant_ns, write in ((200, red.on), (150, red.off), (300, red.on)):
            write()
    written = [edge for edge in edges if edge.timestamp_ns]
    assert [(edge.timestamp_ns, edge.level) for edge in written][:3] == [(200, 1), (200, 0), (300, 1)]


def test_a_tapped_pin_does_not_keep_its_device_alive(factory, tapped):
    button = Button(2, pin_factory=factory)
    alive = weakref.ref(button)
    del button
    gc.collect()
    assert alive() is None


def test_unsubscribing_ends_it(factory):
    edges, tap = [], Tap(RealClock())
    tap_factory(factory, tap)
    unsubscribe = tap.subscribe(edges.append)
    with LED(17, pin_factory=factory) as red:
        unsubscribe()
        edges.clear()
        red.on()
        assert edges == []
        assert tap.latest["GPIO17"].level == 1


def test_closing_a_device_that_nothing_drives_is_recorded_without_a_word(bench):
    with InputDevice(4, pull_up=None, active_state=True):
        bench.factory.board.remove(bench.parts[4])
    assert not bench.factory.board.faults


def test_an_interrupt_among_the_subscribers_costs_none_of_them_the_edge():
    tap, first, last = Tap(RealClock()), [], []
    tap.subscribe(first.append)

    def interrupted(edge):
        raise KeyboardInterrupt

    tap.subscribe(interrupted)
    tap.subscribe(last.append)
    with pytest.raises(KeyboardInterrupt):
        tap.publish("GPIO17", 5, 1)
    assert first == last == [tap.latest["GPIO17"]]
