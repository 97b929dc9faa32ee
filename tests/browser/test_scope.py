"""The scope in a real page: live, paused, standing still at an event, measured, taken away, and in two browsers."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

SCOPE = "red, go, pot = LED(17), Button(2), MCP3008(0)\ns = bench.scope(red, go, pot, window=5)\ns"
WAVE = """stop = threading.Event()
def wave():
    while not stop.wait(0.05): red.toggle()
threading.Thread(target=wave, daemon=True).start()"""
# How many points of the canvas have about that colour.
PIXELS = """colour => {
    const canvas = document.querySelector('.labkit-traces');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const [r, g, b] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
    let found = 0;
    for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 128 && [r, g, b].every((part, n) => Math.abs(data[i + n] - part) < 16)) found++;
    return found }"""
PANEL = "document.querySelector('.labkit-scope').labkit"
# The levels of the line that Bokeh draws of a lane, without what repeats.
DRAWN = f"""lane => {{
    const {{ figure, layout }} = {PANEL}, {{ data }} = figure.model.renderers[lane].data_source;
    const place = layout.lanes[lane], levels = [...data.y].map(y => (y - place.bottom) / place.size);
    return levels.filter((level, i) => level !== levels[i - 1]) }}"""

COUNT_ALL = """() => {
    const links = [...window.__labkitLink.links.values()];
    const elements = ['canvas', 'script', '.labkit-scope'].map(each => document.querySelectorAll(each).length);
    return [Bokeh.documents.length, ...elements, links.length, links[0].ends.size, links[0].models.size] }"""
COUNT_SOCKETS = """() => {
    const Real = WebSocket;
    window.opened = 0;
    window.WebSocket = class extends Real { constructor(...words) { super(...words); window.opened++; } } }"""


@pytest.fixture
def scope(sheet):
    sheet.run(1, SCOPE)
    live(sheet.page)
    return sheet


def live(page):
    page.wait_for_function(f"{PANEL}?.pictures > 5")


def button(notebook, name):
    return notebook.page.locator(".labkit-scope").get_by_role("button", name=name, exact=True)


def picture(notebook, name):
    notebook.page.locator(".labkit-scope").first.screenshot(
        path=Path(__file__).parents[2] / "screenshots" / f"scope-{name}.png"
    )


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
    assert page.evaluate("document.querySelectorAll('.labkit-figure > *:not(canvas):not(output):not(.labkit-cursor)').length") == 1
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


def test_running_the_cell_again_and_again_piles_nothing_up(scope):
    page = scope.page
    page.evaluate(COUNT_SOCKETS)
    before = page.evaluate(COUNT_ALL)
    for _ in range(15):
        scope.run(1)
        live(page)
    assert page.evaluate(COUNT_ALL) == before
    assert page.evaluate("window.opened") == 0


def test_two_browsers_each_at_their_own_speed(scope, desk):
    scope.run(2, WAVE)
    other = desk.page.context.new_page()
    try:
        other.goto(desk.page.url.replace("/workspaces/", "/workspaces/other-"))
        from desk import Notebook

        second = Notebook(other, scope.path)
        expect(second.code_cells.first).to_be_visible()
        second.wait_until_ready()
        other.context.new_cdp_session(other).send("Emulation.setCPUThrottlingRate", {"rate": 20})
        second.run(3, "s")
        live(other)
        rates = []
        for page in (desk.page, other):
            start = page.evaluate(f"[performance.now(), {PANEL}.pictures]")
            page.wait_for_function(f"([at, pictures]) => {PANEL}.pictures > pictures + 10", arg=start)
            now = page.evaluate(f"[performance.now(), {PANEL}.pictures]")
            rates.append((now[1] - start[1]) / (now[0] - start[0]))
        # Both follow, the slow one with what it manages; neither falls behind.
        for page in (desk.page, other):
            assert page.evaluate(f"({PANEL}.clock.now() - {PANEL}.strip.end * {PANEL}.setup.column) / 1e9") < 2
        ends = [page.evaluate(f"{PANEL}.strip.end") for page in (desk.page, other)]
        assert abs(ends[0] - ends[1]) < 1000
        scope.run(2, "stop.set()")
    finally:
        other.close()


def test_without_the_extension_it_comes_over_the_comm(desk):
    desk.page.route(re.compile(r"/labkit(\?|$)"), lambda route: route.fulfill(status=404))
    desk.write(
        "scratch-scope-comm.ipynb", f"import labkit\nfrom gpiozero import *\nbench = labkit.bench('simulated')\n{SCOPE}"
    )
    try:
        notebook = desk.open("scratch-scope-comm.ipynb")
        notebook.run(0)
        live(notebook.page)
        assert notebook.page.evaluate(f"{PANEL}.link.way") == "comm"
        expect(notebook.measured("pot", "now")).to_have_text(re.compile(r"1\.65\d? V"))
        button(notebook, "Pause").click()
        notebook.page.wait_for_function(f"{PANEL}.el.dataset.shown")
    finally:
        desk.page.unroute_all()
        desk.api("DELETE", "contents/scratch-scope-comm.ipynb")
