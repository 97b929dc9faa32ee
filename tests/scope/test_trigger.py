"""Triggers, against looking at every edge by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest

from labkit.scope.conditions import Crossing, Fresh, Level, Pattern, Pulse
from labkit.scope.trigger import Trigger


def run(condition, edges, first, rng=None, is_digital=True):
    """Feed edges (time, channel, level) in random pieces; all instants that the condition found."""
    levels, found, rest = dict(first), [], sorted(edges)
    while rest:
        size = rng.randint(1, 6) if rng else len(rest)
        part, rest = rest[:size], rest[size:]
        fresh = {}
        for channel in levels:
            own = [(time, value) for time, name, value in part if name == channel]
            times = np.array([time for time, _ in own], np.int64)
            values = np.array([float(value) for _, value in own])
            fresh[channel] = Fresh(times, values, levels[channel], is_digital)
            levels[channel] = own[-1][1] if own else levels[channel]
        found += condition.met(fresh, part[-1][0]).tolist()
    return found


def random_edges(rng, channels="ab", count=60):
    # One instant may have edges of several channels, but of each only one.
    times = sorted(rng.sample(range(1000), count))
    return [(time, channel, rng.randint(0, 1)) for time in times for channel in channels if rng.random() < 0.7]


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("slope", ["rising", "falling", "either"])
def test_edges(seed, slope):
    rng = random.Random(seed)
    edges, level, expected = random_edges(rng, "a"), 0, []
    for time, _, after in edges:
        if after != level and slope in ("either", "rising" if after else "falling"):
            expected.append(time)
        level = after
    assert run(Crossing("a", slope), edges, {"a": 0.0}, rng) == expected


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize(("polarity", "shorter", "longer"), [("high", 30, 0), ("low", np.inf, 20), ("high", 60, 10)])
def test_pulse_widths(seed, polarity, shorter, longer):
    rng = random.Random(seed)
    edges, level, begun, expected = random_edges(rng, "a"), 0, None, []
    inside = 1 if polarity == "high" else 0
    for time, _, after in edges:
        if after != level:
            if after == inside:
                begun = time
            elif begun is not None and longer < time - begun < shorter:
                expected.append(time)
        level = after
    assert run(Pulse("a", polarity, shorter, longer), edges, {"a": 0.0}, rng) == expected


@pytest.mark.parametrize("seed", range(30))
def test_patterns_on_several_channels(seed):
    rng = random.Random(seed)
    edges = random_edges(rng, "abc")
    wanted = {"a": True, "b": False, "c": bool(rng.randint(0, 1))}
    levels, was, expected = {"a": 0, "b": 0, "c": 0}, True, []
    for time in sorted({time for time, _, _ in edges}):
        levels |= {channel: level for at, channel, level in edges if at == time}
        now = all(bool(levels[channel]) == want for channel, want in wanted.items())
        if now and not was:
            expected.append(time)
        was = now
    # Pieces must not tear an instant apart: the pump hands on what came together.
    pieces, found, condition = sorted({time for time, _, _ in edges}), [], Pattern(wanted)
    before = {"a": 0.0, "b": 0.0, "c": 0.0}
    while pieces:
        size = rng.randint(1, 5)
        part, pieces = pieces[:size], pieces[size:]
        fresh = {}
        for channel in "abc":
            own = [(at, float(level)) for at, name, level in edges if name == channel and at in part]
            times = np.array([at for at, _ in own], np.int64)
            fresh[channel] = Fresh(times, np.array([level for _, level in own], float), before[channel])
            before[channel] = own[-1][1] if own else before[channel]
        found += condition.met(fresh, part[-1]).tolist()
    assert found == expected


def test_analog_values_cross_between_two_samples():
    samples = [(0, "pot", 0.0), (100, "pot", 1.0), (200, "pot", 0.0)]
    assert run(Crossing("pot", "rising", 0.25), samples, {"pot": 0.0}, is_digital=False) == [25]
    assert run(Crossing("pot", "either", 0.75), samples, {"pot": 0.0}, is_digital=False) == [75, 125]


def test_a_level_is_met_for_as_long_as_it_lasts():
    condition = Level("pot", "above", 0.5)
    assert condition.met({"pot": Fresh(np.array([1, 2]), np.array([0.2, 0.7]), 0.0)}, 2).tolist() == [2]
    assert condition.met(quiet("pot", 0.7), 50).tolist() == [50]
    assert condition.met({"pot": Fresh(np.array([60]), np.array([0.1]), 0.7)}, 60).tolist() == []
    assert condition.met(quiet("pot", 0.1), 70).tolist() == []


def quiet(channel, level=0.0):
    return {channel: Fresh(np.empty(0, np.int64), np.empty(0), level)}


def rises(*times):
    """A pulse at each time."""
    edges = [edge for time in times for edge in ((time, 1.0), (time + 1, 0.0))]
    return {"a": Fresh(np.array([time for time, _ in edges]), np.array([level for _, level in edges]), 0.0)}


NOTHING = quiet("a")


def test_a_picture_is_shown_once_its_window_is_over():
    trigger = Trigger(Crossing("a", "rising"), "normal", pre=0.25)
    assert trigger.look(rises(1000), 1010, window_ns=100) is None
    assert trigger.look(NOTHING, 1074, window_ns=100) is None
    assert trigger.look(NOTHING, 1075, window_ns=100) == 1000
    assert trigger.look(NOTHING, 2000, window_ns=100) is None
    assert trigger.state == "armed"


def test_what_lies_within_a_picture_starts_no_other():
    trigger = Trigger(Crossing("a", "rising"), "normal", pre=0.5)
    assert trigger.look(rises(1000, 1020, 1049, 1050), 1200, window_ns=100) == 1050
    trigger = Trigger(Crossing("a", "rising"), "normal", pre=0.5)
    assert trigger.look(rises(1000, 1020, 1049), 1200, window_ns=100) == 1000


def test_single_takes_the_first_and_stops_until_it_is_armed_again():
    trigger = Trigger(Crossing("a", "rising"), "single", pre=0.5)
    assert trigger.look(rises(1000, 5000, 9000), 10_000, window_ns=100) == 1000
    assert trigger.state == "stopped"
    assert trigger.look(rises(11_000), 12_000, window_ns=100) is None
    trigger.arm()
    assert trigger.look(rises(13_000), 13_050, window_ns=100) == 13_000


def test_auto_runs_on_when_nothing_comes():
    window = 10**9
    trigger = Trigger(Crossing("a", "rising"), "auto", pre=0.5)
    assert trigger.runs_on(0, window)
    trigger.look(rises(10**9), 2 * 10**9, window)
    assert not trigger.runs_on(2 * 10**9, window)
    assert trigger.runs_on(3 * 10**9, window)
    assert not Trigger(Crossing("a", "rising"), "normal", 0.5).runs_on(10**12, window)


def test_a_flood_does_not_fill_the_memory():
    trigger = Trigger(Crossing("a", "rising"), "single", pre=0.0)
    for start in range(0, 100_000, 1000):
        trigger.look(rises(*range(start, start + 1000, 2)), start + 1000, window_ns=10**9)
    assert len(trigger._waiting) <= 4096
