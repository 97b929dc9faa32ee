"""What was recorded drives simulated inputs: replay(record(x)) == x, to the nanosecond."""

import random
import re
import time
from pathlib import Path

import pytest
from gpiozero import LED, MCP3008, Button, DigitalInputDevice

import labkit
from labkit.errors import ScenarioError
from labkit.sim.scenario import Scenario

S = 1_000_000_000


@pytest.fixture
def lab(bench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return bench


def edges(run, pin):
    """Times and levels; the numbers count from the bench's beginning."""
    return [(edge.timestamp_ns, edge.level) for edge in run[pin]]


def drive_at_random(lab, pin, seconds, seed):
    """From outside, at instants that no clock's tick has: bursts of nanoseconds, pauses of seconds."""
    rng, clock = random.Random(seed), lab.clock
    leg = lab.factory.board.net(pin).leg("a test lead")
    now_ns, level = 0, 0
    while now_ns < seconds * S:
        now_ns += rng.choice([1, 7, 1_001, 123_457, 50_000_003, 2 * S + 1])
        level = 1 - level
        clock.call_later(now_ns, lambda level=level: leg.drive(3.3 * level, 10.0))
    return leg


def recorded_by_chance(lab, seed):
    with lab.virtual_time(), DigitalInputDevice(4, pull_up=False) as line, lab.record("x", line) as run:
        leg = drive_at_random(lab, 4, 20, seed)
        time.sleep(23)
    lab.factory.board.net(4).drop(leg)
    return run


@pytest.mark.parametrize("seed", range(5))
def test_replay_of_record_of_x_is_x(lab, seed):
    first = recorded_by_chance(lab, seed)
    assert len(first["GPIO4"]) > 20
    lab.close()
    lab = labkit.bench("simulated")
    with lab.virtual_time(), DigitalInputDevice(4, pull_up=False) as line, lab.record("y", line) as second:
        Scenario().replay(4, first.path, "GPIO4").start(lab.factory.board)
        time.sleep(23)
    assert edges(second, "GPIO4") == edges(first, "GPIO4")
    assert second["GPIO4"].initial == first["GPIO4"].initial
    lab.close()


def test_a_program_sees_in_the_replay_what_it_saw(lab):
    def program(name, begin):
        seen = []
        with lab.virtual_time():
            go, red = Button(2, bounce_time=0.005), LED(17)
            go.when_pressed = red.toggle
            with lab.record(name, go, red) as run:
                began = lab.clock.now_ns()
                begin()
                while lab.clock.now_ns() - began < 10 * S:
                    time.sleep(0.01)
                    seen.append(red.value)
            go.close()
            red.close()
        return run, seen

    def press():
        for at in (1, 2.5, 2.6, 7):
            lab.clock.call_later(round(at * S), lambda: lab.parts[2].press(0.05, bounces=4, within=0.002))

    first, seen = program("pressed", press)
    again, seen_again = program(
        "replayed", lambda: Scenario().replay("GPIO2", first.path, "GPIO2").start(lab.factory.board)
    )
    assert sum(seen) > 100
    assert seen_again == seen
    assert edges(again, "GPIO2") == edges(first, "GPIO2")
    assert edges(again, "GPIO17") == edges(first, "GPIO17")


def test_a_debounced_input_is_driven_as_its_line_must_have_been(lab):
    """Recorded is what the pin reports, each edge later by the debounce time than the line had it."""

    def recording(name):
        return Button(2, bounce_time=0.02), lab.record(name)

    with lab.virtual_time():
        go, first = recording("first")
        lab.clock.call_later(S, lambda: lab.parts[2].press(0.1))
        time.sleep(2)
        first.stop()
        go.close()
        go, second = recording("second")
        Scenario().replay(2, first.path, "GPIO2").start(lab.factory.board)
        time.sleep(2)
        second.stop()
        go.close()
    assert edges(first, "GPIO2") == [(1_020_000_000, 0), (1_120_000_000, 1)]
    assert edges(second, "GPIO2") == edges(first, "GPIO2")


def test_two_edges_at_one_instant_are_a_pulse_in_the_replay_as_well(lab):
    leg = lab.factory.board.net(4).leg("a test lead")

    def pulse():
        leg.drive(3.3, 10.0)
        leg.drive(0.0, 10.0)

    with lab.virtual_time(), DigitalInputDevice(4, pull_up=False) as line:
        with lab.record("pulse", line) as first:
            lab.clock.call_later(S, pulse)
            time.sleep(2)
        lab.factory.board.net(4).drop(leg)
        with lab.record("again", line) as second:
            Scenario().replay(4, first.path, "GPIO4").start(lab.factory.board)
            time.sleep(2)
    assert edges(first, "GPIO4") == [(S, 1), (S, 0)]
    assert edges(second, "GPIO4") == edges(first, "GPIO4")


def test_twice_as_fast_takes_half_the_time(lab):
    first = recorded_by_chance(lab, 1)
    with lab.virtual_time(), DigitalInputDevice(4, pull_up=False) as line, lab.record("fast", line) as second:
        Scenario().replay(4, first.path, "GPIO4", speed=2).start(lab.factory.board)
        time.sleep(23)
    halved = [(round(at / 2), level) for at, level in edges(first, "GPIO4")]
    assert edges(second, "GPIO4")[-1][0] == halved[-1][0]


def test_samples_replayed_into_a_part_are_read_again_as_they_were(lab):
    with lab.virtual_time(), MCP3008(0) as pot:
        with lab.record("turned", pot, rate=100) as first:
            for turn in range(50):
                lab.part("pot0").set("position", (turn * 37 % 100) / 100)
                time.sleep(0.013)
        lab.part("pot0").set("position", 0)
        with lab.record("again", pot, rate=100) as second:
            Scenario().set("pot0", position=labkit_replay(first)).start(lab.factory.board)
            time.sleep(0.65)
    assert second["MCP3008"].values.tolist() == first["MCP3008"].values.tolist()
    assert second["MCP3008"].times_ns.tolist() == first["MCP3008"].times_ns.tolist()


def labkit_replay(run):
    from labkit.sim.waveforms import Replay

    return Replay(run.path, "MCP3008")


def test_a_scenario_file_replays_a_run_beside_it(lab, tmp_path):
    first = recorded_by_chance(lab, 2)
    (tmp_path / "runs" / "again.yaml").write_text("events:\n  - {at: 0, replay: 4, file: x.labrun, signal: GPIO4}\n")
    with lab.virtual_time(), DigitalInputDevice(4, pull_up=False) as line, lab.record("y", line) as second:
        Scenario.load(tmp_path / "runs" / "again.yaml").start(lab.factory.board)
        time.sleep(23)
    assert edges(second, "GPIO4") == edges(first, "GPIO4")


def test_the_scenario_of_the_page_on_recording_plays(lab, tmp_path):
    page = (Path(__file__).parents[1] / "docs" / "recording.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "page.yaml").write_text(
        text.replace("heating", "runs/heating")
        .replace("signal: go", "signal: GPIO2")
        .replace("signal: pot", "signal: MCP3008")
    )
    with lab.virtual_time(), Button(2), MCP3008(0):
        with lab.record("heating", rate=100) as first:
            lab.clock.call_later(S, lambda: lab.parts[2].press(0.5))
            lab.part("pot0").set("position", 0.25)
            time.sleep(2)
        lab.part("pot0").set("position", 1)
        with lab.record("again", rate=100) as second:
            Scenario.load(tmp_path / "page.yaml").start(lab.factory.board)
            time.sleep(2)
    assert edges(second, "GPIO2") == edges(first, "GPIO2") == [(S, 0), (S * 3 // 2, 1)]
    assert second["MCP3008"].values.tolist() == first["MCP3008"].values.tolist()


def test_a_run_that_was_cut_off_replays_as_far_as_it_goes(lab, tmp_path):
    first = recorded_by_chance(lab, 3)
    cut = tmp_path / "cut.labrun"
    cut.write_bytes(first.path.read_bytes()[:-30])
    with lab.virtual_time(), DigitalInputDevice(4, pull_up=False) as line, lab.record("y", line) as second:
        Scenario().replay(4, cut, "GPIO4").start(lab.factory.board)
        time.sleep(23)
    assert edges(second, "GPIO4") == edges(first, "GPIO4")


def test_a_signal_or_a_file_that_is_not_there_is_refused_with_what_there_is(lab, tmp_path):
    first = recorded_by_chance(lab, 4)
    with pytest.raises(ScenarioError, match="has no signal 'GPIO9'; it has DigitalInputDevice on GPIO4, GPIO4"):
        Scenario().replay(4, first.path, "GPIO9")
    with pytest.raises(ScenarioError, match="can't read the recording"):
        Scenario().replay(4, tmp_path / "none.labrun", "GPIO4")
