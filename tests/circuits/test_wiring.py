"""Circuits on the simulated board: the parts are there by name, default parts make room, running again is safe."""

import warnings

import pytest
from gpiozero import LED, MCP3008, PWMLED, Button, DistanceSensor, InputDevice, RotaryEncoder

import labkit
from labkit import parts
from labkit.circuits.circuit import Circuit
from labkit.circuits.wiring import circuit_on, unwire, wire
from labkit.clock import ManualClock
from labkit.devices import BenchFactory
from labkit.errors import CircuitError, UnsafeCircuit
from labkit.sim.parts.leds import Led as SimulatedLed


def names(bench) -> set[str]:
    return set(bench.factory.board.parts) - {"host"}


def test_a_declared_circuit_works_by_name(bench):
    labkit.circuit(red=parts.Led(17), go=parts.PushButton(2))
    with LED(17) as red, Button(2) as go:
        go.when_pressed = red.on
        bench.parts["go"].press()
        assert bench.parts["red"].is_lit
        assert names(bench) == {"red", "go"}


def test_it_takes_the_place_of_default_parts_while_devices_go_on(bench):
    with LED(17) as red, LED(5), MCP3008(0):
        assert names(bench) == {"led17", "led5", "adc8", "pot0"}
        labkit.circuit(red=parts.Led(17), adc=parts.Mcp3xxx(channels={0: parts.Potentiometer(0.25)}))
        assert names(bench) == {"red", "adc", "adc_0", "led5"}
        red.on()
        assert bench.parts["red"].is_lit


def test_the_next_circuit_takes_its_place(bench):
    labkit.circuit(red=parts.Led(17), go=parts.PushButton(2))
    labkit.circuit(go=parts.PushButton(3))
    assert names(bench) == {"go"}
    assert bench.parts["go"].pins == {"pin": 3}


def test_running_the_cell_again_keeps_what_hands_have_set(bench):
    def cell(resistor):
        labkit.circuit(red=parts.Led(17, resistor=resistor), adc=parts.Mcp3xxx(channels={0: parts.Potentiometer(0.25)}))
        return bench.parts["red"], bench.parts["adc_0"]

    red, knob = cell(330)
    knob.position = 0.75
    assert cell(330) == (red, knob)
    changed, kept = cell(470)
    assert changed is not red
    assert kept is knob
    with MCP3008(0) as adc:
        assert adc.value == pytest.approx(0.75, abs=0.001)


def test_a_sensor_may_move_to_another_channel(bench):
    labkit.circuit(adc=parts.Mcp3xxx(channels={0: "pot"}), pot=parts.Potentiometer(0.75))
    labkit.circuit(adc=parts.Mcp3xxx(channels={5: "pot"}), pot=parts.Potentiometer(0.75))
    with MCP3008(5) as five, MCP3008(0) as zero:
        assert five.value == pytest.approx(0.75, abs=0.001)
        assert zero.raw_value == 0  # nothing is connected there, and no default part comes in between


def test_a_wire_lets_one_pin_hear_another_pulses_included(bench):
    labkit.circuit(loop=parts.Wire(17, 27))
    with PWMLED(17) as says, InputDevice(27) as hears:
        says.on()
        assert hears.value == 1
        says.off()
        assert hears.value == 0
        says.value = 0.3
        assert bench.factory.board.net(27).duty == 0.3
    labkit.circuit(other=parts.Led(5))
    with LED(17) as says, InputDevice(27, pull_up=True) as hears:
        assert hears.value == 0
        assert hears.pin.state == 1  # the wire is gone


def test_a_ring_of_wires_does_not_hold_itself_up(bench):
    labkit.circuit(a=parts.Wire(4, 5), b=parts.Wire(5, 6), c=parts.Wire(6, 4))
    with InputDevice(5, pull_up=False) as hears:
        with LED(4) as says:
            says.on()
            assert hears.value == 1
        assert hears.value == 0
    labkit.circuit(b=parts.Wire(5, 6), c=parts.Wire(6, 4))  # what was left out in the ring is needed now
    with LED(4) as says, InputDevice(5) as hears:
        says.on()
        assert hears.value == 1


def test_pull_resistors_of_the_circuit_count(bench):
    labkit.circuit(go=parts.PushButton(4, pull="10 kΩ"), knob=parts.Knob(5, 6, button=13))
    with InputDevice(4) as bare, RotaryEncoder(5, 6) as encoder, Button(13) as button:
        assert bare.value == 1
        bench.parts["go"].press(None)
        assert bare.value == 0
        bench.parts["knob_button"].press(None)
        assert button.is_pressed
        assert encoder.steps == 0


def test_a_divided_echo_measures():
    clock = ManualClock()
    with BenchFactory(clock=clock) as factory:
        wire(Circuit({"ranger": parts.HcSr04(24, 23, distance=0.8)}), factory)
        assert factory.board.parts["ranger"].distance == 0.8
        assert factory.board.faults == []
        assert isinstance(factory.board.parts[24], type(factory.board.parts["ranger"]))


def test_what_can_not_work_has_no_simulated_part(bench):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnsafeCircuit)
        labkit.circuit(
            red=parts.Led(17, to=None), go=parts.PushButton(2, to="5V"), board=parts.Module("M", pins={"A": 4})
        )
    assert names(bench) == set()


def test_another_parts_name_is_not_taken_silently(bench):
    bench.factory.board.add(SimulatedLed(5, name="red"))
    with pytest.raises(CircuitError, match="red: the bench has another part of that name"):
        labkit.circuit(red=parts.Led(17))
    assert names(bench) == {"red"}


def test_errors_of_the_lint_are_warned_of(bench):
    with pytest.warns(UnsafeCircuit, match="Do not power this. red, GPIO17: The LED has no resistor") as caught:
        labkit.circuit(red=parts.Led(17, resistor=None))
    assert caught[0].filename == __file__


def test_a_circuit_can_be_taken_off_again():
    with BenchFactory(clock=ManualClock()) as factory:
        circuit = Circuit({"red": parts.Led(17)})
        wire(circuit, factory)
        assert circuit_on(factory.board) == circuit
        unwire(factory.board)
        assert circuit_on(factory.board) is None
        assert "red" not in factory.board.parts


def test_every_random_circuit_can_be_wired_after_any_other(random_circuit):
    with BenchFactory(clock=ManualClock()) as factory:
        for seed in range(60):
            circuit = random_circuit(seed)
            wire(circuit, factory)
            there = set(factory.board.parts) - {"host"}
            assert there == {made.name for name, part in circuit.items() for made in part.simulated(name)}


def test_devices_find_the_circuit_whatever_came_first(bench):
    ranger = DistanceSensor(24, 23, queue_len=2)
    labkit.circuit(ranger=parts.HcSr04(24, 23, distance=0.25))
    bench.parts["ranger"].distance = 0.5
    assert names(bench) == {"ranger"}
    ranger.close()
