"""Edges whose times lie before the start, or go back: none is hidden, and a step of the clock is told."""

import pytest
from gpiozero import LED

import labkit

from .conftest import read_vcd

S = 1_000_000_000
US = 1_000


@pytest.fixture
def publish(bench, tmp_path):
    """Records edges of GPIO17 at so many nanoseconds after the start; gives the run, opened anew."""
    red = LED(17)

    def recorded(*instants_ns):
        run = bench.record("times", red, folder=tmp_path)
        for number, at_ns in enumerate(instants_ns, 1):
            bench.tap.publish("GPIO17", run.file.start_ns + at_ns, number % 2)
        run.stop()
        return labkit.open_run(run.path)

    yield recorded
    red.close()


def cut(run):
    """The same file as a kill would have left it: without its end."""
    path = run.path.with_name("cut.labrun")
    path.write_bytes(run.path.read_bytes()[:-20])
    return labkit.open_run(path)


def test_an_edge_that_the_kernel_stamped_just_before_the_start_is_in_the_run(publish):
    instants = [-40 * US, -10 * US, 0, 5 * US]
    run = publish(*instants)
    for each in (run, cut(run)):
        assert each["GPIO17"].times_ns.tolist() == instants
        assert each["GPIO17"].rising.tolist() == [-40e-6, 0]
        assert each["GPIO17"].at(-20e-6) == 1
        assert each["GPIO17"].lost == 0
        assert each.to_numpy()["time_ns"].tolist() == instants
        assert each.history.span_ns[0] == each.file.start_ns - 40 * US
        assert not [problem for problem in each.problems if "times go back" in problem]
    assert run.problems == []


def test_a_vcd_counts_from_its_first_edge_where_that_lies_before_the_start(publish, tmp_path):
    run = publish(-40 * US, 0, 5 * US)
    path = run.export(tmp_path / "early.vcd")
    _, changes, _ = read_vcd(path)
    assert changes["LED_on_GPIO17"][1:] == [(0, 0), (0, 1), (40 * US, 0), (45 * US, 1)]
    assert path.read_text().startswith("$comment labkit, times from -4e-05 s on $end")


def test_a_clock_that_steps_back_by_an_hour_hides_no_edge_and_is_told(publish, tmp_path, caplog):
    instants = [number * S for number in range(10)] + [(number - 3600) * S for number in range(10)]
    run = publish(*instants)
    told = "times go back by 3609.000 s: a clock was set, or an edge was told of late"
    assert told in caplog.text
    for each in (run, cut(run)):
        assert [edge.timestamp_ns for edge in each["GPIO17"]] == instants
        assert each["GPIO17"].lost == 0
        assert each.to_pandas().time_ns.tolist() == sorted(instants)
        assert [problem for problem in each.problems if told in problem]
        assert sum(int(column.counts.sum()) for column in columns(each)) == 20
    _, changes, _ = read_vcd(run.export(tmp_path / "stepped.vcd"))
    assert [at for at, _ in changes["LED_on_GPIO17"][2:]] == [at + 3600 * S for at in sorted(instants)]


def columns(run):
    first_ns, last_ns = run.history.span_ns
    return run.history.columns(first_ns, last_ns + 1, 100).values()


def test_an_edge_told_a_little_late_is_no_step_and_one_after_a_step_is_none_either(publish):
    run = publish(9 * S, 2 * S, 3 * S, 3 * S - 900 * US, 3 * S, 8 * S)
    assert [mark.details["back_ns"] for mark in run.marks if mark.kind == "clock"] == [7 * S]
    assert len(run["GPIO17"]) == 6
