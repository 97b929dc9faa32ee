"""The main job, as a person does it: log in, run the first lesson, click, press, look, run again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def notebook(lesson):
    """The lesson, run from top to bottom in a new kernel."""
    lesson.restart_and_run_all()
    return lesson


def test_the_first_lesson_from_login_to_live_led(notebook):
    assert notebook.errors() == []
    expect(notebook.page.locator(".labkit-banner")).to_contain_text("Simulated pins")
    red, go = notebook.panel("red"), notebook.panel("go")

    # The last cell blinks five times; everything shows it and comes to rest.
    expect(notebook.measured("red", "edges")).to_have_text("10")
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "0")
    expect(notebook.pin("GPIO17")).to_have_attribute("data-holder", "red")
    assert notebook.lane("red") == [0, *[1, 0] * 5]

    red.get_by_role("button", name="On", exact=True).click()
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "1")
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "1")
    expect(red.locator(".labkit-code")).to_have_text("red.on()")
    expect(notebook.measured("red", "level")).to_have_text("high")
    assert notebook.lane("red")[-2:] == [0, 1]
    notebook.screenshot("lesson-led-on")

    press = go.get_by_role("button", name=re.compile("Press"))
    press.hover()
    notebook.page.mouse.down()
    expect(go.locator(".labkit-count")).to_have_text("1 × pressed")
    expect(notebook.pin("GPIO2")).to_have_attribute("data-level", "0")
    expect(notebook.pin("GPIO17")).to_have_attribute("data-level", "0")
    notebook.screenshot("lesson-button-held")
    notebook.picture("first-lesson", first="An LED", last="From code")
    notebook.page.mouse.up()
    expect(notebook.pin("GPIO2")).to_have_attribute("data-level", "1")
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "0")
    expect(notebook.measured("go", "edges")).to_have_text("2")
    assert notebook.lane("go")[-3:] == [1, 0, 1]


def test_every_cell_can_be_run_again_twice(notebook):
    for index in range(notebook.code_cells.count()):
        for _ in range(2):
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
    expect(notebook.page.locator(".labkit-scope")).to_have_count(1)
    assert notebook.page.evaluate("Bokeh.documents.length") == 1
    notebook.screenshot("lesson-run-again")


def test_a_restarted_kernel_runs_the_lesson_again(notebook):
    assert notebook.count(5) == 6
    notebook.restart_and_run_all()
    assert notebook.count(5) == 6
    assert notebook.errors() == []
    expect(notebook.panel("red")).to_have_count(1)


def test_the_lesson_reads_well_in_the_dark(notebook):
    notebook.use_theme("Dark")
    expect(notebook.measured("red", "edges")).to_have_text("10")
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
