"""Panels are models: what a click sets and what a view shows, without a browser."""

import pytest
from gpiozero import LED, PWMLED, Button, LEDBoard

import labkit
from labkit.panels.composites import LEDBoardPanel
from labkit.panels.controls import inside
from labkit.panels.inputs import ButtonPanel
from labkit.panels.outputs import LEDPanel, PWMLEDPanel


def test_a_click_on_the_panel_switches_the_pin(bench):
    with LED(17) as red:
        panel = labkit.panel(red)
        panel.on.click()
        assert red.is_lit
        assert "red" not in panel.code.value  # a local variable has no name a cell could use
        assert "led.on()" in panel.code.value
        panel.off.click()
        assert not red.is_lit


def test_the_panel_shows_what_code_did(bench, shown):
    with LED(17) as red:
        panel = labkit.panel(red)
        red.on()
        shown()
        assert panel.on.button_style == "success"
        assert 'data-level="1"' in panel.lamp.value
        red.off()
        shown()
        assert panel.on.button_style == ""


def test_blinking_from_the_panel_is_the_line_it_shows(bench):
    with LED(17) as red:
        panel = labkit.panel(red)
        panel.on_time.value = 0.2
        panel.blink.click()
        assert "led.blink(on_time=0.2, off_time=0.5)" in panel.code.value
        assert red._blink_thread is not None
        panel.off.click()
        assert red._blink_thread is None
        assert not red.is_lit


def test_brightness_goes_both_ways(bench, shown):
    with PWMLED(18) as dim:
        panel = labkit.panel(dim)
        panel.brightness.value = 0.3
        assert dim.value == 0.3
        dim.value = 0.75
        shown()
        assert panel.brightness.value == 0.75
        assert "75%" in panel.state.value


def test_holding_the_simulated_button_presses_and_letting_go_releases(bench, shown):
    with Button(2) as go, LED(17) as red:
        go.when_pressed, go.when_released = red.on, red.off
        panel = labkit.panel(go)
        panel.press.held = True
        assert red.is_lit
        shown()
        assert "pressed" in panel.state.value
        panel.press.held = False
        assert not red.is_lit
        shown()
        assert 'data-presses="1"' in panel.count.value


def test_every_press_and_release_that_a_page_sends_is_done_in_its_order(bench):
    seen = []
    with Button(2) as go:
        panel = labkit.panel(go)
        go.when_pressed, go.when_released = lambda: seen.append("down"), lambda: seen.append("up")
        for held in (True, False, True, False):
            panel.press._handle_custom_msg({"set": {"held": held}}, [])
        for strange in ({"set": {"held": "yes"}}, {"set": {"label": "Boo"}}, {"set": 1}, "held", {"held": True}):
            panel.press._handle_custom_msg(strange, [])
        assert seen == ["down", "up"] * 2
        assert (panel.press.held, panel.press.label) == (False, "Press")


def test_presses_are_counted_however_short(bench, shown):
    with Button(2) as go:
        panel = labkit.panel(go)
        for _ in range(50):
            bench.parts[2].press()
            bench.parts[2].release()
        shown()
        assert 'data-presses="50"' in panel.count.value


def test_one_device_has_one_panel(bench):
    with LED(17) as red:
        assert labkit.panel(red) is labkit.panel(red)


def test_a_closed_device_says_so_and_its_controls_are_dead(bench, shown):
    red = LED(17)
    panel = labkit.panel(red)
    red.close()
    shown()
    assert "closed" in panel.state.value
    assert panel.on.disabled
    panel.on.click()  # a late one
    panel.blink.click()


def test_a_panel_for_a_device_closed_before_says_so(bench):
    red, go = LED(17), Button(2)
    red.close()
    go.close()
    assert "closed" in labkit.panel(red).state.value
    assert "closed" in labkit.panel(go).state.value


def test_families_are_chosen_by_class_and_a_users_subclass_gets_its_parents(bench):
    class Torch(LED):
        pass

    with Torch(17) as torch, PWMLED(18) as dim, Button(2) as go, LEDBoard(5, 6) as board:
        kinds = [type(labkit.panel(device)) for device in (torch, dim, go, board)]
    assert kinds == [LEDPanel, PWMLEDPanel, ButtonPanel, LEDBoardPanel]


def test_what_is_no_device_has_no_panel(bench):
    with pytest.raises(TypeError, match="no gpiozero device"):
        labkit.panel(17)


def test_every_control_has_a_name_for_screen_readers(bench):
    with LED(17) as red, PWMLED(18) as dim, Button(2) as go:
        for device in (red, dim, go):
            for control in inside(*labkit.panel(device).body.children):
                if hasattr(control, "disabled"):
                    assert getattr(control, "description", "") or getattr(control, "label", ""), control
