"""A person's own level on a pin: a test lead on the simulated board."""

import pytest
from gpiozero import LED, Button, InputDevice
from gpiozero.pins.mock import MockFactory

from labkit.bench import Bench
from labkit.boards import Board
from labkit.errors import BenchClosed, PinDrives, RealPins
from labkit.pieces import place_in


def test_a_lead_holds_a_pin_against_its_part_and_its_pull(bench):
    with Button(2) as go:
        presses = []
        go.when_pressed = lambda: presses.append(1)
        bench.drive(2, 0)
        assert go.is_pressed
        bench.parts[2].press(None)
        bench.drive(2, 1)
        assert not go.is_pressed
        bench.let_go(2)
        assert go.is_pressed
        assert bench.factory.board.faults == []


@pytest.mark.parametrize("name", [5, "GPIO5", "BOARD29"])
def test_any_name_of_a_pin_will_do(bench, name):
    bench.drive(name, True)
    pin = bench.factory.pin(5)
    assert (pin.lead, pin.state) == (1, 1)
    bench.let_go(name)
    assert pin.lead is None


def test_a_floating_pin_says_so_and_a_lead_or_a_pull_ends_it(bench):
    pin = bench.factory.pin(5)
    assert pin.is_floating
    bench.drive(5, 0)
    assert not pin.is_floating
    bench.let_go(5)
    assert pin.is_floating
    pin.pull = "up"
    assert not pin.is_floating


def test_driving_is_reported_as_an_edge(bench):
    edges = []
    bench.tap.subscribe(edges.append)
    bench.drive(5, 1)
    bench.drive(5, 0)
    # What it was at comes first.
    assert [(edge.pin, edge.level) for edge in edges] == [("GPIO5", 0), ("GPIO5", 1), ("GPIO5", 0)]


def test_an_output_drives_itself(bench):
    with LED(17), pytest.raises(PinDrives, match="GPIO17 is an output"):
        bench.drive(17, 1)


def test_real_pins_and_closed_benches_refuse(bench):
    pins = Bench(MockFactory(revision="c03111"), Board("Raspberry Pi 4B", simulated=False, why=""), views=None)
    try:
        with pytest.raises(RealPins):
            pins.drive(5, 1)
        with pytest.raises(RealPins):
            pins.let_go(5)
        with pytest.raises(RealPins):
            list(pins.parts)
    finally:
        pins.close()
    bench.close()
    with pytest.raises(BenchClosed):
        bench.drive(5, 1)


def test_gpiozeros_own_mock_pins_can_be_driven_too():
    pins = Bench(MockFactory(revision="c03111"), Board("Raspberry Pi 4B", simulated=True, why=""), views=None)
    try:
        with InputDevice(6, pull_up=True) as switch:
            pins.drive(6, 0)
            assert switch.value == 1
            pins.let_go(6)
            assert switch.value == 0
    finally:
        pins.close()


def test_iterating_over_the_parts_gives_each_of_them(bench):
    with LED(17), Button(2):
        assert [part.name for part in bench.parts] == ["host", "led17", "button2"]


def test_a_piece_is_found_at_its_place_and_a_stranger_nowhere(bench):
    with LED(17) as red, Button(2) as go:
        assert place_in(red, red) == ""
        assert place_in(red, go) is None
