"""Each claim about traces holds where it should, and next to it stands one that does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.checking.judging import blinks, follows, goes_through, near, never_both, responds, stays, within
from labkit.trace import Edge, Trace


def trace(name, *changes, initial=0):
    """A trace of (seconds, level)."""
    edges = (Edge(name, round(at * 1e9), number, level) for number, (at, level) in enumerate(changes, 1))
    return Trace(name, tuple(edges), initial)


def blinking(name="red", period=1.0, on=0.5, times=5, start=0.0):
    return trace(
        name, *((start + n * period + shift, level) for n in range(times) for shift, level in ((0, 1), (on, 0)))
    )


def test_regular_blinking_holds():
    assert blinks(blinking(), period=1.0, times=5)
    assert blinks(blinking(), period=1.0, on=0.5)
    assert blinks(blinking(start=3.0), period=1.0, times=5)


@pytest.mark.parametrize(
    ("wrong", "how", "says", "at"),
    [
        (blinking(), {"period": 0.5}, "took 1 s instead of 0.5 s", 0.5),
        (blinking(times=4), {"period": 1.0, "times": 5}, "came on 4 times, not 5 times", 4.0),
        (blinking(times=6), {"period": 1.0, "times": 5}, "came on 6 times, not 5 times", 5.0),
        (blinking(on=0.2), {"period": 1.0, "on": 0.5}, "was on for 0.2 s the 1st time, not for 0.5 s", 0.2),
        (trace("red"), {"period": 1.0}, "never came on", 0.0),
        (trace("red", (2, 1)), {"period": 1.0}, "came on only once", 3.0),
        (trace("red", (0, 1), (0.5, 0), (1, 1), (1.5, 0), (2.3, 1)), {"period": 1.0}, "the 2nd time", 2.0),
    ],
)
def test_other_blinking_is_told_apart(wrong, how, says, at):
    verdict = blinks(wrong, **how)
    assert not verdict
    assert says in verdict.sentence
    assert verdict.at == pytest.approx(at)
    assert blinks(verdict.expected[0], **how), "what it expects is what it accepts"


def test_a_stretch_without_a_change():
    lamp = trace("red", (1, 1), (4, 0))
    assert stays(lamp, 1, 1, 4)
    assert stays(lamp, 0, 4)
    assert (late := stays(lamp, 1, 1, 5)).at == 4
    assert "was off from 4 s" in late.sentence
    assert "was off at 0 s" in stays(lamp, 1).sentence


def test_any_duty_cycle_counts_as_on_unless_it_is_asked_for():
    dim = trace("dim", (0, 0.25))
    assert stays(dim, 1)
    assert stays(dim, 0.25)
    assert not stays(dim, 0.5)


def test_a_mean_level_between_two():
    half = blinking()
    assert within(half, 0.45, 0.55, 0, 5)
    assert not (dark := within(half, 0.6, 0.9, 0, 5))
    assert "50% of the time" in dark.sentence
    with pytest.raises(ValueError, match="lower one first"):
        within(half, 0.9, 0.6, 0, 5)


def test_two_lights_that_must_never_be_on_together():
    red, green = trace("red", (0, 1), (5, 0)), trace("green", (5, 1), (8, 0))
    assert never_both(red, green)
    too_long = trace("red", (0, 1), (5.1, 0))
    verdict = never_both(too_long, green, trace("amber"))
    assert not verdict
    assert verdict.at == 5
    assert "red and green were both on at 5 s, for 100 ms" in verdict.sentence
    assert "from then on" in never_both(trace("a", (1, 1)), trace("b", (2, 1))).sentence


def test_an_output_that_follows_its_source():
    go = trace("go", (1, 1), (2, 0), (3, 1))
    assert follows(trace("red", (1.005, 1), (2.005, 0), (3.001, 1)), go, within=0.01)
    assert follows(trace("red", (1, 0), (2, 1), (3, 0), initial=1), go, inverted=True)
    slow = follows(trace("red", (1.005, 1), (2.2, 0), (3.001, 1)), go, within=0.01)
    assert not slow
    assert slow.at == 2
    assert not follows(trace("red"), go)
    assert not follows(trace("red", (1, 1), (2, 0), (2.5, 1), (3, 1)), go), "and nothing besides"


def test_an_answer_in_time():
    go, red = trace("go", (1, 1), (1.5, 0), (3, 1)), trace("red", (1.2, 1), (2, 0), (3.2, 1))
    assert responds(red, go, within=0.3, after=0.1)
    assert responds(red, go, within=0.6, edge="falling", level=0)
    assert "it took 0.2 s" in (late := responds(red, go, within=0.1)).sentence
    assert late.at == 1.1
    assert "which is before 0.3 s" in responds(red, go, within=1, after=0.3).sentence
    assert "it never did" in responds(trace("red"), go, within=1).sentence
    assert "never changed" in responds(red, trace("go"), within=1).sentence
    with pytest.raises(ValueError, match="'rising', 'falling' or 'both'"):
        responds(red, go, within=1, edge="up")
    with pytest.raises(ValueError, match="can't come within"):
        responds(red, go, within=1, after=2)


STATES = [({"red"}, 3.0), ({"red", "amber"}, 1.0), ({"green"}, 3.0), ({"amber"}, 1.0)]


def lights(amber_back=7.0):
    return {
        "red": trace("red", (0, 1), (4, 0), (8, 1)),
        "amber": trace("amber", (3, 1), (4, 0), (amber_back, 1), (8, 0)),
        "green": trace("green", (4, 1), (7, 0)),
    }


def test_states_one_after_the_other():
    assert goes_through(lights(), STATES)
    assert goes_through(lights(), [*STATES, ({"red"}, None)])
    wrong = goes_through(lights(amber_back=6.0), STATES)
    assert not wrong
    assert "green is on from 4 s for 2 s, not for 3 s" in wrong.sentence
    expected = {trace.pin: trace for trace in wrong.expected}
    assert goes_through(expected, STATES)
    assert expected["green"].rising == [4.0], "the expected traces begin where the program's do"
    assert "at 6 s amber and green are on" in goes_through(lights(6.0), [(on, None) for on, _ in STATES]).sentence
    assert "nothing changed any more" in goes_through(lights(), [*STATES, ({"red"}, None), (set(), None)]).sentence
    with pytest.raises(ValueError, match="no trace 'blue'"):
        goes_through(lights(), [({"blue"}, None)])


def test_what_comes_too_late_is_told_with_what_should_come():
    late = goes_through(lights(), [*STATES[:2], ({"green"}, 2.0), STATES[3]])
    assert late.sentence == "green is on from 4 s for 3 s; after 2 s amber should be on"
    alone = goes_through({"red": trace("red", (0, 1))}, [({"red"}, 1.0), ((), None)])
    assert alone.sentence == "red is on from 0 s to the end; after 1 s red should be off"
    assert goes_through({"red": trace("red", (0, 1))}, [((), 1.0)]).sentence == "at 0 s red is on; red should be off"


def test_what_passes_quickly_between_two_states_can_be_left_out():
    seen = {
        "red": trace("red", (0, 1), (4.0, 0)),
        "amber": trace("amber", (3, 1), (4.001, 0), (7, 1)),
        "green": trace("green", (4.002, 1), (7.001, 0)),
    }
    assert goes_through(seen, STATES).sentence == "at 4 s amber is on; green should be on"
    assert goes_through(seen, STATES, passing=0.01)
    assert not goes_through(seen, [*STATES[:2], ({"green"}, 2.0), *STATES[3:]], passing=0.01)


def test_a_level_that_follows_a_course():
    def ramp(seconds):
        return seconds / 2

    steps = trace("lamp", *((number / 10, number / 20) for number in range(20)))
    assert near(steps, ramp, 0, 2, tolerance=0.051)
    wrong = near(steps, ramp, 0, 2.5, tolerance=0.051)
    assert wrong.sentence == "lamp was at 95% at 2.013 s, and should be near 101%"
    (course,) = near(trace("lamp"), ramp, 0, 2).expected
    assert near(course, ramp, 0, 2)
    assert course.at(2.5) == 0


@given(st.floats(0.05, 20), st.integers(2, 12), st.floats(0.1, 0.9), st.floats(0, 5))
def test_whatever_blinks_is_seen_to_blink(period, times, share, start):
    seen = blinking(period=period, times=times, on=share * period, start=start)
    assert blinks(seen, period, times, on=share * period)
    assert not blinks(seen, period, times + 1)
    assert not blinks(seen, period * 1.1)
