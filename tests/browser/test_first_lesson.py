"""The main job, as a person does it: log in, run the first lesson, do what its text says, look, run again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

ANSWER = """def my_flashes(red):
    red.blink(0.2, 0.3, n=5, background=False)"""


@pytest.fixture(scope="module")
def notebook(lesson):
    """The lesson, run from top to bottom in a kernel that was restarted; it stays open for all tests."""
    lesson.make_room()
    lesson.run(0)
    lesson.restart_and_run_all()
    return lesson


def test_the_first_lesson_from_login_to_live_led(notebook):
    assert notebook.errors() == []
    expect(notebook.page.locator(".labkit-banner")).to_contain_text("Simulated pins")
    red, go = notebook.panel("red"), notebook.panel("go")

    # The last cells have the LED blink; everything shows it and comes to rest.
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "0")
    expect(notebook.pin("GPIO17")).to_have_attribute("data-holder", "red")
    expect(notebook.page.locator(".labkit-header .labkit-plate").first).to_be_visible()
    assert notebook.lane("red")[-10:] == [1, 0] * 5

    red.get_by_role("button", name="On", exact=True).click()
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "1")
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "1")
    expect(red.locator(".labkit-code")).to_have_text("red.on()")
    expect(notebook.measured("red", "level")).to_have_text("high")
    notebook.expect_lane("red", 0, 1)
    notebook.screenshot("lesson-led-on")

    press = go.get_by_role("button", name=re.compile("Press"))
    press.hover()
    notebook.page.mouse.down()
    expect(go.locator(".labkit-count")).to_have_text("1 × pressed")
    expect(notebook.pin("GPIO2")).to_have_attribute("data-level", "0")
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "0")
    notebook.screenshot("lesson-button-held")
    notebook.picture("first-lesson", first="A button", last="Exercise 1")
    notebook.page.mouse.up()
    expect(notebook.pin("GPIO2")).to_have_attribute("data-level", "1")
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "0")
    expect(notebook.measured("go", "edges")).to_have_text("2")
    notebook.expect_lane("go", 1, 0, 1)


def test_an_exercise_is_tried_until_its_check_holds(notebook):
    exercise, asked = notebook.cells_tagged("exercise")[0], notebook.cells_tagged("check")[0]
    notebook.run(asked)
    answer = notebook.answer("flashes")
    # All cells were run, the folded solution, too: what was checked is the last function of that name.
    expect(answer).to_have_attribute("data-state", "passed")
    notebook.run(exercise)
    notebook.run(asked)
    expect(answer).to_have_attribute("data-state", "failed")
    expect(answer).to_contain_text("red was on for 0.5 s the 1st time, not for 0.2 s")
    expect(answer).to_contain_text("Hint: Which lines make one flash?")
    assert notebook.page.locator('.jp-CodeCell:has([data-check="flashes"]) .labkit-check').count() == 1
    notebook.picture_of("check-not-yet", '[data-check="flashes"]')
    notebook.run(exercise, ANSWER)
    notebook.run(asked)
    expect(answer).to_have_attribute("data-state", "passed")
    notebook.picture_of("check-passed", '[data-check="flashes"]')
    # A folded solution opens at a click on its three dots.
    solution = notebook.code_cells.nth(notebook.cells_tagged("solution")[0])
    expect(solution.locator(".cm-content")).to_have_count(0)
    solution.locator(".jp-Placeholder").first.click()
    expect(solution.locator(".cm-content")).to_contain_text("range(5)")
    assert notebook.errors() == []


@pytest.mark.soak
def test_every_cell_can_be_run_again(notebook):
    for index in notebook.open_cells():
        notebook.run(index)
        assert notebook.errors() == []
    # The new devices work: the button's cell bound the newest LED.
    go = notebook.panel("go")
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "0")
    go.get_by_role("button", name=re.compile("Press")).focus()
    notebook.page.keyboard.down(" ")
    expect(go.locator(".labkit-lamp")).to_have_attribute("data-level", "1")
    notebook.page.keyboard.up(" ")
    expect(go.locator(".labkit-count")).to_have_text("1 × pressed")
    expect(notebook.panel("red")).to_have_count(1)
    expect(notebook.page.locator(".labkit-circuit")).to_have_count(1)
    notebook.screenshot("lesson-run-again")


def test_the_lesson_reads_well_in_the_dark(notebook):
    notebook.use_theme("Dark")
    notebook.screenshot("lesson-dark")
    assert notebook.errors() == []


def test_a_wrong_password_is_refused(lab, browser):
    page = browser.new_context().new_page()
    page.goto(lab.address)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("That is not the password.")).to_be_visible()
    assert "/login" in page.url
    page.context.close()
