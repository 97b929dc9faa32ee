import subprocess
import sys

import pytest
from gpiozero import LED, PWMLED, Button, Device, DistanceSensor, GPIODevice, GPIOPinInUse, LEDBoard

import labkit
from labkit.claims import NoSuchPin, PinTaken
from labkit.errors import BadPinFactory, BenchClosed, UnknownBench


def program(source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of its own: what a session chooses depends on the process it is in."""
    import os

    clean = {name: value for name, value in os.environ.items() if not name.startswith("GPIOZERO_")}
    return subprocess.run(
        [sys.executable, "-c", source], env={**clean, **environment}, capture_output=True, text=True, timeout=60
    )


def test_off_a_pi_the_pins_are_simulated_and_the_banner_says_so():
    ran = program("import labkit; print(labkit.bench().board.banner)")
    banner = "Simulated pins · Raspberry Pi 4B. This machine is no Raspberry Pi: no real pin moves.\n"
    assert ran.stdout == banner
    assert ran.stderr == banner


def test_devices_need_no_word_about_the_bench(bench):
    with LED(17) as red:
        assert red.pin_factory is bench.factory
        red.on()
        assert bench.tap.latest["GPIO17"].level == 1


def test_asking_again_returns_the_same_bench(bench):
    assert labkit.bench() is bench
    assert labkit.bench("simulated") is bench


def test_a_bench_of_no_known_kind_is_refused_with_the_kinds_there_are(bench):
    with pytest.raises(UnknownBench, match=r"no bench 'nonsense'.*labkit.bench\('simulated'\)"):
        labkit.bench("nonsense")


def test_a_factory_that_is_not_there_is_one_sentence_with_a_way_out():
    ran = program("import labkit; labkit.bench()", GPIOZERO_PIN_FACTORY="nonsense")
    assert ran.returncode != 0
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("labkit.errors.BadPinFactory: GPIOZERO_PIN_FACTORY names 'nonsense'")
    assert "labkit.bench('simulated')" in last


def test_a_factory_asked_for_by_name_is_used():
    source = "import labkit; b = labkit.bench(); print(type(b.factory).__module__, b.board.simulated)"
    ran = program(source, GPIOZERO_PIN_FACTORY="mock")
    assert ran.stdout == "gpiozero.pins.mock True\n"


def test_real_pins_asked_for_where_there_are_none_is_an_error_not_a_simulation(monkeypatch):
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    with pytest.raises(BadPinFactory, match="sudo apt install python3-lgpio"):
        labkit.bench("real")


def test_devices_made_before_the_bench_stay_on_their_pins():
    source = (
        "from gpiozero import LED; red = LED(17); import labkit; b = labkit.bench(); red.on()\n"
        "print(b.factory is red.pin_factory, b.tap.latest['GPIO17'].level)"
    )
    ran = program(source, GPIOZERO_PIN_FACTORY="mock")
    assert ran.stdout == "True 1\n", ran.stderr


def test_a_pin_the_board_does_not_have_is_named_with_those_it_has(bench):
    with pytest.raises(NoSuchPin, match=r"no GPIO pin 99.*0 to 27"):
        LED(99)
    with pytest.raises(ValueError, match="no GPIO pin"):
        LED("nonsense")
    with pytest.raises(NoSuchPin):
        LED("J8:1")


def test_a_pin_may_be_written_in_every_way_gpiozero_knows(bench):
    for name in (17, "GPIO17", "BCM17", "BOARD11", "J8:11", "WPI0"):
        assert bench.pin_name(name) == "GPIO17"


def test_a_taken_pin_names_its_holder_and_free_ones(bench):
    with Button(2) as go:
        with pytest.raises(PinTaken) as caught:
            LED(2)
        assert isinstance(caught.value, GPIOPinInUse | RuntimeError)
        assert str(caught.value).startswith("GPIO2 is in use by a Button, made in this program. Close it with ")
        assert "labkit.bench().free(2)" in str(caught.value)
        assert not go.closed


def test_free_closes_the_whole_device_that_holds_a_pin(bench):
    lights = LEDBoard(4, 17)
    bench.free(17)
    assert lights.closed
    assert bench.holders() == []
    LED(4).close()


def test_the_pieces_of_a_board_count_as_one_device(bench):
    with LEDBoard(5, 6, 13) as lights:
        assert bench.devices == [lights]
        assert [claim.pin for claim in bench.claims() if claim.is_here] == ["GPIO5", "GPIO6", "GPIO13"]


def test_a_closed_device_claims_nothing(bench):
    LED(17).close()
    assert bench.holders() == []


def test_closing_the_bench_closes_its_devices_and_gives_gpiozero_back():
    opened = labkit.bench("simulated")
    red, factory = LED(17), opened.factory
    opened.close()
    opened.close()
    assert red.closed
    assert Device.pin_factory is None
    assert factory.reserve_pins.__func__ is type(factory).reserve_pins
    with pytest.raises(BenchClosed, match=r"labkit\.bench\(\)"):
        opened.scope()


def test_a_simulated_button_runs_the_users_function(bench):
    with Button(2) as go, LED(17) as red:
        go.when_pressed, go.when_released = red.on, red.off
        bench.parts[2].press()
        assert red.is_lit
        bench.parts[2].release()
        assert not red.is_lit


def test_a_button_against_a_pull_down_presses_high(bench):
    with Button(4, pull_up=False) as go:
        bench.parts[4].press()
        assert go.is_pressed
        assert go.pin.state


def test_brightness_works_on_simulated_pins(bench):
    with PWMLED(18) as dim:
        dim.value = 0.25
        assert bench.tap.latest["GPIO18"].level == 0.25


def test_importing_labkit_loads_no_front_end():
    source = "import sys, labkit; print([m for m in ('bokeh', 'ipywidgets', 'IPython', 'numpy') if m in sys.modules])"
    assert program(source).stdout == "[]\n"


def test_a_sensors_thread_ends_before_the_pins_that_it_uses(bench, monkeypatch):
    ranger = DistanceSensor(23, 24, partial=True)
    queue, alive = ranger._queue, []
    close = GPIODevice.close
    monkeypatch.setattr(GPIODevice, "close", lambda device: (alive.append(queue.is_alive()), close(device)))
    bench.close()
    assert alive
    assert not any(alive)
