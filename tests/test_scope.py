"""The kernel's side of the live plot: frames, credit, and several views."""

import array

import pytest
from gpiozero import LED, Button

from labkit.scope import CREDIT, Scope


@pytest.fixture
def plot(bench):
    red, go = LED(17), Button(2)
    scope = Scope(bench, [("GPIO17", "red"), ("GPIO2", "go")], window=5)
    sent = []
    scope.send = lambda head, buffers=None: sent.append((head, buffers))
    yield scope, red, go, sent
    scope.close()


def frame(sent):
    head, (times, lanes, levels) = sent
    decode = [array.array(code, data).tolist() for code, data in (("d", times), ("B", lanes), ("f", levels))]
    return head, list(zip(*decode, strict=True))


def test_a_new_view_gets_the_whole_picture(plot):
    scope, red, _, sent = plot
    red.on()
    scope._receive(scope, {"type": "hello", "view": "v"}, [])
    head, edges = frame(sent[-1])
    assert head["to"] == "v"
    assert head["first"] is True
    assert [(lane, level) for _, lane, level in edges] == [(0, 0), (1, 1), (0, 1)]


def test_later_frames_hold_only_what_is_new(plot):
    scope, red, _, sent = plot
    scope._receive(scope, {"type": "hello", "view": "v"}, [])
    red.on()
    red.off()
    scope._send_frames()
    head, edges = frame(sent[-1])
    assert head["first"] is False
    assert [level for _, _, level in edges] == [1, 0]
    assert edges[0][0] <= edges[1][0] <= head["now"]


def test_a_view_that_does_not_paint_gets_no_more_than_its_credit_and_then_all_it_missed(plot):
    scope, red, _, sent = plot
    scope._receive(scope, {"type": "hello", "view": "v"}, [])
    for _ in range(10):
        red.toggle()
        scope._send_frames()
    assert len(sent) == CREDIT
    scope._receive(scope, {"type": "painted", "view": "v"}, [])
    assert sum(len(frame(each)[1]) for each in sent) == 2 + 10


def test_views_keep_their_own_pace(plot):
    scope, red, _, sent = plot
    for view in ("slow", "fast"):
        scope._receive(scope, {"type": "hello", "view": view}, [])
    for _ in range(10):
        red.toggle()
        scope._send_frames()
        scope._receive(scope, {"type": "painted", "view": "fast"}, [])
    to = [head["to"] for head, _ in sent]
    assert to.count("slow") == CREDIT
    assert to.count("fast") >= 10


def test_silence_sends_nothing(plot):
    scope, _, _, sent = plot
    scope._receive(scope, {"type": "hello", "view": "v"}, [])
    sent.clear()
    scope._send_frames()
    assert sent == []


def test_a_view_that_left_gets_nothing(plot):
    scope, red, _, sent = plot
    scope._receive(scope, {"type": "hello", "view": "v"}, [])
    scope._receive(scope, {"type": "bye", "view": "v"}, [])
    sent.clear()
    red.on()
    scope._send_frames()
    assert sent == []


def test_bokehjs_is_sent_when_a_page_asks_and_is_not_part_of_the_notebook(plot):
    scope, _, _, sent = plot
    scope._receive(scope, {"type": "bokehjs", "view": "v"}, [])
    head, (code,) = sent[-1]
    assert head == {"type": "bokehjs", "to": "v"}
    assert len(code) > 500_000
    assert len(str(scope.get_state(["figure", "channels", "window"]))) < 40_000


def test_no_device_named_means_all(bench):
    with LED(17), Button(2):
        assert bench.scope().channels == ["Button on GPIO2", "LED on GPIO17"]


def test_a_window_of_nothing_and_a_bench_without_devices_are_refused(bench):
    with pytest.raises(ValueError, match="make one first"):
        bench.scope()
    with LED(17) as red, pytest.raises(ValueError, match="more than 0"):
        bench.scope(red, window=0)
    with pytest.raises(ValueError, match="sits on no pin"):
        bench.scope(red)


def test_running_the_cell_again_closes_the_plot_it_made(kernel):
    kernel.check("red = LED(17)", cell="a")
    for _ in range(5):
        kernel.check("s = bench.scope(red)\ns", cell="b")
    assert kernel.check("len(bench._viewing._kept)", cell="z").text == "1"
    subscribers = "len(bench.tap._subscribers), len(bench._viewing._listeners)"
    before = kernel.check(subscribers, cell="z").text
    kernel.check("s = bench.scope(red)\ns", cell="b")
    assert kernel.check(subscribers, cell="z").text == before
