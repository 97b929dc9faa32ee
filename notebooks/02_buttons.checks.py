"""What the checks of lesson 2 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import LED, Button

from labkit.checking import define, goes_through
from labkit.sim.scenario import Scenario

HANDS = (
    Scenario()
    .at(1.0).press("GPIO2", seconds=0.3)
    .at(2.5).press("GPIO2", seconds=0.1)
    .at(3.0).press("GPIO3", seconds=1.0)
    .at(5.0).press("GPIO2", seconds=0.02)
    .at(6.0).press("GPIO3", seconds=0.02)
)  # fmt: skip


@define(
    "on and off",
    pins={"red": 17, "left": 2, "right": 3},
    given={"red": lambda: LED(17), "left": lambda: Button(2), "right": lambda: Button(3)},
    seconds=7,
    scenario=HANDS,
    wants_events=True,
    hints=[
        "Each button needs one line: which event of which button does what to red?",
        "A press is when_pressed. Give it the function without brackets: left.when_pressed = red.on",
        "The second line is right.when_pressed = red.off, and there is nothing else.",
    ],
)
def on_and_off(seen):
    states = [(set(), 1.0), ({"red"}, 2.0), (set(), 2.0), ({"red"}, 1.0), (set(), None)]
    yield goes_through({"red": seen["red"]}, states, tolerance=0.02)


LONG_AND_SHORT = (
    Scenario()
    .at(1.0).press("GPIO2", seconds=0.5)
    .at(2.0).press("GPIO2", seconds=2.0)
    .at(5.0).press("GPIO2", seconds=0.1)
)  # fmt: skip


@define(
    "short and long",
    pins={"red": 17, "green": 27, "go": 2},
    given={"red": lambda: LED(17), "green": lambda: LED(27), "go": lambda: Button(2)},
    seconds=6,
    scenario=LONG_AND_SHORT,
    wants_events=True,
    hints=[
        "Three things happen to the button: it is pressed, held, released. Each can call one function.",
        "go.hold_time = 1 and go.when_held = green.on are for green. What does the release have to do?",
        "Write a function that switches both off, and give it to when_released, without brackets.",
    ],
)
def short_and_long(seen):
    lamps = {"red": seen["red"], "green": seen["green"]}
    states = [(set(), 1.0), ({"red"}, 0.5), (set(), 0.5), ({"red"}, 1.0), ({"red", "green"}, 1.0), (set(), 1.0),
              ({"red"}, 0.1), (set(), None)]  # fmt: skip
    yield goes_through(lamps, states, tolerance=0.02)
