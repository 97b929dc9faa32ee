"""Edges and samples as columns of bytes: what goes in comes out, bit for bit."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.recorded.arrays import edge_arrays, sample_arrays
from labkit.runfile.columns import edges_of, pack_edges, pack_samples, samples_of, split_edges, split_samples
from labkit.trace import Edge, Sample

PINS = ["GPIO2", "GPIO3", "GPIO17"]
times = st.integers(-(2**61), 2**61)
levels = st.one_of(st.sampled_from([0, 1]), st.floats(0, 1).filter(lambda level: level not in (0, 1)))
edges = st.builds(Edge, st.sampled_from(PINS), times, st.integers(1, 2**40), levels)
samples = st.builds(Sample, st.just("pot"), times, st.integers(0, 2**40), st.floats(), st.booleans())


def packed(some):
    return pack_edges(some, bytes(PINS.index(edge.pin) for edge in some)).payload


@given(st.lists(edges, max_size=60))
def test_edges_come_back_as_they_were_whatever_their_times_numbers_and_levels(some):
    assert list(edges_of(split_edges(packed(some), len(some)), PINS)) == some


@given(st.lists(edges, max_size=60))
def test_numpy_reads_the_same(some):
    arrays = edge_arrays(split_edges(packed(some), len(some)))
    columns = (arrays.channels.tolist(), arrays.times.tolist(), arrays.numbers.tolist(), arrays.levels.tolist())
    assert [Edge(PINS[channel], *rest) for channel, *rest in zip(*columns, strict=True)] == some


@given(st.lists(samples, max_size=60))
def test_samples_come_back_bit_for_bit(some):
    columns = split_samples(pack_samples(some), len(some))
    assert str(list(samples_of(columns, "pot"))) == str(some)  # as text: nan equals nan there
    arrays = sample_arrays(columns)
    assert arrays.values.tobytes() == struct.pack(f"<{len(some)}d", *(sample.value for sample in some))
    assert arrays.numbers.tolist() == [sample.seq for sample in some]
    assert arrays.late.tolist() == [sample.is_late for sample in some]


def test_a_gap_longer_than_a_word_of_nanoseconds_needs_no_escape():
    some = [Edge("GPIO2", at, number, number % 2) for number, at in enumerate((5, 5 + 2**32, 5 + 2**33, 2**60), 1)]
    assert list(edges_of(split_edges(packed(some), len(some)), PINS)) == some


def test_regular_edges_list_no_numbers_but_the_first_of_each_channel():
    some = [Edge(PINS[n % 3], n, 1 + n // 3, n % 2) for n in range(300)]
    assert len(split_edges(packed(some), 300).listed) == 3


@pytest.mark.parametrize("wrong", [-1, 1])
def test_a_payload_of_the_wrong_length_is_refused(wrong):
    some = [Edge("GPIO2", 1, 1, 1), Edge("GPIO2", 2, 2, 0)]
    with pytest.raises((ValueError, struct.error)):
        split_edges(packed(some) + b"x", 2)
    with pytest.raises((ValueError, struct.error)):
        split_edges(packed(some), 2 + wrong)
    with pytest.raises(ValueError, match="a payload of 25 bytes where there should be"):
        split_samples(pack_samples([Sample("pot", 1, 0, math.pi)]), 1 + wrong)
