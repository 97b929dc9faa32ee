"""What the summary is made of: sums, bars and names."""

from __future__ import annotations

import sys

import pytest

from labkit.naming import name_given_in
from labkit.tally import BINS, PinTally, Tally, sparkline


def test_on_time_counts_a_duty_cycle_by_its_part():
    pin = PinTally()
    for now_ns, level in ((0, 1), (1_000_000_000, 0.25), (5_000_000_000, 0)):
        pin.change(now_ns, level)
    pin.shares(9_000_000_000, 1)
    assert (pin.changes, pin.on_ns) == (3, 2_000_000_000)


def test_a_level_written_twice_is_one_change():
    pin = PinTally()
    pin.change(0, 1)
    pin.change(5, 1)
    assert pin.changes == 1


def test_shares_are_exact_where_the_end_was_known_before():
    tally = Tally(end_ns=32_000_000_000)
    for second in range(32):
        tally.change("GPIO17", second * 1_000_000_000, second % 2)
    assert tally.pins["GPIO17"].shares(32_000_000_000, 32) == pytest.approx([0.0, 1.0] * 16)


def test_shares_add_up_to_the_on_time_whatever_the_end():
    tally = Tally()
    for index in range(1001):
        tally.change("GPIO17", index * 12_345_678, index % 2)
    pin = tally.pins["GPIO17"]
    shares = pin.shares(12_345_678_000, 32)
    assert sum(shares) / 32 * 12_345_678_000 == pytest.approx(pin.on_ns)
    assert shares == pytest.approx([0.5] * 32, abs=0.05)


def test_memory_of_a_tally_does_not_grow_with_time():
    pin = PinTally()
    for index in range(10_000):
        pin.change(index * 1_000_000_000, index % 2)
    assert len(pin._bins) <= BINS


def test_bars_show_a_little_and_nothing_apart():
    assert sparkline([0, 0.001, 0.5, 1]) == "▁▂▅█"


def here(*_: object) -> str | None:
    """The name that the caller's statement gives to this call's value."""
    return name_given_in(sys._getframe(1))


class Box:
    pass


def test_the_statement_around_a_call_names_its_value():
    red = here()
    go, stop = here(1), here(2)
    box = Box()
    box.lid = here()
    many = [here(), here()]
    made = [here(n) for n in range(2)]
    typed: str | None = here(
        "over",
        "lines",
    )
    assert (red, go, stop, box.lid) == ("red", "go", "stop", "box.lid")
    assert many == ["many[]", "many[]"]
    assert made == ["made[]", "made[]"]
    assert typed == "typed"


def test_a_call_whose_value_goes_elsewhere_has_no_name():
    text = str(here())
    assert text == "None"
    assert here() is None
    for each in (here(), here()):
        assert each is None


def test_without_source_there_are_no_names():
    names: dict[str, object] = {"here": here}
    exec("red = here()", names)
    assert names["red"] is None
