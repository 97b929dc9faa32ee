"""The state of a pin, as the header shows it, from what the bench's devices and hands do."""

import gc
import threading
import warnings

import gpiozero as gz
import pytest
from gpiozero import LED, PWMLED, Button, InputDevice, Motor, Robot
from gpiozero.pins.mock import MockFactory

from labkit.bench import Bench
from labkit.boards import Board
from labkit.errors import FloatingInput
from labkit.header import header
from labkit.header.readings import EdgeRate, reading
from labkit.trace import Edge


@pytest.fixture
def seen(bench):
    """The newest state of a pin."""

    def state(name):
        shown = header(bench)
        shown.refresh()
        return getattr(shown, name)

    return state


def test_a_pin_in_use_tells_its_function_level_and_holder(bench, seen):
    with LED(17) as red, Button(2):
        red.on()
        assert seen("GPIO17") | {"cell": "", "rate": 0.0} == {
            "holder": "LED",
            "kind": "LED",
            "cell": "",
            "function": "output",
            "level": 1,
            "reading": "high",
            "edges": 2,
            "rate": 0.0,
        }
        go = seen("GPIO2")
    assert (go["function"], go["pull"], go["level"], go["touch"]) == ("input", "up", 1, "hold")
    assert "touch" not in seen("GPIO17") or seen("GPIO17")["touch"] == "drive"
    assert "holder" not in seen("GPIO17")


def test_a_free_pin_has_nothing_to_tell_but_that_it_can_be_driven(bench, seen):
    assert seen("GPIO5") == {"touch": "drive"}


@pytest.mark.parametrize(
    ("level", "hertz", "shows", "words"),
    [
        (1, None, "", "high"),
        (0, None, "", "low"),
        (0.5, None, "", "50%"),
        (0.37, 100, "", "37%"),
        (1, 100, "", "100%"),
        (0, 100, "", "0%"),
        (0.075, 50, "pulse", "1.50 ms"),
        (0, 50, "pulse", "no pulses"),
        (0.5, 440.0, "tone", "440 Hz"),
        (0, 440.0, "tone", "silent"),
    ],
)
def test_a_level_in_words(level, hertz, shows, words):
    assert reading(level, hertz, shows) == words


def test_pwm_tones_and_servos_are_read_as_what_they_are(bench, seen):
    with PWMLED(18, frequency=200) as dim, gz.AngularServo(13) as arm, gz.TonalBuzzer(12) as horn:
        dim.value = 0.25
        assert (seen("GPIO18")["reading"], seen("GPIO18")["frequency"]) == ("25%", 200)
        arm.angle = 90
        assert seen("GPIO13")["reading"] == "2.00 ms"
        arm.detach()
        assert seen("GPIO13")["reading"] in ("low", "no pulses")
        horn.play("A4")
        assert seen("GPIO12")["reading"] == "440 Hz"


def test_another_tone_of_the_same_duty_shows_at_once(bench):
    shown = header(bench)
    with gz.TonalBuzzer(12) as horn:
        horn.play("A4")
        higher = threading.Event()
        shown.observe(lambda change: change.new.get("reading") == "523.3 Hz" and higher.set(), "GPIO12")
        horn.play("C5")
        assert higher.wait(10)


def test_pieces_are_called_as_code_reaches_them(bench, seen, monkeypatch):
    import sys

    main = sys.modules["__main__"]
    lights, wheels = gz.TrafficLights(22, 25, 26), Robot(Motor(4, 14), Motor(15, 27))
    glow = gz.RGBLED(5, 6, 13)
    ranger = gz.DistanceSensor(23, 24, partial=True)
    for name, device in {"lights": lights, "wheels": wheels, "glow": glow, "ranger": ranger}.items():
        monkeypatch.setattr(main, name, device, raising=False)
    try:
        assert seen("GPIO25")["holder"] == "lights.amber"
        # The motors were made before the robot that they are in now.
        assert seen("GPIO4")["holder"] == "wheels.left_motor.forward_device"
        assert seen("GPIO6")["holder"] == "glow.green"
        assert (seen("GPIO23")["holder"], seen("GPIO24")["holder"]) == ("ranger", "ranger.trigger")
    finally:
        for device in (lights, wheels, glow, ranger):
            device.close()


def test_a_bus_is_told_from_a_pin_that_is_read(bench, seen):
    with gz.MCP3008(channel=0):
        assert seen("GPIO10") | {"cell": ""} == {"holder": "MCP3008", "kind": "MCP3008", "cell": "", "function": "SPI"}
        assert 10 not in [int(str(info.name)[4:]) for info in bench.factory.pins]


def test_edges_between_two_looks_are_counted(bench, seen):
    with LED(17) as red:
        before = seen("GPIO17")["edges"]
        for _ in range(50):
            red.toggle()
            red.toggle()
        assert seen("GPIO17")["edges"] == before + 100
        assert seen("GPIO17")["level"] == 0


def test_the_rate_is_that_of_the_last_second_in_lab_time():
    rate = EdgeRate()
    assert rate.see(Edge("GPIO17", 0, 1, 1)) == 0.0
    # 100 edges a second, looked at twenty times a second.
    for look in range(1, 41):
        found = rate.see(Edge("GPIO17", look * 50_000_000, 1 + 5 * look, 1))
    assert found == pytest.approx(100)
    assert rate.see(Edge("GPIO17", 2_000_000_000, 201, 1)) == pytest.approx(100)
    # One edge after a long rest is no fast signal.
    assert rate.see(Edge("GPIO17", 62_000_000_000, 202, 0)) < 5


def test_a_burst_after_a_rest_is_no_high_rate():
    rate = EdgeRate()
    rate.see(Edge("GPIO2", 0, 1, 1))
    assert rate.see(Edge("GPIO2", 10_000_000_000, 11, 0)) == pytest.approx(1.0)


def test_looking_at_a_floating_input_warns_of_nothing_and_says_that_it_floats(bench, seen):
    with InputDevice(6, pull_up=None, active_state=True) as loose:
        bench.factory.board.remove(bench.parts[6])
        # Let go of longer ago than its charge lasts.
        bench.factory.board.net(6).loose_ns -= 1_000_000_000
        with warnings.catch_warnings():
            warnings.simplefilter("error", FloatingInput)
            assert seen("GPIO6")["floating"] is True
        with pytest.warns(FloatingInput):
            assert loose.value in (0, 1)


def test_the_header_keeps_no_device_alive(bench, seen):
    LED(17).on()
    gc.collect()
    assert "holder" not in seen("GPIO17")
    red = LED(17)
    assert seen("GPIO17")["holder"] == "LED"
    del red
    gc.collect()
    with Button(17):
        assert seen("GPIO17")["kind"] == "Button"


def test_an_input_without_a_handler_is_watched_too(bench, seen):
    with InputDevice(6, pull_up=True):
        before = seen("GPIO6")
        bench.parts[6].is_on = True
        after = seen("GPIO6")
    assert (before["level"], after["level"]) == (1, 0)
    assert after["edges"] == before["edges"] + 1


class HardwarePins(MockFactory):
    """Mock pins that stand for real ones: they count how often they are asked, as a daemon on another machine."""

    def __init__(self) -> None:
        super().__init__(revision="c03111")
        self.asked = 0

    def pin(self, name, pin_class=None, **kwargs):
        self.asked += 1
        return super().pin(name, pin_class, **kwargs)


@pytest.fixture
def real_bench(monkeypatch, tmp_path):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    opened = Bench(HardwarePins(), Board("Raspberry Pi 4B", simulated=False, why=""), views=None)
    yield opened
    opened.close()


def test_real_pins_are_only_looked_at(real_bench):
    shown = header(real_bench)
    with LED(17) as red:
        red.on()
        asked = real_bench.factory.asked
        shown.refresh()
        assert (shown.GPIO17["level"], shown.GPIO17["function"]) == (1, "output")
        assert all("touch" not in getattr(shown, f"GPIO{gpio}") for gpio in range(28))
        # No pin was made or claimed by looking: a free one stays another program's to take.
        assert real_bench.factory.asked == asked
    shown.refresh()
    assert shown.GPIO17 == {}
    assert shown.parts == []


def test_a_press_on_real_pins_is_refused(real_bench):
    shown = header(real_bench)
    shown._receive(shown, {"type": "down", "pin": "GPIO5", "kind": "drive"}, [])
    assert "real pins" in shown.problem
    assert not real_bench.factory.pins


def test_a_pin_taken_elsewhere_tells_by_whom(real_bench, monkeypatch):
    from labkit.claimtable import PinClaim

    shown = header(real_bench)
    theirs = PinClaim("GPIO22", "pump", "LED", "cell [3]", "garden.ipynb", 4711, "this machine")
    monkeypatch.setattr(real_bench, "claims", lambda: [theirs])
    shown._look_elsewhere()
    assert shown.GPIO22 == {"elsewhere": "pump (LED) in garden.ipynb (process 4711)"}
    monkeypatch.setattr(real_bench, "claims", list)
    shown._look_elsewhere()
    assert shown.GPIO22 == {}
