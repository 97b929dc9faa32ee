"""Sensors against values worked out by hand."""

import math

import pytest

from labkit.sim.parts.distance import HcSr04
from labkit.sim.parts.light import LdrCapacitor, ldr_ohms
from labkit.sim.parts.motion import LineSensor, Pir


def edges_of(board, gpio):
    seen = []
    board.listeners.append(
        lambda pin, timestamp_ns, level: seen.append((timestamp_ns, level)) if pin == f"GPIO{gpio}" else None
    )
    return seen


def ping(board, trigger, width=0.000_010):
    trigger.state = True
    board.clock.run_for(width)
    trigger.state = False


@pytest.fixture
def trigger(factory):
    pin = factory.pin(23)
    pin.output_with_state(False)
    return pin


def widths(edges):
    rises = [when for when, level in edges if level]
    falls = [when for when, level in edges if not level]
    return [fall - rise for rise, fall in zip(rises, falls, strict=True)]


def test_an_echo_lasts_as_long_as_sound_takes_there_and_back(board, trigger):
    board.add(HcSr04(24, 23, distance=1.0))
    edges = edges_of(board, 24)
    ping(board, trigger)
    board.clock.run_for(0.1)
    assert edges == [(460_000, 1), (460_000 + 5_826_487, 0)]  # 10 µs + 450 µs; 2 m / 343.26 m/s


def test_sound_is_slower_in_the_cold(board, trigger):
    board.environment.temperature = 0.0
    board.add(HcSr04(24, 23, distance=1.0))
    edges = edges_of(board, 24)
    ping(board, trigger)
    board.clock.run_for(0.1)
    assert widths(edges) == [round(2e9 / (343.26 * math.sqrt(273.15 / 293.15)))]
    assert widths(edges)[0] > 5_826_487


def test_nothing_in_range_is_38_milliseconds_of_echo(board, trigger):
    sensor = board.add(HcSr04(24, 23, distance=4.01))
    edges = edges_of(board, 24)
    ping(board, trigger)
    board.clock.run_for(0.1)
    sensor.distance = None
    ping(board, trigger)
    board.clock.run_for(0.1)
    assert widths(edges) == [38_000_000, 38_000_000]


def test_nothing_is_nearer_than_two_centimetres(board, trigger):
    board.add(HcSr04(24, 23, distance=0.001))
    edges = edges_of(board, 24)
    ping(board, trigger)
    board.clock.run_for(0.1)
    assert widths(edges) == [round(0.04 / 343.26 * 1e9)]


def test_a_trigger_of_nine_microseconds_is_not_heard(board, trigger):
    sensor = board.add(HcSr04(24, 23))
    ping(board, trigger, width=0.000_009)
    board.clock.run_for(0.1)
    assert sensor.pings == 0


def test_a_trigger_while_it_listens_is_ignored(board, trigger):
    sensor = board.add(HcSr04(24, 23, distance=1.0))
    ping(board, trigger)
    board.clock.run_for(0.003)
    ping(board, trigger)
    board.clock.run_for(0.1)
    assert sensor.pings == 1
    ping(board, trigger)
    board.clock.run_for(0.1)
    assert sensor.pings == 2


def test_a_motion_sensor_is_blind_while_it_warms_up(board, factory):
    pir = board.add(Pir(4, warm_up=60.0))
    board.clock.run_for(59.9)
    pir.move()
    assert not factory.pin(4).state
    board.clock.run_for(0.1)
    pir.move()
    assert factory.pin(4).state


def test_a_motion_sensor_holds_and_is_retriggered(board):
    pir = board.add(Pir(4, warm_up=0.0, hold=3.0))
    edges = edges_of(board, 4)
    pir.move()
    board.clock.run_for(2.0)
    pir.move(seconds=0.5)
    board.clock.run_for(10.0)
    assert edges == [(0, 1), (5_500_000_000, 0)]


def test_a_line_sensor_is_low_over_the_line(board, factory):
    sensor = board.add(LineSensor(4))
    pin = factory.pin(4)
    assert pin.state
    sensor.over_line = True
    assert not pin.state


def charge_time(board, factory, pull):
    pin = factory.pin(4)
    pin.output_with_state(False)
    board.clock.run_for(0.1)
    start_ns = board.clock.now_ns()
    edges = edges_of(board, 4)
    pin.input_with_pull(pull)
    board.clock.run_for(1.0)
    return edges[0][0] - start_ns if edges else None


def test_a_capacitor_charges_through_the_light_dependent_resistor(board, factory):
    part = board.add(LdrCapacitor(4, lux=10.0))
    assert part.ohms == 15_000
    # Discharged to 3.3 V · 40/15040 by the pin; then towards 3.3 V with 15 ms, to 1.6 V.
    start = 3.3 * 40 / 15_040
    by_hand = 0.015 * math.log((3.3 - start) / (3.3 - 1.6))
    assert charge_time(board, factory, "floating") == round(by_hand * 1e9)


def test_a_pull_down_slows_the_charge_and_stops_it_in_the_dark(board, factory):
    part = board.add(LdrCapacitor(4, lux=10.0))
    final, ohms = 3.3 * 50 / 65, 15_000 * 50 / 65
    start = 3.3 * 40 / 15_040
    by_hand = ohms * 1e-6 * math.log((final - start) / (final - 1.6))
    assert charge_time(board, factory, "down") == round(by_hand * 1e9)
    part.lux = 1.0  # 75 kΩ against the pull of 50 kΩ: it ends at 1.3 V
    assert charge_time(board, factory, "down") is None


def test_light_changes_while_it_charges(board, factory):
    part = board.add(LdrCapacitor(4, lux=10.0))
    pin = factory.pin(4)
    pin.output_with_state(False)
    board.clock.run_for(0.1)
    edges = edges_of(board, 4)
    pin.input_with_pull("floating")
    board.clock.run_for(0.005)
    part.lux = 100.0
    reached = 3.3 + (3.3 * 40 / 15_040 - 3.3) * math.exp(-0.005 / 0.015)
    rest = ldr_ohms(100.0) * 1e-6 * math.log((3.3 - reached) / 1.7)
    board.clock.run_for(1.0)
    assert edges[0][0] == 105_000_000 + round(rest * 1e9)
