"""What the check of lesson 1 expects; learners may read it, so it has no solution."""

from gpiozero import LED

from labkit.checking import blinks, define


@define(
    "three flashes",
    pins={"red": 17},
    given={"red": lambda: LED(17)},
    seconds=5,
    hints=[
        "Which lines make one flash? They have to run three times.",
        "Put them below `for _ in range(3):`, indented by four blanks.",
        "After red.off() the program must wait, too: sleep(0.5).",
    ],
)
def three_flashes(seen):
    yield blinks(seen["red"], period=1.0, times=3, on=0.5)
