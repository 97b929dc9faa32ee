from types import SimpleNamespace

import pytest
from gpiozero import LED, Motor

from labkit.clock import ManualClock
from labkit.link.beating import HeartbeatChannel
from labkit.link.hub import Departure, Hub
from labkit.safety.heartbeat import Heartbeat


class Page:
    """A page that keeps what it is told."""

    def __init__(self, hub, name, is_watched=True):
        self.name, self.hub, self.said, self.is_watched = name, hub, [], is_watched
        hub.page_came(name, self)

    def send(self, channel, view, message, buffers=()):
        self.said.append(message)
        return True

    def say(self, **message):
        self.hub.received(self.name, self, "heartbeat", "v", message, [])

    def close(self):
        pass

    def leave(self, silent_s=0.0):
        self.hub.page_gone(self.name, self, Departure("no pong", silent_s))


@pytest.fixture
def lab(bench):
    clock, hub = ManualClock(), Hub()
    heartbeat = Heartbeat(clock, bench.tap, bench.safety.switch.stop_device, bench.stop, lambda pin: None)
    cells = SimpleNamespace(is_running=False, current=SimpleNamespace(run=3))
    safety = SimpleNamespace(heartbeat=heartbeat)
    channel = HeartbeatChannel(hub, SimpleNamespace(safety=safety, cells=cells), clock)
    with Motor(5, 6) as motor:
        yield SimpleNamespace(
            clock=clock, hub=hub, heartbeat=heartbeat, channel=channel, motor=motor, cells=cells,
            token=channel.token(motor),
        )  # fmt: skip
    heartbeat.close()


def drive(lab, page, stops=0):
    page.say(type="touch", device=lab.token, stops=stops)
    with lab.heartbeat.acting(lab.motor):
        lab.motor.forward()


def test_a_page_that_is_cut_off_stops_what_it_drove_and_is_told_why(lab):
    page = Page(lab.hub, "page0001")
    drive(lab, page)
    page.leave(silent_s=1.5)
    lab.clock.run_for(0.499)
    assert lab.motor.value == 1
    lab.clock.run_for(0.001)
    assert lab.motor.value == 0
    back = Page(lab.hub, "page0001")
    back.say(type="hello", device=lab.token)
    why = "stopped: the page that drove it was gone for 2 s"
    assert back.said == [{"type": "state", "device": lab.token, "stops": 1, "said": why}]
    drive(lab, back, stops=1)
    lab.channel.tell(lab.motor)
    lab.channel.tell(lab.motor)
    assert back.said[1:] == [{"type": "state", "device": lab.token, "stops": 1, "said": ""}]
    assert lab.motor.value == 1


def test_a_page_that_nothing_watches_is_asked_while_it_drives(lab):
    page = Page(lab.hub, "page0001", is_watched=False)
    lab.clock.run_for(100)
    assert page.said == []
    drive(lab, page)
    for _ in range(10):
        lab.clock.run_for(0.5)
        assert page.said.pop() == {"type": "ping"}
        page.say(type="pong")
    lab.clock.run_for(2.0)
    assert lab.motor.value == 0


def test_a_busy_cell_is_no_reason(lab):
    page = Page(lab.hub, "page0001", is_watched=False)
    drive(lab, page)
    lab.cells.is_running = True
    lab.clock.run_for(60)
    assert lab.motor.value == 1
    lab.cells.is_running = False
    lab.clock.run_for(2.5)
    assert lab.motor.value == 0


def test_a_page_that_falls_back_to_its_comm_is_asked_from_then_on(lab):
    page = Page(lab.hub, "page0001")
    drive(lab, page)
    lab.clock.run_for(100)
    page.leave()
    fallen = Page(lab.hub, "page0001", is_watched=False)
    lab.clock.run_for(0.5)
    assert fallen.said == [{"type": "ping"}]
    lab.clock.run_for(2.0)
    assert lab.motor.value == 0


@pytest.mark.parametrize(
    "nonsense",
    [
        {"type": "touch", "device": "d99", "stops": 0},
        {"type": "touch", "device": "d1"},
        {"type": "touch", "stops": 0},
        {"type": "hello"},
        {"type": "hello", "device": 3},
        {"type": "?"},
    ],
)
def test_nonsense_drives_nothing(lab, nonsense):
    page = Page(lab.hub, "page0001")
    page.say(**nonsense)
    lab.hub.received(page.name, page, "heartbeat", "v", [1], [])
    assert page.said == []
    assert not lab.heartbeat.is_driving("page0001")


def test_devices_that_are_gone_are_forgotten(lab):
    red = LED(17)
    token = lab.channel.token(red)
    assert lab.channel.token(red) == token
    red.close()
    del red
    Page(lab.hub, "page0001").say(type="hello", device=token)
    assert token not in lab.channel._devices
