"""What the checks of lesson 3 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import LED

from labkit.checking import define, gives_back, goes_through
from labkit.sim.parts.buttons import PushButton
from labkit.sim.scenario import Scenario


@define(
    "one change",
    pins={"red": 17, "go": 2},
    given={"red": lambda: LED(17)},
    seconds=5,
    parts=[lambda: PushButton(2, to="ground", bounces=4, within=0.004, name="go")],
    scenario=Scenario()
    .at(1.0)
    .press("go", seconds=0.3)
    .at(2.0)
    .press("go", seconds=0.05)
    .at(3.5)
    .press("go", seconds=1),
    hints=[
        "Where does the first press begin, and how often does red change there?",
        "Button(2, bounce_time=…) believes a change only when it has stayed for that long. Choose the time.",
        "Longer than the contact bounces, shorter than the shortest press: 0.02 s fits.",
    ],
)
def one_change(seen):
    states = [(set(), 1.0), ({"red"}, 1.0), (set(), 1.5), ({"red"}, None)]
    yield goes_through({"red": seen["red"]}, states, tolerance=0.12)


TIMES = [0.5, 0.5004, 0.511, 0.525, 0.539, 1.2, 1.2011, 1.22, 3.0, 4.5, 4.5003]


@define(
    "by hand",
    seconds=1,
    given={"times": lambda: list(TIMES), "quiet": lambda: 0.02},
    hints=[
        "For each time you need to know how long it was quiet before it: keep the time before in a variable.",
        "The time before is that of the last edge, also of one that did not count.",
        "Set before = time at the end of the loop, whether it was appended or not.",
    ],
)
def by_hand(seen):
    yield gives_back(seen.returned, [0.5, 1.2, 3.0, 4.5], tolerance=1e-9, what="the list")
