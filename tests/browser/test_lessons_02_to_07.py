"""Lessons 2 to 7, done by their text in a real JupyterLab: run, pressed, slid, solved, measured."""

from __future__ import annotations

import re

import pytest
from learner import Learner
from playwright.sync_api import expect

pytestmark = pytest.mark.soak


@pytest.fixture
def at(desk):
    """Opens a lesson for a learner."""
    working = []

    def sit_down(lesson):
        working.append(Learner(desk, lesson))
        return working[-1]

    yield sit_down
    for learner in working:
        learner.close()


def press(learner, name, seconds=0.1):
    """Hold the button of that device's panel, the newest one."""
    learner.notebook.panel(name).last.get_by_role("button", name=re.compile("Press|held")).hover()
    learner.page.mouse.down()
    learner.page.wait_for_timeout(1000 * seconds)
    learner.page.mouse.up()


def presses(learner, name, times, pause=0.6, seconds=0.1):
    """What hands do meanwhile: press so many times."""

    def hands():
        for _ in range(times):
            press(learner, name, seconds)
            learner.page.wait_for_timeout(1000 * pause)

    return hands


def shines(learner, name, level):
    """Wait for the lamp of a device's panel."""
    lamp = learner.notebook.panel(name).last.locator(".labkit-lamp")
    expect(lamp).to_have_attribute("data-level", str(level))


def test_buttons_and_events(at):
    learner = at("02_buttons.ipynb")
    learner.work_to("for _ in range(10)")
    learner.run(presses(learner, "left", 4))
    learner.work_to("def hello()")
    press(learner, "left", 0.3)
    expect(learner.notebook.panel("left").last.locator(".labkit-count")).to_have_text(re.compile(r"\d × pressed"))
    shines(learner, "red", 0)
    learner.run()
    press(learner, "right")
    expect(learner.notebook.panel("right").last).to_contain_text("right was pressed")
    shines(learner, "green", 1)
    learner.work_to("def my_switches")
    press(learner, "left", 1.5)
    shines(learner, "green", 0)
    learner.work_to("def my_short_and_long")
    press(learner, "left")
    shines(learner, "red", 1)
    press(learner, "right")
    shines(learner, "red", 0)
    learner.work_to('bench.record("presses"')
    learner.run(presses(learner, "left", 5))
    learner.sees("press 5:")
    learner.sees("shortest")
    learner.work_to_end()
    learner.notebook.screenshot("lesson-02")


def test_bounce(at):
    learner = at("03_debounce.ipynb")
    learner.work_to("trigger(go")
    press(learner, "go", 0.2)
    count = learner.notebook.panel("go").last.locator(".labkit-count")
    expect(count).to_have_text(re.compile(r"([2-9]|\d\d) × pressed"))
    learner.run()
    press(learner, "go", 0.3)
    expect(learner.notebook.measured("go", "edges")).to_have_text(re.compile("[1-9]"))
    learner.page.get_by_role("button", name="Cursors").first.click()
    expect(learner.output()).to_contain_text("Δt")
    learner.work_to("def my_button")
    press(learner, "go", 0.3)
    expect(learner.notebook.panel("go").last.locator(".labkit-count")).to_contain_text("1 × pressed")
    learner.work_to("def my_beginnings")
    press(learner, "go", 0.3)
    learner.glows("red")
    learner.work_to('bench.record("bounces"')
    learner.run(presses(learner, "go", 5, seconds=0.4))
    learner.sees("edges in")
    learner.sees("the longest took")
    learner.work_to_end()
    learner.notebook.screenshot("lesson-03")


def test_brightness(at):
    learner = at("04_brightness.ipynb")
    learner.work_to("bench.scope(lamp")
    panel = learner.notebook.panel("lamp").last
    panel.get_by_role("slider", name="brightness").fill("0.25")
    expect(panel.locator(".labkit-code")).to_contain_text("lamp.value = 0.25")
    learner.work_to('bench.record("fades"')
    learner.run()
    learner.sees("even for the eye: mean duty cycle 0.3")
    learner.work_to_end()
    learner.notebook.screenshot("lesson-04")


def test_traffic_light(at):
    learner = at("05_traffic_light.ipynb")
    learner.work_to("go.wait_for_press(timeout=5)")
    learner.run(presses(learner, "go", 1))
    learner.sees("pressed")
    learner.work_to('bench.record("lights"')
    learner.run()
    learner.sees("on together")
    learner.sees("went through all 4 states in order")
    learner.work_to_end()
    learner.notebook.screenshot("lesson-05")


def test_reaction_time(at):
    learner = at("06_reaction.ipynb")
    lamp = learner.notebook.panel("red").last.locator(".labkit-lamp")

    def reacts(times):
        def hands():
            for _ in range(times):
                expect(lamp).to_have_attribute("data-level", "1")
                learner.page.wait_for_timeout(120)
                press(learner, "go", 0.05)
                expect(lamp).to_have_attribute("data-level", "0")

        return hands

    learner.work_to("go.wait_for_press(timeout=5)")
    learner.run(reacts(1))
    learner.work_to('bench.record("reaction"')
    learner.run(reacts(10))
    expect(learner.output()).to_contain_text(re.compile(r"your times in ms:( \d+,){2,}"))
    learner.work_to("between = []")
    learner.sees("± ")
    expect(learner.page.locator(".labkit-drawn").first).to_have_attribute("data-drawn", "true")
    learner.work_to_end()
    learner.notebook.screenshot("lesson-06")


def test_night_light(at):
    learner = at("07_night_light.ipynb")
    learner.work_to("def my_switching")
    learner.slide("lux", "light", 1)
    shines(learner, "lamp", 1)
    learner.slide("lux", "light", 800)
    shines(learner, "lamp", 0)
    learner.work_to('bench.record("dusk"')

    def dusk_and_day():
        for lux in [300, 100, 40, 20, 12, 8, 5, 2, 8, 20, 60, 300] * 2:
            learner.slide("lux", "light", lux)
            learner.page.wait_for_timeout(400)

    learner.run(dusk_and_day)
    learner.sees("values, from 0.")
    learner.work_to("run.plot()")
    learner.sees("two thresholds: the lamp switches")
    learner.work_to_end()
    learner.notebook.screenshot("lesson-07")
