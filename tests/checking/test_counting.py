"""How often a pin changed, and what is said where it is not as often as it should be."""

import pytest

from labkit.checking import counts
from labkit.trace import Edge, Trace

S = 1_000_000_000


def trace(*times):
    """Comes on at the first of these seconds, goes off at the second, and so on."""
    return Trace("red", tuple(Edge("red", round(now * S), place, (place + 1) % 2) for place, now in enumerate(times)))


def test_changes_are_counted_in_a_window_that_has_its_start_and_not_its_stop():
    red = trace(1, 2, 3, 4)
    assert counts(red, 4)
    assert counts(red, 2, start=2, stop=4)
    assert counts(red, 2, edge="rising")
    assert counts(red, 1, edge="falling", stop=4)


def test_too_many_are_marked_at_the_first_that_is_too_much():
    verdict = counts(trace(1, 2, 3, 4), 3, stop=10)
    assert not verdict
    assert verdict.sentence == "red changed 4 times from 0 s to 10 s, not 3 times"
    assert verdict.at == 4


def test_too_few_are_told_with_what_was_wanted():
    verdict = counts(trace(1, 2, 3), (4, 6), edge="rising", start=0.5)
    assert not verdict
    assert verdict.sentence == "red came on twice from 0.5 s to the end, not 4 to 6 times"
    assert verdict.at == 0.5


def test_an_edge_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'rising', 'falling' or 'both', not 'up'"):
        counts(trace(1), 1, edge="up")
