"""The figures of a run are those of its trace, whatever the pieces that it is read in."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.recorded.measuring import EdgeFigures, SampleFigures
from labkit.trace import Edge, Trace

S = 1_000_000_000
steps = st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from([0, 1, 0.25, 0.5])), max_size=40)


def edges_of(steps):
    at, made = 0, []
    for number, (step, level) in enumerate(steps, 1):
        at += step
        made.append(Edge("GPIO2", at, number, level))
    return made


def same(one, other):
    left, right = dataclasses.astuple(one), dataclasses.astuple(other)
    return all(
        (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
        for a, b in zip(left, right, strict=True)
    )


@given(steps, st.sampled_from([0, 1]), st.lists(st.integers(0, 40), max_size=5))
def test_read_in_any_pieces_they_are_those_of_the_trace(steps, initial, cuts):
    edges = edges_of(steps)
    end_ns = (edges[-1].timestamp_ns if edges else 0) + 7
    figures = EdgeFigures(0, initial)
    bounds = sorted({0, len(edges), *(min(cut, len(edges)) for cut in cuts)})
    for begin, end in itertools.pairwise(bounds):
        part = edges[begin:end]
        times, levels = [edge.timestamp_ns for edge in part], [edge.level for edge in part]
        numbers = [edge.seq for edge in part]
        figures.add(np.array(times, np.int64), np.array(levels, float), np.array(numbers, np.int64))
    assert same(figures.result(end_ns), Trace("GPIO2", tuple(edges), initial).statistics(0, end_ns / S))


def test_a_square_wave_with_a_glitch_by_hand():
    # 1 kHz, a quarter high, with one pulse of 3 µs in the second low time; edge 4 is missing.
    edges = [
        Edge("GPIO2", time_us * 1000, number, level)
        for number, time_us, level in [(1, 0, 1), (2, 250, 0), (3, 1000, 1), (5, 1250, 0), (6, 1500, 1), (7, 1503, 0)]
    ]
    figures = Trace("GPIO2", tuple(edges)).statistics(0, 0.002)
    assert (figures.edges, figures.rising, figures.falling, figures.missing) == (6, 3, 3, 1)
    assert figures.duty == pytest.approx(503 / 2000)
    assert (figures.shortest_period, figures.longest_period) == (0.0005, 0.001)
    assert figures.period == pytest.approx(0.00075)
    assert figures.frequency_hz == pytest.approx(1 / 0.00075)
    assert figures.jitter == pytest.approx(0.00025)
    assert (figures.shortest_high, figures.shortest_low) == (3e-6, 250e-6)


def test_where_nothing_happened_nothing_is_measured():
    figures = Trace("GPIO2", (), 1).statistics(0, 1)
    assert (figures.edges, figures.duty) == (0, 1)
    assert math.isnan(figures.period)
    assert math.isnan(figures.frequency_hz)
    with pytest.raises(ValueError, match="stop must come after start"):
        Trace("GPIO2").statistics(1, 1)


def test_samples_are_counted_with_what_is_late_missing_and_empty():
    figures = SampleFigures()
    figures.add(np.array([1.0, math.nan]), np.array([0, 1]), np.array([False, False]))
    figures.add(np.array([5.0, 3.0]), np.array([4, 5]), np.array([True, False]))
    result = figures.result()
    assert (result.samples, result.missing, result.late, result.empty) == (4, 2, 1, 1)
    assert (result.low, result.high, result.mean) == (1, 5, 3)
    assert result.deviation == pytest.approx(math.sqrt(8 / 3))
