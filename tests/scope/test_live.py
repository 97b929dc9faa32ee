"""The scope on a simulated bench: what a notebook says to it, and what pages say."""

from __future__ import annotations

import csv
import gc
import math
import queue
import threading
import weakref

import numpy as np
import pytest
from gpiozero import LED, MCP3008, PWMLED, RGBLED, Button, CPUTemperature, DistanceSensor

from labkit.errors import BadRate
from labkit.scope.plot import desk
from labkit.scope.pump import pump_of


class Page:
    """A page's end of the link, by hand."""

    is_watched = True

    def __init__(self, name="page0001"):
        self.name = name
        self.heard = queue.Queue()
        self.hub = desk()._channel._hub
        self.hub.page_came(name, self)

    def send(self, channel, view, message, buffers=()):
        self.heard.put((view, message, [bytes(part) for part in buffers]))
        return True

    def close(self):
        pass

    def say(self, scope, kind, view="v", **more):
        self.hub.received(self.name, self, "scope", view, {"plot": scope.plot, "type": kind, **more}, [])

    def until(self, kind):
        while True:
            _, message, buffers = self.heard.get(timeout=30)
            if isinstance(message, dict) and message["type"] == kind:
                return message, buffers

    def leave(self):
        from labkit.link.hub import Departure

        self.hub.page_gone(self.name, self, Departure("closed"))


@pytest.fixture
def page():
    made = Page()
    yield made
    made.leave()


@pytest.fixture
def plot(bench):
    red, go = LED(17), Button(2)
    scope = bench.scope(red, go, window=5)
    return scope, red, go


def test_pins_are_lanes_and_what_is_measured_are_traces(bench):
    devices = LED(17), RGBLED(5, 6, 13), MCP3008(0), DistanceSensor(23, 24, max_distance=2), CPUTemperature()
    scope = bench.scope(*devices)
    told = {lane["name"].split(" on ")[0]: lane for lane in scope.setup()["lanes"]}
    assert [lane["digital"] for lane in scope.setup()["lanes"]] == [True] * 4 + [False] * 3
    assert [(lane["unit"], lane["span"]) for lane in scope.setup()["lanes"]][4:] == [
        ("V", (0.0, 3.3)), ("m", (0.0, 2.0)), ("°C", (0.0, 100.0)),
    ]  # fmt: skip
    assert len(told) > 4
    pot = scope.setup()["lanes"][4]["name"]
    while not scope.measure()[pot].count:
        pass
    assert scope.measure()[pot].last == pytest.approx(devices[2].voltage)


def test_things_of_one_name_are_told_apart(bench):
    class Scale:
        value = 1.0

    scope = bench.scope(Scale(), Scale())
    scope.add(Scale())
    assert scope.channels == ["Scale", "Scale (2)", "Scale (3)"]
    scope.remove("Scale (2)")
    assert scope.channels == ["Scale", "Scale (3)"]
    scope.close()


def test_no_device_named_means_all(bench):
    with LED(17), Button(2):
        assert sorted(bench.scope().channels) == ["Button on GPIO2", "LED on GPIO17"]


@pytest.mark.parametrize("window", [0, -1, math.nan, math.inf, 1e-9, 1e9, "10", None])
def test_a_window_of_nothing_is_refused(bench, window):
    with LED(17) as red, pytest.raises(ValueError, match="shows nothing"):
        bench.scope(red, window=window)


@pytest.mark.parametrize("rate", [0, -1, 1e9, math.nan, "fast"])
def test_a_rate_of_nothing_is_refused(bench, rate):
    with LED(17) as red, pytest.raises(BadRate):
        bench.scope(red, rate=rate)


def test_what_cannot_be_drawn_is_refused(bench):
    with pytest.raises(ValueError, match="make one first"):
        bench.scope()
    red = LED(17)
    red.close()
    with pytest.raises(ValueError, match="is closed"):
        bench.scope(red)
    with pytest.raises(TypeError, match="no value"):
        bench.scope(object())


def test_measurements_of_a_square_wave(plot, bench):
    scope, red, _ = plot
    begin = bench.clock.now_ns() / 1e9
    for _ in range(5):
        red.on()
        red.off()
    found = scope.measure(begin)
    measured = next(value for name, value in found.items() if "17" in name)
    assert (measured.count, measured.last) == (10, 0)
    assert 0 < measured.duty < 1
    assert measured.frequency_hz > 0
    assert 0 < measured.shortest_s < 1


def test_channels_come_and_go_and_keep_their_colours(plot, bench, page):
    scope, red, go = plot
    page.say(scope, "hello")
    first = page.until("setup")[0]
    colours = {lane["name"]: lane["colour"] for lane in first["lanes"]}
    assert len(set(colours.values())) == 2
    page.say(scope, "colour", lane=1, colour="#123456")
    assert page.until("setup")[0]["lanes"][1]["colour"] == "#123456"
    scope.remove(go)
    assert len(page.until("setup")[0]["lanes"]) == 1
    assert scope.setup()["addable"] == [bench.name_of(go)]
    page.say(scope, "add", name=bench.name_of(go))
    told = page.until("setup")[0]
    assert [lane["colour"] for lane in told["lanes"]] == [colours[bench.name_of(red)], "#123456"]
    assert told["layout"] > first["layout"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("colour", {"lane": 0, "colour": "red; x"}), ("colour", {"lane": 9, "colour": "#ffffff"}), ("colour", {}),
        ("span", {"seconds": 0}), ("span", {"seconds": "x"}), ("window", {"begin": 5, "end": 5, "pixels": 9}),
        ("window", {"begin": "x", "end": 5, "pixels": 9}), ("window", {}), ("add", {"name": "nothing"}), ("dance", {}),
        ("trigger", {"settings": {"channel": "nobody"}}), ("trigger", {"settings": {"how": "sideways"}}),
        ("trigger", {"settings": 3}), ("painted", {"number": None}),
    ],
)  # fmt: skip
def test_nonsense_from_a_page_is_answered_with_why_and_changes_nothing(plot, page, kind, more):
    scope, _, _ = plot
    page.say(scope, "hello")
    before = page.until("setup")[0]
    page.say(scope, kind, **more)
    assert page.until("refused")[0]["why"]
    assert scope.setup()["lanes"] == before["lanes"]
    assert scope.window == 5


def test_a_plot_that_is_closed_is_gone_for_its_pages(plot, page):
    scope, _, _ = plot
    page.say(scope, "hello")
    scope.close()
    page.until("gone")
    page.say(scope, "hello")
    page.until("gone")


def test_edges_arrive_in_the_page(plot, page):
    scope, red, _ = plot
    page.say(scope, "hello")
    page.until("setup")
    red.on()
    while True:
        _, message, buffers = page.heard.get(timeout=30)
        if isinstance(message, list):
            _, number, _, _ = message
            page.say(scope, "painted", number=number)
            if np.frombuffer(buffers[0], np.uint8).reshape(6, -1)[2].sum():
                return


def test_history_is_answered_edge_by_edge_where_these_are_few(plot, bench, page):
    scope, red, _ = plot
    begin = bench.clock.now_ns()
    red.on()
    red.off()
    scope._pump.turn()
    end = bench.clock.now_ns()
    page.say(scope, "window", begin=begin, end=end, pixels=500, id=7)
    answer, buffers = page.until("window")
    assert answer["id"] == 7
    assert answer["before"] == [0, 1]
    times, levels = np.frombuffer(buffers[0]), np.frombuffer(buffers[1])
    assert levels.tolist() == [1, 0]
    assert 0 <= times[0] < times[1] <= (end - begin) / 1e9


def test_history_is_answered_in_columns_where_they_are_many(plot, bench, page):
    scope, red, _ = plot
    begin = bench.clock.now_ns()
    for _ in range(5000):
        red.toggle()
    scope._pump.turn()
    page.say(scope, "window", begin=begin, end=bench.clock.now_ns(), pixels=500, id=1)
    answer, (buffer,) = page.until("window")
    assert answer["columns"] == 500
    edges = np.frombuffer(buffer, np.uint8).reshape(6, 500)[2]
    assert edges.sum() == 5000


def test_what_is_in_sight_is_exported_and_can_be_read(plot, bench, page, tmp_path):
    scope, red, _ = plot
    begin = bench.clock.now_ns()
    for _ in range(1500):
        red.toggle()
    scope._pump.turn()
    page.say(scope, "export", id=1, begin=begin, end=bench.clock.now_ns())
    text = ""
    while True:
        answer, (piece,) = page.until("export")
        text += piece.decode()
        if answer["last"]:
            break
        page.say(scope, "export", id=1)
    path = scope.to_csv(tmp_path / "all.csv", begin / 1e9)
    for source in (text, path.read_text()):
        rows = list(csv.DictReader(source.splitlines()))
        assert len(rows) == 1500
        assert [float(row["value"]) for row in rows] == [1, 0] * 750
        times = [float(row["time_s"]) for row in rows]
        assert times == sorted(times)
    with pytest.raises(FileExistsError):
        scope.to_csv(path)


@pytest.mark.parametrize(
    ("arguments", "named", "words"),
    [
        (("red", "sideways"), {}, "A trigger is"),
        (("red",), {"mode": "often"}, "mode is"),
        (("red",), {"pre": 2}, "0.0 to 1.0"),
        (("red", "high pulse"), {}, "shorter="),
        (("red", "high pulse"), {"shorter": 1e-3, "longer": 1e-2}, "No pulse"),
        (("red",), {"shorter": 1e-3}, "is of pulses"),
        (("green",), {}, "no channel 'green'"),
        (("red",), {"level": math.inf}, "is no level"),
    ],
)
def test_a_trigger_that_makes_no_sense_is_refused(bench, arguments, named, words):
    with LED(17) as led:
        scope = bench.scope(led)
        name = scope.channels[0]
        arguments = [name if each == "red" else each for each in arguments]
        with pytest.raises(ValueError, match=words):
            scope.trigger(*arguments, **named)


def test_a_single_trigger_catches_a_glitch_of_a_microsecond(plot, bench, page):
    scope, _, go = plot
    scope.window = 20e-6
    scope.trigger(go, "low pulse", shorter=5e-6, mode="single", pre=0.5)
    page.say(scope, "hello")
    page.until("setup")
    with bench.virtual_time():
        part = bench.part(2)
        import time

        for seconds in (0.5, 0.1, 1e-6, 0.2):
            part.press(seconds)
            time.sleep(1)
    _, (buffer,) = page.until("capture")
    levels = np.frombuffer(buffer, np.uint8).reshape(6, -1)
    low = np.flatnonzero(levels[3] == 0)
    # A thousand columns of 20 ns: the glitch is fifty of them, and ends where the middle one begins.
    assert (low[0], low[-1]) == (450, 500)
    assert page.until("setup")[0]["state"] == "stopped"
    page.say(scope, "arm")
    assert page.until("setup")[0]["state"] == "armed"


def test_closing_a_device_ends_its_lane_and_a_new_one_goes_on(plot, bench):
    scope, red, _ = plot
    red.close()
    while "ended" not in scope.setup()["lanes"][0]:
        scope._lanes.look_for_ends()
    again = LED(17)
    assert scope._lanes.look_for_ends()
    assert "ended" not in scope.setup()["lanes"][0]
    again.close()


def test_a_sampled_device_that_is_closed_ends_and_one_that_fails_says_why(bench):
    class Moody:
        value = 1.0
        closed = False

    moody = Moody()
    scope = bench.scope(moody, rate=1000)
    Moody.value = property(lambda self: 1 / 0)
    while not scope.setup()["lanes"][0]["trouble"]:
        pass
    assert "division by zero" in scope.setup()["lanes"][0]["trouble"]
    moody.closed = True
    while "ended" not in scope.setup()["lanes"][0]:
        pass


def test_scopes_share_a_pump_and_the_last_one_ends_it(bench):
    red = LED(17)
    before = threading.active_count()
    one, two = bench.scope(red), bench.scope(red)
    assert one._pump is two._pump
    assert threading.active_count() == before + 1
    one.close()
    two.close()
    assert two._pump._thread is None
    assert len(bench.tap._subscribers) == 1
    assert not two._pump._followed


def test_a_closed_scope_leaves_nothing_behind(bench):
    red, pot = LED(17), MCP3008(0)
    scope = bench.scope(red, pot)
    pump = weakref.ref(scope._pump)
    track = weakref.ref(scope._lanes.pairs[1][1])
    scope.close()
    bench._viewing._kept.clear()
    del scope
    # A thread may be in the middle of a look at them.
    while track() is not None or pump() is not None:
        gc.collect()
    assert pump_of(bench)._thread is None


def test_a_duty_cycle_is_a_level(bench):
    pwm = PWMLED(18)
    scope = bench.scope(pwm)
    pwm.value = 0.25
    assert scope.measure()[scope.channels[0]].last == 0.25


def test_running_the_cell_again_closes_the_plot_it_made(kernel):
    kernel.check("red, pot = LED(17), MCP3008(0)", cell="a")
    count = (
        "import threading, gc; gc.collect()\n"
        "from ipywidgets import Widget\nimport ipywidgets.widgets.widget as w\n"
        "print(len(bench._viewing._kept), len(bench.tap._subscribers), len(bench._viewing._listeners),"
        " threading.active_count(), len(w._instances), len(s._desk._plots), len(s._pump._followed))"
    )
    for run in range(15):
        kernel.check("s = bench.scope(red, pot)\ns", cell="b")
        if run == 2:
            before = kernel.check(count, cell="z").text
    assert kernel.check(count, cell="z").text == before
