"""Traces as lines of text and as pictures."""

from __future__ import annotations

from labkit.trace import Edge, Trace
from labkit.waves import text_waves, wave_svg


def square(pin, *times):
    return Trace(pin, tuple(Edge(pin, round(at * 1e9), n, n % 2) for n, at in enumerate(times, 1)))


def test_text_shows_levels_and_a_ruler():
    drawn = text_waves({"red": square("red", 2, 4), "go": square("go")}, 0, 8, columns=8).splitlines()
    assert drawn == ["red ▁▁██▁▁▁▁", " go ▁▁▁▁▁▁▁▁", "    0 s  8 s"]


def test_no_pulse_is_too_short_to_be_seen():
    assert "▒" in text_waves({"red": square("red", 2.001, 2.002)}, 0, 8, columns=8)


def test_duty_cycles_have_heights_in_between():
    dim = Trace("dim", (Edge("dim", 0, 1, 0.5),))
    assert text_waves({"dim": dim}, 0, 1, columns=1).splitlines()[0] in ("dim ▄", "dim ▅")


def test_a_picture_of_a_hundred_thousand_edges_stays_small():
    busy = square("red", *(number / 10_000 for number in range(100_000)))
    assert len(wave_svg({"red": busy}, {}, 10.0)) < 200_000


def test_a_picture_says_what_it_shows_to_those_who_do_not_see_it():
    picture = wave_svg({"<red>": square("red", 1)}, {"<red>": square("red", 2)}, 4.0, differs_at=1.0)
    assert 'aria-label="levels of &lt;red&gt; from 0 to 4 s; they first differ' in picture
    assert picture.count("<path") == 2
