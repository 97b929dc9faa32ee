"""What each family's controls do, and what their panels say of what code and pins did."""

import threading

import gpiozero as gz
import pytest
from gpiozero import LED, PWMLED, LEDBoard, Motor

import labkit


def test_a_drag_of_five_hundred_steps_ends_at_its_last_value(bench, shown):
    with PWMLED(18) as dim:
        panel = labkit.panel(dim)
        for step in range(500):
            panel.brightness.value = step / 499
        assert dim.value == 1.0
        shown()
        assert panel.brightness.value == 1.0
        assert "pwmled.value = 1" in panel.code.value


def test_the_value_under_the_hand_is_not_lost_to_a_look_at_the_same_moment(bench, monkeypatch):
    with PWMLED(18) as dim:
        panel = labkit.panel(dim)
        looks = []

        def look_meanwhile(value, _widget):
            # ipywidgets has taken the first trait of the message, and has told nobody yet.
            looks.append(threading.Thread(target=panel.refresh))
            looks[0].start()
            looks[0].join(0.1)
            return value

        monkeypatch.setitem(panel.brightness.traits()["step"].metadata, "from_json", look_meanwhile)
        panel.brightness.set_state({"value": 0.7, "step": 0.01})
        looks[0].join()
        assert dim.value == 0.7
        assert panel.brightness.value == 0.7


def test_a_number_out_of_range_is_refused_in_a_sentence_and_the_box_shows_the_device_again(bench):
    with PWMLED(18, initial_value=0.25) as dim:
        panel = labkit.panel(dim)
        panel.brightness.value = 7
        assert dim.value == 0.25
        assert panel.brightness.value == 0.25
        assert "PWM value must be between 0 and 1" in panel.complaint.value
        panel.brightness.value = 0.5
        assert dim.value == 0.5
        assert panel.complaint.value == ""


def test_an_angle_beyond_the_servos_reach_is_refused(bench):
    with gz.AngularServo(18) as servo:
        panel = labkit.panel(servo)
        panel.angle.value = 500
        assert "between -90 and 90" in panel.complaint.value
        panel.angle.value = 45
        assert servo.angle == pytest.approx(45)
        assert "angularservo.angle = 45" in panel.code.value


def test_a_negative_time_never_reaches_the_blinking_thread(bench):
    with LED(17) as red:
        panel = labkit.panel(red)
        panel.on_time.value = -1
        panel.blink.click()
        assert "on (s)" in panel.complaint.value.lower()
        assert red._blink_thread is None


@pytest.mark.parametrize(("typed", "refusal"), [("C9", "out of this buzzer"), ("30", "out of this buzzer"), ("x", "x")])
def test_a_note_that_the_buzzer_has_not_is_refused(bench, typed, refusal):
    with gz.TonalBuzzer(17) as buzzer:
        panel = labkit.panel(buzzer)
        panel.tone.value = typed
        assert refusal in panel.complaint.value
        assert buzzer.tone is None


def test_the_keyboard_sounds_for_as_long_as_a_key_is_held(bench, shown):
    with gz.TonalBuzzer(17) as buzzer:
        panel = labkit.panel(buzzer)
        panel.piano.held = "A4"
        assert bench.part(17).tone_hz == 440
        shown()
        assert panel.piano.lit == ["A4"]
        assert "A4 · 440.0 Hz" in panel.state.value
        panel.piano.held = ""
        assert buzzer.tone is None


def test_a_picked_colour_is_shown_and_mixed(bench, shown):
    with gz.RGBLED(4, 5, 6) as light:
        panel = labkit.panel(light)
        panel.picker.value = "#ff8000"
        assert light.value == pytest.approx((1, 0.502, 0))
        light.value = (0, 0, 1)
        shown()
        assert panel.picker.value == "#0000ff"
        assert "blue 100%" in panel.state.value


def test_a_colour_of_a_light_without_brightness_is_the_nearest_it_has(bench):
    with gz.RGBLED(4, 5, 6, pwm=False) as light:
        labkit.panel(light).picker.value = "#f08010"
        assert light.value == (1, 1, 0)


def test_a_robot_drives_while_the_pad_is_held(bench, shown):
    with gz.Robot(Motor(4, 5), Motor(6, 12)) as robot:
        panel = labkit.panel(robot)
        panel.speed.value = 0.5
        panel.pad.held = "left"
        assert robot.value == (-0.5, 0.5)
        assert "robot.left(0.5)" in panel.code.value
        shown()
        assert "left" in panel.state.value
        panel.pad.held = ""
        assert robot.value == (0, 0)


def test_a_motor_without_speeds_has_none_in_between(bench):
    with Motor(4, 5, pwm=False) as motor:
        panel = labkit.panel(motor)
        assert panel.speed.step == 1
        panel.forward.click()
        assert motor.value == 1
        panel.coast.click()
        assert motor.value == 0


def test_a_sweeping_servo_is_caught_by_its_slider(bench):
    with gz.Servo(18) as servo:
        panel = labkit.panel(servo)
        panel.sweep.click()
        assert servo.source is not None
        panel.position.value = 0.25
        assert servo.source is None
        assert servo.value == pytest.approx(0.25)


@pytest.mark.filterwarnings("ignore::gpiozero.PWMSoftwareFallback")
def test_the_simulated_distance_is_a_slider(bench):
    with gz.DistanceSensor(23, 24, queue_len=1, max_distance=2) as ranger:
        panel = labkit.panel(ranger)
        control = panel._part_controls[0].widget
        control.value = 1.5
        assert bench.part(23).distance == 1.5
        assert "bench.parts[23].distance = 1.5" in panel.code.value
        assert ranger.wait_for_out_of_range(10)
        panel.look()
        assert "out of range" in panel.state.value
        bench.part(23).distance = 0.25
        panel.look()
        assert control.value == 0.25


def test_a_simulated_potentiometer_turns_the_converters_voltage(bench):
    with gz.MCP3008(3) as pot:
        panel = labkit.panel(pot)
        panel._part_controls[0].widget.value = 1.0
        panel.look()
        assert "3.297 V" in panel.state.value or "3.300 V" in panel.state.value
        assert "labkit-history" in panel.trend.value


def test_the_knob_turns_and_its_place_becomes_zero(bench, shown):
    with gz.RotaryEncoder(4, 5) as knob:
        panel = labkit.panel(knob)
        turned = threading.Event()
        knob.when_rotated = turned.set
        panel.turns[1].click()
        assert turned.wait(10)
        shown()
        assert "+1 steps" in panel.state.value
        panel.reset.click()
        assert knob.steps == 0


def test_a_display_draws_its_segments_and_refuses_what_is_not_in_its_font(bench, shown):
    with gz.LEDCharDisplay(4, 5, 6, 12, 13, 16, 19, dp=20) as display:
        panel = labkit.panel(display)
        panel.text.value = "7."
        shown()
        assert 'data-lit="a b c dp"' in panel.picture.value
        panel.text.value = "§"
        assert "not in the display" in panel.complaint.value


def test_a_text_too_long_for_the_display_is_refused(bench):
    with gz.LEDMultiCharDisplay(gz.LEDCharDisplay(4, 5, 6, 12, 13, 16, 19), 20, 21) as display:
        panel = labkit.panel(display)
        panel.text.value = "42"
        assert panel.picture.value.count("labkit-character") == 2
        panel.text.value = "123"
        assert "3 characters, the display 2" in panel.complaint.value
        assert display.value == ("4", "2")


def test_pieces_of_a_board_are_called_by_their_place(bench):
    with LEDBoard(4, LEDBoard(red=5), green=6) as board:
        panel = labkit.panel(board)
        first, inner, green = (labkit.panel(piece) for piece in board)
        assert panel.folder.children == (first, inner, green)
        first.on.click()
        assert "ledboard[0].on()" in first.code.value
        labkit.panel(board[1].red).on.click()
        assert "ledboard[1].red.on()" in labkit.panel(board[1].red).code.value
        assert "#22c55e" in green.lamp.value or green.colour == "#22c55e"


def test_a_large_board_makes_its_pieces_panels_when_asked(bench):
    with gz.PiHutXmasTree() as tree:
        panel = labkit.panel(tree)
        assert panel.strip.value.count("labkit-lamp") == 25
        assert panel.folder.children == ()
        panel.unfold.value = True
        assert len(panel.folder.children) == 25


def test_traffic_lights_go_through_their_phases(bench):
    with gz.TrafficLights(4, 5, 6) as lights:
        panel = labkit.panel(lights)
        seen = []
        for _ in range(5):
            panel.next.click()
            seen.append(tuple(lights.value))
        assert seen == [(1, 0, 0), (1, 1, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]
