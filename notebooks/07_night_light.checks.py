"""What the checks of lesson 7 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import LED, LightSensor

from labkit.checking import define, gives_back, goes_through
from labkit.sim.parts.light import LdrCapacitor
from labkit.sim.scenario import Scenario


@define(
    "night light",
    pins={"lamp": 17},
    given={"sensor": lambda: LightSensor(4), "lamp": lambda: LED(17)},
    seconds=9,
    parts=[lambda: LdrCapacitor(4, lux=300, name="light")],
    scenario=Scenario().at(3).set("light", lux=2).at(6).set("light", lux=300),
    wants_events=True,
    hints=[
        "There are two events, one for each crossing of the threshold. What does the lamp do at each?",
        "when_dark is one of them; the other is when_light.",
        "sensor.when_light = lamp.off, without brackets.",
    ],
)
def night_light(seen):
    yield goes_through({"lamp": seen["lamp"]}, [(set(), 3.0), ({"lamp"}, 3.0), (set(), None)], tolerance=0.5)


VALUES = [0.5, 0.45, 0.39, 0.45, 0.59, 0.41, 0.61, 0.5, 0.4, 0.2, 0.7]


@define(
    "two thresholds",
    seconds=1,
    given={"values": lambda: list(VALUES), "dark": lambda: 0.4, "bright": lambda: 0.6},
    hints=[
        "Between the thresholds the lamp stays as it was: what does your function remember from value to value?",
        "Set is_on = False before the loop. In it, change is_on only below dark, or above bright.",
        "if value < dark: is_on = True, elif value > bright: is_on = False, and append is_on each time.",
    ],
)
def two_thresholds(seen):
    on = [False, False, True, True, True, True, False, False, False, True, False]
    yield gives_back(seen.returned, on, what="the list")
