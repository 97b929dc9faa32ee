"""The wiring picture as a person uses it: a button held, a knob dragged, light and distance slid."""

from __future__ import annotations

import re
from math import cos, pi, sin

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

WHOLE = """from labkit import parts
circuit = labkit.circuit(
    red=parts.Led(17), go=parts.PushButton(2), arm=parts.Servo(12), knob=parts.Knob(20, 21),
    light=parts.LdrCapacitor(4), ranger=parts.HcSr04(24, 23), adc=parts.Mcp3xxx(channels={0: parts.Potentiometer()}),
)
circuit"""
DEVICES = """red, go, pot, turns = LED(17), Button(2), MCP3008(0), RotaryEncoder(20, 21, max_steps=0)
arm, ranger = AngularServo(12), DistanceSensor(24, 23, queue_len=2, max_distance=2)
go.when_pressed, go.when_released = red.on, red.off"""


def ask(sheet, expression: str) -> str:
    """What the kernel says to an expression."""
    sheet.run(3, f"print({expression})")
    assert sheet.errors() == []
    return sheet.code_cells.nth(3).locator(".jp-OutputArea-output").inner_text().strip()


def test_a_circuit_is_operated_in_its_picture(sheet):
    sheet.run(1, WHOLE)
    sheet.run(2, DEVICES)
    assert sheet.errors() == []
    picture = sheet.page.locator(".labkit-circuit")
    svg = picture.locator("svg.lk")
    expect(svg.locator(".lk-wire")).not_to_have_count(0)
    expect(picture.locator(".labkit-sound")).to_have_text("✓ Nothing is wrong with this circuit.")

    # A button, by mouse and by keyboard, for as long as it is held.
    button = picture.get_by_role("button", name="go: hold to press")
    lamp = svg.locator('.lk-lamp[data-pin="GPIO17"]')
    button.hover()
    sheet.page.mouse.down()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(lamp).to_have_css("opacity", "1")
    expect(svg.locator('[data-piece="red"] .lk-glow')).not_to_have_css("opacity", "0")
    expect(svg.locator('.lk-wire[data-net="GPIO17"]').first).to_have_class(re.compile("lk-high"))
    sheet.screenshot("circuit-held")
    sheet.page.mouse.up()
    expect(lamp).to_have_css("opacity", "0")
    expect(picture.locator(".labkit-code")).to_have_text("bench.parts[2].release()")
    button.focus()
    sheet.page.keyboard.down("Space")
    expect(lamp).to_have_css("opacity", "1")
    sheet.page.keyboard.up("Space")
    expect(lamp).to_have_css("opacity", "0")

    # A potentiometer's knob is dragged a quarter turn to the right: 90 of its 270 degrees.
    dial = svg.locator('[data-piece="adc_0"] .lk-dial')
    box = dial.bounding_box()
    x, y, r = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 2 - 2
    sheet.page.mouse.move(x, y - r)
    sheet.page.mouse.down()
    for step in range(1, 7):
        angle = -pi / 2 + step * pi / 12
        sheet.page.mouse.move(x + r * cos(angle), y + r * sin(angle))
    sheet.page.mouse.up()
    pot = picture.get_by_role("slider", name="adc_0: position")
    expect(pot).to_have_attribute("aria-valuenow", re.compile(r"^0\.8[2-4]"))
    assert 0.81 < float(ask(sheet, "pot.value")) < 0.85
    pot.focus()
    sheet.page.keyboard.press("PageDown")
    expect(pot).to_have_attribute("aria-valuenow", re.compile(r"^0\.7[2-4]"))

    # An encoder by its arrow keys.
    knob = picture.get_by_role("spinbutton", name="knob: turn with the arrow keys")
    knob.focus()
    for _ in range(3):
        sheet.page.keyboard.press("ArrowRight")
    expect(knob).to_have_attribute("aria-valuenow", "3")
    assert ask(sheet, "turns.steps") == "3"

    # Light and distance by their sliders.
    lux = picture.get_by_role("slider", name="lux of light")
    lux.focus()
    lux.fill("1200")
    expect(svg.locator('.lk-state[data-part="light"]')).to_have_text("1200 lx")
    distance = picture.get_by_role("slider", name="distance of ranger")
    distance.fill("1.5")
    expect(svg.locator('.lk-state[data-part="ranger"]')).to_have_text("150 cm")
    sheet.run(3, "while not 1.4 < ranger.distance < 1.6: time.sleep(0.05)\nprint(round(ranger.distance, 1))")
    assert sheet.code_cells.nth(3).locator(".jp-OutputArea-output").inner_text().strip() == "1.5"

    # A servo that code turns, turns in the picture.
    sheet.run(3, "arm.angle = 60")
    expect(svg.locator('[data-piece="arm"] .lk-horn')).to_have_attribute("transform", re.compile(r"rotate\(60\.0 "))
    expect(svg.locator('.lk-state[data-part="arm"]')).to_have_text("60°")

    # The steps show what they are about.
    picture.get_by_text("How to build it, step by step").click()
    picture.get_by_text("red: green wire from header pin 11").or_(
        picture.locator(".labkit-steps li").filter(has_text="header pin 11")
    ).first.hover()
    expect(svg.locator(".lk-marked")).to_have_attribute("data-net", "GPIO17")
    sheet.page.mouse.move(0, 0)
    sheet.screenshot("circuit")


def test_the_picture_answers_while_a_cell_runs_and_follows_a_new_circuit(sheet):
    sheet.run(1, "from labkit import parts\nlabkit.circuit(red=parts.Led(17), go=parts.PushButton(2))")
    sheet.run(2, "red, go = LED(17), Button(2)\ngo.when_pressed = red.toggle")
    picture = sheet.page.locator(".labkit-circuit")
    sheet.start(3, "time.sleep(600)")
    expect(sheet.prompt(3)).to_have_text("[*]:")
    picture.get_by_role("button", name="go: hold to press").click()
    expect(picture.locator('.lk-lamp[data-pin="GPIO17"]')).to_have_css("opacity", "1", timeout=5_000)
    expect(sheet.prompt(3)).to_have_text("[*]:")
    sheet.menu("Kernel", "Interrupt Kernel")
    sheet.wait_until_idle()
    sheet.run(2, "labkit.circuit(blue=parts.Led(27, color='blue', resistor=None))")
    first, second = sheet.page.locator(".labkit-circuit").all()
    expect(first.get_by_role("status")).to_have_text("Another circuit has taken the place of this one.")
    expect(second.locator('[data-rule="led-without-resistor"]')).to_contain_text("15 mA would flow")


def test_the_picture_is_right_in_the_dark_theme(sheet):
    sheet.run(1, "from labkit import parts\nlabkit.circuit(red=parts.Led(17), arm=parts.Servo(12))")
    body, name = sheet.page.locator("body"), sheet.page.locator(".labkit-circuit .lk-name").first
    expect(name).to_be_visible()
    light = name.evaluate("node => getComputedStyle(node).fill")
    sheet.page.evaluate("document.body.setAttribute('data-jp-theme-light', 'false')")
    board = sheet.page.locator(".lk-board").evaluate("node => getComputedStyle(node).fill")
    assert board == "rgb(216, 211, 198)"
    sheet.page.evaluate("document.body.setAttribute('data-jp-theme-light', 'true')")
    assert body.count() == 1
    assert light.startswith("rgb")
