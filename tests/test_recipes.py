"""What gpiozero's users write, unmodified, for a minute: every edge against one worked out by hand.

A recipe is `recipes/NAME.py`, with what happens to it in `recipes/NAME.yaml`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from labkit.run import Options, Run
from labkit.tracefiles import read_changes, signals

RECIPES = Path(__file__).parent / "recipes"
Changes = list[tuple[float, float]]


def switched(*instants: float) -> Changes:
    """On, off, on, … at these instants."""
    return [(instant, (index + 1) % 2) for index, instant in enumerate(instants)]


def every(period: float, count: int, *within: float) -> Changes:
    """The same instants in each of several periods."""
    return switched(*(index * period + instant for index in range(count) for instant in within))


def pressed(*instants: float) -> Changes:
    """A button to ground with its pull-up on."""
    return [(0, 1), *((instant, index % 2) for index, instant in enumerate(instants))]


def fades(values: Iterable[float], step: float) -> Changes:
    return [((index + 1) * step, value) for index, value in enumerate(values)]


def converted(position: float) -> float:
    """What gpiozero makes of an MCP3008's code: (2 code + 1) / 2047."""
    return (2 * min(1023, int(1024 * position)) + 1) / 2047


START = random.Random(0).uniform(5, 10)

TRACES: dict[str, dict[str, Changes]] = {
    "async_blink": {"GPIO17": switched(0, 0.5, 1, 1.5), "GPIO27": switched(0, 0.75, 1.5, 2.25)},
    "bar_graph": {  # from 0.5 to 0.3, 0.6, 0.9 and 0.1 of four lights
        "GPIO5": switched(0, 40.01),
        "GPIO6": switched(0, 10.01, 20.01, 40.01),
        "GPIO13": switched(30.01, 40.01),
        "GPIO19": [],
    },
    "beeper": {"GPIO15": every(0.5, 3, 0, 0.1)},
    "blink": {"GPIO17": [*every(3, 20, 0, 1), (60, 1)]},
    "breathe": {"GPIO17": fades([index / 25 for index in (*range(1, 26), *range(24, -1, -1))], 0.04)},
    "button_led": {
        "GPIO2": pressed(1.25, 1.75, 21.25, 21.75, 41.25, 41.75),
        "GPIO17": switched(1.25, 1.75, 21.25, 21.75, 41.25, 41.75),
    },
    "button_source": {"GPIO17": switched(5.01, 6.01)},  # looked at every 10 ms
    "chaser": {
        pin: switched(0.5 * at, 0.5 * at + 0.5)
        for at, pin in enumerate(["GPIO5", "GPIO6", "GPIO13", "GPIO19", "GPIO26"])
    },
    "clock_display": {"GPIO22": switched(*(0.015 + 0.005 * n for n in range(12_000) if n % 4 < 2))[:6000]},
    "countdown": {  # 3 is abcdg, 2 is abdeg, 1 is bc; a to g are on 4 to 10
        "GPIO4": switched(0, 2),
        "GPIO5": switched(0, 3),
        "GPIO6": switched(0, 1, 2, 3),
        "GPIO7": switched(0, 2),
        "GPIO8": switched(1, 2),
        "GPIO9": [],
        "GPIO10": switched(0, 2),
    },
    "crossing": {
        "GPIO11": switched(0, 7, 10, 30, 33, 53, 56),
        "GPIO10": switched(7, 8, 30, 31, 53, 54),
        "GPIO9": switched(8, 10, 31, 33, 54, 56),
        "GPIO15": [
            change for start in (8, 31, 54) for change in switched(*(start + 0.25 * index for index in range(8)))
        ],
    },
    "hold_to_stop": {"GPIO17": switched(12)},
    "knob": {"GPIO17": switched(1.1, 1.2, 1.3), "GPIO27": switched(2.1, 2.2)},
    "light_sensor": {},
    "line_follower": {"GPIO17": switched(3.02, 8.02)},  # three of five samples, 10 ms apart
    "motion": {"GPIO4": switched(10, 15), "GPIO16": switched(10, 15)},
    "music_box": {"GPIO5": switched(1.01, 2.01), "GPIO6": [], "GPIO13": switched(1.51, 2.51)},
    "office_hours": {"GPIO17": switched(15, 35)},  # looked at every 5 s
    "ping_lights": {"GPIO17": switched(0), "GPIO18": []},
    "pot_led": {
        "GPIO17": [(0, converted(0.5)), (10.01, converted(0.25)), (20.01, converted(1)), (30.01, converted(0))]
    },
    "reaction_game": {"GPIO3": [(0, 1), (12, 0)]},
    "rgb": {
        "GPIO9": [(0, 1), (1, 0.5), (2, 0), (3, 1), (4, 0)],
        "GPIO10": switched(2, 3),
        "GPIO11": switched(3, 4),
    },
    "robot_slow": {
        "GPIO4": [(0, 0.5), (5, 0)],
        "GPIO17": [(0, 0.5), (5, 0)],
        "GPIO14": [(5, 0.1), (10, 0)],  # the curve takes 0.6 of its speed
        "GPIO18": [(5, 0.25), (10, 0)],
    },
    "robot_square": {
        "GPIO4": switched(0, 44),
        "GPIO14": [],
        "GPIO17": every(11, 4, 0, 10),
        "GPIO18": every(11, 4, 10, 11),
    },
    "robot_wall": {},
    "servo_sweep": {"GPIO17": [(0, 0.075), *((n, (0.05, 0.075, 0.1)[n % 3]) for n in range(61))]},
    "sockets": {"GPIO25": switched(0.1, 0.35, 0.45, 0.7, 5.8, 6.05)},  # it is switched off as it is made
    "stepper": {
        pin: switched(0.01 * at, 0.01 * at + 0.01, 0.01 * at + 0.04, 0.01 * at + 0.05)
        for at, pin in enumerate(["GPIO5", "GPIO6", "GPIO13", "GPIO19"])
    },
    "temperature_bar": {
        "GPIO5": switched(10.01),
        "GPIO6": switched(10.01),
        "GPIO13": switched(10.01),
        "GPIO19": switched(20.01),
        "GPIO26": switched(20.01),
    },
    "traffic_lights": {
        "GPIO11": switched(0, 10, 22, 32, 44, 54),
        "GPIO10": switched(10, 11, 21, 22, 32, 33, 43, 44, 54, 55),
        "GPIO9": switched(11, 22, 33, 44, 55),
    },
    "tune": {"GPIO21": [(0, 0.5), (2, 0)]},
    "two_of_two": {"GPIO17": switched(12.01, 14.01), "GPIO27": [(0, 1), (12.01, 0), (14.01, 1)]},
    "bouncy_counter": {},
}


def run(name: str, trace: Path, seconds: float = 60) -> Run:
    """Run a recipe for a minute; its status must be 0, and its scenario's expectations met."""
    scenario = RECIPES / f"{name}.yaml"
    options = Options(seconds=seconds, scenario=scenario if scenario.exists() else None, trace=trace)
    made = Run(str(RECIPES / f"{name}.py"), (), options)
    status = made.run()
    assert [str(failure) for failure in made.failures] == []
    assert status == 0
    return made


def as_expected(trace: Path, expected: dict[str, Changes]) -> bool:
    """Every change of every pin named, to the nanosecond, and none beside."""
    return all(
        [(now_ns, pytest.approx(level, abs=1e-9)) for now_ns, level in read_changes(trace, pin)]
        == [(round(seconds * 1e9), level) for seconds, level in changes]
        for pin, changes in expected.items()
    )


def test_every_recipe_is_checked():
    assert sorted(path.stem for path in RECIPES.glob("*.py")) == sorted(TRACES)
    assert len(TRACES) >= 20


@pytest.mark.filterwarnings("ignore::gpiozero.exc.AmbiguousTone")
@pytest.mark.parametrize("name", sorted(TRACES))
def test_a_recipe_does_what_was_worked_out_by_hand(name, tmp_path):
    trace = tmp_path / "trace.csv"
    made = run(name, trace)
    assert as_expected(trace, TRACES[name]), {pin: list(read_changes(trace, pin))[:20] for pin in signals(trace)}
    assert made.board.faults == []


def test_a_trace_that_is_a_nanosecond_off_or_has_an_edge_too_few_is_refused(tmp_path):
    trace = tmp_path / "trace.csv"
    run("chaser", trace)
    assert as_expected(trace, TRACES["chaser"])
    assert not as_expected(trace, {"GPIO6": switched(0.5, 1.000000001)})
    assert not as_expected(trace, {"GPIO6": switched(0.5)})
    assert not as_expected(trace, {"GPIO6": []})


def test_the_winner_of_the_reaction_game_is_who_was_a_millisecond_faster(tmp_path, capsys):
    trace = tmp_path / "trace.csv"
    run("reaction_game", trace)
    assert capsys.readouterr().out == "Player 2 wins!\n"
    (on, _), (off, _) = read_changes(trace, "GPIO17")
    assert on == round(START * 1e6) * 1000  # sleeps are whole microseconds
    assert 12_000_000_000 <= off < 12_001_000_000  # it is found by polling


def test_ten_presses_that_bounce_toggle_ten_times_once_they_have_settled(tmp_path):
    trace = tmp_path / "trace.csv"
    run("bouncy_counter", trace)
    toggles = [now_ns for now_ns, _ in read_changes(trace, "GPIO17")]
    assert len(toggles) == 10
    assert all(0 <= now_ns - (index + 1) * 10**9 - 50_000_000 <= 4_000_000 for index, now_ns in enumerate(toggles))
    assert len(list(read_changes(trace, "GPIO2"))) == 1 + 10 * 2 * (1 + 2 * 6)


def test_a_robot_turns_round_when_most_of_nine_echoes_are_near(tmp_path):
    trace = tmp_path / "trace.csv"
    run("robot_wall", trace)
    echoes = [now_ns for now_ns, level in read_changes(trace, "GPIO23") if level == 0]
    (_, _), (turned, _) = read_changes(trace, "GPIO4")
    fifth = [now_ns for now_ns in echoes if now_ns > 10_000_000_000 + 3_000_000][4]
    assert turned == fifth
