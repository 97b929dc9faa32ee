"""What the checks of lesson 4 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import PWMLED

from labkit.checking import define, gives_back, near, stays


def breath(seconds):
    """The duty cycle at an instant."""
    return max(0.0, 1 - abs(seconds - 2) / 2)


@define(
    "breathing",
    pins={"lamp": 17},
    given={"lamp": lambda: PWMLED(17)},
    seconds=5,
    hints=[
        "Fifty steps up and fifty down: how long does one take, and what is lamp.value in it?",
        "for step in range(50): lamp.value = step / 50, then sleep(2 / 50). That is the way up.",
        "The way down is the same with lamp.value = 1 - step / 50; at last lamp.value = 0.",
    ],
)
def breathing(seen):
    yield near(seen["lamp"], breath, 0, 4, tolerance=0.06)
    yield stays(seen["lamp"], 0, start=4.1)


@define(
    "even steps",
    seconds=1,
    given={"steps": lambda: 6},
    hints=[
        "step / (steps - 1) is how bright it should look. Which power of it is the duty cycle?",
        "x to the power of 2.2 is x**2.2 in Python; mind the brackets.",
        "Append (step / (steps - 1)) ** 2.2",
    ],
)
def even_steps(seen):
    yield gives_back(seen.returned, [(step / 5) ** 2.2 for step in range(6)], tolerance=0.001, what="the list")
