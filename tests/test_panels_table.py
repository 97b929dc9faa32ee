"""Every public device class of gpiozero: its panel, what the pins change in it, and what its controls change."""

import inspect
import runpy
import warnings
from pathlib import Path

import gpiozero as gz
import pytest

import labkit
from labkit.panels import Panel
from labkit.panels.base import make_panel
from labkit.panels.controls import inside
from labkit.panels.outputs import LEDPanel

# The one list of how each class is made.
DEVICES = runpy.run_path(str(Path(__file__).parent / "test_devices.py"))
NAMES = DEVICES["public_classes"]()

pytestmark = [
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),  # upstream
    pytest.mark.filterwarnings("ignore::gpiozero.PWMSoftwareFallback"),
    # A bare pin floats until somebody gives it a pull: its panel shows the noise.
    pytest.mark.filterwarnings("ignore::labkit.errors.FloatingInput"),
    pytest.mark.usefixtures("quick_radio"),
]

NO_READING = {"SPIDevice", "AnalogInputDevice", "InternalDevice", "PolledInternalDevice"}
"""Bare bases: nothing about them can change."""


def make(name, bench):
    return DEVICES["MAKE"].get(name, DEVICES["ONE_PIN"])(getattr(gz, name), {"pin_factory": bench.factory})


def part(bench, device):
    return bench.part(sorted(labkit.bench("simulated").panel(device)._pins)[0])


def host(quantity, value):
    return lambda device, bench: bench.part("host").set(quantity, value)


def press(bench, gpio):
    bench.part(gpio).hold()
    bench.part(gpio).release()  # held, gpiozero's thread takes a second to close


def far_away(device, bench):
    bench.part(23).distance = 2.0
    assert device.wait_for_out_of_range(10)


def in_the_dark(device, bench):
    part(bench, device).lux = 0.5
    assert device.wait_for_dark(10)


def averaged(device, bench):
    part(bench, device).is_on = True
    assert device.wait_for_active(10) or device.wait_for_inactive(10)


def walk_by(device, bench):
    part(bench, device).move(seconds=5)
    assert device.wait_for_motion(10)


def over_the_line(device, bench):
    part(bench, device).over_line = True
    assert device.wait_for_line(10)


def turn(device, bench):
    bench.part(4).rotate(1, seconds=0)
    assert device.wait_for_rotate(10) or device.steps


def unreachable(device, bench):
    bench.part("host").unreachable.add("example.org")


# From the pins' side, or the host's; the first class that fits counts.
CHANGES = [
    (gz.DistanceSensor, far_away),
    (gz.LightSensor, in_the_dark),
    (gz.MotionSensor, walk_by),
    (gz.LineSensor, over_the_line),
    (gz.SmoothedInputDevice, lambda device, bench: device._queue.queue.append(1) or None),
    (gz.RotaryEncoder, lambda device, bench: setattr(device, "_steps", 3)),
    (gz.Button, lambda device, bench: press(bench, part(bench, device).pins["pin"])),
    (gz.InputDevice, lambda device, bench: setattr(part(bench, device), "is_on", True)),
    (gz.OutputDevice, lambda device, bench: setattr(device.pin, "state", 1)),
    (gz.GPIODevice, lambda device, bench: setattr(device.pin, "function", "output")),
    (gz.Energenie, lambda device, bench: device.on()),
    (gz.TonalBuzzer, lambda device, bench: device.play("A4")),
    (gz.Servo, lambda device, bench: device.max()),
    (gz.Robot, lambda device, bench: device.left(1)),
    (gz.Motor, lambda device, bench: device.backward(1)),
    (gz.PhaseEnableMotor, lambda device, bench: device.backward(1)),
    (gz.LEDMultiCharDisplay, lambda device, bench: setattr(device, "value", "88")),
    (gz.LEDCharDisplay, lambda device, bench: setattr(device, "value", "4")),
    (gz.MCP3001, lambda device, bench: bench.part("pot0").set("position", 0.9)),
    (gz.AnalogInputDevice, lambda device, bench: bench.part("pot0").set("position", 0.9)),
    (gz.CPUTemperature, host("cpu_temperature", 77.0)),
    (gz.LoadAverage, host("load", 3.0)),
    (gz.DiskUsage, host("disk_used", 0.9)),
    (gz.PingServer, unreachable),
    (gz.TimeOfDay, lambda device, bench: setattr(device, "_end_time", device._end_time.replace(hour=9))),
    (gz.ButtonBoard, lambda device, bench: press(bench, 4)),
    (gz.RGBLED, lambda device, bench: device.on()),
    (gz.CompositeOutputDevice, lambda device, bench: device.on()),
    (gz.CompositeDevice, lambda device, bench: device[0].on()),
]


def model(panel):
    """Everything that the panel's views show."""
    found = {}

    def collect(place, widget):
        for trait in ("value", "lit", "button_style"):
            if hasattr(widget, trait):
                found[place, trait] = str(getattr(widget, trait))
        for index, child in enumerate(getattr(widget, "children", ())):
            collect((*place, index), child)

    collect((), panel)
    return found


def check_that_it_follows(device, bench, shown):
    """What its pins do, or what it reads, is seen in the panel's model; and that it is closed."""
    panel = labkit.panel(device)
    panel.look()
    before = model(panel)
    change = next(change for kind, change in CHANGES if isinstance(device, kind))
    change(device, bench)
    shown()
    panel.look()
    assert model(panel) != before, "the panel shows nothing of it"
    assert panel.complaint.value == ""
    device.close()
    panel.look()
    assert "closed" in panel.state.value
    assert all(control.disabled for control in inside(panel.body) if hasattr(control, "disabled"))


@pytest.mark.parametrize("name", NAMES)
def test_every_public_device_has_a_panel_that_follows_its_pins(name, bench, shown):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gz.PWMSoftwareFallback)
        device = make(name, bench)
    panel = labkit.panel(device)
    assert type(panel) is not Panel
    assert panel.complaint.value == ""
    for control in walk(panel):
        if hasattr(control, "disabled"):
            assert getattr(control, "description", "") or getattr(control, "label", ""), f"{control} has no name"
    if name not in NO_READING:
        check_that_it_follows(device, bench, shown)


def test_a_panel_that_does_not_follow_its_pins_is_found(bench, shown):
    class Unwatched(gz.LED):
        """Its panel is deaf."""

    class Deaf(LEDPanel):
        def show(self):
            """Looks nowhere."""

    make_panel.register(Unwatched, lambda device, bench: Deaf(bench, device))
    with pytest.raises(AssertionError, match="shows nothing of it"):
        check_that_it_follows(Unwatched(4), bench, shown)


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def test_every_public_class_is_in_one_of_the_two_tables():
    missing = [
        name
        for name in NAMES
        if name not in NO_READING and not any(issubclass(getattr(gz, name), kind) for kind, _ in CHANGES)
    ]
    assert missing == []


def test_a_class_of_a_later_gpiozero_gets_the_plain_panel(bench):
    class Later(gz.Device):
        value = 7
        is_active = True
        closed = False

        def close(self):
            """Nothing to let go of."""

    assert inspect.isclass(Later)
    panel = labkit.panel(Later(pin_factory=bench.factory))
    assert type(panel) is Panel
    assert "value = 7" in panel.state.value
