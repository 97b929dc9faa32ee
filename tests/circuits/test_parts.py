"""Declared parts: read strictly, the same names and defaults as the simulated ones, every kind there is."""

import inspect
import subprocess
import sys
from dataclasses import MISSING, FrozenInstanceError, fields

import pytest

from labkit import parts
from labkit.errors import CircuitError
from labkit.parts import Led, Mcp3xxx, Module, PushButton, Servo, SevenSegment, VoltageSource
from labkit.sim.catalogue import kinds

BESIDE_THE_CIRCUIT = {"Host", "EnergenieSockets", "AnalogPart"}
"""Simulated parts that nobody wires up: the computer itself, a board that is plugged on, and what has no kind."""
NOT_THE_SAME = {
    ("Led", "forward_volts"), ("PushButton", "to"), ("Switch", "to"), ("Pir", "warm_up"), ("Mcp3xxx", "mosi"),
    ("Resistor", "ohms"), ("Mcp3xxx", "channels"), ("SevenSegment", "digits"),
}  # fmt: skip


def test_every_simulated_part_can_be_declared():
    assert set(kinds()) - BESIDE_THE_CIRCUIT <= set(parts.__all__)


@pytest.mark.parametrize("name", [name for name in parts.__all__ if name in kinds()])
def test_declared_and_simulated_parts_have_the_same_settings_and_defaults(name):
    simulated = inspect.signature(kinds()[name]).parameters
    declared = {one.name: one for one in fields(getattr(parts, name))}
    for setting, parameter in simulated.items():
        if setting in ("name", "supply_volts", "reference"):
            continue  # the name is the circuit's; the voltage follows from `supply`
        assert setting in declared, f"{name} can't be declared with {setting}"
        default = declared[setting].default
        if parameter.default is inspect.Parameter.empty:
            assert default is MISSING or name == "Mcp3xxx"
        elif (name, setting) not in NOT_THE_SAME:
            value = declared[setting].metadata["read"](default)
            assert value in (parameter.default, f"GPIO{parameter.default}")


def test_pins_are_written_in_any_of_gpiozeros_ways():
    assert Led(17) == Led("GPIO17") == Led("BOARD11") == Led("J8:11") == Led("BCM17") == Led("17")
    assert Led(17) != Led(18)
    assert Led(17, to=" gnd ").to == "GND"
    assert PushButton(2, to="3.3 V").to == "3V3"


def test_a_declaration_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Led(17).pin = "GPIO18"


def test_quantities_take_units():
    assert Led(17, resistor="1.5 kΩ").resistor == 1500
    assert VoltageSource("800 mV").volts == 0.8


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Led("lamp"), "Led: pin: 'lamp' is no pin: write a GPIO number such as 17"),
        (lambda: Led("BOARD1"), "Led: pin: 'BOARD1' is no GPIO pin but 3V3"),
        (lambda: Led(True), "Led: pin: True is no pin"),
        (lambda: Led(-1), "Led: pin: -1 is no pin"),
        (lambda: Led(17, resistor="red"), "Led: resistor: 'red' does not fit: write a number, or one with Ω"),
        (lambda: Led(17, resistor=-5), "Led: resistor: -5 is out of range: write a number of 0 or more"),
        (lambda: Led(17, resistor=float("nan")), "Led: resistor: nan is no number of Ω"),
        (lambda: Led(17, color="pink"), "Led: color: 'pink' is none of red, orange"),
        (lambda: Led(17, active_high=1), "Led: active_high: 1 is neither true nor false"),
        (lambda: Led(17, to="12V"), "Led: to: '12V' is neither a pin nor a supply"),
        (lambda: PushButton(2, pull="up"), "PushButton: pull: 'up' does not fit"),
        (lambda: PushButton(2, bounces=1.5), "PushButton: bounces: 1.5 is no whole number"),
        (lambda: Servo(12, supply="12V"), "Servo: supply: '12V' is no supply: write 3V3 or 5V or battery"),
        (lambda: Mcp3xxx("MCP9"), "Mcp3xxx: model: 'MCP9' is no converter: there are MCP3001"),
        (lambda: Mcp3xxx("MCP3004", channels={7: "pot"}), "channels: MCP3004 has channels 0 to 3, no 7"),
        (lambda: Mcp3xxx(channels={0: Led(17)}), "is neither the name of a part of this circuit nor an analog part"),
        (lambda: Mcp3xxx(channels=["pot"]), "Mcp3xxx: channels: ['pot'] is no mapping"),
        (lambda: SevenSegment({"a": 1, "x": 2}), "SevenSegment: segments: 'x' is no segment: they are a, b"),
        (lambda: SevenSegment({"a": 1}), "SevenSegment: segments: b, c, d, e, f, g missing"),
        (lambda: Module("M", pins={"VCC": "3V3"}, outputs=["OUT"]), "outputs: it has no pin 'OUT'; it has VCC"),
        (lambda: Module("M", pins={}), "Module: pins: none at all"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(make, says):
    with pytest.raises(CircuitError) as refused:
        make()
    assert says in str(refused.value)


@pytest.mark.process
def test_parts_are_loaded_at_first_use_only():
    code = (
        "import sys, labkit; assert 'labkit.parts' not in sys.modules and 'labkit.circuits' not in sys.modules; "
        "assert labkit.parts.Led(17).pin == 'GPIO17'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
