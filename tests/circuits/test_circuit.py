"""Circuits: named parts, checked together."""

import gpiozero
import pytest

from labkit.circuits.circuit import Circuit
from labkit.errors import CircuitError
from labkit.parts import Led, Mcp3xxx, Potentiometer, PushButton, Tmp36


def test_a_circuit_is_its_parts_by_name():
    circuit = Circuit({"red": Led(17), "go": PushButton(2)})
    assert list(circuit) == ["red", "go"]
    assert circuit["red"] == Led(17)
    assert circuit == Circuit({"red": Led(17), "go": PushButton(2)})
    assert circuit != Circuit({"red": Led(18), "go": PushButton(2)})


def test_a_sensor_in_its_converters_channels_becomes_a_part_of_its_own():
    circuit = Circuit({"adc": Mcp3xxx(channels={0: Potentiometer(), 5: "warmth"}), "warmth": Tmp36()})
    assert circuit["adc_0"] == Potentiometer()
    assert circuit["adc"].channels == {0: "adc_0", 5: "warmth"}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"red": gpiozero.LED}, "red: LED is a gpiozero device, which a program uses"),
        ({"red": Led}, "red: Led needs its pins: write Led(17)"),
        ({"red": 17}, "red: 17 is no part: write parts.Led(17)"),
        ({"my led": Led(17)}, "'my led' can't be the name of a part"),
        ({"GPIO17": Led(17)}, "'GPIO17' can't be the name of a part: it means something else"),
        ({"host": Led(17)}, "'host' can't be the name of a part"),
        ({"adc": Mcp3xxx(channels={0: "pott"}), "pot": Potentiometer()}, "no part 'pott' (did you mean 'pot'?)"),
        ({"adc": Mcp3xxx(channels={0: "knob"})}, "there is no part 'knob'; what can be connected: nothing yet"),
        ({"adc": Mcp3xxx(channels={0: "red"}), "red": Led(17)}, "red is a Led, which gives no voltage to measure"),
        ({"adc": Mcp3xxx(channels={0: Tmp36()}), "adc_0": Led(17)}, "adc: channels: 0: 'adc_0' is there already"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_in_a_sentence(parts, says):
    with pytest.raises(CircuitError) as refused:
        Circuit(parts)
    assert says in str(refused.value)
