"""The scope in a real page: live, paused, standing still at an event, measured, and taken away."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import expect
from scopes import DRAWN, PANEL, SCOPE, WAVE, button, live, picture

# How many points of the canvas have about that colour.
PIXELS = """colour => {
    const canvas = document.querySelector('.labkit-traces');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const [r, g, b] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
    let found = 0;
    for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 128 && [r, g, b].every((part, n) => Math.abs(data[i + n] - part) < 16)) found++;
    return found }"""


@pytest.fixture
def scope(sheet):
    sheet.run(1, SCOPE)
    live(sheet.page)
    return sheet


def test_live_traces_are_drawn(scope):
    page = scope.page
    colours = dict(page.evaluate(f"{PANEL}.setup.lanes.map(lane => [lane.name, lane.colour])"))
    page.wait_for_function(f"{PANEL}.strip.end - {PANEL}.strip.first > 1000")
    flat = page.evaluate(PIXELS, colours["red"])
    scope.run(2, "for _ in range(6):\n    red.toggle()\n    time.sleep(0.1)")
    expect(scope.measured("red", "edges")).to_have_text("6")
    expect(scope.measured("pot", "now")).to_have_text(re.compile(r"1\.65\d? V"))
    assert scope.lane("red") == [0, 1, 0, 1, 0, 1, 0]
    # Edges are drawn, and every lane is.
    assert page.evaluate(PIXELS, colours["red"]) > flat + 50
    assert all(page.evaluate(PIXELS, colour) > 30 for colour in colours.values())
    assert page.evaluate(f"{PANEL}.link.way") == "socket"
    picture(scope, "live")


def test_pause_look_back_and_go_on_while_it_records(scope):
    page = scope.page
    scope.run(2, "for _ in range(4):\n    red.toggle()\n    time.sleep(0.1)")
    expect(scope.measured("red", "edges")).to_have_text("4")
    button(scope, "Pause").click()
    page.wait_for_function(f"{PANEL}.el.dataset.shown")
    assert page.evaluate(DRAWN, 0) == [0, 1, 0, 1, 0]
    pictures = page.evaluate(f"{PANEL}.pictures")
    scope.run(2, "for _ in range(2):\n    red.toggle()\n    time.sleep(0.1)")
    assert page.evaluate(f"{PANEL}.pictures") == pictures
    # What came meanwhile is there, and so is what came before.
    button(scope, "All").click()
    page.wait_for_function(f"({DRAWN})(0).length === 7")
    page.locator(".labkit-figure").focus()
    for key in ("+", "ArrowLeft", "+", "-"):
        shown = page.evaluate(f"{PANEL}.el.dataset.shown")
        page.keyboard.press(key)
        page.wait_for_function(f"shown => {PANEL}.el.dataset.shown !== shown", arg=shown)
    picture(scope, "paused")
    page.keyboard.press("Home")
    page.wait_for_function(f"before => {PANEL}.pictures > before + 5", arg=pictures)
    assert scope.lane("red") == [0, 1] * 3 + [0]


def test_dragging_the_live_picture_stops_it_and_shows_what_was(scope):
    page = scope.page
    scope.run(2, "red.on()\ntime.sleep(0.2)\nred.off()")
    box = page.locator(".labkit-figure").bounding_box()
    before = page.evaluate(f"{PANEL}.sight[0]")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 200, box["y"] + 80, steps=8)
    page.mouse.up()
    expect(button(scope, "Live")).to_be_visible()
    page.wait_for_function(f"{PANEL}.el.dataset.shown")
    begin, end = page.evaluate(f"{PANEL}.sight")
    assert begin < before - 0.5e9
    assert end - begin == pytest.approx(5e9, rel=1e-6)


def test_a_single_trigger_stops_at_a_glitch_of_a_microsecond(scope):
    page = scope.page
    button(scope, "Trigger").click()
    trigger = page.locator(".labkit-trigger")
    trigger.get_by_label("what").select_option("low pulse")
    trigger.get_by_label("channel").select_option("go")
    trigger.get_by_label("shorter than").fill("5 µs")
    trigger.get_by_label("mode").select_option("single")
    trigger.get_by_label("% before").fill("50")
    trigger.get_by_role("button", name="Set").click()
    expect(trigger).to_have_attribute("data-state", "armed")
    window = page.get_by_label("window")
    window.fill("20 µs")
    window.press("Enter")
    expect(page.locator(".labkit-note")).to_have_text("waiting for the event")
    scope.run(
        2,
        "with bench.virtual_time():\n    for seconds in (0.5, 0.01, 1e-6, 0.2):\n"
        "        bench.part(2).press(seconds)\n        time.sleep(1)",
    )
    expect(trigger).to_have_attribute("data-state", "stopped")
    expect(scope.measured("go", "edges")).to_have_text("2")
    expect(scope.measured("go", "shortest pulse")).to_have_text("1 µs")
    picture(scope, "glitch")
    # The same edges as lines that can be pointed at.
    page.locator(".labkit-figure").focus()
    page.keyboard.press(" ")
    page.wait_for_function(f"({DRAWN})(1).length === 3")
    notes = page.evaluate(f"[...{PANEL}.figure.model.renderers[1].data_source.data.note]")
    assert any(note.startswith("go: low at ") and note.endswith("for 1 µs") for note in notes)
    trigger.get_by_role("button", name="Off").click()
    expect(trigger).to_have_attribute("data-state", "off")


def test_a_trigger_that_makes_no_sense_is_refused_in_words(scope):
    button(scope, "Trigger").click()
    trigger = scope.page.locator(".labkit-trigger")
    trigger.get_by_label("what").select_option("pattern")
    trigger.get_by_role("button", name="Set").click()
    expect(scope.page.locator(".labkit-note")).to_contain_text("A pattern needs channels")


def test_cursors_measure_time_frequency_and_duty(scope):
    page = scope.page
    scope.run(2, "with bench.virtual_time():\n    red.blink(0.1, 0.3, n=60, background=False)")
    page.get_by_label("window").fill("4 s")
    page.get_by_label("window").press("Enter")
    page.wait_for_function(f"{PANEL}.setup.window === 4e9")
    page.locator(".labkit-figure").focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    button(scope, "Cursors").click()
    words = page.locator(".labkit-cursor-words")
    expect(words).to_contain_text("Δt 2 s   1/Δt 500 mHz")
    expect(words).to_contain_text(re.compile(r"high: red 25(\.\d)? %"))
    handle = page.get_by_role("slider", name="cursor B")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] - 95, box["y"] + 50, steps=5)
    page.mouse.up()
    expect(words).not_to_contain_text("Δt 2 s")
    told = words.inner_text()
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(words).not_to_have_text(told)
    picture(scope, "cursors")


def test_channels_go_and_come_back_in_their_colours(scope):
    page = scope.page
    page.get_by_label("colour of go").fill("#aa3377")
    expect(page.get_by_label("colour of go")).to_have_value("#aa3377")
    page.wait_for_function(f"{PANEL}.setup.lanes[1].colour === '#aa3377'")
    page.get_by_role("button", name="remove go").click()
    expect(page.locator(".labkit-channel")).to_have_count(2)
    page.get_by_label("add a channel").select_option("go")
    expect(page.locator(".labkit-channel")).to_have_count(3)
    assert page.evaluate(f"{PANEL}.setup.lanes.map(lane => lane.colour)")[2] == "#aa3377"
    page.wait_for_function(f"{PANEL}.strip.end - {PANEL}.strip.first > 1000")
    assert (
        page.evaluate(
            "document.querySelectorAll('.labkit-figure > *:not(canvas):not(output):not(.labkit-cursor)').length"
        )
        == 1
    )
    assert page.evaluate("Bokeh.documents.length") == 1


def test_the_picture_and_the_data_can_be_taken_away(scope, tmp_path):
    page = scope.page
    scope.run(2, "for _ in range(8):\n    red.toggle()")
    expect(scope.measured("red", "edges")).to_have_text("8")
    with page.expect_download() as png:
        button(scope, "PNG").click()
    png.value.save_as(tmp_path / "scope.png")
    assert (tmp_path / "scope.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "scope.png").stat().st_size > 5000
    with page.expect_download() as table:
        button(scope, "CSV").click()
    table.value.save_as(tmp_path / "scope.csv")
    rows = list(csv.DictReader((tmp_path / "scope.csv").read_text().splitlines()))
    assert [float(row["value"]) for row in rows if row["channel"] == "red"] == [1, 0] * 4
    assert len([row for row in rows if row["channel"] == "pot"]) > 100


def test_it_goes_on_while_a_cell_computes(scope):
    scope.run(2, WAVE)
    scope.start(3, "while True:\n    sum(range(100))")
    expect(scope.prompt(3)).to_have_text("[*]:")
    before = scope.page.evaluate(f"[{PANEL}.pictures, {PANEL}.strip.end]")
    scope.page.wait_for_function(
        f"([pictures, end]) => {PANEL}.pictures > pictures + 30 && {PANEL}.strip.end > end + 100", arg=before
    )
    assert scope.prompt(3).inner_text().strip() == "[*]:"
    scope.interrupt(3)
    scope.run(3, "stop.set()")
