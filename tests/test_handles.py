"""What a person can do to simulated parts, found from the parts themselves."""

from typing import ClassVar

import pytest

from labkit.handles import handles, part_place
from labkit.sim.part import Part
from labkit.sim.parts.analog import Potentiometer
from labkit.sim.parts.buttons import PushButton, Switch
from labkit.sim.parts.distance import HcSr04
from labkit.sim.parts.knobs import Knob
from labkit.sim.parts.leds import Led
from labkit.sim.parts.light import LdrCapacitor
from labkit.sim.parts.motion import LineSensor, Pir

NEARBY = HcSr04(23, 24, distance=None)


@pytest.mark.parametrize(
    ("part", "offered"),
    [
        (PushButton(2), [("hold", "hold")]),
        (Switch(2), [("is_on", "switch")]),
        (Pir(4), [("move", "push")]),
        (LineSensor(4), [("over_line", "switch")]),
        (Knob(20, 21), [("rotate −1", "push"), ("rotate +1", "push")]),
        # Its air has the temperature of the room: nothing to set by hand.
        (HcSr04(23, 24), [("distance", "slider")]),
        (NEARBY, [("distance", "slider")]),
        (LdrCapacitor(4, lux=100.0), [("lux", "slider")]),
        (Potentiometer(), [("position", "slider")]),
        (Led(17), []),
        (None, []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_part_offers_what_it_is_for(part, offered):
    assert [(handle.name, handle.kind) for handle in handles(part)] == offered


class Hygrometer(Part):
    """A part that a user made: nothing here knows its quantities."""

    kind = "hygrometer"
    settable: ClassVar = {"humidity": "%", "frozen": "", "maker": ""}

    def __init__(self) -> None:
        super().__init__({}, name="hygro")
        self.humidity, self.frozen, self.maker = 40.0, False, "us"


def test_a_part_of_the_users_own_has_handles_too():
    part = Hygrometer()
    humidity, frozen = handles(part)
    assert (humidity.kind, humidity.unit, humidity.span, humidity.value) == ("number", "%", None, 40.0)
    assert (frozen.kind, frozen.value) == ("switch", False)
    humidity.use(55)
    assert part.humidity == 55
    assert humidity.code(55) == "bench.parts['hygro'].humidity = 55"
    assert frozen.code(True) == "bench.parts['hygro'].frozen = True"


def test_code_reaches_a_part_by_pin_or_by_name():
    assert part_place(Switch(17)) == "bench.parts[17]"
    assert part_place(Potentiometer(name="dial")) == "bench.parts['dial']"


def test_verbs_are_done_and_said(bench):
    button = bench.factory.board.add(PushButton(2))
    (press,) = handles(button)
    press.use(True)
    assert press.value is True
    assert (press.code(True), press.code(False)) == ("bench.parts[2].hold()", "bench.parts[2].release()")
    press.use(False)
    assert press.value is False
