"""What the checks of lesson 9 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import MCP3008, PWMLED

from labkit.checking import define, gives_back, within
from labkit.sim.parts.adc import Mcp3xxx
from labkit.sim.scenario import Scenario

STEP = 3.3 / 1024


@define(
    "steps to volts",
    given={"steps": lambda: [0, 1, 511, 1023]},
    seconds=1,
    hints=[
        "How many volts is one step? 1024 of them make 3.3 V.",
        "Step 0 is not 0 V: it is anything from 0 V to one step. Where is its middle?",
        "The middle of a step is half a step higher: (step + 0.5) * 3.3 / 1024.",
    ],
)
def steps_to_volts(seen):
    wanted = [(step + 0.5) * STEP for step in (0, 1, 511, 1023)]
    yield gives_back(seen.returned, wanted, tolerance=0.001, what="your list for steps 0, 1, 511 and 1023")


@define(
    "dimmer",
    pins={"lamp": 17},
    given={"dial": lambda: MCP3008(0), "lamp": lambda: PWMLED(17)},
    scenario=Scenario().at(0).set("pot0", position=0.25).at(2).set("pot0", position=0.9).at(4).set("pot0", position=0),
    seconds=6,
    hints=[
        "Your line runs once. What happens when the knob is turned afterwards?",
        "Either a loop, `while True:` with a short sleep in it, or gpiozero's source.",
        "lamp.source = dial lets the LED follow from then on.",
    ],
)
def dimmer(seen):
    yield within(seen["lamp"], 0.23, 0.27, 0.5, 2)
    yield within(seen["lamp"], 0.88, 0.92, 2.5, 4)
    yield within(seen["lamp"], 0, 0.02, 4.5, 6)


@define(
    "finer than a step",
    given={"dial": lambda: MCP3008(0)},
    parts=[lambda: Mcp3xxx("MCP3008", channels={0: 700.9 * STEP}, noise=0.5)],
    seconds=1,
    hints=[
        "One reading is a whole number of steps, plus a half. What is finer than a single reading?",
        "A list of 400 readings first; then their sum, divided by how many they are.",
        "steps = [dial.raw_value for _ in range(400)], and return sum(steps) / len(steps) + 0.5.",
    ],
)
def finer_than_a_step(seen):
    yield gives_back(seen.returned, 700.9, tolerance=0.1, what="your function, for 700.90 steps,")
