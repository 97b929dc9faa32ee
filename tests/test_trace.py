import re

import pytest

from labkit.trace import Edge, Trace


def trace(*changes: tuple[float, float]) -> Trace:
    edges = (Edge("GPIO17", round(t * 1e9), seq, level) for seq, (t, level) in enumerate(changes, 1))
    return Trace.of("GPIO17", edges)


def test_rising_and_falling_edges_are_told_apart():
    blink = trace((1.0, 1), (1.5, 0), (2.0, 1))
    assert blink.rising == [1.0, 2.0]
    assert blink.falling == [1.5]


def test_a_period_runs_from_one_rising_edge_to_the_next():
    assert trace((0.0, 1), (0.2, 0), (1.0, 1), (1.9, 0), (3.0, 1)).periods == [1.0, 2.0]


def test_a_change_of_duty_cycle_is_no_rising_edge():
    assert trace((1.0, 0.3), (2.0, 0.8), (3.0, 0)).rising == [1.0]


def test_the_level_holds_until_the_next_edge():
    blink = trace((1.0, 1), (2.0, 0))
    assert [blink.at(t) for t in (0.999999999, 1.0, 1.999999999, 2.0)] == [0, 1, 1, 0]


def test_duty_is_the_mean_level_of_the_window():
    assert trace((1.0, 1), (2.0, 0)).duty(0.0, 4.0) == 0.25
    assert trace((1.0, 0.5)).duty(0.0, 2.0) == 0.25
    assert trace((1.0, 1), (2.0, 0)).duty(1.0, 2.0) == 1.0


def test_an_empty_window_has_no_duty():
    with pytest.raises(ValueError, match="stop must come after start"):
        trace((1.0, 1)).duty(2.0, 2.0)


def test_a_gap_in_the_numbers_proves_loss():
    whole = trace((1.0, 1), (2.0, 0), (3.0, 1))
    assert whole.lost == 0
    assert Trace("GPIO17", (whole.edges[0], whole.edges[2])).lost == 1


def test_of_picks_one_pin_out_of_many():
    edges = [Edge("GPIO17", 1, 1, 1), Edge("GPIO2", 2, 1, 0), Edge("GPIO17", 3, 2, 0)]
    assert [edge.timestamp_ns for edge in Trace.of("GPIO17", edges)] == [1, 3]
    assert len(Trace.of("GPIO3", edges)) == 0


def test_figures_show_as_a_table_with_their_units():
    trace = Trace("red", tuple(Edge("red", number * 250_000_000, number + 1, (number + 1) % 2) for number in range(9)))
    table = trace.statistics(0, 2)._repr_html_()
    rows = dict(re.findall(r"<th[^>]*>([^<]+)</th><td[^>]*>([^<]+)</td>", table))
    assert rows["rising"] == "5"
    assert rows["duty"] == "50.00%"
    assert rows["period"] == "0.5 s"
    assert rows["jitter"] == "0 ms"
    assert Trace("red").statistics(0, 1)._repr_html_().count("–") == 6
