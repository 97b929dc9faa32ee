"""Panels of every family as a person uses them: by mouse and keyboard, in light and dark, while a cell runs."""

from __future__ import annotations

import re

import pytest
from gallery import GROUPS, PANELS, Gallery
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another


@pytest.fixture(scope="module")
def gallery(scratch):
    return Gallery(scratch)


@pytest.fixture
def panels(sheet, gallery, request):
    """The panels of the group that the test is called after, by name; at the end they go into the picture."""
    group = request.node.originalname.removeprefix("test_")
    gallery.open(group)
    assert sheet.errors() == []
    cells = sheet.code_cells.count()
    yield lambda name: sheet.panel(name).last
    # Whatever was pressed, the notebook took it for no shortcut of its own.
    assert sheet.code_cells.count() == cells
    gallery.take(group)


def says(panel, code):
    expect(panel.locator(".labkit-code").last).to_have_text(code)


def lamp(panel, level):
    expect(panel.locator(".labkit-lamp").first).to_have_attribute("data-level", level)


def button(panel, name):
    return panel.get_by_role("button", name=name, exact=True)


def slide(panel, name, key):
    panel.get_by_role("slider", name=name).press(key)


def write(panel, name, text):
    box = panel.get_by_role("textbox" if name in ("note or Hz", "show") or "typed" in name else "spinbutton", name=name)
    box.fill(text)
    box.press("Enter")


def refuses(panel, words):
    expect(panel.locator(".labkit-complaint")).to_contain_text(words)


def test_lights(panels, sheet):
    button(panels("valve"), "On").click()
    says(panels("valve"), "valve.on()")
    lamp(panels("valve"), "1")
    red = panels("red")
    button(red, "On").press("Enter")
    lamp(red, "1")
    write(red, "on (s)", "0.2")
    red.get_by_role("button", name="Blink").press("Space")
    says(red, "red.blink(on_time=0.2, off_time=0.5)")
    button(red, "Off").press("Space")
    lamp(red, "0")

    dim = panels("dim")
    slide(dim, "brightness", "End")
    says(dim, "dim.value = 1")
    write(dim, "brightness, exactly", "7")
    refuses(dim, "between 0 and 1")
    expect(dim.get_by_role("spinbutton", name="brightness, exactly")).to_have_value("1.00")
    slide(dim, "brightness", "ArrowLeft")
    lamp(dim, "0.99")
    light = panels("light")
    write(light, "colour, typed", "lime")
    expect(light).to_contain_text("red 0%, green 100%, blue 0%")
    light.get_by_label("colour", exact=True).fill("#0000ff")
    says(light, "light.value = (0, 0, 1)")
    write(light, "colour, typed", "colourless")
    refuses(light, "Invalid color name")
    panels("buzz").get_by_role("button", name="Beep").click()
    says(panels("buzz"), "buzz.beep(on_time=0.5, off_time=0.5)")
    button(panels("socket"), "On").click()
    expect(panels("socket")).to_contain_text("socket 1: told to be on")

    tune = panels("tune")
    tune.get_by_role("button", name=re.compile("^A4,")).hover()
    sheet.page.mouse.down()
    expect(tune).to_contain_text("A4 · 440.0 Hz")
    sheet.page.mouse.up()
    expect(tune).to_contain_text("silent")
    # The computer's keyboard, for as long as the key is down; the notebook would insert a cell at this one.
    sheet.page.keyboard.down("a")
    expect(tune).to_contain_text("A3 · 220.0 Hz")
    sheet.page.keyboard.up("a")
    expect(tune).to_contain_text("silent")
    write(tune, "note or Hz", "C9")
    refuses(tune, "out of this buzzer's range, A3 to A5")


def test_movers(panels, sheet):
    slide(panels("fan"), "speed", "Home")
    says(panels("fan"), "fan.value = -1")
    expect(panels("fan")).to_contain_text("backward 100%")
    panels("fan").get_by_role("button", name="Coast").click()
    expect(panels("fan")).to_contain_text("coasts")
    panels("wheel").get_by_role("button", name="Forward").press("Enter")
    says(panels("wheel"), "wheel.forward(1)")
    servo, arm, robot = panels("servo"), panels("arm"), sheet.panel("robot").first
    servo.get_by_role("button", name="Sweep").click()
    says(servo, "from gpiozero.tools import sin_values; servo.source = sin_values()")
    expect(servo).to_contain_text("follows a source")
    button(servo, "Max").click()
    expect(servo).to_contain_text("+1.00 · 2.00 ms pulses")
    button(servo, "Detach").click()
    expect(servo).to_contain_text("detached")
    write(arm, "angle (°), exactly", "500")
    refuses(arm, "between -90 and 90")
    slide(arm, "angle (°)", "End")
    expect(arm).to_contain_text("90° · 2.00 ms pulses")
    robot.get_by_role("button", name="Drive forward while held").focus()
    sheet.page.keyboard.down("ArrowLeft")
    expect(robot).to_contain_text("left · left -100%, right +100%")
    sheet.page.keyboard.up("ArrowLeft")
    expect(robot).to_contain_text("stands")
    robot.get_by_role("button", name="Drive backward while held").hover()
    sheet.page.mouse.down()
    expect(robot).to_contain_text("backward · left -100%")
    sheet.page.mouse.up()
    expect(robot).to_contain_text("stands")


def test_inputs(panels, sheet):
    go = panels("go")
    press = go.get_by_role("button", name="Press:")
    press.focus()
    sheet.page.keyboard.down(" ")
    expect(go).to_contain_text("pressed and held for")
    sheet.page.keyboard.up(" ")
    expect(go).to_contain_text("released")
    expect(go.locator(".labkit-count")).to_have_attribute("data-presses", "1")
    for name in ("bare", "raw", "door"):
        before = panels(name).locator(".labkit-state").inner_text()
        panels(name).get_by_role("switch", name="Switch").click()
        expect(panels(name).locator(".labkit-state")).not_to_have_text(before)
    panels("floor").get_by_role("switch", name="Over the line").press("Space")
    expect(panels("floor").locator(".labkit-state")).to_contain_text(re.compile("^line"))
    panels("hall").get_by_role("button", name="Walk by").click()
    expect(panels("hall").locator(".labkit-state")).to_contain_text(re.compile("^motion"))
    slide(panels("day"), "simulated lux (lx)", "Home")
    expect(panels("day")).to_contain_text("dark")
    ranger, knob = panels("ranger"), panels("knob")
    slide(ranger, "simulated distance (m)", "End")
    expect(ranger).to_contain_text("100.0 cm or more of 1 m · out of range")
    write(ranger, "threshold (m)", "0.5")
    says(ranger, "ranger.threshold_distance = 0.5")
    write(ranger, "threshold (m)", "3")
    refuses(ranger, "between 0 and 1 m")
    knob.get_by_role("button", name="+1").click()
    expect(knob).to_contain_text("+1 steps of ±16")
    knob.get_by_role("button", name="Reset").press("Enter")
    expect(knob).to_contain_text("+0 steps")
    says(knob, "knob.steps = 0")


def test_boards(panels, sheet):
    button(sheet.panel("board").first, "On").first.click()
    expect(sheet.panel("board").first).to_contain_text("4 of 4 active")
    button(panels("board[1].up"), "Off").click()
    says(panels("board[1].up"), "board[1].up.off()")
    expect(sheet.panel("board").first).to_contain_text("3 of 4 active")
    slide(panels("bar"), "value", "End")
    expect(panels("bar")).to_contain_text("5 of 5 lit")
    write(panels("bar"), "lit", "9")
    refuses(panels("bar"), "the graph has 5 LEDs")
    write(panels("digit"), "show", "7.")
    expect(panels("digit").locator(".labkit-character")).to_have_attribute("data-lit", "a b c dp")
    crossing = sheet.panel("crossing").first
    crossing.get_by_role("button", name="Next phase").click()
    expect(crossing).to_contain_text("1 of 3 active")
    lamp(panels("crossing.red"), "1")
    press = panels("keys[1]").get_by_role("button", name="Press:")
    press.hover()
    sheet.page.mouse.down()
    expect(sheet.panel("keys").first).to_contain_text("pressed: [1]")
    sheet.page.mouse.up()
    expect(sheet.panel("keys").first).to_contain_text("none is pressed")


def test_converters(panels, sheet):
    slide(panels("pot"), "simulated position", "End")
    expect(panels("pot").locator(".labkit-state")).to_contain_text(re.compile(r"3\.(29|30)\d V"))
    expect(panels("pot").locator(".labkit-history")).to_be_visible()
    write(panels("score"), "show", "42")
    expect(panels("score").locator(".labkit-character")).to_have_count(2)
    expect(panels("score")).to_contain_text("shows '42'")
    write(panels("score"), "show", "123")
    refuses(panels("score"), "3 characters, the display 2")
    button(panels("hat"), "Toggle").first.click()
    expect(panels("hat")).to_contain_text("4 of 5 active")
    panels("hat").get_by_role("button", name="Pieces").press("Enter")
    expect(panels("hat.button")).to_contain_text("released")


def test_computer(panels, sheet):
    # What no pin tells is looked at while it is seen.
    expect(panels("cpu")).to_contain_text("45.0 °C")
    slide(panels("cpu"), "simulated cpu temperature (°C)", "End")
    expect(panels("cpu")).to_contain_text("110.0 °C")
    lamp(panels("cpu"), "1")
    write(panels("disk"), "active above", "30")
    says(panels("disk"), "disk.threshold = 30")
    lamp(panels("disk"), "1")
    slide(panels("load"), "simulated load", "End")
    expect(panels("load")).to_contain_text("load 8.00")
    expect(panels("server")).to_contain_text("example.org answers")
    expect(panels("noon")).to_contain_text("active from 11:00:00 to 13:00:00 UTC")
    cam = sheet.panel("cam").first
    cam.get_by_role("button", name="Stop").click()
    says(cam, "cam.stop()")


def test_every_panel_has_names_and_contrast_in_light_and_in_dark(sheet, gallery):
    for group in gallery.missing:
        gallery.open(group)
        expect(sheet.page.locator(PANELS).first).to_be_visible()
        gallery.take(group)
    assert not gallery.missing
    assert len(GROUPS) == 6
    assert gallery.picture("panels-light") == []
    sheet.use_theme("Dark")
    try:
        assert gallery.picture("panels-dark") == []
        # The column as a whole, with STOP and the log.
        gallery.open("movers")
        sheet.page.locator(".labkit-log-fold").click()
        assert gallery.faults(".labkit-panels") == []
        # They are found when a label goes, or else this proves nothing.
        sheet.page.evaluate("document.querySelector('#gallery .labkit-slider-range').removeAttribute('aria-label')")
        assert [fault.split(":")[0] for fault in gallery.picture()] == ["label"]
    finally:
        sheet.use_theme("Light")


def check_a_drag(sheet, name, moves=500, patience=30_000):
    """So many moves of a real mouse, to and fro along the slider; it ends near 0.37, and so does the device."""
    slider, mouse = sheet.panel(name).get_by_role("slider", name="brightness"), sheet.page.mouse
    track = slider.bounding_box()
    middle = track["y"] + track["height"] / 2
    slider.hover()
    mouse.down()
    for end in (0.9, 0.1, 0.8, 0.2, 0.37):
        mouse.move(track["x"] + track["width"] * end, middle, steps=moves // 5)
    mouse.up()
    end = slider.input_value()
    assert 0.3 < float(end) < 0.45
    lamp_of = sheet.panel(name).locator(".labkit-lamp")
    expect(lamp_of).to_have_attribute("data-level", f"{float(end):g}", timeout=patience)
    expect(sheet.panel(name).locator(".labkit-code")).to_have_text(f"{name}.value = {float(end):g}", timeout=patience)
    sheet.run(2, f"moves, {name}.value")
    counted = re.search(r"\((\d+), ([\d.]+)\)", sheet.code_cells.nth(2).locator(".jp-Cell-outputArea").inner_text())
    assert float(counted[2]) == float(end)
    return int(counted[1])


COUNTING = """moves = 0
class Counting(PWMLED):
    @property
    def value(self): return super().value
    @value.setter
    def value(self, value):
        global moves
        moves += 1
        if {taken}: PWMLED.value.fset(self, value)
dim = Counting(18)
dim"""


def test_a_drag_of_five_hundred_moves_ends_at_the_value_under_the_hand(sheet):
    sheet.run(1, COUNTING.format(taken=True))
    # The kernel was told the newest only, and did not work off a queue.
    assert 5 < check_a_drag(sheet, "dim") < 500


def test_a_drag_whose_last_value_is_lost_is_found(sheet):
    sheet.run(1, COUNTING.format(taken="not 0.3 < value < 0.45"))
    with pytest.raises(AssertionError):
        check_a_drag(sheet, "dim", moves=50, patience=1_000)


def test_the_code_is_copied(sheet):
    sheet.run(1, "red = LED(17)\nred")
    red = sheet.panel("red")
    says(red, "red.value")
    button(red, "Toggle").click()
    sheet.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    red.get_by_role("button", name="Copy red.toggle()").click()
    expect(red.locator(".labkit-copy")).to_have_text("Copied")
    assert sheet.page.evaluate("navigator.clipboard.readText()") == "red.toggle()"


MOODY = """class Moody(LED):
    @property
    def value(self):
        if self.is_lit_by_pin(): raise OSError('the wire came off')
        return 0
    def is_lit_by_pin(self): return self.pin.state
red, moody = LED(17), Moody(18)
display(moody, red)"""


def test_an_unreadable_device_and_a_closed_one_say_so_and_leave_the_others_alone(sheet):
    sheet.run(1, MOODY)
    button(sheet.panel("moody"), "On").click()
    refuses(sheet.panel("moody"), "It can't be read: OSError: the wire came off")
    sheet.run(2, "red.on()")
    lamp(sheet.panel("red"), "1")
    sheet.run(2, "red.close()")
    red = sheet.panel("red")
    expect(red).to_contain_text("closed: run its cell again for a new one")
    expect(button(red, "On")).to_be_disabled()
    expect(red.locator(".labkit-body")).to_have_css("opacity", "0.45")
    expect(button(sheet.panel("moody"), "On")).to_be_enabled()


def test_a_panel_answers_while_a_cell_runs(sheet):
    sheet.run(1, "red = LED(17)\nred")
    sheet.start(2, "time.sleep(600)")
    red = sheet.panel("red")
    expect(sheet.prompt(2)).to_have_text("[*]:")
    button(red, "On").click()
    lamp(red, "1")
    says(red, "red.on()")
    expect(sheet.prompt(2)).to_have_text("[*]:")
    sheet.interrupt(2)
