"""The header's model: what goes to the browser, and what comes from it."""

import threading

import gpiozero as gz
import pytest
from gpiozero import LED, Button

import labkit
from labkit.header import header


def say(shown, **message):
    """As the browser does."""
    shown._receive(shown, message, [])


@pytest.fixture
def sent(bench, monkeypatch):
    """The names of the traits in each message to the browser."""
    messages = []
    monkeypatch.setattr(header(bench), "_send", lambda message, buffers=None: messages.append(set(message["state"])))
    return messages


def test_one_bench_has_one_header(bench):
    assert header(bench) is header(bench)


def test_the_board_is_told_once_with_all_its_headers(bench):
    board = header(bench).board
    assert [strip["name"] for strip in board["strips"]] == ["J8", "J14", "J2"]
    assert board["strips"][0]["rows"][5][0] | {"interfaces": ()} == {
        "number": 11, "name": "GPIO17", "kind": "gpio", "usual": "SPI1 CE1", "interfaces": (), "pull": "",
    }  # fmt: skip
    assert board["simulated"] is True


def test_only_what_changed_is_sent(bench, shown, sent):
    with LED(17) as red, LED(27):
        shown()
        sent.clear()
        shown()
        assert sent == []
        red.on()
        shown()
        assert sent == [{"GPIO17"}]


def test_the_header_follows_edges_and_holders(bench):
    shown, seen, gone = header(bench), threading.Event(), threading.Event()
    with LED(17) as red:
        shown.observe(lambda change: change.new.get("level") == 1 and seen.set(), "GPIO17")
        red.on()
        assert seen.wait(10)
        shown.observe(lambda change: "holder" not in change.new and gone.set(), "GPIO17")
    assert gone.wait(10)


def test_a_press_holds_a_button_until_it_ends(bench):
    shown = header(bench)
    with Button(2) as go:
        shown.refresh()
        say(shown, type="down", pin="GPIO2", kind="hold")
        assert go.is_pressed
        assert shown.code == "bench.parts[2].hold()"
        say(shown, type="up", pin="GPIO2", long=False)
        assert not go.is_pressed
        assert shown.code == "bench.parts[2].release()"


def test_a_click_flips_a_switch_and_a_long_press_flips_it_back(bench):
    shown = header(bench)
    with gz.DigitalInputDevice(6) as lever:
        shown.refresh()
        assert shown.GPIO6["touch"] == "switch"
        say(shown, type="down", pin="GPIO6", kind="switch")
        say(shown, type="up", pin="GPIO6", long=False)
        assert lever.value == 1
        say(shown, type="down", pin="GPIO6", kind="switch")
        assert lever.value == 0
        say(shown, type="up", pin="GPIO6", long=True)
        assert lever.value == 1
        assert shown.code == "bench.parts[6].is_on = True"


def test_a_press_walks_by_a_motion_sensor(bench):
    shown = header(bench)
    with gz.MotionSensor(16):
        shown.refresh()
        assert shown.GPIO16["touch"] == "push"
        say(shown, type="down", pin="GPIO16", kind="push")
        say(shown, type="up", pin="GPIO16", long=True)
        assert bench.parts[16].is_high
        assert shown.code == "bench.parts[16].move()"


def test_a_click_drives_a_free_pin_and_each_click_changes_its_level(bench):
    shown = header(bench)
    for level in (1, 0, 1):
        say(shown, type="down", pin="GPIO5", kind="drive")
        say(shown, type="up", pin="GPIO5", long=False)
        shown.refresh()
        assert (shown.GPIO5["lead"], shown.GPIO5["level"]) == (level, level)
    assert shown.code == "bench.drive(5, 1)"
    say(shown, type="take lead", pin="GPIO5")
    shown.refresh()
    assert "lead" not in shown.GPIO5
    assert shown.code == "bench.let_go(5)"


def test_a_long_press_drives_a_free_pin_for_as_long_as_it_lasts(bench):
    shown = header(bench)
    say(shown, type="down", pin="GPIO5", kind="drive")
    shown.refresh()
    assert shown.GPIO5["lead"] == 1
    say(shown, type="up", pin="GPIO5", long=True)
    shown.refresh()
    assert "lead" not in shown.GPIO5


def test_a_device_that_takes_a_driven_pin_takes_the_lead_off(bench):
    shown = header(bench)
    bench.drive(17, 0)
    with LED(17) as red:
        red.on()
        shown.refresh()
        assert "lead" not in shown.GPIO17
        assert shown.GPIO17["level"] == 1
    assert bench.factory.board.faults == []


def test_an_output_can_not_be_pressed(bench):
    shown = header(bench)
    with LED(17):
        shown.refresh()
        assert "touch" not in shown.GPIO17
        say(shown, type="down", pin="GPIO17", kind="drive")
        assert "GPIO17 is an output" in shown.problem


def test_the_parts_own_controls_are_there_with_their_values(bench):
    shown = header(bench)
    with gz.DistanceSensor(23, 24, partial=True), gz.MCP3008(channel=0) as pot, gz.LightSensor(4, partial=True):
        shown.refresh()
        offered = {part["part"]: [handle["name"] for handle in part["handles"]] for part in shown.parts}
        assert offered["distance23"] == ["distance"]
        assert offered["pot0"] == ["position"]
        assert shown.values["pot0"] == {"position": 0.5}
        say(shown, type="use", moves=[["pot0", "position", 0.25], ["distance23", "distance", 1.5]])
        assert pot.value == pytest.approx(0.25, abs=0.001)
        assert bench.parts[23].distance == 1.5
        assert shown.code == "bench.parts[23].distance = 1.5"
        shown.refresh()
        assert shown.values["distance23"] == {"distance": 1.5}


def test_what_code_sets_shows_without_a_pins_change(bench):
    shown, seen = header(bench), threading.Event()
    with gz.MCP3008(channel=0):
        shown.observe(lambda change: change.new.get("pot0", {}).get("position") == 0.9 and seen.set(), "values")
        bench.parts["pot0"].position = 0.9
        assert seen.wait(10)


def test_the_browser_is_told_when_its_moves_were_taken(bench, monkeypatch):
    shown, told = header(bench), []
    monkeypatch.setattr(shown, "send", lambda content, buffers=None: told.append(content))
    say(shown, type="use", moves=[["host", "cpu_temperature", 60.0]])
    say(shown, type="use", moves=[["nowhere", "lux", 1.0]])
    assert told == [{"type": "used"}] * 2
    assert "no 'lux' of a part 'nowhere'" in shown.problem


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "down"},
        {"type": "down", "pin": 17, "kind": "drive"},
        {"type": "down", "pin": "GPIO99", "kind": "drive"},
        {"type": "down", "pin": "GPIO5", "kind": "hammer"},
        {"type": "up", "pin": "GPIO5", "long": True},
        {"type": "use", "moves": [["host", "cpu_temperature"]]},
        {"type": "use", "moves": [["host", "load", "much"]]},
        {"type": "use", "moves": [["host", "load", float("nan")]]},
    ],
)
def test_nonsense_from_a_browser_changes_nothing(bench, message):
    shown = header(bench)
    before = shown.get_state()
    say(shown, **message)
    shown.refresh()
    after = shown.get_state()
    assert {name for name in after if after[name] != before[name]} <= {"problem"}


def test_a_closed_bench_says_so_and_a_new_one_has_a_header_of_its_own():
    first = labkit.bench("simulated")
    old = header(first)
    first.close()
    assert old.closed
    second = labkit.bench("simulated")
    try:
        assert header(second) is not old
        assert not header(second).closed
    finally:
        second.close()
