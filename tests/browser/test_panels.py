"""Panels as a person uses them: by mouse and keyboard, and live while a cell runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
SETUP = "import labkit, gpiozero\nfrom gpiozero import *\nbench = labkit.bench('simulated')"
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

PUT = """async ([path, notebook]) => {
    const xsrf = document.cookie.match(/_xsrf=([^;]+)/)?.[1] ?? '';
    const base = JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl;
    const reply = await fetch(`${base}api/contents/${path}`, {
        method: 'PUT', headers: {'X-XSRFToken': xsrf, 'Content-Type': 'application/json'},
        body: JSON.stringify({type: 'notebook', format: 'json', content: notebook})});
    return [reply.status, base] }"""


@pytest.fixture
def scratch(open_lesson: Callable[[], Any]) -> Iterator[Callable[..., Any]]:
    """Opens a notebook of these cells; it is gone afterwards."""
    made: list[Path] = []

    def open_it(name: str, *cells: str) -> Any:
        lesson = open_lesson()
        made.append(ROOT / "notebooks" / f"{name}.ipynb")
        content = {
            "cells": [
                {"id": f"c{index}", "cell_type": "code", "source": source, "metadata": {}, "outputs": []}
                | {"execution_count": None}
                for index, source in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        status, base = lesson.page.evaluate(PUT, [f"{name}.ipynb", content])
        assert status in (200, 201)
        origin = re.match(r"https://[^/]+", lesson.page.url).group()
        lesson.page.goto(f"{origin}{base}lab/workspaces/{name}/tree/{name}.ipynb")
        expect(lesson.code_cells).to_have_count(len(cells))
        lesson.wait_until_idle()
        return lesson

    yield open_it
    for path in made:
        path.unlink(missing_ok=True)


def test_the_sheet_of_panels_by_mouse_and_keyboard(scratch):
    sheet = scratch("sheet", SETUP, SHEET)
    sheet.run_all()
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

    typed = sheet.panel("servo").get_by_role("spinbutton", name="exactly (°)")
    typed.fill("500")
    typed.press("Enter")
    expect(sheet.panel("servo").get_by_role("alert")).to_contain_text("between -90 and 90")

    # What no pin tells is looked at while it is seen.
    expect(sheet.panel("cpu")).to_contain_text("45.0 °C")


def test_a_panel_answers_while_its_cell_runs(scratch):
    busy = scratch("busy", SETUP, "red = LED(17)\nred", "from time import sleep\nsleep(20)")
    busy.menu("Run", "Run All Cells")
    red = busy.panel("red")
    expect(busy.code_cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")
    red.get_by_role("button", name="On", exact=True).click()
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "1", timeout=5_000)
    expect(red.locator(".labkit-code")).to_have_text("red.on()")
    expect(busy.code_cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")


def test_a_drag_ends_at_the_value_under_the_hand(scratch):
    drag = scratch("drag", SETUP, "dim = PWMLED(18)\ndim")
    drag.run_all()
    slider = drag.panel("dim").get_by_role("slider")
    box = slider.bounding_box()
    track = drag.panel("dim").locator(".noUi-target").bounding_box()
    drag.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    drag.page.mouse.down()
    for step in range(500):
        drag.page.mouse.move(track["x"] + track["width"] * (step % 100) / 100, track["y"] + 3)
    drag.page.mouse.move(track["x"] + track["width"] * 0.5, track["y"] + 3)
    drag.page.mouse.up()
    end = slider.get_attribute("aria-valuenow")
    expect(drag.panel("dim").locator(".labkit-code")).to_have_text(f"dim.value = {float(end):g}")
    expect(drag.panel("dim").locator(".labkit-lamp")).to_have_attribute("data-level", f"{float(end):g}")
