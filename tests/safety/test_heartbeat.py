import threading

import pytest
from gpiozero import LED, PWMLED, RGBLED, AngularServo, LEDBoard, Motor, PhaseEnableMotor, Robot
from gpiozero.tools import sin_values

from labkit.clock import ManualClock
from labkit.errors import PageGone
from labkit.safety import heartbeat as module
from labkit.safety.heartbeat import Heartbeat

WHY = "stopped: the page that drove it was gone for 2 s"


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def changed():
    return []


@pytest.fixture
def beat(bench, clock, changed, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)  # nobody touches from another thread here
    made = Heartbeat(clock, bench.tap, bench.safety.switch.stop_device, bench.stop, changed.append)
    made.page_came("here")
    made.page_came("there")
    yield made
    made.close()


@pytest.fixture
def motor(bench):
    with Motor(5, 6) as made:
        yield made


def use(beat, page, device, act, stops=None):
    """What a person does: the page tells of the touch, then the panel acts."""
    beat.touched(page, device, beat.stops(device) if stops is None else stops)
    with beat.acting(device):
        act()


def test_a_motor_stops_two_seconds_after_its_page_is_gone(beat, clock, motor, changed):
    use(beat, "here", motor, motor.forward)
    clock.run_for(1000)
    beat.page_gone("here")
    clock.run_for(1.999_999)
    assert motor.value == 1
    changed.clear()
    clock.run_for(0.000_001)
    assert motor.value == 0
    assert beat.stopped(motor) == WHY
    assert {"GPIO5", "GPIO6"} <= set(changed)


def test_the_silence_before_counts(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    beat.page_gone("here", silent_s=1.75)
    clock.run_for(0.249)
    assert motor.value == 1
    clock.run_for(0.001)
    assert motor.value == 0
    use(beat, "there", motor, motor.backward)
    beat.page_gone("there", silent_s=60.0)
    clock.run_for(0)
    assert motor.value == 0


def test_a_page_that_comes_back_in_time_drives_on(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    beat.page_gone("here")
    clock.run_for(1.9)
    beat.page_came("here")
    clock.run_for(100)
    assert motor.value == 1
    use(beat, "there", motor, motor.forward)
    use(beat, "here", motor, motor.backward)
    clock.run_for(100)
    assert motor.value == -1
    beat.page_gone("here")
    clock.run_for(2)
    assert motor.value == 0


def test_another_pages_end_is_no_matter(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    beat.page_gone("there")
    clock.run_for(100)
    assert motor.value == 1


def test_of_two_pages_the_one_that_used_it_last_drives(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    clock.run_for(100)
    use(beat, "there", motor, motor.backward)
    beat.page_gone("here")
    clock.run_for(100)
    assert motor.value == -1
    beat.page_gone("there")
    clock.run_for(2)
    assert motor.value == 0


def test_driven_from_code_alone_there_is_no_heartbeat(beat, clock, motor):
    motor.forward()
    beat.touched("here", motor, 0)  # a click beside the controls
    beat.page_gone("here")
    clock.run_for(100)
    assert motor.value == 1
    assert beat.stopped(motor) == ""


@pytest.mark.parametrize("by_code", ["backward", "forward"])
def test_when_code_writes_the_browser_drives_no_more(beat, clock, motor, by_code):
    use(beat, "here", motor, motor.forward)
    getattr(motor, by_code)()  # forward: the level that it had already
    beat.page_gone("here")
    clock.run_for(100)
    assert abs(motor.value) == 1


def test_a_callback_that_an_act_sets_off_is_code(bench, beat, clock, motor):
    from gpiozero import Button

    with Button(2) as go:
        go.when_pressed = motor.forward
        use(beat, "here", go, bench.parts[2].hold)
        assert motor.value == 1
        beat.page_gone("here")
        clock.run_for(100)
        assert motor.value == 1


@pytest.mark.parametrize("later", [0, 100])
def test_the_touch_may_come_after_its_act(beat, clock, motor, later):
    with beat.acting(motor):
        motor.forward()
    clock.run_for(later)
    beat.touched("here", motor, 0)
    beat.page_gone("here")
    clock.run_for(2)
    assert motor.value == 0


def test_a_touch_long_after_another_pages_act_takes_nothing_over(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    clock.run_for(10)
    beat.touched("there", motor, 0)
    beat.page_gone("there")
    clock.run_for(100)
    assert motor.value == 1
    beat.page_gone("here")
    clock.run_for(2)
    assert motor.value == 0


def test_an_act_that_arrives_after_its_page_is_gone_lasts_no_longer(beat, clock, motor):
    beat.touched("here", motor, 0)
    beat.page_gone("here")
    clock.run_for(1.5)
    with beat.acting(motor):
        motor.forward()
    clock.run_for(0.499)
    assert motor.value == 1
    clock.run_for(0.001)
    assert motor.value == 0


def gone_and_back(beat, clock, page="here"):
    beat.page_gone(page)
    clock.run_for(2)
    beat.page_came(page)


def test_after_a_stop_only_a_new_act_drives_again(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    gone_and_back(beat, clock)
    # A drag that goes on, and what lay in a queue while the page was cut off.
    with pytest.raises(PageGone, match=r"GPIO5 stays off.*Use its controls once more"), beat.acting(motor):
        motor.forward()
    with pytest.raises(PageGone):
        use(beat, "here", motor, motor.forward, stops=0)
    assert motor.value == 0
    with beat.acting(motor):
        motor.stop()  # switching off is never refused
    assert beat.stopped(motor) == WHY
    use(beat, "here", motor, motor.forward)
    assert motor.value == 1
    assert beat.stopped(motor) == ""
    beat.page_gone("here")
    clock.run_for(2)
    assert motor.value == 0


def test_what_stood_still_when_its_page_went_says_nothing_and_takes_no_late_acts(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    use(beat, "here", motor, motor.stop)
    gone_and_back(beat, clock)
    assert beat.stopped(motor) == ""
    with pytest.raises(PageGone), beat.acting(motor):
        motor.forward()
    use(beat, "here", motor, motor.forward)
    assert motor.value == 1


def test_after_a_stop_code_may_drive(beat, clock, motor):
    use(beat, "here", motor, motor.forward)
    gone_and_back(beat, clock)
    motor.backward()
    assert motor.value == -1
    assert beat.stopped(motor) == ""
    beat.page_gone("here")
    clock.run_for(100)
    assert motor.value == -1


def test_a_touch_that_is_on_its_way_is_waited_for(beat, clock, motor, monkeypatch):
    use(beat, "here", motor, motor.forward)
    gone_and_back(beat, clock)
    monkeypatch.setattr(module, "PATIENCE_S", 30.0)
    stops = beat.stops(motor)
    acting = threading.Thread(target=lambda: use_without_touch(beat, motor))
    acting.start()
    beat.touched("here", motor, stops)
    acting.join(30)
    assert motor.value == 1


def use_without_touch(beat, motor):
    with beat.acting(motor):
        motor.forward()


def test_servos_lose_their_pulses_and_sweeps_end(bench, beat, clock):
    with AngularServo(12) as servo:
        swept = threading.Event()

        def values():
            for count, value in enumerate(sin_values()):
                yield value
                if count == 3:
                    swept.set()

        def sweep():
            servo.source = values()

        use(beat, "here", servo, sweep)
        assert swept.wait(10)
        thread = servo._source_thread
        gone_and_back(beat, clock)
        threading.Thread.join(thread, 10)
        assert not thread.is_alive()
        assert servo.angle is None
        assert bench.factory.pin(12).frequency is None
        assert servo.source is None
        assert beat.stopped(servo) == WHY


def test_a_sweep_that_code_begins_is_codes(beat, clock):
    with AngularServo(12) as servo:
        use(beat, "here", servo, servo.mid)
        servo.source = [0.5] * 3
        threading.Thread.join(servo._source_thread, 10)
        gone_and_back(beat, clock)
        assert servo.value == 0.5


def test_motors_with_enable_pins_can_be_driven_again(bench, beat, clock):
    with Motor(5, 6, enable=7) as motor, PhaseEnableMotor(8, 9) as phased:
        for each in (motor, phased):
            use(beat, "here", each, each.backward)
        gone_and_back(beat, clock)
        assert [bench.factory.pin(pin).state for pin in (5, 6, 7, 8, 9)] == [0, 0, 1, 0, 0]
        for each in (motor, phased):
            use(beat, "here", each, each.forward)
        assert (motor.value, phased.value) == (1, 1)


def test_each_motor_of_a_robot_has_its_own_driver(beat, clock):
    with Robot(Motor(5, 6), Motor(20, 21)) as robot:
        use(beat, "here", robot, robot.forward)
        assert beat.seconds(robot) == 2.0
        # The panel of one motor, in another page; and code for it.
        use(beat, "there", robot.left_motor, robot.left_motor.backward)
        beat.page_gone("here")
        clock.run_for(2)
        assert tuple(robot.value) == (-1, 0)
        assert beat.stopped(robot) == beat.stopped(robot.right_motor) == WHY
        assert beat.stopped(robot.left_motor) == ""
        robot.left_motor.forward()
        beat.page_gone("there")
        clock.run_for(100)
        assert tuple(robot.value) == (1, 0)


@pytest.mark.parametrize("make", [lambda: LED(17), lambda: RGBLED(17, 18, 27), lambda: LEDBoard(17, 18, pwm=True)])
def test_other_devices_have_one_where_it_is_asked_for(bench, beat, clock, make):
    begun = threading.Event()

    def blink():
        lamp.blink()
        # The clock stands still meanwhile: what a thread writes later would stop at the clock's next step.
        assert begun.wait(10)

    with make() as lamp:
        assert beat.seconds(lamp) is None
        use(beat, "here", lamp, lamp.on)
        gone_and_back(beat, clock)
        assert lamp.is_active
        beat.set(lamp, 0.5)
        assert beat.seconds(lamp) == 0.5
        lamp.off()
        bench.tap.subscribe(lambda edge: begun.set())
        use(beat, "here", lamp, blink)
        beat.page_gone("here")
        clock.run_for(0.5)
        assert not lamp.is_active
        assert beat.stopped(lamp) == "stopped: the page that drove it was gone for 0.5 s"


def test_it_can_be_switched_off_and_changed(beat, clock, motor):
    beat.set(motor, None)
    use(beat, "here", motor, motor.forward)
    gone_and_back(beat, clock)
    assert motor.value == 1
    beat.set(motor, 5)
    use(beat, "here", motor, motor.forward)
    beat.page_gone("here")
    clock.run_for(4.9)
    beat.set(motor, None)
    clock.run_for(100)
    assert motor.value == 1
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive number of seconds"):
            beat.set(motor, wrong)


def test_asked_for_code_too_the_bench_stops_when_the_last_page_is_gone(bench, beat, clock, motor):
    beat.set(motor, 3.0, code=True)
    motor.forward()
    beat.page_gone("here")
    clock.run_for(100)
    assert not bench.is_stopped
    beat.page_gone("there")
    clock.run_for(1)
    beat.page_came("there")
    clock.run_for(1.5)
    beat.page_gone("there")
    clock.run_for(2.999)
    assert motor.value == 1
    clock.run_for(0.001)
    assert motor.value == 0
    assert "by a heartbeat: no page was there for 3 s" in bench.stopped
    bench.resume()
    # What stands still gives no reason to stop anything.
    beat.page_came("here")
    beat.page_gone("here")
    clock.run_for(100)
    assert not bench.is_stopped


def test_a_new_device_on_the_pins_starts_afresh(bench, beat, clock):
    with Motor(5, 6) as motor:
        use(beat, "here", motor, motor.forward)
    beat.released("GPIO5")
    beat.released("GPIO6")
    with Motor(5, 6) as again:
        again.forward()
        gone_and_back(beat, clock)
        assert again.value == 1
        assert bench.tap.written is None


def test_nothing_is_asked_of_writes_before_a_page_drives(bench, beat, clock, motor):
    assert bench.tap.written is None
    use(beat, "here", motor, motor.forward)
    assert bench.tap.written is not None
    motor.stop()
    assert bench.tap.written is None


def test_a_closed_device_is_left_alone(beat, clock):
    with Motor(5, 6) as motor, PWMLED(17) as lamp:
        use(beat, "here", motor, motor.forward)
        beat.set(lamp, 1.0)
    beat.touched("here", motor, 0)
    with beat.acting(motor):
        pass
    beat.page_gone("here")
    clock.run_for(2)
    assert beat.stopped(motor) == ""


def test_writes_under_way_are_waited_for_before_it_switches_off(bench, clock, motor, monkeypatch):
    order = []
    made = Heartbeat(clock, bench.tap, lambda *_: order.append("off"), bench.stop, lambda _: None)
    monkeypatch.setattr(bench.tap.latch, "settle", lambda: order.append(made.stopped(motor)))
    use(made, "here", motor, motor.forward)
    gone_and_back(made, clock)
    assert order == [WHY, "off"]
    made.close()


def test_no_write_slips_through_while_it_stops(bench, beat, clock, motor):
    beat.touched("here", motor, 0)
    running, refused = threading.Event(), []

    def hammer():
        try:
            while True:
                with beat.acting(motor):
                    motor.forward()
                    running.set()
                    motor.stop()
        except PageGone:
            refused.append(True)

    hand = threading.Thread(target=hammer)
    hand.start()
    assert running.wait(10)
    gone_and_back(beat, clock)
    late = []
    bench.tap.subscribe(lambda edge: late.append(edge) if edge.level else None)
    hand.join(10)
    assert refused == [True]
    assert late == []
    assert motor.value == 0
