import threading

import pytest
from gpiozero import LED, Button
from gpiozero.pins.mock import MockFactory

from labkit.bench import Bench
from labkit.boards import Board
from labkit.header import Header, header


def test_the_rows_are_those_of_the_board(bench):
    rows = Header(bench).board["rows"]
    assert [[pin["number"] for pin in row] for row in rows] == [[n, n + 1] for n in range(1, 41, 2)]
    assert [pin["name"] for pin in rows[0] + rows[5]] == ["3V3", "5V", "GPIO17", "GPIO18"]
    assert rows[2][1] == {"number": 6, "name": "GND", "kind": "ground"}


@pytest.mark.parametrize(
    ("revision", "rows"),
    [("902120", 20), ("c04170", 20), ("a02082", 20), ("0002", 13)],
    ids=["Zero 2 W", "Pi 5", "Pi 3", "the first Model B"],
)
def test_every_revision_has_its_own_header(revision, rows):
    factory = MockFactory(revision=revision)
    opened = Bench(factory, Board("any", simulated=True, why=""), views=None)
    try:
        assert len(Header(opened).board["rows"]) == rows
    finally:
        opened.close()


def test_pins_in_use_show_level_function_and_holder(bench):
    with LED(17) as red, Button(2):
        red.on()
        pins = Header(bench).pins
    assert pins["GPIO17"]["level"] == 1
    assert pins["GPIO17"]["function"] == "output"
    assert pins["GPIO2"] | {"cell": ""} == {
        "level": 1,
        "function": "input",
        "holder": "Button",
        "kind": "Button",
        "cell": "",
    }


def test_the_header_follows_edges_and_holders(bench):
    shown, seen = header(bench), threading.Event()
    with LED(17) as red:
        shown.observe(lambda change: change.new.get("GPIO17", {}).get("level") == 1 and seen.set(), "pins")
        red.on()
        assert seen.wait(10)
        gone = threading.Event()
        shown.observe(lambda change: "GPIO17" not in change.new and gone.set(), "pins")
    assert gone.wait(10)


def test_one_bench_has_one_header(bench):
    assert header(bench) is header(bench)
