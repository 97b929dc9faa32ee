import threading
import time

import pytest
from gpiozero import (
    LED,
    MCP3008,
    PWMLED,
    RGBLED,
    AngularServo,
    Button,
    LEDBoard,
    Motor,
    OutputDevice,
    PhaseEnableMotor,
    Robot,
    TonalBuzzer,
    ZombieThread,
)
from gpiozero.pins.mock import MockFactory, MockPWMPin
from gpiozero.threads import GPIOThread

from labkit.bench import Bench
from labkit.boards import Board
from labkit.errors import LabError, StopIncomplete, Stopped


@pytest.fixture(params=["simulated", "foreign"])
def any_bench(request):
    """A bench on our simulated pins, and one on pins that know nothing of labkit."""
    if request.param == "simulated":
        yield request.getfixturevalue("bench")
        return
    opened = Bench(MockFactory(pin_class=MockPWMPin), Board("any", simulated=True, why=""), views=None)
    yield opened
    opened.close()


def level(bench, pin):
    return bench.factory.pin(pin).state


def test_stop_switches_off_and_later_writes_say_what_to_do(any_bench):
    with LED(17) as red, PWMLED(18) as dim:
        red.on()
        dim.value = 0.5
        any_bench.stop()
        assert (level(any_bench, 17), level(any_bench, 18)) == (0, 0)
        assert any_bench.is_stopped
        with pytest.raises(Stopped) as caught:
            red.on()
        assert isinstance(caught.value, LabError | RuntimeError)
        for word in ("GPIO17 stays off", r"bench.stop() in this program", "bench.resume()"):
            assert word in str(caught.value)
        with pytest.raises(Stopped):
            dim.value = 0.1
        assert (level(any_bench, 17), level(any_bench, 18)) == (0, 0)


def test_resume_lets_outputs_switch_again_and_switches_none(any_bench):
    with LED(17) as red, AngularServo(12) as servo, TonalBuzzer(13) as buzzer:
        red.on()
        servo.angle = 30
        any_bench.stop()
        any_bench.resume()
        assert not any_bench.is_stopped
        assert any_bench.stopped == ""
        assert not red.is_lit
        assert servo.angle is None
        red.on()
        servo.angle = 45
        buzzer.play(440)
        assert red.is_lit
        assert servo.angle == pytest.approx(45)


def test_switching_off_and_closing_are_always_allowed(any_bench):
    with LED(17) as red, Motor(5, 6) as motor:
        any_bench.stop()
        red.off()
        motor.stop()
        assert (red.value, motor.value) == (0, 0)
    assert red.closed
    assert motor.closed


def test_active_low_outputs_go_high(any_bench):
    with LED(17, active_high=False) as red, PWMLED(18, active_high=False) as dim:
        red.on()
        dim.value = 0.7
        any_bench.stop()
        assert (level(any_bench, 17), level(any_bench, 18)) == (1, 1)
        with pytest.raises(Stopped):
            red.on()
        red.off()


def test_what_moves_stops_before_the_rest(any_bench):
    order = []
    with (
        LED(17) as red,
        LEDBoard(22, 23) as lights,
        Robot(Motor(5, 6), Motor(20, 21)) as robot,
        AngularServo(12, initial_angle=10),
    ):
        red.on()
        lights.on()
        robot.forward()
        any_bench.tap.subscribe(lambda edge: order.append(edge.pin) if edge.level == 0 else None)
        any_bench.stop()
        moving = {"GPIO5", "GPIO20", "GPIO12"}
        assert moving <= set(order)
        assert {"GPIO17", "GPIO22", "GPIO23"} <= set(order[len(moving) :])


def test_a_servo_gets_no_pulses_and_a_buzzer_no_tone(any_bench):
    with AngularServo(12, initial_angle=10), TonalBuzzer(13) as buzzer:
        buzzer.play(440)
        any_bench.stop()
        for pin in (12, 13):
            assert any_bench.factory.pin(pin).frequency is None
            assert level(any_bench, pin) == 0


def test_a_common_anode_colour_led_goes_dark(any_bench):
    with RGBLED(22, 23, 24, active_high=False) as colour:
        colour.color = (1, 0.5, 0)
        any_bench.stop()
        assert [level(any_bench, pin) for pin in (22, 23, 24)] == [1, 1, 1]


def test_a_motors_enable_pin_rests_and_comes_back(any_bench):
    with Motor(5, 6, enable=7) as motor, PhaseEnableMotor(8, 9) as phased:
        motor.forward()
        phased.backward()
        any_bench.stop()
        assert [level(any_bench, pin) for pin in (5, 6, 7, 8, 9)] == [0] * 5
        any_bench.stop()
        any_bench.resume()
        assert [level(any_bench, pin) for pin in (5, 6, 7, 8, 9)] == [0, 0, 1, 0, 0]


def test_blinking_pulsing_and_sources_end_for_good(any_bench):
    with LED(17) as red, PWMLED(18) as dim, RGBLED(22, 23, 24) as colour, LEDBoard(5, 6) as lights, LED(25) as copy:
        red.blink(0.001, 0.001)
        dim.pulse(0.01, 0.01)
        colour.blink(0.001, 0.001)
        lights.blink(0.001, 0.001)
        copy.source = red
        threads = [red._blink_thread, dim._blink_thread, colour._blink_thread, lights._blink_thread]
        threads.append(copy._source_thread)
        any_bench.stop()
        for thread in threads:
            threading.Thread.join(thread, 10)
            assert not thread.is_alive()
        assert copy.source is None
        any_bench.resume()
        assert [level(any_bench, pin) for pin in (17, 18, 22, 23, 24, 5, 6, 25)] == [0] * 8
        red.blink(0.001, 0.001)
        copy.source = red


def test_blinking_begun_while_stopped_is_refused_in_its_thread(any_bench, monkeypatch):
    refused = []
    monkeypatch.setattr(threading, "excepthook", refused.append)
    with LED(17) as red:
        any_bench.stop()
        red.blink()
        threading.Thread.join(red._blink_thread, 10)
        assert [each.exc_type for each in refused] == [Stopped]


def test_an_output_pin_without_a_device_goes_off_too(any_bench):
    pin = any_bench.factory.pin(4)
    pin.function = "output"
    pin.state = 1
    any_bench.stop()
    assert pin.state == 0
    with pytest.raises(Stopped):
        pin.state = 1
    pin.function = "input"


def test_the_off_level_of_a_device_that_is_gone_is_forgotten(any_bench):
    with LED(17, active_high=False):
        any_bench.stop()
        any_bench.resume()
    with LED(17) as red:
        red.on()
        any_bench.stop()
        assert level(any_bench, 17) == 0
    any_bench.resume()
    pin = any_bench.factory.pin(17)
    pin.function = "output"
    pin.state = 1
    any_bench.stop()
    assert pin.state == 0


def test_new_inputs_are_fine_and_new_outputs_refused(any_bench):
    any_bench.stop()
    with Button(2) as go:
        assert not go.is_pressed
    with pytest.raises(Stopped, match=r"GPIO17 stays off.*bench\.resume\(\)"):
        LED(17, initial_value=True)
    assert any_bench.factory.pin(17).function == "input"


def test_a_sensor_on_a_bus_of_pins_goes_on_being_read(any_bench):
    pins = {"clock_pin": 5, "mosi_pin": 6, "miso_pin": 13, "select_pin": 19}
    with MCP3008(channel=0, **pins) as before:
        any_bench.stop()
        assert 0 <= before.value <= 1
    with MCP3008(channel=1, **pins) as during:
        assert 0 <= during.value <= 1


def test_a_callback_set_off_by_stopping_may_not_switch_on_and_may_not_hang_the_rest(bench):
    hang, entered = threading.Event(), threading.Event()
    bench.factory.board.join(17, 27)
    with LED(17) as red, LED(18) as other, Button(27, pull_up=None, active_state=True) as feedback:
        red.on()
        other.on()

        def released():
            entered.set()
            hang.wait(30)

        feedback.when_released = released
        with pytest.raises(StopIncomplete, match="GPIO17: it does not answer"):
            bench.stop()
        assert entered.is_set()
        assert not other.is_lit
        assert level(bench, 17) == 0
        hang.set()


def test_a_thread_that_will_not_end_can_write_nothing_even_after_resuming(any_bench):
    go_on, asked = threading.Event(), threading.Event()

    def slow():
        yield 1
        asked.set()
        go_on.wait(30)
        yield 1

    with LED(17) as red, LED(18) as green:
        green.on()
        red.source = slow()
        assert asked.wait(10)
        thread = red._source_thread
        any_bench.stop()
        assert not green.is_lit
        any_bench.resume()
        go_on.set()
        threading.Thread.join(thread, 10)
        assert not thread.is_alive()
        assert not red.is_lit


def test_a_pin_that_fails_is_named_and_keeps_no_other_on(any_bench):
    class Broken(any_bench.factory.pin_class):
        def _set_state(self, value):
            if value == 0 and self.armed:
                raise OSError("the wire is cut")
            super()._set_state(value)

        armed = False

    plain, any_bench.factory.pin_class = any_bench.factory.pin_class, Broken
    with LED(4) as bad:
        any_bench.factory.pin_class = plain
        with LED(17) as red:
            bad.on()
            red.on()
            bad.pin.armed = True
            with pytest.raises(StopIncomplete, match=r"GPIO4: OSError: the wire is cut"):
                any_bench.stop()
            assert not red.is_lit
            with pytest.raises(Stopped):
                red.on()
            bad.pin.armed = False


def test_a_device_of_the_users_whose_own_off_fails_goes_off_all_the_same(any_bench):
    class Mine(LED):
        def off(self):
            raise ZombieThread("never")

    with Mine(17) as mine:
        mine.on()
        any_bench.stop()
        assert level(any_bench, 17) == 0


def test_no_write_slips_through_once_stop_has_returned(any_bench):
    devices = [OutputDevice(pin) for pin in (5, 6, 13, 19)]
    running = threading.Event()
    ended = []

    def hammer(device):
        try:
            while True:
                device.on()
                running.set()
                device.off()
        except Stopped:
            ended.append(device)

    for _ in range(10):
        writers = [threading.Thread(target=hammer, args=(device,)) for device in devices]
        for writer in writers:
            writer.start()
        assert running.wait(10)
        any_bench.stop()
        edges = []
        unsubscribe = any_bench.tap.subscribe(edges.append)
        for writer in writers:
            writer.join(10)
        assert [edge for edge in edges if edge.level] == []
        assert [device.value for device in devices] == [0] * 4
        unsubscribe()
        any_bench.resume()
        running.clear()
    assert len(ended) == 40
    for device in devices:
        device.close()


def test_two_stops_at_once_are_one(any_bench):
    with LED(17) as red:
        red.on()
        stops = [threading.Thread(target=any_bench.stop, args=(f"thread {n}",)) for n in range(8)]
        for each in stops:
            each.start()
        for each in stops:
            each.join(10)
        first = any_bench.stopped
        any_bench.stop("somebody late")
        assert any_bench.stopped == first
        assert not red.is_lit


def test_a_sleeping_program_meets_the_stop_at_its_next_write(any_bench):
    go_on, met = threading.Event(), []
    with LED(17) as red:

        def program():
            red.on()
            go_on.wait(30)
            try:
                red.on()
            except Stopped as stopped:
                met.append(stopped)

        thread = threading.Thread(target=program)
        thread.start()
        any_bench.stop()
        go_on.set()
        thread.join(10)
        assert len(met) == 1


def test_stop_ends_a_loop_in_virtual_time(bench):
    with LED(17) as red:
        with pytest.raises(Stopped), bench.virtual_time(seconds=100):
            timer = GPIOThread(lambda: (time.sleep(1.05), bench.stop()))
            timer.start()
            while True:
                red.on()
                time.sleep(0.1)
                red.off()
                time.sleep(0.1)
        assert not red.is_lit
