import sys
from types import SimpleNamespace

import ipywidgets as widgets
import pytest

from labkit.comms import serve_while_busy


def test_a_widget_and_its_children_are_served_where_the_browser_asked():
    child, parent = (SimpleNamespace(comm=SimpleNamespace(_reply_subshell_for=None)) for _ in range(2))
    parent.children = (child,)
    serve_while_busy(parent)
    assert [each.comm._reply_subshell_for({}, "the subshell") for each in (parent, child)] == ["the subshell"] * 2


def test_a_kernel_without_that_choice_is_left_alone():
    widget = widgets.IntSlider()
    before = vars(widget.comm).copy() if widget.comm is not None else None
    serve_while_busy(widget)
    assert (vars(widget.comm) if widget.comm is not None else None) == before
    serve_while_busy(SimpleNamespace(comm=None))


def test_a_widget_in_a_kernel_ignores_where_it_was_published_last(kernel):
    ran = kernel.check(
        "from labkit.header import header\n"
        "comm = header(bench).comm\n"
        "getattr(comm, '_reply_subshell_for', lambda data, default: default)({}, 'asked for')"
    )
    assert ran.text == "'asked for'"


def test_what_a_server_has_not_read_yet_waits_for_it(kernel):
    kernel.check(
        "import ipywidgets, threading\nred, slider, sent = LED(17), ipywidgets.IntSlider(max=9999), threading.Event()"
    )
    kernel.check("red")
    # ZeroMQ's own buffers and the system's hold some five thousand.
    told = kernel.read_late(
        "for slider.value in range(1, 10_000): pass\n"
        "get_ipython().kernel.iopub_thread.schedule(sent.set)\n"
        "assert sent.wait(60)"
    )
    assert told.count("comm_msg") == 9_999


@pytest.mark.parametrize(("before", "after"), [(0.005, 0.001), (0.02, 0.02), (0.0001, 0.0001)])
def test_waiting_threads_go_on_sooner_unless_somebody_chose_otherwise(before, after):
    stock = sys.getswitchinterval()
    try:
        sys.setswitchinterval(before)
        serve_while_busy(SimpleNamespace(comm=None))
        assert sys.getswitchinterval() == pytest.approx(after)
    finally:
        sys.setswitchinterval(stock)
