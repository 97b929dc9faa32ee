"""Lessons 8 to 14 as a person works through them: every cell, every exercise, by the hands that the text asks for."""

from __future__ import annotations

import re

import pytest
from learner import Learner
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people


@pytest.fixture
def learner(desk, request):
    at = Learner(desk, request.param)
    yield at
    at.notebook.screenshot(request.param.removesuffix(".ipynb"))
    at.close()


def lesson(name):
    return pytest.mark.parametrize("learner", [f"{name}.ipynb"], indirect=True, ids=[name])


@lesson("08_distance")
def test_distance(learner):
    learner.work_to("readings = []")
    panel = learner.notebook.panel("ranger")
    learner.slide("distance", "ranger", 0.8)
    expect(panel).to_contain_text(re.compile(r"(79|80|81)\.\d cm of 2 m"))
    learner.slide("distance", "ranger", 0.5)
    learner.work_to("near = LED(17)")
    learner.run()
    learner.glows("near", False)
    learner.slide("distance", "ranger", 0.12)
    learner.glows("near")
    learner.slide("distance", "ranger", 0.3)
    learner.glows("near", False)

    def move():
        for centimetres in (20, 40, 60, 80):
            learner.sees(f"Put the target {centimetres} cm away.")
            learner.slide("distance", "ranger", centimetres / 100)

    learner.work_to("places = ")
    learner.run(move)
    learner.work_to_end()
    expect(learner.output()).to_contain_text(re.compile(r"speed of sound: \(34[0-9]\.\d ± \d\.\d\) m/s"))


@lesson("09_analog")
def test_analog(learner):
    learner.work_to('print("step"')
    dial = learner.picture.get_by_role("slider", name="dial: position")
    dial.focus()
    for _ in range(3):
        learner.page.keyboard.press("PageUp")
    learner.run()
    expect(learner.output()).to_contain_text(re.compile(r"step 8\d\d of 1024, about 2\.6"))
    learner.work_to("lamp.source = None")
    learner.slide("position", "dial", 0)
    learner.glows("lamp", False)
    learner.slide("position", "dial", 1)
    learner.glows("lamp")

    learner.slide("position", "dial", 0.4)
    learner.run()
    expect(learner.output()).to_contain_text(re.compile(r"(409|410)\.\d\d steps, one reading: 4\d\d"))

    def to_and_fro():
        learner.sees("Turn the knob")
        for step in range(90):
            learner.slide("position", "dial", round(abs(1 - step % 60 / 30), 2))
            learner.page.wait_for_timeout(50)

    learner.work_to('print("Turn the knob')
    learner.run(to_and_fro)
    learner.work_to_end()
    expect(learner.output()).to_contain_text(re.compile(r"typical error .*: 0\.[23]\d\d steps"))
    expect(learner.output()).not_to_contain_text("hardly moved")


@lesson("10_temperature")
def test_temperature(learner):
    learner.work_to("alarm = LED(17)")

    def warm_and_cool():
        learner.slide("temperature", "bead", 50)
        learner.glows("alarm")
        learner.slide("temperature", "bead", 10)
        learner.glows("alarm", False)
        learner.slide("temperature", "bead", 20)

    learner.run(warm_and_cool)

    def warm_and_let_go():
        learner.sees("Warm it now")
        learner.slide("temperature", "bead", 35)
        learner.sees("Let go now")
        learner.slide("temperature", "bead", 20)
        learner.sees("Done.")

    learner.work_to('print("Hands off')
    learner.page.wait_for_timeout(20_000)  # as the text says: until it is as warm as the room
    learner.run(warm_and_let_go)
    learner.work_to("if cooling.sum()")
    learner.run()
    expect(learner.output()).to_contain_text(re.compile(r"time constant: 1[3-7]\.\d s"))
    learner.work_to_end()


@lesson("11_servo_motor")
def test_servo_and_motor(learner):
    learner.work_to("bench.panels()")
    arm = learner.notebook.panel("arm")
    arm.get_by_role("slider").first.fill("1")
    expect(learner.picture.locator('.lk-state[data-part="arm"]')).to_have_text("90°")
    learner.run()
    motor = learner.output().locator(".labkit-panel", has=learner.page.get_by_text("motor", exact=True))
    motor.get_by_role("button", name="Forward").click()
    learner.reads("motor", 50, 210)
    learner.output().get_by_role("button", name="STOP").click()
    learner.reads("motor", 0, 0)

    def press():
        learner.reads("motor", 50, 210)
        learner.picture.get_by_role("button", name="halt: hold to press").click(delay=200)

    learner.work_to_cell("my_drive(motor, halt)")
    learner.run(press)
    learner.reads("motor", 0, 0)

    def again_and_again():
        button = learner.picture.get_by_role("button", name="halt: hold to press")
        for word in ("looking", "told"):
            learner.sees(f"{word}: press")
            for number in range(10):
                button.click(delay=250)
                learner.page.wait_for_timeout(1300 + 37 * number)

    learner.work_to("from time import monotonic")
    learner.run(again_and_again)
    learner.work_to_end()
    expect(learner.output()).to_contain_text(re.compile(r"looking: [1-9]\d* presses, mean"))
    expect(learner.output()).to_contain_text(re.compile(r"told: [1-9]\d* presses, mean \d\.\d ms"))


@lesson("12_closed_loop")
def test_closed_loop(learner):
    learner.work_to("motor = Motor(forward=5, backward=6)")
    knob = learner.picture.get_by_role("spinbutton", name="knob: turn with the arrow keys")
    learner.run()
    motor = learner.notebook.panel("motor")
    knob.focus()
    for _ in range(4):
        learner.page.keyboard.press("ArrowRight")
    expect(motor).to_contain_text("forward 20%")
    learner.reads("motor", 39, 41)

    def hold_against_it():
        learner.reads("motor", 90, 110)
        learner.slide("drag", "motor", 0.3)
        learner.reads("motor", 30, 85)
        learner.reads("motor", 95, 105)
        learner.slide("drag", "motor", 0)

    learner.work_to_cell("my_hold(motor, shaft)")
    learner.run(hold_against_it)
    learner.work_to_end()
    expect(learner.page.locator(".labkit-drawn").last).to_have_attribute("data-drawn", "true")


@lesson("13_spi")
def test_spi(learner):
    learner.work_to("my_question(send, select, clock, mosi, channel=5)")
    scope = learner.page.locator(".labkit-scope").first
    learner.run()
    expect(scope).to_have_attribute("data-pictures", "1")
    learner.notebook.picture_of("13_spi_scope", ".labkit-scope")
    learner.work_to("number = my_read(send, select, clock, mosi, miso, channel=0)\nprint")
    dial = learner.picture.get_by_role("slider", name="dial: position")
    dial.focus()
    learner.page.keyboard.press("PageUp")
    learner.run()
    expect(learner.output()).to_contain_text(re.compile(r"4(09|10) of 1024 are 1\.3\d+ V"))
    learner.work_to('print(f"one bit')
    expect(
        learner.page.get_by_text(re.compile(r"ten bits: 0110011\d+ = (409|410) and the program read \1"))
    ).to_be_visible()
    learner.work_to_end()


@lesson("14_free_experiment")
def test_free_experiment(learner):
    def tap():
        learner.sees("Tap with the LED")
        button = learner.picture.get_by_role("button", name="tap: hold to press")
        for _ in range(20):
            button.click(delay=80)
            learner.page.wait_for_timeout(900)  # about once a second, as the LED flashes

    learner.work_to('print("Tap with the LED')
    learner.run(tap)
    learner.work_to_end()
    expect(learner.output()).to_contain_text(re.compile(r"I tap \(-?\d+ ± \d+\) ms after the beat, from \d+ taps"))
