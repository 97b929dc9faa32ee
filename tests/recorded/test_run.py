"""A recorded run tells what was recorded: by channel, by window, as arrays, as tables."""

import math

import numpy as np
import pandas as pd
import pytest

from labkit.errors import BadRunFile
from labkit.trace import Trace

from .conftest import PINS, ZERO_NS

S = 1_000_000_000


def of(recorded, pin, begin_ns=0, end_ns=1 << 62):
    return [
        edge._replace(timestamp_ns=edge.timestamp_ns - ZERO_NS)
        for edge in recorded.edges
        if edge.pin == pin and begin_ns <= edge.timestamp_ns - ZERO_NS < end_ns
    ]


def test_a_channel_is_found_by_its_name_or_its_pin_and_gives_its_edges(recorded):
    for number, pin in enumerate(PINS):
        assert list(recorded.run[f"ch{number}"]) == of(recorded, pin)
        assert recorded.run[pin].trace() == recorded.run[f"ch{number}"].trace()
    with pytest.raises(BadRunFile, match="has no channel 'blue'; it has ch0, ch1, ch2, pot"):
        recorded.run["blue"]


def test_its_queries_are_those_of_a_trace(recorded):
    for number, pin in enumerate(PINS):
        trace = Trace(pin, tuple(of(recorded, pin)), int(number == 1))
        channel = recorded.run[pin]
        assert channel.rising.tolist() == trace.rising
        assert channel.falling.tolist() == trace.falling
        assert channel.periods.tolist() == pytest.approx(trace.periods)
        assert channel.lost == trace.lost == 0
        assert channel.duty(0.001, 0.25) == pytest.approx(trace.duty(0.001, 0.25))
        for at in np.linspace(-0.001, recorded.run.seconds, 97):
            assert channel.at(at) == trace.at(at)


def test_an_edges_own_instant_has_the_level_after_it(recorded):
    edge = of(recorded, "GPIO2")[500]
    later = [each for each in of(recorded, "GPIO2") if each.timestamp_ns == edge.timestamp_ns][-1]
    assert recorded.run["ch0"].at(edge.timestamp_ns / S) == later.level


@pytest.mark.parametrize("window", [(0.1, 0.2), (0.0, 0.05), (0.3, None), (None, 0.01), (0.2, 0.2), (5, 6)])
def test_a_window_holds_what_lies_in_it_and_begins_with_the_level_there(recorded, window):
    start, stop = window
    run = recorded.run[start:stop]
    begin_ns = round((start or 0) * S)
    end_ns = round(stop * S) if stop is not None else 1 << 62
    for number, pin in enumerate(PINS):
        assert list(run[pin]) == of(recorded, pin, begin_ns, end_ns)
        before = [edge.level for edge in of(recorded, pin, 0, begin_ns)]
        assert run[pin].initial == (before[-1] if before else int(number == 1))
        assert list(recorded.run[pin][start:stop]) == list(run[pin])


def test_windows_of_windows_stay_within(recorded):
    assert list(recorded.run[0.1:0.3][0.0:0.2]["ch0"]) == list(recorded.run[0.1:0.2]["ch0"])
    with pytest.raises(TypeError, match="write two times in seconds"):
        recorded.run["ch0"][3]
    with pytest.raises(TypeError, match="write two times in seconds"):
        recorded.run[0:1:2]


def test_samples_come_with_their_numbers_and_what_is_late(recorded):
    pot = recorded.run["pot"]
    times, values = pot.to_numpy()
    assert times.tolist() == [sample.timestamp_ns - ZERO_NS for sample in recorded.samples]
    assert np.array_equal(values, [sample.value for sample in recorded.samples], equal_nan=True)
    assert pot.late.tolist() == [sample.is_late for sample in recorded.samples]
    figures = pot.statistics()
    assert (figures.samples, figures.missing, figures.empty) == (2000, 0, 20)
    assert figures.late == sum(sample.is_late for sample in recorded.samples)
    assert pot.at(times[1234] / S) == values[1234]
    assert math.isnan(recorded.run["pot"].at(-1))


def test_everything_in_one_array_is_in_the_order_of_time(recorded):
    entries = recorded.run.to_numpy()
    assert len(entries) == 22_000
    assert (np.diff(entries["time_ns"]) >= 0).all()
    edges = entries[entries["channel"] < 3]
    assert edges["time_ns"].tolist() == [edge.timestamp_ns - ZERO_NS for edge in recorded.edges]
    assert edges["value"].tolist() == [edge.level for edge in recorded.edges]
    assert edges["number"].tolist() == [edge.seq for edge in recorded.edges]
    assert set(recorded.run.to_numpy("pot", "ch1")["channel"]) == {1, 3}


def test_a_long_table_holds_all_that_is_known(recorded):
    table = recorded.run.to_pandas()
    assert len(table) == 22_000
    assert list(table.columns) == ["time_ns", "channel", "value", "number", "late"]
    own = table[table.channel == "ch1"]
    assert own.time_ns.tolist() == [edge.timestamp_ns for edge in of(recorded, "GPIO17")]
    assert own.index.tolist() == [edge.timestamp_ns / S for edge in of(recorded, "GPIO17")]


def test_in_a_wide_table_levels_hold_and_values_stand_where_they_were_sampled(recorded):
    window = recorded.run[0.1:0.12]
    table = window.to_pandas(wide=True)
    assert list(table.columns) == ["ch0", "ch1", "ch2", "pot"]
    assert table.index.is_unique
    for name in ("ch0", "ch1", "ch2"):
        assert [window[name].at(at) for at in table.index] == table[name].tolist()
    sampled = table["pot"].dropna()
    times, values = window["pot"].to_numpy()
    assert sampled.tolist() == [value for value in values if not math.isnan(value)]
    assert len(sampled) < len(table)
    assert set((sampled.index * S).round().astype(int)) <= set(times.tolist())


def test_a_channel_is_a_series(recorded):
    series = recorded.run["ch2"].to_pandas()
    assert isinstance(series, pd.Series)
    assert series.name == "ch2"
    assert series.tolist() == [edge.level for edge in of(recorded, "GPIO18")]


def test_without_pandas_it_says_what_to_do(recorded, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="Install it with: pip install pandas"):
        recorded.run.to_pandas()


def test_it_tells_of_itself_in_a_line_and_in_a_table(recorded):
    assert repr(recorded.run).endswith("4 channels, 20,000 edges, 2,000 samples, by the test>")
    html = recorded.run._repr_html_()
    for told in ("<b>run</b>", "ch0", "GPIO17", "LED", "2,000 samples at 100 Hz", "by the test"):
        assert told in html
    assert repr(recorded.run["ch0"]).startswith("<EdgeTrace ch0: ")


def test_marks_count_from_the_start(recorded):
    assert [mark.text for mark in recorded.run.marks] == [f"turn {turn}" for turn in range(0, 20_000, 3000)]
    assert recorded.run.marks[1].at_ns == recorded.edges[3000].timestamp_ns - ZERO_NS
    assert len(recorded.run[0.1:0.2].marks) < 7
