"""What the checks of lesson 1 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from gpiozero import LED

from labkit.checking import blinks, define, goes_through, stays

UNIT = 0.2


@define(
    "flashes",
    pins={"red": 17},
    given={"red": lambda: LED(17)},
    seconds=4,
    hints=[
        "Which lines make one flash? They have to run five times.",
        "Put them below `for _ in range(5):`, indented by four blanks.",
        "After red.off() the program must wait, too: sleep(0.3).",
    ],
)
def flashes(seen):
    yield blinks(seen["red"], period=0.5, times=5, on=0.2)
    yield stays(seen["red"], 0, start=2.5)


@define(
    "sos",
    pins={"red": 17},
    given={"red": lambda: LED(17)},
    seconds=8,
    hints=[
        "Compare your line with the dashed one: up to which flash are they the same?",
        "A long flash is like a short one with sleep(3 * UNIT). Between letters it is dark for three units.",
        'Loop over "...", "---" and "...", and in it over each sign; after each letter sleep two more units.',
    ],
)
def sos(seen):
    states = []
    for letter in ("...", "---", "..."):
        for sign in letter:
            states += [({"red"}, UNIT if sign == "." else 3 * UNIT), (set(), UNIT)]
        states[-1] = (set(), 3 * UNIT)
    states[-1] = (set(), None)
    yield goes_through({"red": seen["red"]}, states, tolerance=0.02)
    yield stays(seen["red"], 0, start=27 * UNIT)
