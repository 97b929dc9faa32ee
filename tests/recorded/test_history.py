"""What a figure draws: any window in any number of columns, against a count edge by edge."""

import math

import numpy as np
import pytest

from labkit.recorded import drawing

from .conftest import PINS, ZERO_NS


@pytest.fixture(params=["by edges", "by the index"])
def history(recorded, request, monkeypatch):
    if request.param == "by the index":
        monkeypatch.setattr(drawing, "MOST_EDGES", 0)
    return recorded.run.history


@pytest.fixture
def exact(recorded):
    return recorded.run.history


def windows(recorded):
    span = recorded.last_ns - ZERO_NS
    return [
        (ZERO_NS, recorded.last_ns + 1, 200), (ZERO_NS, recorded.last_ns + 1, 1),
        (ZERO_NS + span // 3, ZERO_NS + span // 2, 333), (ZERO_NS + span // 2, ZERO_NS + span // 2 + 5_000_000, 64),
        (ZERO_NS - span, ZERO_NS + 2 * span, 100),
    ]  # fmt: skip


def test_over_the_whole_run_every_edge_is_counted_once(recorded, history):
    columns = history.columns(ZERO_NS, recorded.last_ns + 1, 200)
    assert [int(columns[number].counts.sum()) for number in range(3)] == [
        sum(edge.pin == pin for edge in recorded.edges) for pin in PINS
    ]


def test_by_edges_every_column_is_exact(recorded, exact):
    for begin, end, pixels in windows(recorded):
        columns = exact.columns(begin, end, pixels)
        for number, pin in enumerate(PINS):
            level = float(number == 1)
            own = [edge for edge in recorded.edges if edge.pin == pin]
            for edge in own:
                if edge.timestamp_ns < begin:
                    level = edge.level
            held = level
            by_column = {}
            for edge in own:
                if begin <= edge.timestamp_ns < end:
                    by_column.setdefault((edge.timestamp_ns - begin) * pixels // (end - begin), []).append(edge.level)
            low, high, count = [], [], []
            for column in range(pixels):
                seen = [held, *by_column.get(column, [])]
                low.append(min(seen))
                high.append(max(seen))
                count.append(len(seen) - 1)
                held = seen[-1]
            assert columns[number].low.tolist() == low
            assert columns[number].high.tolist() == high
            assert columns[number].counts.tolist() == count


def test_the_index_misses_nothing_that_the_edges_show(recorded, exact, monkeypatch):
    for begin, end, pixels in windows(recorded):
        true = exact.columns(begin, end, pixels)
        with monkeypatch.context() as patch:
            patch.setattr(drawing, "MOST_EDGES", 0)
            drawn = exact.columns(begin, end, pixels)
        for number in range(3):
            # Levels stand in the index as 32-bit floats.
            assert (drawn[number].low <= true[number].low + 1e-6).all()
            assert (drawn[number].high >= true[number].high - 1e-6).all()


def test_a_pulse_of_a_nanosecond_shows_however_wide_the_column(bare_run):
    run, at_ns = bare_run
    for pixels in (1, 10, 1000):
        columns = run.history.columns(0, run.windows.last_ns + 1, pixels)[0]
        place = at_ns * pixels // (run.windows.last_ns + 1)
        assert (columns.low[place], columns.high[place], columns.counts[place]) == (0, 1, 2)
        assert columns.counts.sum() == 2


@pytest.fixture
def bare_run(tmp_path):
    from labkit.clock import ManualClock
    from labkit.recorded.run import open_run
    from labkit.recorder import Recorder
    from labkit.runfile.appending import RunLog
    from labkit.runfile.contents import Channel
    from labkit.runfile.records import Kind, json_record
    from labkit.trace import Edge

    log = RunLog.create(tmp_path, "glitch")
    log.begin(json_record(Kind.HEAD, {"version": 1, "start_ns": 0}, 0))
    clock = ManualClock()
    recorder = Recorder(log, clock, lambda: None)
    recorder.add(Channel(0, "a", "digital", "GPIO2"))
    at_ns = 123_456_789_012
    for number, (when, level) in enumerate([(at_ns, 1), (at_ns + 1, 0)], 1):
        recorder.receive_edge(Edge("GPIO2", when, number, level))
    clock._now_ns = 3600 * 10**9
    recorder.stop("stopped", "")
    return open_run(log.path), at_ns


def test_samples_show_their_extremes_and_nothing_where_none_were_made(recorded, history):
    span = recorded.last_ns - ZERO_NS
    begin, end, pixels = ZERO_NS - span, recorded.last_ns + span, 300
    drawn = history.columns(begin, end, pixels)[3]
    values = [sample.value for sample in recorded.samples if not math.isnan(sample.value)]
    assert np.nanmin(drawn.low) == min(values)
    assert np.nanmax(drawn.high) == max(values)
    assert np.isnan(drawn.low[:99]).all()
    assert np.isnan(drawn.high[202:]).all()
    assert drawn.counts[:99].sum() == 0


def test_zoomed_in_there_are_the_edges_themselves_and_too_many_are_refused(recorded, exact):
    begin, end = ZERO_NS, ZERO_NS + (recorded.last_ns - ZERO_NS) // 4
    points = exact.points(begin, end, 30_000)
    for number, pin in enumerate(PINS):
        own = [edge for edge in recorded.edges if edge.pin == pin and begin <= edge.timestamp_ns < end]
        assert points[number].times_ns.tolist() == [edge.timestamp_ns for edge in own]
        assert points[number].values.tolist() == [edge.level for edge in own]
        assert points[number].before == float(number == 1)
    assert exact.points(begin, end, 100) is None
    assert exact.points(ZERO_NS, recorded.last_ns, 10) is None


def test_lanes_and_span_are_those_of_the_run(recorded, exact):
    assert [(lane.name, lane.is_digital) for lane in exact.lanes] == [
        ("ch0", True), ("ch1", True), ("ch2", True), ("pot", False),
    ]  # fmt: skip
    assert exact.span_ns == (ZERO_NS, recorded.last_ns)


def test_a_window_of_a_run_is_drawn_as_one_and_what_lies_around_is_there_to_pan_to(recorded):
    part = recorded.run[0.1:0.2].history
    assert part.span_ns == (ZERO_NS + 100_000_000, ZERO_NS + 199_999_999)
    around = (ZERO_NS, ZERO_NS + 300_000_000)
    whole = recorded.run.history.columns(*around, 10)
    assert [columns.counts.tolist() for columns in part.columns(*around, 10).values()] == [
        columns.counts.tolist() for columns in whole.values()
    ]
