from types import SimpleNamespace

import pytest

from labkit.clock import ManualClock
from labkit.link.pings import Pings


@pytest.fixture
def world():
    """A kernel and its pages: who is asked, who is needed, which cell runs, who was found to be gone."""
    clock = ManualClock()
    made = SimpleNamespace(clock=clock, asked=[], gone=[], needed={"a", "b"}, running=None)
    made.pings = Pings(
        clock, made.asked.append, lambda page: page in made.needed, lambda: made.running,
        lambda page, silent_s: made.gone.append((page, silent_s, clock.now_ns() / 1e9)),
    )  # fmt: skip
    return made


def test_a_page_that_answers_is_there(world):
    world.pings.watch("a")
    for _ in range(100):
        world.clock.run_for(0.5)
        world.pings.heard("a")
    assert world.asked == ["a"] * 100
    assert world.gone == []


def test_three_pings_unanswered_and_it_is_gone(world):
    world.pings.watch("a")
    world.clock.run_for(0.5)
    world.pings.heard("a")
    world.clock.run_for(100)
    assert world.gone == [("a", 1.5, 2.0)]


def test_of_two_the_silent_one_is_gone(world):
    world.pings.watch("a")
    world.pings.watch("b")
    for _ in range(10):
        world.clock.run_for(0.5)
        world.pings.heard("b")
    assert world.gone == [("a", 1.5, 1.5)]


def test_nobody_is_asked_who_drives_nothing(world):
    world.pings.watch("a")
    world.clock.run_for(1)
    world.needed = set()
    world.clock.run_for(0.5)
    asked = list(world.asked)
    world.clock.run_for(100)
    assert world.asked == asked
    assert world.gone == []
    world.needed = {"a"}
    world.pings.watch("a")
    world.clock.run_for(100)
    assert [page for page, *_ in world.gone] == ["a"]


def test_a_kernel_whose_cell_keeps_it_from_hearing_counts_no_silence(world):
    world.pings.watch("a")
    world.clock.run_for(0.5)
    world.pings.heard("a")
    world.running = 7
    world.clock.run_for(60)
    assert world.gone == []
    # The cell ends: what waited is heard now.
    world.running = None
    world.pings.heard("a")
    world.clock.run_for(1)
    assert world.gone == []
    world.clock.run_for(1)
    assert [page for page, *_ in world.gone] == ["a"]


def test_a_kernel_that_hears_during_a_cell_counts(world):
    world.running = 7
    world.pings.watch("a")
    world.clock.run_for(0.5)
    world.pings.heard("a")
    world.clock.run_for(10)
    assert world.gone == [("a", 1.5, 2.0)]


def test_a_kernel_that_was_suspended_counts_no_silence(world):
    world.pings.watch("a")
    world.clock.run_for(0.5)
    world.clock._now_ns += 60_000_000_000
    world.clock.run_for(0)
    assert world.gone == []
    world.pings.heard("a")
    world.clock.run_for(1)
    assert world.gone == []
