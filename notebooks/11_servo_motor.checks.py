"""What the checks of lesson 11 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import Button, Motor, Servo

from labkit.checking import Verdict, define, responds, stays
from labkit.sim.scenario import Scenario


@define(
    "sweep",
    pins={"arm": 12},
    given={"arm": lambda: Servo(12)},
    seconds=5,
    hints=[
        "One end, the middle, the other end: which of them is missing?",
        "After each of the three lines it waits for a second. After the last second it lets the servo rest.",
        "min, sleep, mid, sleep, max, sleep, detach.",
    ],
)
def sweep(seen):
    for second, share in enumerate([0.05, 0.075, 0.1]):
        yield stays(seen["arm"], share, start=second + 0.02, stop=second + 0.98)
    yield stays(seen["arm"], 0, start=3.02)


@define(
    "soft start",
    pins={"forward": 5},
    given={"motor": lambda: Motor(forward=5, backward=6)},
    seconds=5,
    hints=[
        "From 0 to 1 in 20 steps: how much more is each, and how long does it last?",
        "A loop over the steps 1 to 20: wait 0.1 s, then run at step / 20.",
        "for step in range(1, 21): sleep(0.1), then motor.forward(step / 20). Then a second more, and stop.",
    ],
)
def soft_start(seen):
    steps = [stays(seen["forward"], step / 20, start=step / 10 + 0.02, stop=step / 10 + 0.08) for step in range(20)]
    yield next((step for step in steps if not step), Verdict(True, "forward rose by 5% every 0.1 s"))
    yield stays(seen["forward"], 1, start=2.02, stop=2.98)
    yield stays(seen["forward"], 0, start=3.02)


@define(
    "stop means stop",
    pins={"forward": 5, "halt": 16},
    given={"motor": lambda: Motor(forward=5, backward=6), "halt": lambda: Button(16)},
    scenario=Scenario().at(3.37).press(16, seconds=0.25),
    seconds=14,
    hints=[
        "While your program sleeps, it does not look at the button. And what does its loop do after the press?",
        "Don't look at the button again and again: wait for it. What waits for a press, and for how long at most?",
        "Drive; halt.wait_for_press(timeout=10); stop. No loop.",
    ],
)
def stop_means_stop(seen):
    yield stays(seen["forward"], 0.6, start=0.05, stop=3.37)
    yield responds(seen["forward"], seen["halt"], within=0.02, edge="falling", level=0)
    yield stays(seen["forward"], 0, start=3.4)
