"""What the checks of lesson 13 expect: read it when you want to know more than the sentence says."""

from __future__ import annotations

from time import sleep

from gpiozero import InputDevice, OutputDevice

from labkit.checking import Verdict, counts, define, gives_back, stays
from labkit.sim.parts.adc import Mcp3xxx
from labkit.trace import Edge, Trace

PAUSE = 20e-6
QUESTION = [1, 1, 1, 1, 0]  # for input 6, which read backwards is another one
WIRE = Trace(
    "mosi",
    tuple(Edge("mosi", 1000 * at, number, level) for number, (at, level) in enumerate([(15, 1), (55, 0), (75, 1)], 1)),
)


def send(bit, clock, mosi):
    mosi.value = bit
    sleep(PAUSE)
    clock.on()
    sleep(PAUSE)
    clock.off()


PINS = {
    "send": lambda: send,
    "select": lambda: OutputDevice(25, initial_value=True),
    "clock": lambda: OutputDevice(24),
    "mosi": lambda: OutputDevice(23),
}


@define(
    "question",
    pins={"select": 25, "clock": 24, "mosi": 23},
    given={**PINS, "channel": lambda: 6},
    seconds=0.001,
    hints=[
        "The start bit is there. Four more follow: a 1, then the channel's three bits, the highest first.",
        "channel >> 2 & 1 is the highest bit of the number, channel & 1 the lowest.",
        "for bit in (1, 1, channel >> 2 & 1, channel >> 1 & 1, channel & 1): send(bit, clock, mosi)",
    ],
)
def question(seen):
    taken = [now for now in seen["clock"].rising if not seen["select"].at(now)]
    bits = [int(seen["mosi"].at(now)) for now in taken]
    said = f"for input 6 the clock's rising edges found {bits or 'nothing'} on mosi while select was low"
    yield Verdict(bits == QUESTION, said if bits == QUESTION else f"{said}, not {QUESTION}", 0.0)
    yield counts(seen["select"], 1, edge="falling")
    yield stays(seen["select"], 1, start=0.0009)


@define(
    "read by hand",
    pins={"select": 25, "clock": 24, "mosi": 23, "miso": 22},
    given={**PINS, "miso": lambda: InputDevice(22), "channel": lambda: 3},
    parts=[lambda: Mcp3xxx(clock=24, mosi=23, miso=22, select=25, channels={3: 716.5 / 1024 * 3.3})],
    seconds=0.01,
    hints=[
        "Between the two lines belong: the five bits of exercise 1, two pulses to wait, and ten pulses to read.",
        "Count the pulses: 17. The first of the ten bits that count is read in the eighth.",
        "The two pulses to wait can be two more bits 0 to send. Then ten times: clock on, number = 2 * number + "
        "miso.value, clock off, with a sleep(20e-6) after each change of the clock.",
    ],
)
def read_by_hand(seen):
    yield gives_back(seen.returned, 716, what="your function, with 2.309 V at input 3,")


@define(
    "decode",
    given={"rising": lambda: [10e-6, 30e-6, 50e-6, 70e-6, 90e-6], "wire": lambda: WIRE},
    seconds=1,
    hints=[
        "For each instant in `rising` one bit: the wire's level then.",
        "wire.at(now) for each now in rising, in a list.",
        "[int(wire.at(now)) for now in rising]",
    ],
)
def decode(seen):
    yield gives_back(seen.returned, [0, 1, 1, 0, 1], what="your list")
