from types import SimpleNamespace

import pytest
from gpiozero import LED

from labkit.link.hub import Hub
from labkit.link.stopping import StopChannel


class Page:
    """A page that keeps what it is told."""

    is_watched = True

    def __init__(self, hub, name):
        self.name, self.hub, self.said = name, hub, []
        hub.page_came(name, self)

    def send(self, channel, view, message, buffers=()):
        self.said.append(message)
        return True

    def close(self):
        pass

    def click(self, message):
        self.hub.received(self.name, self, "stop", "v", message, [])


@pytest.fixture
def lab(bench):
    hub = Hub()
    StopChannel(hub, bench)
    return SimpleNamespace(bench=bench, page=Page(hub, "page0001"), other=Page(hub, "page0002"))


def test_the_button_stops_and_resumes_and_every_page_is_told(lab):
    assert lab.other.said == [{"type": "state", "stopped": "", "problem": "", "closed": False}]
    with LED(17) as red:
        red.on()
        lab.page.click({"type": "stop"})
        assert not red.is_lit
        assert lab.page.said[-1]["stopped"].endswith("by the STOP button")
        assert lab.other.said[-1]["stopped"].endswith("by the STOP button")
        lab.other.click({"type": "resume"})
        assert lab.page.said[-1]["stopped"] == ""
        red.on()


def test_a_later_bench_takes_over_and_tells_the_pages_that_are_there(lab):
    lab.page.click({"type": "stop"})
    lab.bench.close()
    later = SimpleNamespace(stopped="", closed=False, watch=lambda pins, refresh: None, stop=lambda by: None)
    StopChannel(lab.page.hub, later)
    assert lab.page.said[-1]["stopped"] == ""


def test_what_code_stops_is_told_too(lab, shown):
    lab.bench.stop("an emergency")
    shown()
    assert lab.page.said[-1]["stopped"].endswith("by an emergency")


def test_pages_learn_that_the_bench_was_closed(lab):
    lab.bench.close()
    assert lab.other.said[-1]["closed"]


def test_what_it_could_not_do_is_told(lab):
    lab.bench.close()
    lab.page.click({"type": "stop"})
    assert lab.page.said[-1]["problem"].startswith("This bench was closed")


@pytest.mark.parametrize("nonsense", [None, [], "stop", {"type": 3}, {"by": "x"}])
def test_nonsense_stops_nothing_and_is_answered_with_the_state(lab, nonsense):
    lab.page.click(nonsense)
    assert lab.page.said[-1]["stopped"] == ""
    assert not lab.bench.is_stopped


def test_who_stopped_it_is_no_essay(lab):
    lab.page.click({"type": "stop", "by": "x" * 1000})
    assert len(lab.page.said[-1]["stopped"]) < 100
