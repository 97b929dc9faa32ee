"""The lint: for each rule a circuit that it finds fault with, and one close by that it must let pass."""

# ruff: noqa: E501 - a table is read by its lines

import ast
import sys
from pathlib import Path

import pytest

from labkit.circuits.circuit import Circuit
from labkit.circuits.lint import RULES
from labkit.parts import (
    Buzzer,
    HBridgeMotor,
    HcSr04,
    Knob,
    Led,
    LineSensor,
    Mcp3xxx,
    Module,
    Pir,
    Potentiometer,
    PushButton,
    Resistor,
    Servo,
    SevenSegment,
    Switch,
    VoltageSource,
    Wire,
)

SENSOR = {"VCC": "3V3", "GND": "GND", "OUT": 4}
SEGMENTS = dict(zip("abcdefg", range(4, 11), strict=True))

CASES = [
    # rule, severity, the circuit, what the finding says, and one close by without it
    ("led-without-resistor", "error", {"red": Led(17, resistor=None)}, "32 mA would flow", {"red": Led(17)}),
    ("led-without-resistor", "error", {"red": Led(17, resistor=None, active_high=False)}, "32 mA", {"red": Led(17, active_high=False)}),
    ("led-without-resistor", "error", {"sky": Led(17, color="blue", resistor=None)}, "15 mA would flow, and more as it gets warm", {"sky": Led(17, color="blue", resistor=47)}),
    ("led-current", "error", {"red": Led(17, resistor=40)}, "only 40 Ω: 16 mA", {"red": Led(17, resistor=42)}),
    ("wrong-polarity", "error", {"red": Led(17, to="3V3")}, "wrong way round", {"red": Led(17, to="3V3", active_high=False)}),
    ("wrong-polarity", "error", {"red": Led(17, active_high=False, to="GND")}, "wrong way round", {"red": Led(17, to=27)}),
    ("wrong-polarity", "error", {"m": Module("M", pins={"VCC": "GND", "GND": "3V3"})}, "plus is at ground", {"m": Module("M", pins=SENSOR)}),
    ("missing-ground", "error", {"red": Led(17, to=None)}, "cathode of the LED is not connected to ground", {"red": Led(17)}),
    ("missing-ground", "error", {"m": Module("M", pins=SENSOR | {"GND": None})}, "GND of the M is not connected", {"m": Module("M", pins=SENSOR)}),
    ("missing-ground", "error", {"arm": Servo(12, supply="battery", ground=False)}, "GND of the servo", {"arm": Servo(12, supply="battery")}),
    ("not-connected", "warning", {"r": Resistor(4, None)}, "connected to nothing", {"r": Resistor(4, "GND")}),
    ("not-connected", "warning", {"pot": Potentiometer()}, "No converter measures", {"pot": Potentiometer(), "adc": Mcp3xxx(channels={0: "pot"})}),
    ("outputs-joined", "error", {"a": Pir(4), "b": LineSensor(4)}, "The output of a and the output of b", {"a": Pir(4), "b": LineSensor(5)}),
    ("outputs-joined", "error", {"a": Led(4), "b": Led(5), "w": Wire(4, 5)}, "GPIO4 and GPIO5 are outputs", {"a": Led(4), "b": PushButton(5), "w": Wire(4, 5)}),
    ("outputs-joined", "error", {"a": Led(4), "b": Led(5), "w": Wire(4, 6), "v": Wire(6, 5)}, "GPIO4 and GPIO5", {"a": Led(4), "b": Led(5), "r": Resistor(4, 5, ohms=1000)}),
    ("outputs-joined", "error", {"a": Led(9), "adc": Mcp3xxx()}, "GPIO9 and the output of adc", {"a": Mcp3xxx(select=7), "adc": Mcp3xxx()}),
    ("short-circuit", "error", {"w": Wire("3V3", "GND")}, "A bare wire joins GND and 3V3", {"r": Resistor("3V3", "GND")}),
    ("short-circuit", "error", {"a": Led(4), "w": Wire(4, "GND")}, "joins an output with GND", {"a": PushButton(4), "w": Wire(4, "GND")}),
    ("joined-pins", "note", {"w": Wire(4, 5)}, "A bare wire joins GPIO4 and GPIO5", {"r": Resistor(4, 5, ohms=1000)}),
    ("five-volts-into-pin", "error", {"d": HcSr04(24, 23, divider=False)}, "5.0 V would come to GPIO24", {"d": HcSr04(24, 23)}),
    ("five-volts-into-pin", "error", {"go": PushButton(4, to="5V")}, "5.0 V would come to GPIO4", {"go": PushButton(4, to="3V3")}),
    ("five-volts-into-pin", "error", {"k": Knob(5, 6, supply="5V")}, "5.0 V would come to GPIO5", {"k": Knob(5, 6)}),
    ("five-volts-into-pin", "error", {"s": LineSensor(4, supply="5V")}, "5.0 V would come to GPIO4", {"s": Pir(4, supply="5V")}),
    ("five-volts-into-pin", "error", {"m": Module("M", pins=SENSOR, outputs=["OUT"], volts=5)}, "5.0 V", {"m": Module("M", pins=SENSOR, outputs=["OUT"])}),
    (
        "five-volts-into-pin", "error",
        {"m": Module("M", pins={"OUT": 4}, outputs=["OUT"], volts=5), "r": Resistor(4, "GND", ohms=1000)}, "4.5 V",
        {"m": Module("M", pins={"OUT": 4}, outputs=["OUT"], volts=5), "r": Resistor(4, "GND", ohms=150)},
    ),
    ("too-many-volts-to-measure", "error", {"adc": Mcp3xxx(channels={0: VoltageSource(5)})}, "5.0 V would come to the converter", {"adc": Mcp3xxx(channels={0: VoltageSource(3.3)})}),
    ("too-many-volts-to-measure", "error", {"adc": Mcp3xxx(channels={1: Potentiometer(supply="5V")})}, "measures up to 3.3 V", {"adc": Mcp3xxx(channels={1: Potentiometer()})}),
    ("pulled-up-too-hard", "warning", {"s": Pir(3)}, "Low is 1.2 V", {"s": Pir(4)}),
    ("contact-without-effect", "warning", {"go": PushButton(2, to="3V3")}, "reads high either way", {"go": PushButton(2)}),
    ("contact-without-effect", "warning", {"go": Switch(3, to="3V3")}, "reads high either way", {"go": Switch(4, to="3V3")}),
    ("floating-input", "warning", {"go": PushButton(4, pull=None)}, "Nothing holds GPIO4", {"go": PushButton(2, pull=None)}),
    ("floating-input", "warning", {"go": PushButton(4, pull=None)}, "reads noise", {"go": PushButton(4, pull=10_000)}),
    ("floating-input", "warning", {"go": Switch(4, pull=None)}, "Nothing holds GPIO4", {"go": Switch(4, pull=None), "r": Resistor(4, "3V3")}),
    ("pin-used-twice", "error", {"a": Led(17), "b": PushButton(17)}, "closing b short-circuits it", {"a": Led(17), "b": PushButton(27)}),
    ("pin-used-twice", "warning", {"a": Led(17), "b": Led(17)}, "A program can't tell them apart", {"a": Led(17), "r": Resistor(17, "GND")}),
    ("pin-used-twice", "warning", {"a": Mcp3xxx(select=8), "b": Mcp3xxx(select=8)}, "a and b are both on GPIO8", {"a": Mcp3xxx(select=8), "b": Mcp3xxx(select=7)}),
    ("no-such-pin", "error", {"a": Led(28)}, "The header has no GPIO28", {"a": Led(27)}),
    ("reserved-pin", "warning", {"a": Led(1)}, "kept for add-on boards", {"a": Led(4)}),
    ("serial-pin", "note", {"a": Led(14)}, "serial port", {"a": Led(16)}),
    ("pulled-up-pin", "note", {"a": Led(2)}, "pulls GPIO2 up", {"a": PushButton(2)}),
    ("software-spi", "note", {"a": Mcp3xxx(clock=5, mosi=6, miso=13, select=19)}, "clock is on GPIO5", {"a": Mcp3xxx()}),
    ("software-spi", "note", {"a": Mcp3xxx(select=25)}, "select is on GPIO25", {"a": Mcp3xxx(select=7)}),
    ("spi-pins-mixed-up", "warning", {"a": Mcp3xxx(mosi=9, miso=10)}, "mosi on GPIO9, miso on GPIO10", {"a": Mcp3xxx()}),
    ("spi-takes-pin", "warning", {"a": Mcp3xxx(), "l": Led(7)}, "GPIO7 is a select line", {"a": Mcp3xxx(clock=5), "l": Led(7)}),
    ("pin-current", "error", {"a": Led(17, resistor=100), "b": Led(17, resistor=100)}, "together take 19 mA", {"a": Led(17, resistor=150), "b": Led(17, resistor=150)}),
    ("pin-current", "error", {"a": Buzzer(17), "b": Led(17, resistor=100)}, "a and b together take 18 mA", {"a": Buzzer(17), "b": Led(17)}),
    ("board-current", "warning", {f"l{n}": Led(n, resistor=100) for n in range(4, 10)}, "56 mA", {f"l{n}": Led(n, resistor=100) for n in range(4, 9)}),
    ("board-current", "warning", {"d": SevenSegment(SEGMENTS, resistor=100)}, "65 mA", {"d": SevenSegment(SEGMENTS)}),
    ("motor-on-pin", "error", {"m": HBridgeMotor(5, 6, driver=None)}, "connected to pins directly", {"m": HBridgeMotor(5, 6)}),
    ("servo-on-3v3", "error", {"arm": Servo(12, supply="3V3")}, "runs from the 3.3 V pin", {"arm": Servo(12)}),
    ("motor-on-3v3", "error", {"m": HBridgeMotor(5, 6, supply="3V3")}, "runs from the 3.3 V pin", {"m": HBridgeMotor(5, 6, supply="battery")}),
    ("wrong-supply", "warning", {"s": Pir(4, supply="3V3")}, "It needs 4.5 to 20 V", {"s": Pir(4)}),
    ("supply-current", "warning", {"a": Servo(12), "b": Servo(13)}, "up to 1.3 A", {"a": Servo(12), "b": Servo(13, supply="battery")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "severity", "parts", "says", "close_by"),
    CASES,
    ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)],
)
def test_a_rule_finds_its_fault_and_lets_what_is_close_by_pass(rule, severity, parts, says, close_by):
    found = [one for one in Circuit(parts).lint() if one.rule == rule]
    assert found, f"{rule} was not found; there was {Circuit(parts).lint().rules}"
    assert found[0].severity == severity
    assert says in found[0].what + found[0].why
    assert found[0].parts
    assert all((found[0].what, found[0].why, found[0].remedy))
    assert rule not in Circuit(close_by).lint().rules


def rules_written() -> set[str]:
    """The rules' names as they stand in the source: the first argument of each Finding."""
    found = set()
    for module in {rule.__module__ for rule in RULES}:
        for node in ast.walk(ast.parse(Path(sys.modules[module].__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                name = node.args[0]
                if isinstance(name, ast.JoinedStr):
                    found |= {"servo-on-3v3", "motor-on-3v3"}
                else:
                    found |= {
                        one.value for one in ast.walk(name) if isinstance(one, ast.Constant) and one.value is not None
                    }
    return found


def test_every_rule_has_its_cases():
    assert rules_written() == {case[0] for case in CASES}


@pytest.mark.parametrize(
    "parts",
    [
        {"red": Led(17), "amber": Led(27, color="yellow"), "green": Led(22, color="green"), "go": PushButton(2)},
        {"ranger": HcSr04(24, 23), "beep": Buzzer(18)},
        {"adc": Mcp3xxx(channels={0: Potentiometer()}), "light": Led(17)},
        {"arm": Servo(12), "off": PushButton(3)},
        {"wheel": HBridgeMotor(5, 6, encoder=(20, 21)), "knob": Knob(16, 26, button=13)},
    ],
    ids=["traffic light", "distance", "converter", "servo", "motor"],
)
def test_a_sound_circuit_is_found_sound(parts):
    findings = Circuit(parts).lint()
    assert not findings, str(findings)
    assert str(findings) == "Nothing is wrong with this circuit."


def test_the_worst_comes_first_and_all_of_it_can_be_read():
    findings = Circuit({"a": Led(14), "b": Led(1), "c": Led(17, resistor=None)}).lint()
    assert [one.severity for one in findings] == ["error", "warning", "note"]
    assert [one.rule for one in findings.errors] == ["led-without-resistor"]
    assert "c, GPIO17" in str(findings)
    assert findings._repr_html_().count("<tr>") == 4


def test_a_header_of_26_pins_has_fewer_of_them():
    from gpiozero.pins.pi import PiBoardInfo

    from labkit.circuits.header import header_of
    from labkit.circuits.lint import lint

    first = header_of(PiBoardInfo.from_revision(0x2))
    assert lint(Circuit({"a": Led(26)}), first).rules == ["no-such-pin"]
    assert not lint(Circuit({"a": Led(17)}), first)
