"""How panels keep up: looks at what no pin tells, devices that fail, come and go, and the column of all."""

import threading
import time
import warnings
from html import unescape

import gpiozero as gz
import pytest
from gpiozero import LED, Button, Motor

import labkit
from labkit.errors import FloatingInput
from labkit.panels.base import Panel
from labkit.rounds import _rounds


def test_what_no_pin_tells_is_looked_at_only_while_somebody_sees_it(bench):
    looked = threading.Event()

    class Watched(gz.CPUTemperature):
        @property
        def temperature(self):
            looked.set()
            return 50.0

    panel = labkit.panel(Watched(pin_factory=bench.factory))
    looked.clear()
    assert not any(thread.name == "labkit-views" and thread.is_alive() for thread in _looking())
    panel._view_count = 1
    assert looked.wait(10)
    panel._view_count = 0
    assert _rounds[panel.period]._looks == []
    panel.device.close()


def _looking():
    return [each._pacer._thread for each in _rounds.values() if each._pacer is not None]


def test_a_device_that_can_not_be_read_says_why_until_it_can(bench):
    class Moody(gz.CPUTemperature):
        broken = False

        @property
        def temperature(self):
            if self.broken:
                raise OSError("no such sensor")
            return 50.0

    with Moody(pin_factory=bench.factory) as moody:
        moody.broken = True
        panel = labkit.panel(moody)
        assert "no such sensor" in panel.complaint.value
        moody.broken = False
        panel.look()
        assert panel.complaint.value == ""
        assert "50.0 °C" in panel.state.value


def test_what_a_click_breaks_is_said_although_the_click_was_no_error(bench, shown):
    class Fragile(LED):
        @property
        def value(self):
            if self.pin.state:
                raise OSError("the wire came off")
            return 0

        def on(self):
            super().on()
            shown()  # as the view thread may, before the click has returned

    panel = labkit.panel(Fragile(17))
    panel.on.click()
    assert "can't be read: OSError: the wire came off" in unescape(panel.complaint.value)
    panel.off.click()
    shown()
    assert panel.complaint.value == ""


def float_for_a_second(bench, gpio):
    """Take the part away; what a wire was charged with is gone after a while."""
    bench.factory.board.remove(bench.part(gpio))
    with bench.virtual_time():
        time.sleep(1)


def test_an_input_that_floats_says_so_in_its_own_panel_and_in_no_other(bench, shown):
    loose, firm = gz.InputDevice(4, pull_up=None, active_state=True), gz.InputDevice(5, pull_up=True)
    float_for_a_second(bench, 4)
    with pytest.warns(FloatingInput):
        panel, other = labkit.panel(loose), labkit.panel(firm)
    assert "GPIO4 was read while nothing drives it" in panel.troubles.value
    bench.drive(4, 1)
    shown()
    assert panel.troubles.value == ""
    assert "active" in panel.state.value
    other.refresh()
    assert other.troubles.value == ""


def test_a_warning_that_is_an_error_in_this_program_is_a_complaint_of_that_panel(bench):
    loose = gz.InputDevice(4, pull_up=None, active_state=True)
    float_for_a_second(bench, 4)
    panel = labkit.panel(loose)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panel.refresh()
    assert "GPIO4 was read while nothing drives it" in panel.complaint.value + panel.troubles.value


def test_a_users_subclass_gets_its_parents_panel_in_every_family(bench):
    class Gauge(gz.LEDBarGraph):
        """A user's own."""

    with Gauge(4, 5, 6) as mine:
        panel = labkit.panel(mine)
        panel.level.value = 1
        assert mine.lit_count == 3
        panel.count.value = 9
        assert "the graph has 3 LEDs" in panel.complaint.value


def test_all_panels_stand_in_one_column_that_follows(bench, shown):
    column = bench.panels()
    with LED(17) as red, Button(2) as go:
        shown()
        assert set(column.children[1:-1]) == {labkit.panel(red), labkit.panel(go)}
        assert bench.panels() is column
    shown()
    assert not any(isinstance(child, Panel) for child in column.children)


def test_many_panels_come_by_and_by_so_that_no_message_is_lost(bench, shown, monkeypatch):
    # The round's part is played here.
    monkeypatch.setattr("labkit.panels.column.join_round", lambda *_: None)
    leds = [LED(pin) for pin in range(2, 28)]
    column = bench.panels()
    assert "14 more" in column.children[-2].value
    assert sum(isinstance(child, Panel) for child in column.children) == 12
    column._go_on()
    shown()
    assert "6 more" in column.children[-2].value
    column._go_on()
    assert [child.device for child in column.children[1:-1]] == leds
    for led in leds:
        led.close()


def test_a_piece_stands_inside_its_whole_and_not_beside_it(bench, monkeypatch):
    import __main__

    robot = gz.Robot(Motor(4, 5), Motor(6, 12))
    monkeypatch.setattr(__main__, "robot", robot, raising=False)
    assert bench.panels().children[1:-1] == (labkit.panel(robot),)
    assert "<b>robot</b>" in labkit.panel(robot).title.value
    assert "robot.left_motor" in labkit.panel(robot.left_motor).title.value
    robot.close()


def test_when_the_bench_is_closed_its_panels_say_so():
    bench = labkit.bench("simulated")
    cpu = gz.CPUTemperature()
    panel = labkit.panel(cpu)
    bench.close()
    panel.look()
    assert "closed" in panel.state.value
