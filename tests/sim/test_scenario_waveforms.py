"""Values that change by themselves, against values worked out by hand."""

from itertools import pairwise
from random import Random

import pytest

from labkit.errors import BadTraceFile
from labkit.sim.parts.analog import Potentiometer
from labkit.sim.parts.distance import HcSr04
from labkit.sim.scenario import Scenario
from labkit.sim.waveforms import Noise, Ramp, RandomWalk, Replay, Sine, Steps


@pytest.fixture
def pot(board):
    return board.add(Potentiometer(0.5, name="pot0"))


def positions(board, pot, *instants):
    seen = []
    for instant in instants:
        board.clock.run_for(instant - board.clock.now_ns() / 1e9)
        seen.append(pot.position)
    return seen


def test_a_sine_goes_through_its_quarters(board, pot):
    Scenario().at(1).set("pot0", position=Sine(0.5, 0.4, 4)).start(board)
    assert positions(board, pot, 1, 2, 3, 4) == pytest.approx([0.5, 0.9, 0.5, 0.1])


def test_a_ramp_goes_straight_from_where_it_is_and_stays(board, pot):
    Scenario().at(1).set("pot0", position=Ramp(to=1.0, seconds=2)).start(board)
    assert positions(board, pot, 1, 1.5, 2, 3, 9) == [0.5, 0.625, 0.75, 1.0, 1.0]


def test_steps_are_taken_once_or_again_and_again(board, pot):
    Scenario().at(1).set("pot0", position=Steps([0.1, 0.2, 0.3], every=1)).start(board)
    assert positions(board, pot, 1, 2.5, 3, 9) == [0.1, 0.2, 0.3, 0.3]
    Scenario().at(1).set("pot0", position=Steps([0.1, 0.2, 0.3], every="1 s", repeat=True)).start(board)
    assert positions(board, pot, 10, 11, 12, 13) == [0.1, 0.2, 0.3, 0.1]


def test_a_random_walk_takes_no_longer_step_than_told_and_keeps_its_limits(board, pot):
    Scenario().at(0).set("pot0", position=RandomWalk(by=0.2, every=0.1, low=0.4, high=0.6)).start(board)
    walked = positions(board, pot, *(0.05 + 0.1 * index for index in range(100)))
    assert walked[0] == 0.5
    assert all(0.4 <= position <= 0.6 for position in walked)
    assert all(abs(after - before) <= 0.2 for before, after in pairwise(walked))
    assert len(set(walked)) > 40


def test_noise_is_gaussian_around_where_it_was(board, pot):
    Scenario().set("pot0", position=Noise(0.01, every=0.001)).start(board)
    seen = positions(board, pot, *(0.0005 + 0.001 * index for index in range(2000)))
    mean = sum(seen) / len(seen)
    deviation = (sum((one - mean) ** 2 for one in seen) / len(seen)) ** 0.5
    assert mean == pytest.approx(0.5, abs=0.001)
    assert deviation == pytest.approx(0.01, rel=0.1)


def test_waveforms_add_up(board, pot):
    Scenario().set("pot0", position=Steps([0.2, 0.4], every=1) + Steps([0.1, 0.0], every=0.5, repeat=True)).start(board)
    assert positions(board, pot, 0.1, 0.6, 1.1, 1.6) == pytest.approx([0.3, 0.2, 0.5, 0.4])


def test_a_waveform_ends_with_its_time_or_with_the_next_value(board, pot):
    plan = Scenario().set("pot0", position=Steps([0.1, 0.2], every=1, repeat=True), seconds=2.5)
    plan.at(6).set("pot0", position=Steps([0.3, 0.4], every=1, repeat=True)).at("8.5 s").set("pot0", position=0.9)
    plan.start(board)
    assert positions(board, pot, 1.1, 2.1, 5, 6.1, 7.1, 8.6, 20) == [0.2, 0.1, 0.1, 0.3, 0.4, 0.9, 0.9]


def test_values_in_a_waveform_may_have_units(board):
    ranger = board.add(HcSr04(24, 23))
    Scenario().set("distance24", distance=Sine("30 cm", "5 cm", "4 s")).start(board)
    board.clock.run_for(1)
    assert ranger.distance == pytest.approx(0.35)


def test_the_same_seed_gives_the_same_noise():
    def first(seed):
        value = Noise(1.0).begin(Random(seed), float, 0.0)
        return [value(t) for t in (0.0, 0.1)]

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_a_recording_replays_twice_as_fast_when_told(board, pot, tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text(
        '{"timestamp_ns": 0, "pin": "pot", "level": 0.25}\n'
        '{"timestamp_ns": 1, "pin": "other", "level": 0.9}\n'
        '{"timestamp_ns": 2000000000, "pin": "pot", "level": 0.75}\n'
    )
    Scenario().at(1).set("pot0", position=Replay(path, "pot", speed=2)).start(board)
    assert positions(board, pot, 1.5, 1.999999999, 2.0) == [0.25, 0.25, 0.75]


def test_a_signal_that_a_recording_does_not_have_is_refused_with_those_it_has(tmp_path):
    path = tmp_path / "run.csv"
    path.write_text("timestamp_ns,pin,level\n0,GPIO2,0\n0,GPIO3,0\n")
    with pytest.raises(ValueError, match="has no signal 'GPIO4'; it has GPIO2, GPIO3"):
        Replay(path, "GPIO4")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("run.txt", "", "a trace is read back from a file ending in .csv or .jsonl"),
        ("run.csv", "a,b\n1,2\n", "entry 1: this is no trace with timestamp_ns, pin, level"),
        ("run.csv", "timestamp_ns,pin,level\n0,GPIO2,0\n0,GPIO2,high\n", "entry 2: this is no trace"),
        ("run.jsonl", "[1]\n", "entry 1: this is no trace"),
        ("run.jsonl", "{\n", "entry 1: this is no trace"),
    ],
)
def test_a_file_that_is_no_trace_is_refused_with_its_place(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(BadTraceFile, match=says):
        Replay(path, "GPIO2")


@pytest.mark.parametrize(
    "make", [lambda: Sine(0, 1, 0), lambda: Steps([], 1), lambda: Sine(0, 1, "x"), lambda: next(Noise(1, 0).instants())]
)
def test_a_waveform_that_means_nothing_is_refused(make):
    with pytest.raises(ValueError, match=r"period|steps|is no time|step"):
        make()
