"""The header as a person uses it: pins clicked and held by mouse and keyboard, and the parts' own controls."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

BOARD = """go, lever = Button(2), DigitalInputDevice(6)
red, dim = LED(17), PWMLED(18)
lights = TrafficLights(22, 25, 26)
robot = Robot(Motor(4, 14), Motor(15, 27))
ranger = DistanceSensor(23, 24, queue_len=2)
pot = MCP3008(channel=0)
arm, horn = AngularServo(13), TonalBuzzer(12)
pressed = []
go.when_pressed, go.when_released = lambda: pressed.append('down'), lambda: pressed.append('up')
red.on(); dim.value = 0.37; arm.angle = 30; horn.play('A4'); robot.forward(0.5)
bench"""


@pytest.fixture
def board(sheet):
    sheet.run(1, BOARD)
    assert sheet.errors() == []
    return sheet


def said(sheet, source: str) -> str:
    """What a cell says, in the kernel."""
    sheet.run(2, source)
    return sheet.code_cells.nth(2).locator(".jp-OutputArea-output").last.inner_text().strip()


def test_pins_are_clicked_and_held(board):
    free, go = board.pin("GPIO5"), board.pin("GPIO2")
    expect(free).to_have_attribute("data-touch", "drive")
    free.click()
    expect(free).to_have_attribute("data-level", "1")
    expect(free).to_have_attribute("aria-pressed", "true")
    expect(board.page.locator(".labkit-header > .labkit-code")).to_have_text("bench.drive(5, 1)")
    free.click()
    expect(free).to_have_attribute("data-level", "0")

    go.hover()
    board.page.mouse.down()
    expect(go).to_have_attribute("data-level", "0")
    board.page.mouse.up()
    expect(go).to_have_attribute("data-level", "1")
    assert said(board, "pressed, bench.factory.pin(5).state") == "(['down', 'up'], False)"

    # A long press of a free pin lasts no longer than the hand.
    other = board.pin("GPIO19")
    other.hover()
    board.page.mouse.down()
    expect(other).to_have_attribute("data-level", "1")
    board.page.wait_for_function(
        "since => performance.now() - since > 500", arg=board.page.evaluate("performance.now()")
    )
    board.page.mouse.up()
    expect(other).not_to_contain_text("driven")

    # An output is no button.
    expect(board.pin("GPIO17")).to_have_attribute("role", "img")
    board.pin("GPIO17").click()
    expect(board.pin("GPIO17")).to_have_attribute("data-level", "1")


def test_everything_goes_by_the_keyboard(board):
    page = board.page
    first = page.locator('.labkit-header [tabindex="0"][data-pin]')
    expect(first).to_have_count(1)
    first.focus()
    for key in ("Home", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowUp")
    go = board.pin("GPIO2")
    expect(go).to_be_focused()
    page.keyboard.down("Space")
    expect(go).to_have_attribute("data-level", "0")
    page.keyboard.up("Space")
    expect(go).to_have_attribute("data-level", "1")

    for key in ("End", "ArrowLeft", *["ArrowUp"] * 5):
        page.keyboard.press(key)
    free = board.pin("GPIO5")
    expect(free).to_be_focused()
    page.keyboard.press("Enter")
    expect(free).to_have_attribute("data-level", "1")
    expect(free).to_contain_text("driven high")
    # Neither the notebook nor a cell may go with it.
    cells = board.code_cells.count()
    page.keyboard.press("Delete")
    expect(free).not_to_contain_text("driven")
    assert board.code_cells.count() == cells
    expect(page.locator(".labkit-words")).to_contain_text("GPIO5, pin 29")
    expect(free).to_have_attribute("aria-label", re.compile("GPIO5, pin 29, input.*free"))


def test_the_parts_own_controls_set_them_and_follow_code(board):
    parts = board.page.locator(".labkit-parts")
    distance = parts.get_by_role("slider", name="distance of distance23")
    distance.fill("1.5")
    board.page.wait_for_function("document.querySelector('.labkit-header > .labkit-code').textContent.includes('1.5')")
    parts.get_by_role("slider", name="position of pot0").press("Home")
    expect(board.page.locator(".labkit-header > .labkit-code")).to_have_text("bench.parts['pot0'].position = 0")
    assert said(board, "bench.parts[23].distance, round(pot.value, 2)") == "(1.5, 0.0)"

    board.run(2, "bench.parts[23].distance = 0.25")
    expect(distance).to_have_value("0.25")

    parts.get_by_role("switch", name="Switch of switch6").click()
    expect(board.pin("GPIO6")).to_have_attribute("data-level", "1")
    expect(parts.get_by_role("switch", name="Switch of switch6")).to_have_attribute("aria-checked", "true")
    press = parts.get_by_role("button", name="Press of button2")
    press.hover()
    board.page.mouse.down()
    expect(board.pin("GPIO2")).to_have_attribute("data-level", "0")
    expect(press).to_have_attribute("aria-pressed", "true")
    board.page.mouse.up()
    expect(board.pin("GPIO2")).to_have_attribute("data-level", "1")


def test_a_drag_of_a_part_ends_at_the_value_under_the_hand(board):
    slider = board.page.locator(".labkit-parts").get_by_role("slider", name="position of pot0")
    slider.evaluate(
        """input => { for (let move = 1; move <= 500; move++) {
            input.value = (move % 100) / 100;
            input.dispatchEvent(new Event('input')); }
            input.value = 0.73; input.dispatchEvent(new Event('input')); }"""
    )
    expect(board.page.locator(".labkit-header > .labkit-code")).to_have_text("bench.parts['pot0'].position = 0.73")
    assert said(board, "round(bench.parts['pot0'].position, 2)") == "0.73"
    expect(slider).to_have_value("0.73")


def test_what_is_too_fast_for_the_eye_is_told_as_a_rate_until_it_ends(board):
    green = board.pin("GPIO26")
    board.run(2, "lights.green.blink(0.01, 0.01)")
    expect(green).to_have_class(re.compile("labkit-busy"))
    expect(green).to_contain_text(re.compile(r"≈ \d+ Hz"))
    board.run(2, "lights.green.off()")
    expect(green).not_to_have_class(re.compile("labkit-busy"))
    expect(green).to_have_attribute("data-level", "0")


def test_the_picture_tells_what_the_pins_do_in_light_and_dark(board):
    board.run(2, "lights.green.blink(0.01, 0.01)")
    expect(board.pin("GPIO4")).to_contain_text("robot.left.forward")
    expect(board.pin("GPIO4")).to_contain_text("50%")
    expect(board.pin("GPIO18")).to_contain_text("37%")
    expect(board.pin("GPIO13")).to_contain_text("1.67 ms")
    expect(board.pin("GPIO12")).to_contain_text("440 Hz")
    expect(board.pin("GPIO10")).to_contain_text("SPI0 MOSI")
    board.pin("GPIO5").click()
    expect(board.pin("GPIO26")).to_have_class(re.compile("labkit-busy"))
    for theme in ("Dark", "Light"):
        board.use_theme(theme)
        board.pin("GPIO18").hover()
        board.picture_of(f"header-{theme.lower()}", ".labkit-header")


def test_a_closed_bench_greys_out_and_says_what_to_do(board):
    board.run(2, "bench.close()")
    header = board.code_cells.nth(1).locator(".labkit-header")
    expect(header).to_have_class(re.compile("labkit-closed"))
    expect(header).to_contain_text("run the cell with labkit.bench() again")
