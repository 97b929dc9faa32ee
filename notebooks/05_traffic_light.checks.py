"""What the checks of lesson 5 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import LED, Button

from labkit.checking import define, goes_through, never_both
from labkit.sim.scenario import Scenario

LAMPS = {"red": 17, "amber": 27, "green": 22}
GIVEN = {"red": lambda: LED(17), "amber": lambda: LED(27), "green": lambda: LED(22)}


def lamps_of(seen):
    return {name: seen[name] for name in LAMPS}


@define(
    "once round",
    pins=LAMPS,
    given=GIVEN,
    seconds=10,
    hints=[
        "Go down the table: in each row, which lamps change, and how long is it then?",
        "Set all three lamps in each state: red.value, amber.value, green.value = 1, 1, 0",
        "Four such lines with a sleep after each, in the order of the table, and amber.off() at last.",
    ],
)
def once_round(seen):
    states = [({"red"}, 3.0), ({"red", "amber"}, 1.0), ({"green"}, 3.0), ({"amber"}, 1.0), (set(), None)]
    yield never_both(seen["red"], seen["green"])
    yield goes_through(lamps_of(seen), states, tolerance=0.02)


@define(
    "on demand",
    pins=LAMPS | {"go": 2},
    given=GIVEN | {"go": lambda: Button(2)},
    seconds=18,
    scenario=Scenario().at(2).press("GPIO2", seconds=0.2).at(4.5).press("GPIO2", seconds=0.2).at(10).press("GPIO2"),
    hints=[
        "Which states come after the press, in which order? And how does it come to green again?",
        "All of it goes into `while True:`, beginning with green and go.wait_for_press().",
        "After get ready, switch red and amber off before green comes on: that is the beginning of the loop.",
    ],
)
def on_demand(seen):
    demand = [({"amber"}, 1.0), ({"red"}, 3.0), ({"red", "amber"}, 1.0)]
    states = [({"green"}, 2.0), *demand, ({"green"}, 3.0), *demand, ({"green"}, None)]
    yield never_both(seen["red"], seen["green"])
    yield goes_through(lamps_of(seen), states, tolerance=0.02)
