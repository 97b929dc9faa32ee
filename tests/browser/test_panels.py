"""Panels as a person uses them: by mouse and keyboard, and live while a cell runs."""

from __future__ import annotations

import re

from playwright.sync_api import expect

SHEET = """light = RGBLED(4, 5, 6)
buzzer = TonalBuzzer(12)
servo = AngularServo(13)
robot = Robot(Motor(16, 17), Motor(18, 19))
knob = RotaryEncoder(20, 21)
ranger = DistanceSensor(23, 24, queue_len=2)
display = LEDCharDisplay(2, 3, 7, 8, 9, 10, 11, initial_value='4')
lights = TrafficLights(22, 25, 26)
cpu = CPUTemperature()
bench.panels()"""


def test_the_sheet_of_panels_by_mouse_and_keyboard(sheet):
    sheet.run(1, SHEET)
    assert sheet.errors() == []
    robot, buzzer = sheet.panel("robot").first, sheet.panel("buzzer")
    expect(sheet.page.locator(".labkit-panels > .labkit-panel")).to_have_count(9)

    # Driven by the keyboard for as long as the key is down.
    robot.get_by_role("button", name="Drive forward while held").focus()
    sheet.page.keyboard.down("ArrowLeft")
    expect(robot).to_contain_text("left · left -100%, right +100%")
    expect(robot.locator(".labkit-code").last).to_be_visible()
    sheet.page.keyboard.up("ArrowLeft")
    expect(robot).to_contain_text("stands")

    key = buzzer.get_by_role("button", name=re.compile("^A4,"))
    key.hover()
    sheet.page.mouse.down()
    expect(buzzer).to_contain_text("A4 · 440.0 Hz")
    sheet.screenshot("panels")
    sheet.page.mouse.up()
    expect(buzzer).to_contain_text("silent")

    typed = sheet.panel("servo").get_by_role("spinbutton", name="angle (°), exactly")
    typed.fill("500")
    typed.press("Enter")
    alert = sheet.panel("servo").get_by_role("alert").filter(has_text="angle")
    expect(alert).to_contain_text("between -90 and 90")

    # What no pin tells is looked at while it is seen.
    expect(sheet.panel("cpu")).to_contain_text("45.0 °C")


def test_a_panel_answers_while_a_cell_runs(sheet):
    sheet.run(1, "red = LED(17)\nred")
    sheet.start(2, "time.sleep(600)")
    red = sheet.panel("red")
    expect(sheet.prompt(2)).to_have_text("[*]:")
    red.get_by_role("button", name="On", exact=True).click()
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "1", timeout=5_000)
    expect(red.locator(".labkit-code")).to_have_text("red.on()")
    expect(sheet.prompt(2)).to_have_text("[*]:")
    sheet.interrupt(2)


# What a hand does in a second or two, here without a pause: more than the page draws frames.
FLOOD = """([x, y, width]) => {
    for (let step = 0; step < 500; step++)
        document.documentElement.dispatchEvent(new PointerEvent('pointermove', {
            bubbles: true, pointerType: 'mouse', buttons: 1,
            clientX: x + width * (step % 100) / 100, clientY: y })) }"""


def test_a_drag_ends_at_the_value_under_the_hand(sheet):
    sheet.run(1, "dim = PWMLED(18)\nvalues = []\nbench.tap.subscribe(lambda edge: values.append(edge.level))\ndim")
    slider, mouse = sheet.panel("dim").get_by_role("slider", name="brightness"), sheet.page.mouse
    track = slider.bounding_box()
    slider.hover()
    mouse.down()
    sheet.page.evaluate(FLOOD, [track["x"], track["y"] + 3, track["width"]])
    mouse.move(track["x"] + track["width"] * 0.5, track["y"] + 3)
    mouse.up()
    end = slider.input_value()
    assert 0.4 < float(end) < 0.6
    expect(sheet.panel("dim").locator(".labkit-code")).to_have_text(f"dim.value = {float(end):g}")
    expect(sheet.panel("dim").locator(".labkit-lamp")).to_have_attribute("data-level", f"{float(end):g}")
    # The kernel was told the newest only, and did not work off a queue.
    sheet.run(2, "len(values) < 100, dim.value")
    expect(sheet.code_cells.nth(2)).to_contain_text(f"(True, {float(end):g})")
