"""What is kept of a channel, against counting by hand."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from labkit.scope import track as tracks
from labkit.scope.track import Track

MS = 1_000_000


def by_hand(edges, first, begin, end, pixels, now, is_digital=True, start=0):
    """Columns as the words say: the level that each begins with, and all that comes within."""
    lows, highs, counts = [], [], []
    level = next((value for time, value in reversed(edges) if time < begin), first)
    for column in range(pixels):
        # The instants t with t - begin in [column, column + 1) * (end - begin) / pixels.
        left = begin + -(-(end - begin) * column // pixels)
        right = begin + -(-(end - begin) * (column + 1) // pixels)
        inside = [value for time, value in edges if left <= time < right]
        seen = [level, *inside] if is_digital else inside
        is_over = (column + 1) * (end - begin) <= (start - begin) * pixels
        is_to_come = column * (end - begin) > (now - begin) * pixels
        known = not is_digital or not (is_over or is_to_come)
        lows.append(min(seen) if seen and known else math.nan)
        highs.append(max(seen) if seen and known else math.nan)
        counts.append(len(inside))
        level = inside[-1] if inside else level
    return lows, highs, counts


def same(columns, expected):
    for found, wanted in zip(columns, expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def fed(edges, rng, is_digital=True, begin_ns=0, level=0.0):
    track = Track(is_digital, begin_ns, level if is_digital else math.nan)
    rest = list(edges)
    while rest:
        size = rng.randint(1, 9)
        part, rest = rest[:size], rest[size:]
        track.append(np.array([time for time, _ in part], np.int64), np.array([value for _, value in part], float))
    return track


@pytest.mark.parametrize("seed", range(40))
def test_columns_are_what_happened_in_them(seed):
    rng = random.Random(seed)
    span = rng.choice([50, 1000, 10**6, 10**13])
    times = sorted(rng.randrange(span) for _ in range(rng.choice([0, 1, 5, 200])))
    edges = [(time, float(rng.randint(0, 1))) for time in times]
    track = fed(edges, rng)
    for _ in range(10):
        begin, width = rng.randrange(-span // 4, span), rng.randrange(1, span)
        pixels = min(width, rng.choice([1, 7, 100, 1000]))
        now = max([span // 2, *times])
        expected = by_hand(edges, 0.0, begin, begin + width, pixels, now)
        same(track.columns(begin, begin + width, pixels, now), expected)


@pytest.mark.parametrize("seed", range(10))
def test_samples_leave_columns_without_one_empty(seed):
    rng = random.Random(seed)
    edges = [(time, rng.random()) for time in sorted(rng.sample(range(10_000), 300))]
    track = fed(edges, rng, is_digital=False)
    same(track.columns(2000, 9000, 500, 10_000), by_hand(edges, math.nan, 2000, 9000, 500, 10_000, is_digital=False))


@pytest.mark.parametrize("seed", range(20))
def test_edges_that_come_late_are_put_where_they_belong(seed):
    rng = random.Random(seed)
    edges = sorted(((rng.randrange(10_000), float(number % 2)) for number in range(300)), key=lambda edge: edge[0])
    mixed = sorted(edges, key=lambda edge: edge[0] + rng.randrange(400))
    track = Track(True, 0, 0.0)
    for time, value in mixed:
        track.append(np.array([time]), np.array([value]))
    points = track.points(0, 10_000, 1000)
    assert points.times_ns.tolist() == [time for time, _ in edges]
    counts = track.columns(0, 10_000, 77, 10_000).counts
    assert counts.tolist() == by_hand(edges, 0.0, 0, 10_000, 77, 10_000)[2]


def test_an_edge_that_was_stamped_before_the_channel_was_looked_at_is_taken_like_any_other():
    track = Track(True, 1000, 0.0)
    track.append(np.array([950, 990, 1010]), np.array([1.0, 0.0, 1.0]))
    assert track.points(0, 2000, 10).times_ns.tolist() == [950, 990, 1010]
    assert track.level_before(1000) == 0
    assert track.newest == 1
    assert track.columns(1000, 1020, 2, 1020).counts.tolist() == [0, 1]


@pytest.fixture
def small(monkeypatch):
    """Little memory, so that a few thousand edges fill it."""
    monkeypatch.setattr(tracks, "KEPT", 256)
    monkeypatch.setattr(tracks, "SLICES", 64)
    monkeypatch.setattr(tracks, "BATCH", 16)


@pytest.mark.parametrize("seed", range(10))
def test_history_misses_no_glitch_however_long_ago(small, seed):
    rng = random.Random(seed)
    times = np.cumsum([rng.randrange(1, 4 * MS) for _ in range(5000)])
    # Quiet, with a glitch of a microsecond here and there.
    edges = []
    for time in times:
        edges += [(int(time), 1.0), (int(time) + 1000, 0.0)] if rng.random() < 0.05 else []
    track = fed(edges, rng)
    end = int(times[-1]) + MS
    _, highs, counts = track.columns(0, end, 50, end)
    glitched = np.array(by_hand(edges, 0.0, 0, end, 50, end)[1]) > 0
    assert (highs[glitched] == 1).all()
    # A slice that lies across two columns shows in both.
    near = glitched | np.roll(glitched, -1) | np.roll(glitched, 1)
    assert not (highs[~near] == 1).any()
    assert counts.sum() == len(edges)
    assert track.points(0, end, 10**6) is None
    assert len(track.points(times[-100], end, 10**6).times_ns) == sum(time >= times[-100] for time, _ in edges)


def test_memory_is_bounded(small):
    track = Track(True, 0, 0.0)
    for start in range(0, 50_000, 1000):
        times = np.arange(start, start + 1000) * 50_000
        track.append(times, times // 50_000 % 2)
    sizes = [len(column) for series in (track._exact, *track._slices) for column in series._columns]
    assert max(sizes) <= 1024
    assert len(track._exact) == 256
    assert track.newest == 1


def test_the_level_held_long_ago_is_known(small):
    track = Track(True, 0, 0.0)
    track.append(np.array([5 * MS]), np.array([1.0]))
    times = 10_000 * MS + np.arange(1000) * MS
    track.append(times, np.zeros(1000))
    assert track.level_before(4 * MS) == 0
    assert track.level_before(9_000 * MS) == 1
    assert track.columns(7_000 * MS, 8_000 * MS, 10, 20_000 * MS).low.tolist() == [1] * 10


def test_before_it_began_and_after_it_ended_nothing_is_known():
    track = Track(True, 100, 1.0)
    track.end_ns = 200
    low = track.columns(0, 300, 30, 1000).low
    assert np.isnan(low[:10]).all()
    assert (low[10:20] == 1).all()
    assert np.isnan(low[21:]).all()
