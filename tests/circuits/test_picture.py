"""The live picture is a model: what the pins do shows in it, and what a hand does reaches the parts."""

import json
from random import Random

import pytest
from gpiozero import LED, MCP3008, PWMLED, Button, Servo

import labkit
from labkit import parts
from labkit.bench import Bench
from labkit.boards import Board
from labkit.circuits.circuit import Circuit
from labkit.picture import picture
from labkit.picture.widget import Picture


@pytest.fixture
def shown_circuit(bench):
    def show(**declared):
        circuit = labkit.circuit(**declared)
        return picture(bench, circuit)

    return show


def use(view: Picture, part: str, name: str, value) -> None:
    """As a message from the browser."""
    view._receive(view, {"type": "use", "moves": [[part, name, value]]}, [])


def test_levels_and_lights_follow_the_pins(shown_circuit, shown):
    view = shown_circuit(red=parts.Led(17), dim=parts.Led(18))
    assert view.levels == {}
    with LED(17) as red, PWMLED(18) as dim:
        red.on()
        dim.value = 0.5
        shown()
        assert view.levels == {"GPIO17": 1.0, "GPIO18": 0.5}
        assert view.looks["red"]["brightness"] > 2 * 0.9 * view.looks["dim"]["brightness"] > 0
    shown()
    assert view.levels == {}


def test_a_hand_on_the_picture_moves_the_parts(shown_circuit):
    view = shown_circuit(go=parts.PushButton(2), adc=parts.Mcp3xxx(channels={0: parts.Potentiometer()}))
    with Button(2) as go, MCP3008(0) as adc:
        use(view, "go", "hold", True)
        assert go.is_pressed
        assert view.looks["go"]["is_pressed"] is True
        assert view.code == "bench.parts[2].hold()"
        use(view, "go", "hold", False)
        assert not go.is_pressed
        use(view, "adc_0", "position", 0.25)
        assert adc.value == pytest.approx(0.25, abs=0.001)
        assert view.code == "bench.parts['adc_0'].position = 0.25"


def test_only_the_circuits_own_parts_are_there_to_operate(shown_circuit):
    with Button(27):
        view = shown_circuit(knob=parts.Knob(5, 6, button=13), light=parts.LdrCapacitor(4))
        assert [part["part"] for part in view.parts] == ["knob", "knob_button", "light"]


def test_every_kind_of_part_has_a_look_that_can_be_sent(bench, kinds_of_parts):
    r = Random(1)
    for kind in kinds_of_parts.values():
        circuit = Circuit({"part": kind(r, lambda: r.randrange(2, 28))})
        view = picture(bench, bench.wire(circuit))
        sent = json.loads(json.dumps([view.looks, view.values, view.parts, view.findings, view.needs, view.steps]))
        assert sent[0] == view.looks


def test_a_refusal_is_told_in_a_sentence(shown_circuit):
    view = shown_circuit(adc=parts.Mcp3xxx(channels={0: parts.Potentiometer()}))
    use(view, "adc_0", "position", 7)
    assert "turns from 0 to 1, not to 7" in view.problem
    use(view, "adc_0", "position", 0.5)
    assert view.problem == ""
    use(view, "nobody", "position", 1)
    assert "nobody" in view.problem
    view._receive(view, {"type": "use", "moves": [["adc_0"]]}, [])
    assert view.problem
    view._receive(view, {"type": "stop"}, [])
    assert view.problem == ""


def test_a_servo_that_turns_is_looked_at_until_it_stands(shown_circuit):
    view = shown_circuit(arm=parts.Servo(12, degrees_per_second=2_000))
    view._view_count = 1  # somebody sees it
    with Servo(12) as arm:
        from threading import Event

        there = Event()
        view.observe(lambda change: change.new["arm"]["angle"] == 90.0 and there.set(), "looks")
        arm.max()
        assert there.wait(10)
    view._view_count = 0


def test_running_the_cell_again_goes_on_in_the_same_picture(bench):
    first = picture(bench, labkit.circuit(red=parts.Led(17)))
    assert picture(bench, labkit.circuit(red=parts.Led(17))) is first
    second = picture(bench, labkit.circuit(red=parts.Led(27)))
    assert second is not first
    assert first.ended == "Another circuit has taken the place of this one."
    assert not second.ended
    third = picture(bench, labkit.circuit(red=parts.Led(22)))
    assert first.comm is None  # pictures do not pile up
    assert second.comm is not None
    assert not third.ended


def test_a_closed_bench_ends_its_picture(shown_circuit, bench):
    view = shown_circuit(red=parts.Led(17))
    bench.close()
    assert view.ended.startswith("The bench was closed")
    use(view, "red", "hold", True)


def test_what_the_lint_found_stands_under_the_picture(bench):
    with pytest.warns(labkit.errors.UnsafeCircuit):
        circuit = labkit.circuit(red=parts.Led(17, resistor=None))
    view = picture(bench, circuit)
    assert view.findings[0] | {"text": "", "remedy": ""} == {
        "rule": "led-without-resistor", "severity": "error", "where": "red, GPIO17", "text": "", "remedy": "",
    }  # fmt: skip
    assert {"quantity": 1, "what": "LED, red", "parts": ["red"]} in view.needs
    assert any(step["target"].startswith("wire ") for step in view.steps)


def test_a_circuit_as_a_last_line_is_its_picture(bench):
    circuit = labkit.circuit(red=parts.Led(17))
    assert "application/vnd.jupyter.widget-view+json" in circuit._repr_mimebundle_()[0]
    assert "<svg" in Circuit({"red": parts.Led(17)})._repr_mimebundle_()["text/html"]


class Views:
    """Shows pictures only."""

    def picture(self, bench, circuit):
        return picture(bench, circuit)


@pytest.fixture
def real_bench():
    """Pins of gpiozero's own mock: to labkit they are as real as any."""
    from gpiozero.pins.mock import MockFactory, MockPWMPin

    opened = Bench(MockFactory(pin_class=MockPWMPin), Board("Raspberry Pi 3B", simulated=False, why=""), Views())
    yield opened
    opened.close()


def test_on_real_pins_it_shows_levels_and_touches_no_pin(real_bench):
    circuit = Circuit({"red": parts.Led(17), "low": parts.Led(27, active_high=False), "go": parts.PushButton(2)})
    real_bench.wire(circuit)
    view = circuit.show()
    assert view.parts == []
    assert not real_bench.factory.pins  # looking makes no pin, which would claim its line
    with LED(17) as red, LED(27, active_high=False) as low:
        red.on()
        low.on()
        real_bench._viewing.refresh()
        assert view.levels == {"GPIO17": 1.0, "GPIO27": 0.0}
        assert view.looks["red"] == view.looks["low"] == {"brightness": 1.0}
    use(view, "red", "hold", True)
    assert "no 'hold' of a part 'red'" in view.problem
