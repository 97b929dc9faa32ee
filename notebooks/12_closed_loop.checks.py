"""What the checks of lesson 12 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import Motor, RotaryEncoder

from labkit.checking import counts, define, stays
from labkit.sim.parts.motors import HBridgeMotor
from labkit.sim.scenario import Scenario


@define(
    "throttle",
    pins={"forward": 5},
    given={"knob": lambda: RotaryEncoder(20, 21, max_steps=0), "motor": lambda: Motor(forward=5, backward=6)},
    scenario=Scenario().at(1).rotate(20, steps=4).at(3).rotate(20, steps=12).at(5).rotate(20, steps=8)
    .at(7).rotate(20, steps=-30).at(9).rotate(20, steps=16),
    seconds=11,
    hints=[
        "One step is 5 %: which number between 0 and 1 is that?",
        "More than 20 steps, and fewer than 0, are possible as well. motor.forward takes 0 to 1 and nothing else.",
        "min(max(knob.steps / 20, 0), 1) keeps the number between 0 and 1.",
    ],
)  # fmt: skip
def throttle(seen):
    for start, steps in [(0, 0), (2, 4), (4, 16), (6, 20), (8, 0), (10, 10)]:
        yield stays(seen["forward"], steps / 20, start=start, stop=start + 1)


@define(
    "hold the speed",
    pins={"forward": 5, "shaft": 23},
    optional=["shaft"],
    given={
        "motor": lambda: Motor(forward=5, backward=6),
        "shaft": lambda: RotaryEncoder(23, 24, max_steps=0),
    },
    parts=[lambda: HBridgeMotor(5, 6, encoder=(23, 24), cycles=60, name="motor")],
    scenario=Scenario().at(5).set("motor", drag=0.3),
    seconds=12,
    hints=[
        "Your program measures, and does nothing with what it measured. How must the power change?",
        "power += 0.002 * (100 - measured): the error is added up, it does not take the power's place.",
        "After that, keep it in range: power = min(max(power, 0), 1). Both lines stand inside the loop.",
    ],
)
def hold_the_speed(seen):
    # 100 turns a minute of 60 steps are 100 steps a second.
    yield counts(seen["shaft"], (190, 210), edge="rising", start=3, stop=5)
    yield counts(seen["shaft"], (285, 315), edge="rising", start=7, stop=10)
    yield stays(seen["forward"], 0, start=10.3)
