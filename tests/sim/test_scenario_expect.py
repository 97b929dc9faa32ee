"""Expectations: met, missed, and what is said of them."""

import pytest
from gpiozero import LED, PWMLED, AngularServo

from labkit.devices import BenchFactory
from labkit.errors import ScenarioError
from labkit.sim.scenario import Scenario


@pytest.fixture
def factory(board):
    with BenchFactory(board=board) as made:
        yield made


def on_at(board, device, *instants):
    """Switch a device on and off in turn at these instants."""
    for index, instant in enumerate(instants):
        switch = device.off if index % 2 else device.on
        board.clock.call_later(round(instant * 1e9), switch)


def play(board, plan, seconds=10):
    """Start, let time pass, finish; what failed, without the file."""
    performance = plan.start(board)
    board.clock.run_for(seconds)
    return [failure.message for failure in performance.finish()]


@pytest.fixture
def red(board, factory):
    with LED(17, pin_factory=factory) as device:
        yield device


def test_a_level_at_an_instant(board, red):
    on_at(board, red, 1.0)
    assert play(board, Scenario().at(1).expect(17, high=True)) == []


def test_a_level_a_nanosecond_too_early_is_missed(board, red):
    on_at(board, red, 1.0)
    assert play(board, Scenario().at(0.999999999).expect(17, high=True)) == [
        "expected GPIO17 high at 0.999999999 s; it was low"
    ]


def test_a_level_within_a_window_may_be_short(board, red):
    on_at(board, red, 2.5, 2.500_000_1)
    assert play(board, Scenario().expect(17, high=True, within=(2, 3))) == []


def test_a_level_that_came_before_and_after_but_not_within_is_missed(board, red):
    on_at(board, red, 1.0, 1.9, 3.1)
    assert play(board, Scenario().expect(17, high=True, within=("2 s", "3 s"))) == [
        "expected GPIO17 high within 2 s to 3 s; it was low"
    ]


def test_a_level_during_a_window_must_hold_all_the_time(board, red):
    on_at(board, red, 1.0, 4.0)
    assert play(board, Scenario().expect(17, high=True, during=(2, 3))) == []


def test_the_end_of_a_time_does_not_belong_to_it_and_its_start_does(board, red):
    on_at(board, red, 2.0, 3.0)
    assert play(board, Scenario().expect(17, high=True, during=(2, 3))) == []


def test_a_time_that_is_a_nanosecond_too_long_is_missed(board, red):
    on_at(board, red, 2.0, 3.0)
    assert play(board, Scenario().expect(17, high=True, during=(2, 3.000000001))) == [
        "expected GPIO17 high during 2 s to 3.000000001 s; it was low at 3 s"
    ]


def test_a_dip_of_a_nanosecond_is_seen_with_its_instant(board, red):
    on_at(board, red, 1.0, 2.5, 2.500000001)
    assert play(board, Scenario().expect(17, high=True, during=(2, 3))) == [
        "expected GPIO17 high during 2 s to 3 s; it was low at 2.5 s"
    ]


def test_edges_are_counted_within_a_window_ends_included(board, red):
    on_at(board, red, 1.0, 2.0, 3.0, 4.0, 5.0)
    plan = Scenario().expect(17, rising=2, within=(2, 5)).expect(17, edges=[4, 5], falling=2, within=(2, 5))
    assert play(board, plan) == []


def test_a_wrong_number_of_edges_is_told_with_the_right_one(board, red):
    on_at(board, red, 1.0, 2.0, 3.0)
    assert play(board, Scenario().expect(17, rising=3, within=(0, 5))) == [
        "expected GPIO17 with 3 rising within 0 s to 5 s; there were 2 rising, the last at 3 s"
    ]


def test_a_duty_cycle_may_be_a_range(board, factory):
    with PWMLED(18, pin_factory=factory) as dim:
        board.clock.call_later(1_000_000_000, lambda: setattr(dim, "value", 0.25))
        plan = Scenario().at(2).expect(18, duty=0.25).expect(18, duty=[0.2, 0.3], during=(1, 9))
        assert play(board, plan) == []


def test_a_duty_cycle_outside_of_its_range_is_told(board, factory):
    with PWMLED(18, pin_factory=factory) as dim:
        dim.value = 0.5
        assert play(board, Scenario().at(2).expect(18, duty=[0.2, 0.3])) == [
            "expected GPIO18 duty 0.2 to 0.3 at 2 s; duty was 0.5"
        ]


def test_readings_of_a_part_are_expected_by_their_names(board, red):
    on_at(board, red, 1.0)
    plan = Scenario().at(2).expect("led17", brightness=[0.3, 0.4]).expect("led17", milliamps=3.513513513, within=(0, 2))
    assert play(board, plan) == []


def test_a_reading_may_be_wanted_in_another_unit_of_its_kind(board, red):
    on_at(board, red, 1.0)
    assert play(board, Scenario().at(2).expect("led17", milliamps=["0.003 A", "4000 µA"])) == []


def test_a_unit_that_does_not_fit_a_reading_is_told(board, red):
    (message,) = play(board, Scenario().at(1).expect("led17", milliamps="3 V"))
    assert message.endswith("; '3 V' does not fit: write a number, or one with mA, A, µA behind it")


def test_a_reading_that_moves_by_itself_is_watched_too(board, factory):
    with AngularServo(18, pin_factory=factory) as servo:
        board.clock.call_later(1_000_000_000, lambda: setattr(servo, "angle", 60))
        assert play(board, Scenario().expect("servo18", angle=[29, 31], within=(1, 2))) == []
    with AngularServo(18, pin_factory=factory) as servo:
        servo.angle = 60
        assert play(board, Scenario().expect("servo18", angle=[-90, -80], within=(1, 2))) == [
            "expected servo18 angle -90 to -80 within 1 s to 2 s; angle was 60"
        ]


def test_a_reading_that_a_part_does_not_have_is_told_with_those_it_has(board, red):
    assert play(board, Scenario().at(1).expect("led17", color=1)) == [
        "expected led17 color 1 at 1 s; led17 has no 'color' to read; it has brightness, milliamps, high, duty, edges, "
        "rising, falling"
    ]


def test_a_part_that_never_came_is_told(board):
    assert play(board, Scenario().expect("led17", brightness=1, within=(0, 1))) == [
        "expected led17 brightness 1 within 0 s to 1 s; there is no part 'led17' at 1 s; there are no parts yet"
    ]


def test_what_was_still_to_come_when_the_program_ended_is_missed(board, red):
    plan = (
        Scenario().at(9).expect(17, high=False).expect(17, high=False, during=(0, 9)).expect(17, high=1, within=(1, 9))
    )
    assert play(board, plan, seconds=2) == [
        "expected GPIO17 low at 9 s; the program ended at 2 s, before that",
        "expected GPIO17 low during 0 s to 9 s; it was so until the program ended at 2 s",
        "expected GPIO17 high within 1 s to 9 s; it was low when the program ended at 2 s",
    ]


def test_edges_of_a_program_that_ended_early_are_judged_as_they_are(board, red):
    on_at(board, red, 1.0)
    assert play(board, Scenario().expect(17, rising=1, within=(0, 60)), seconds=2) == []


def test_a_failure_names_its_line(board, red):
    performance = Scenario().at(1).expect(17, high=True).start(board)
    board.clock.run_for(2)
    (failure,) = performance.failures
    assert "test_scenario_expect.py, line " in failure.place
    assert failure.at_ns == 1_000_000_000


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({}, "expect needs something to look for: high, duty, edges"),
        ({"high": True, "within": (3, 2)}, "the window ends before it starts"),
        ({"high": True, "within": 3}, "3 is no window: write two times"),
        ({"high": True, "within": (1, 2), "during": (1, 2)}, "within or during, not both"),
        ({"edges": 3}, "edges are counted within a window"),
        ({"edges": "many", "within": (1, 2)}, "edges is a number, or two for a range, not 'many'"),
        ({"edges": [1, 2, 3], "within": (1, 2)}, "edges is a number, or two for a range"),
        ({"edges": 3, "high": True, "within": (1, 2)}, "expect edges on its own"),
    ],
)
def test_an_expectation_that_means_nothing_is_refused(expected, says):
    with pytest.raises(ScenarioError, match=says):
        Scenario().expect(17, **expected)


def test_a_device_is_known_by_its_variable_where_somebody_knows_it(board, red):
    on_at(board, red, 1.0)
    plan = Scenario().at(2).expect("red", high=True)
    performance = plan.start(board, names={"red": [17]}.__getitem__)
    board.clock.run_for(3)
    assert performance.finish() == []


def test_a_device_with_several_pins_must_say_which(board):
    performance = Scenario().at(1).expect("robot", high=True).start(board, names=lambda name: [4, 14])
    board.clock.run_for(2)
    assert "robot has the pins GPIO4, GPIO14: say which one" in str(performance.failures[0])
