"""Circuits in files: they say all that Python can, and tell line and key of every mistake."""

# ruff: noqa: E501 - a table is read by its lines

import pytest
import yaml

import labkit
from labkit import parts
from labkit.circuits.circuit import Circuit
from labkit.circuits.files import KINDS, circuit_text
from labkit.errors import CircuitError
from labkit.parts.base import Declared

WHOLE = """\
version: 1
title: Traffic light
parts:
  red: {kind: Led, pin: 17, resistor: 330 Ω}
  go:
    kind: PushButton
    pin: GPIO2
    to: ground
  adc: {kind: Mcp3xxx, model: MCP3008, channels: {0: pot}}
  pot: {kind: Potentiometer, position: 25 %}
"""


def written(tmp_path, text):
    path = tmp_path / "plan.circuit.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_says_all_that_python_can(tmp_path):
    assert Circuit.load(written(tmp_path, WHOLE)) == Circuit(
        {
            "red": parts.Led(17),
            "go": parts.PushButton(2, to="GND"),
            "adc": parts.Mcp3xxx(channels={0: "pot"}),
            "pot": parts.Potentiometer(0.25),
        },
        title="Traffic light",
    )


def test_loading_puts_it_on_the_bench(bench, tmp_path):
    loaded = labkit.circuit.load(written(tmp_path, WHOLE))
    assert bench.parts["pot"].position == 0.25
    loaded.save(tmp_path / "again.yaml")
    assert labkit.circuit.load(str(tmp_path / "again.yaml")) == loaded


def test_what_was_written_reads_as_the_same_circuit(tmp_path, random_circuit):
    path = tmp_path / "any.circuit.yaml"
    seen: set[type[Declared]] = set()
    for seed in range(400):
        circuit = random_circuit(seed)
        circuit.save(path)
        assert Circuit.load(path) == circuit, circuit_text(circuit)
        seen |= {type(part) for part in circuit.values()}
    assert seen == set(KINDS.values())


def test_a_written_file_leaves_out_what_is_as_by_default():
    text = circuit_text(Circuit({"red": parts.Led(17), "dim": parts.Led(18, resistor=1000, to=None)}))
    assert yaml.safe_load(text) == {
        "version": 1,
        "parts": {"red": {"kind": "Led", "pin": "GPIO17"}, "dim": {"kind": "Led", "pin": "GPIO18", "resistor": 1000, "to": None}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "the circuit is empty; it has version, title, parts"),
        ("- red", 1, "a circuit is a mapping with version, title, parts"),
        ("parts: [", 1, "this is no YAML"),
        ("title: x\npart: {}", 2, "a circuit has no 'part' (did you mean 'parts'?); it has version, title, parts"),
        ("title: x", 1, "a circuit needs parts"),
        ("version: 2\nparts: {}", 1, "version: this labkit reads 1, not 2"),
        ("title: 5\nparts: {}", 1, "title: 5 is no text"),
        ("parts:\n  red: Led", 2, "the part red is a mapping with kind, pins and settings"),
        ("parts:\n  red: {pin: 17}", 2, "red: kind is missing"),
        ("parts:\n  red:\n    pin: 17\n    kind: Lad", 4, "red: kind: there is no 'Lad' (did you mean 'Led'?); there are Buzzer"),
        ("parts:\n  red: {kind: Xyzzy, pin: 17}", 2, "red: kind: there is no 'Xyzzy'; there are Buzzer"),
        ("parts:\n  red:\n    kind: Led\n    pin: 17\n    resitor: 5", 5, "red: Led has no 'resitor' (did you mean 'resistor'?)"),
        ("parts:\n  red:\n    kind: Led\n    pin: 17\n    resistor: much", 5, "red: resistor: 'much' does not fit"),
        ("parts:\n  red:\n    kind: Led\n    pin: D7", 4, "red: pin: 'D7' is no pin"),
        ("parts:\n  red:\n    kind: Led\n    pin: 17\n    pin: 18", 5, "'pin' is there twice"),
        ("parts:\n  red: {kind: Led, pin: 17}\n  red: {kind: Led, pin: 18}", 3, "'red' is there twice"),
        ("parts:\n  red: {kind: Led}", 2, "red: Led needs pin"),
        ("parts:\n  d: {kind: HcSr04}", 2, "d: HcSr04 needs echo and trigger"),
        ("parts:\n  my led: {kind: Led, pin: 17}", 2, "'my led' can't be the name of a part"),
        ("parts:\n  5: {kind: Led, pin: 17}", 2, "'5' can't be the name of a part"),
        ("parts:\n  adc:\n    kind: Mcp3xxx\n    channels: {0: pot}", 4, "adc: channels: 0: there is no part 'pot'"),
        ("parts:\n  adc:\n    kind: Mcp3xxx\n    model: MCP3002\n    channels: {3: pot}", 2, "MCP3002 has channels 0 to 1, no 3"),
        ("parts:\n  s:\n    kind: SevenSegment\n    segments: {a: 1, a: 2}", 4, "'a' is there twice"),
        ("parts:\n  s:\n    kind: SevenSegment\n    segments: {a: 1}", 2, "s: SevenSegment: segments: b, c, d, e, f, g missing"),
        ("parts:\n  m:\n    kind: Servo\n    pin: 12\n    supply: mains", 5, "m: supply: 'mains' is no supply: write 3V3 or 5V or battery"),
        ("title: !!python/name:os.system x\nparts: {}", 1, "this is no YAML: could not determine a constructor"),
        (b"\xff\xfe", None, "no text in UTF-8"),
        ("parts: " + "[" * 5000, None, "nested too deeply"),
        ("parts: &a {red: *a}", 1, "red: kind is missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_key(tmp_path, text, line, says):
    path = written(tmp_path, text)
    with pytest.raises(CircuitError) as refused:
        Circuit.load(path)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{path}, line {line}: " if line else f"{path}: ")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(CircuitError, match=r"nothing\.yaml: can't read the circuit: No such file"):
        Circuit.load(tmp_path / "nothing.yaml")
