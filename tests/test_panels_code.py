"""From the panel to the pins: what controls change, and that the code shown for it does the same when it is run."""

import runpy
import threading
import warnings
from contextlib import closing
from pathlib import Path

import gpiozero as gz
import ipywidgets as widgets
import pytest

import labkit
from labkit.panels.base import make_panel
from labkit.panels.controls import ColourBox, Entry, HoldButton, HoldKeys, Slider, Switch, inside
from labkit.panels.outputs import LEDPanel
from labkit.pieces import pins_of

TABLE = runpy.run_path(str(Path(__file__).parent / "test_panels_table.py"))
make, pytestmark = TABLE["make"], TABLE["pytestmark"]

TOLD_NOTHING = TABLE["NO_READING"] | {"PingServer", "TimeOfDay"}
"""There is nothing about them that a person could set."""

# One of each family.
FAMILIES = [
    "OutputDevice", "DigitalOutputDevice", "LED", "PWMOutputDevice", "PWMLED", "RGBLED", "Buzzer",
    "TonalBuzzer", "Motor", "PhaseEnableMotor", "Servo", "AngularServo", "Energenie", "GPIODevice",
    "InputDevice", "DigitalInputDevice", "Button", "SmoothedInputDevice", "LineSensor", "MotionSensor",
    "LightSensor", "DistanceSensor", "RotaryEncoder", "MCP3008", "MCP3304", "CompositeOutputDevice", "LEDBoard",
    "LEDBarGraph", "LEDCharDisplay", "LEDMultiCharDisplay", "TrafficLights", "Robot", "CPUTemperature",
    "LoadAverage", "DiskUsage", "JamHat",
]  # fmt: skip

TYPED = {"note or Hz": ["C5", "523.25", "440"], "show": ["8"], "lit": [2], "threshold (m)": [0.5], "active above": [50]}
NO_ACTS = {"on (s)", "off (s)"}
"""Boxes whose numbers a button beside them takes."""


def acts(panel):
    """What a person can do in it, each by its name: with the control's new value, where it has one."""
    for control in inside(getattr(panel, "body", panel)):
        name = getattr(control, "description", "") or getattr(control, "label", "")
        if isinstance(control, widgets.Button):
            yield name, lambda control=control: control.click()
        elif isinstance(control, HoldButton):
            yield name, lambda control=control: setattr(control, "held", True)
        elif isinstance(control, HoldKeys):
            for place in control.places[:: max(1, len(control.places) // 4)]:
                yield place["name"], lambda control=control, held=place["name"]: setattr(control, "held", held)
        elif isinstance(control, Slider):
            share = control.min + 0.75 * (control.max - control.min)
            value = round(share / control.step) * control.step
            yield name, lambda control=control, value=value: setattr(control, "value", value)
        elif isinstance(control, Switch):
            yield name, lambda control=control: setattr(control, "value", not control.value)
        elif isinstance(control, ColourBox):
            yield name, lambda control=control: setattr(control, "value", "orange")
        elif isinstance(control, Entry) and name not in NO_ACTS:
            for value in TYPED.get(name, [0.25]):
                yield f"{name} {value}", lambda control=control, value=value: setattr(control, "value", value)


def state(device, bench):
    """What a control can have changed, in the device and in what is simulated around it."""
    found = {"parts": [(part.name, name, getattr(part, name)) for part in bench.parts for name in part.settable]}
    for name in ("threshold", "threshold_distance", "steps", "lit_count", "tone"):
        value = getattr(device, name, None)
        found[name] = float(value) if isinstance(value, int | float) else str(value)
    found["source"] = getattr(device, "source", None) is not None
    found["blinks"] = blinks = any(thread is not None for thread in blinkers(device))
    # What is read from the world takes its time to follow, and what blinks does not stand still.
    if not isinstance(device, gz.SmoothedInputDevice | gz.AnalogInputDevice) and not blinks and not found["source"]:
        found["value"] = repr(device.value)
        pins = [bench.factory.pin(name) for name in sorted(pins_of(device))]
        found["pins"] = [(repr(pin), pin.state) for pin in pins if pin.function == "output"]
    return found


def blinkers(device):
    yield getattr(device, "_blink_thread", None)
    for piece in (*getattr(device, "all", ()), *getattr(device, "_leds", ())):
        if piece is not device:
            yield from blinkers(piece)


def after(made, do):
    """The state of a new device after `do(device, panel, bench)`, and the code in its panel."""
    with closing(labkit.bench("simulated")) as bench, warnings.catch_warnings():
        warnings.simplefilter("ignore", gz.PWMSoftwareFallback)
        device = made(bench)
        panel = labkit.panel(device)
        do(device, panel, bench)
        assert panel.complaint.value == ""
        return state(device, bench), panel.code.value


def after_code(made, code):
    """The state of a new device, without a panel, after that code."""
    with closing(labkit.bench("simulated")) as bench, warnings.catch_warnings():
        warnings.simplefilter("ignore", gz.PWMSoftwareFallback)
        device = made(bench)
        exec(code, {type(device).__name__.lower(): device, "bench": bench})
        return state(device, bench)


def check_that_code_does_what_controls_do(made):
    names = []
    after(made, lambda device, panel, bench: names.extend(act for act, _ in acts(panel)))
    assert names
    for index, act in enumerate(names):
        by_hand, code = after(made, lambda device, panel, bench, index=index: list(acts(panel))[index][1]())
        assert code
        assert after_code(made, code) == by_hand, f"{act}: {code}"


def check_that_controls_reach_the_device(device, bench):
    panel = labkit.panel(device)
    if hasattr(panel, "unfold"):
        panel.unfold.value = True
    turned = threading.Event()
    if isinstance(device, gz.RotaryEncoder):
        device.when_rotated = turned.set
    before = state(device, bench)
    for _, act in [each for shown in (panel, *getattr(panel, "folder", panel.body).children) for each in acts(shown)]:
        act()
        if isinstance(device, gz.RotaryEncoder):
            assert turned.wait(10)  # the simulated knob takes its time
        if state(device, bench) != before:
            return
    raise AssertionError("whatever is done in the panel, the device stays as it is")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_code_of_each_control_does_what_the_control_did(name):
    check_that_code_does_what_controls_do(lambda bench: make(name, bench))


@pytest.mark.parametrize("name", [name for name in TABLE["NAMES"] if name not in TOLD_NOTHING])
def test_every_public_device_is_reached_from_its_panel(name, bench):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gz.PWMSoftwareFallback)
        check_that_controls_reach_the_device(make(name, bench), bench)


class Miswired(gz.LED):
    """Its panel is wrong."""


@pytest.fixture
def panel_of_miswired():
    """Gives it that panel."""
    return lambda kind: make_panel.register(Miswired, lambda device, bench: kind(bench, device))


def test_a_panel_that_says_other_than_it_does_is_found(panel_of_miswired):
    class Lies(LEDPanel):
        def _toggle(self):
            self.device.toggle()
            self.say(".off()")

    panel_of_miswired(Lies)
    with pytest.raises(AssertionError, match="Toggle"):
        check_that_code_does_what_controls_do(lambda bench: Miswired(4))


def test_a_panel_whose_controls_reach_nothing_is_found(bench, panel_of_miswired):
    class Dead(LEDPanel):
        def attempt(self, act):
            """Does nothing."""

    panel_of_miswired(Dead)
    with pytest.raises(AssertionError, match="stays as it is"):
        check_that_controls_reach_the_device(Miswired(4), bench)
