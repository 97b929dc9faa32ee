"""Every device class that gpiozero makes public works on the simulated bench, with nothing wired by hand."""

import inspect
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

import gpiozero
import pytest
from gpiozero import (
    LED,
    Button,
    Buzzer,
    Device,
    GPIOPinInUse,
    LEDCharDisplay,
    Motor,
    OutputDevice,
    PhaseEnableMotor,
    RotaryEncoder,
    TonalBuzzer,
    TrafficLights,
)

from labkit.clock import ManualClock
from labkit.devices import PARTS, BenchFactory
from labkit.sim.parts.buttons import Switch
from labkit.sim.parts.leds import Led

HANG_SECONDS = 15

ABSTRACT = {
    "Device": "the base class: it has no constructor of its own",
    "SPI": "an interface that factories implement",
}
BROKEN_UPSTREAM = {
    "PhaseEnableRobot": "a function; it hands Robot a pwm argument that Robot does not take (boards.py)",
}

Maker = Callable[[Any, dict[str, Any]], Any]
ONE_PIN: Maker = lambda cls, on: cls(4, **on)  # noqa: E731
NO_PIN: Maker = lambda cls, on: cls(**on)  # noqa: E731
MAKE: dict[str, Maker] = {
    "AnalogInputDevice": lambda cls, on: cls(bits=10, **on),
    "ButtonBoard": lambda cls, on: cls(4, 5, 6, **on),
    "CPUTemperature": NO_PIN,
    "CamJamKitRobot": NO_PIN,
    "CompositeDevice": lambda cls, on: cls(LED(4, **on), Button(5, **on), **on),
    "CompositeOutputDevice": lambda cls, on: cls(LED(4, **on), LED(5, **on), **on),
    "DiskUsage": NO_PIN,
    "DistanceSensor": lambda cls, on: cls(23, 24, queue_len=2, **on),
    "Energenie": lambda cls, on: cls(1, **on),
    "FishDish": NO_PIN,
    "InternalDevice": NO_PIN,
    "JamHat": NO_PIN,
    "LEDBarGraph": lambda cls, on: cls(4, 5, 6, **on),
    "LEDBoard": lambda cls, on: cls(4, 5, red=6, **on),
    "LEDCharDisplay": lambda cls, on: cls(4, 5, 6, 12, 13, 16, 19, dp=20, **on),
    "LEDCollection": lambda cls, on: cls(4, 5, 6, **on),
    "LEDMultiCharDisplay": lambda cls, on: cls(LEDCharDisplay(4, 5, 6, 12, 13, 16, 19, **on), 20, 21, **on),
    "LedBorg": NO_PIN,
    "LightSensor": lambda cls, on: cls(4, queue_len=1, **on),
    "LoadAverage": NO_PIN,
    "Motor": lambda cls, on: cls(4, 5, enable=6, **on),
    "PhaseEnableMotor": lambda cls, on: cls(4, 5, **on),
    "PiHutXmasTree": NO_PIN,
    "PiLiter": NO_PIN,
    "PiLiterBarGraph": NO_PIN,
    "PiStop": lambda cls, on: cls("A", **on),
    "PiTraffic": NO_PIN,
    "Pibrella": NO_PIN,
    "PingServer": lambda cls, on: cls("example.org", **on),
    "PolledInternalDevice": NO_PIN,
    "PololuDRV8835Robot": NO_PIN,
    "PumpkinPi": NO_PIN,
    "RGBLED": lambda cls, on: cls(4, 5, 6, **on),
    "Robot": lambda cls, on: cls(Motor(4, 5, **on), PhaseEnableMotor(6, 12, **on), **on),
    "RotaryEncoder": lambda cls, on: cls(4, 5, **on),
    "RyanteckRobot": NO_PIN,
    "SPIDevice": NO_PIN,
    # Upstream starts the queue in subclasses only: unless partial, the value of a bare one never comes.
    "SmoothedInputDevice": lambda cls, on: cls(4, partial=True, **on),
    "SnowPi": NO_PIN,
    "StatusBoard": NO_PIN,
    "StatusZero": NO_PIN,
    "TimeOfDay": lambda cls, on: cls(time(7), time(8), **on),
    "TrafficHat": NO_PIN,
    "TrafficLights": lambda cls, on: cls(4, 5, 6, **on),
    "TrafficLightsBuzzer": lambda cls, on: cls(TrafficLights(4, 5, 6, **on), Buzzer(12, **on), Button(13, **on), **on),
    "TrafficpHat": NO_PIN,
} | {name: NO_PIN for name in dir(gpiozero) if name.startswith("MCP3")}


def public_classes() -> list[str]:
    return [
        name
        for name in dir(gpiozero)
        if inspect.isclass(getattr(gpiozero, name))
        and issubclass(getattr(gpiozero, name), Device)
        and name not in ABSTRACT
    ]


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[BenchFactory]:
    with BenchFactory() as factory:
        # LEDMultiCharDisplay takes no other: it forgets its pin_factory argument on the way.
        monkeypatch.setattr(Device, "pin_factory", factory)
        yield factory


def in_time(work: Callable[[], None]) -> None:
    """Run it on a thread: a device that hangs must not hang the test run."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(HANG_SECONDS)
    assert not thread.is_alive(), "it hangs"
    if errors:
        raise errors[0]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.usefixtures("quick_radio")
@pytest.mark.parametrize("name", public_classes())
def test_every_public_device_constructs_reads_writes_and_closes(name: str, pins: BenchFactory) -> None:
    device_class = getattr(gpiozero, name)

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", gpiozero.PWMSoftwareFallback)
            warnings.filterwarnings("ignore", "datetime.datetime.utcnow")  # upstream, from Python 3.12 on
            device = MAKE.get(name, ONE_PIN)(device_class, {"pin_factory": pins})
        read(device)
        write(device)
        device.close()
        assert device.closed

    in_time(work)


def read(device: Any) -> None:
    try:
        _ = device.value
    except NotImplementedError:
        assert type(device).__name__ in (
            "AnalogInputDevice",
            "SPIDevice",
            "InternalDevice",
            "PolledInternalDevice",
        )
    repr(device)


def write(device: Any) -> None:
    setter = getattr(type(device), "value", None)
    if not getattr(setter, "fset", None):
        return
    if hasattr(device, "on"):
        device.on()
        device.off()
    value = device.value
    if value is not None:
        device.value = value


def test_the_table_has_a_row_for_every_public_class() -> None:
    missing = [name for name in public_classes() if getattr(gpiozero, name) not in PARTS]
    assert missing == [], "give each of these a row in labkit/devices.py"


def test_a_class_of_a_later_gpiozero_would_be_missed() -> None:
    class Later(OutputDevice):
        """Stands for a class that the table does not have."""

    assert Later not in PARTS


def test_phase_enable_robot_is_still_broken_upstream(pins: BenchFactory) -> None:
    with pytest.raises(TypeError), pytest.warns(DeprecationWarning, match="deprecated"):
        gpiozero.PhaseEnableRobot((4, 5, True, pins), (6, 12, True, pins), pin_factory=pins)


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (lambda on: LED(17, **on), ["led"]),
        (lambda on: Button(17, **on), ["button"]),
        (lambda on: Buzzer(17, **on), ["buzzer"]),
        (lambda on: TonalBuzzer(17, **on), ["buzzer"]),
        (lambda on: gpiozero.Servo(17, **on), ["servo"]),
        (lambda on: gpiozero.Motor(17, 18, **on), ["motor"]),
        (lambda on: gpiozero.RotaryEncoder(17, 18, **on), ["knob"]),
        (lambda on: gpiozero.RGBLED(17, 18, 19, **on), ["rgbled"]),
        (lambda on: gpiozero.LEDBoard(17, 18, **on), ["led", "led"]),
        (lambda on: gpiozero.CamJamKitRobot(**on), ["motor", "motor"]),
        (lambda on: gpiozero.MCP3008(channel=3, **on), ["adc", "pot"]),
    ],
)
def test_a_device_brings_the_part_one_would_wire_to_it(pins: BenchFactory, make: Any, kinds: list[str]) -> None:
    device = make({"pin_factory": pins})
    assert [part.kind for part in pins.board.parts.values() if part.kind != "host"] == kinds
    device.close()


def test_a_subclass_gets_its_ancestors_part(pins: BenchFactory) -> None:
    class Lamp(LED):
        def __init__(self, room: str, pin_factory: Any) -> None:
            super().__init__({"hall": 17}[room], active_high=False, pin_factory=pin_factory)

    with Lamp("hall", pins) as lamp:
        lamp.on()
        assert pins.board.parts[17].is_lit


def test_what_is_wired_already_stays_as_it_is(pins: BenchFactory) -> None:
    from labkit.sim.parts.sounders import Buzzer as Sounder

    sounder = pins.board.add(Sounder(17))
    with LED(17, pin_factory=pins):
        assert pins.board.parts.on(17) == [sounder]


def test_a_pin_wired_to_another_pin_gets_no_part(pins: BenchFactory) -> None:
    pins.board.join(17, 27)
    with LED(17, pin_factory=pins) as led, Button(27, pull_up=False, pin_factory=pins) as button:
        led.on()
        assert button.is_pressed
        assert not pins.board.parts.on(17)


def test_making_the_device_again_keeps_its_part(pins: BenchFactory) -> None:
    LED(17, pin_factory=pins).close()
    part = pins.board.parts[17]
    with LED(17, pin_factory=pins):
        assert pins.board.parts.on(17) == [part]


def test_characters_that_take_turns_are_one_display(pins: BenchFactory) -> None:
    with LEDCharDisplay(4, 5, 6, 12, 13, 16, 19) as char:
        assert pins.board.parts[4].pins.keys() == set("abcdefg")
        with gpiozero.LEDMultiCharDisplay(char, 20, 21) as display:
            display.value = "42"
            assert [part.kind for part in pins.board.parts.values()] == ["host", "display"]
            assert {"digit0", "digit1"} <= pins.board.parts[4].pins.keys()


@pytest.mark.parametrize("pins_of_the_bus", [{}, {"clock_pin": 4, "mosi_pin": 5, "miso_pin": 6, "select_pin": 12}])
def test_nobody_wires_an_led_to_a_bus(pins: BenchFactory, pins_of_the_bus: dict[str, int]) -> None:
    with pins.spi(**pins_of_the_bus), gpiozero.SPIDevice(device=1):
        assert [part.kind for part in pins.board.parts.values()] == ["host"]


def test_a_pin_that_gets_another_kind_of_device_gets_another_part():
    factory = BenchFactory(clock=ManualClock())
    LED(17, pin_factory=factory).close()
    with Button(17, pin_factory=factory) as button:
        factory.board.parts[17].hold()
        assert button.is_pressed
    with Motor(17, 18, pin_factory=factory):
        assert factory.board.parts[17] is factory.board.parts[18]
    factory.close()


def test_a_device_made_again_finds_its_part_as_it_was_set():
    factory = BenchFactory(clock=ManualClock())
    RotaryEncoder(5, 6, pin_factory=factory).close()
    before = factory.board.parts[5]
    with RotaryEncoder(5, 6, pin_factory=factory):
        assert factory.board.parts[5] is before
    factory.close()


def test_a_part_that_somebody_wired_stays():
    factory = BenchFactory(clock=ManualClock())
    mine = factory.board.add(Switch(17))
    LED(17, pin_factory=factory).close()
    with Button(17, pin_factory=factory):
        assert factory.board.parts.on(17) == [mine]
    factory.close()


def test_a_part_whose_device_lives_makes_no_room():
    factory = BenchFactory(clock=ManualClock())
    with LED(17, pin_factory=factory), pytest.raises(GPIOPinInUse):
        Button(17, pin_factory=factory)
    assert isinstance(factory.board.parts[17], Led)
    factory.close()
