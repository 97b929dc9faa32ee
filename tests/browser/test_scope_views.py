"""The scope's views: run again, opened again, asleep, in two browsers, without the extension; and of recorded runs."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys

import pytest
from conftest import ROOT
from desk import Desk, Notebook
from playwright.sync_api import expect
from scopes import DRAWN, PANEL, SCOPE, WAVE, button, live, picture, press, still

pytestmark = pytest.mark.soak  # at the pace of people, one after another

COUNT_ALL = """() => {
    const links = [...window.__labkitLink.links.values()];
    const elements = ['canvas', 'script', '.labkit-scope'].map(each => document.querySelectorAll(each).length);
    return [Bokeh.documents.length, ...elements, links.length, links[0].ends.size, links[0].models.size] }"""
COUNT_SOCKETS = """() => {
    const Real = WebSocket;
    window.opened = 0;
    window.WebSocket = class extends Real { constructor(...words) { super(...words); window.opened++; } } }"""
# A page that has time for a few pictures a second.
BUSY = """() => setInterval(() => {
    const end = performance.now() + 250;
    while (performance.now() < end);
}, 260)"""
# What the kernel has of ours: threads, comms, tracks that are kept, plots that pages may speak to, views.
COUNT_IN_KERNEL = """import gc, comm
from labkit.scope.track import Track
from labkit.scope.plot import desk
gc.collect(); None
threads = sorted(each.name for each in threading.enumerate() if each.name.startswith("labkit"))
tracks = sum(isinstance(each, Track) for each in gc.get_objects())
print("counted", *threads, len(comm.get_comm_manager().comms), tracks, len(desk()._plots), len(s._feed.views))"""
RECORDED = """import math
red, pot = LED(17), MCP3008(0)
with bench.virtual_time():
    run = bench.record("heating", red, pot, rate=100, folder={folder!r})
    red.blink(0.1, 0.3)
    for turn in range(240):
        bench.parts["pot0"].set("position", 0.5 + 0.4 * math.sin(turn / 20))
        if turn in (60, 160): run.mark("heater on" if turn == 60 else "heater off")
        time.sleep(0.1)
    run.stop()
labkit.open_run(run.path).plot()"""
# A cell that goes on when its pages are gone, for an hour of lab time.
AN_HOUR = """from labkit.link.serving import serving
while serving()[0].pages(): time.sleep(0.02)
with bench.virtual_time():
    for _ in range(60):
        red.toggle()
        time.sleep(60)
with open({fifo!r}, "w") as told: told.write("over")"""


@pytest.fixture
def scope(sheet):
    sheet.run(1, SCOPE)
    live(sheet.page)
    return sheet


def counted(notebook):
    notebook.run(3, COUNT_IN_KERNEL)
    return notebook.code_cells.nth(3).locator(".jp-OutputArea-output").filter(has_text="counted").inner_text()


def test_running_the_cell_again_and_again_piles_nothing_up(scope):
    page = scope.page
    page.evaluate(COUNT_SOCKETS)
    expect(scope.measured("red", "edges")).to_have_text("0")
    before = page.evaluate(COUNT_ALL), counted(scope)
    for _ in range(15):
        scope.run(1)
        live(page)
    assert (page.evaluate(COUNT_ALL), counted(scope)) == before
    assert page.evaluate("window.opened") == 0


def test_a_notebook_that_is_closed_and_opened_shows_its_scope_going_on(scope):
    page = scope.page
    scope.run(2, "for _ in range(4):\n    red.toggle()\n    time.sleep(0.05)")
    expect(scope.measured("red", "edges")).to_have_text("4")
    before = counted(scope)
    scope.save()
    scope.menu("File", "Close Tab")
    expect(page.locator(".labkit-scope")).to_have_count(0)
    page.get_by_role("listitem").filter(has_text=scope.path).dblclick()
    live(page)
    scope.wait_until_ready()
    # What happened meanwhile and before is there, and nothing is there twice.
    expect(scope.measured("red", "edges")).to_have_text("4")
    assert counted(scope) == before
    assert page.evaluate("[Bokeh.documents.length, document.querySelectorAll('.labkit-scope').length]") == [1, 1]


def test_a_browser_that_slept_for_an_hour_shows_what_is_now_and_has_what_was(sheet, browser, tmp_path):
    page, fifo = sheet.page, tmp_path / "over"
    os.mkfifo(fifo)
    sheet.run(1, "red = LED(17)\ns = bench.scope(red, window=5)\ns")
    live(page)
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    sheet.start(2, AN_HOUR.format(fifo=str(fifo)))
    expect(sheet.prompt(2)).to_have_text("[*]:")
    before = page.evaluate(f"[{PANEL}.pictures, {PANEL}.clock.now()]")
    told = os.open(fifo, os.O_RDWR)
    try:
        for process in processes:
            os.kill(process["id"], signal.SIGSTOP)
        assert select.select([told], [], [], 60)[0], "the hour did not pass"
    finally:
        os.close(told)
        for process in processes:
            os.kill(process["id"], signal.SIGCONT)
    page.wait_for_function(
        f"([pictures, now]) => {PANEL}.pictures > pictures + 10 && {PANEL}.clock.now() > now + 3600e9", arg=before
    )
    sheet.wait_until_idle()
    page.wait_for_function(f"{PANEL}.link.way === 'socket'")
    assert page.evaluate(f"{PANEL}.clock.now() - {PANEL}.strip.end * {PANEL}.setup.column") < 2e9
    button(sheet, "All").click()
    expect(sheet.measured("red", "edges")).to_have_text("60")
    assert page.evaluate(DRAWN, 0) == [0, 1] * 30 + [0]


def test_two_browsers_each_at_their_own_speed(scope, desk, browser, lab):
    scope.run(2, WAVE)
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    try:
        other = Desk(context.new_page(), lab.address, lab.password).page
        other.goto(desk.page.url.replace("/workspaces/", "/workspaces/other-"))
        second = Notebook(other, scope.path)
        expect(second.code_cells.first).to_be_visible()
        second.wait_until_ready()
        second.run(3, "s")
        live(other)
        other.evaluate(BUSY)
        before = [page.evaluate(f"{PANEL}.pictures") for page in (other, desk.page)]
        desk.page.wait_for_function(f"pictures => {PANEL}.pictures > pictures + 100", arg=before[1])
        slow = other.evaluate(f"{PANEL}.pictures") - before[0]
        # Both follow, the slow one with what it manages; neither falls behind.
        assert 0 < slow < 100
        for page in (desk.page, other):
            assert page.evaluate(f"({PANEL}.clock.now() - {PANEL}.strip.end * {PANEL}.setup.column) / 1e9") < 2
        # And each looks where it wants to.
        button(second, "Pause").click()
        still(other)
        before = [page.evaluate(f"{PANEL}.pictures") for page in (other, desk.page)]
        desk.page.wait_for_function(f"pictures => {PANEL}.pictures > pictures + 10", arg=before[1])
        assert other.evaluate(f"{PANEL}.pictures") == before[0]
        scope.run(2, "stop.set()")
    finally:
        context.close()


def test_a_recorded_run_is_drawn_with_its_marks_and_zooms_to_single_edges(sheet, tmp_path):
    page = sheet.page
    sheet.run(1, RECORDED.format(folder=str(tmp_path)))
    still(page)
    expect(sheet.measured("red", "edges")).to_have_text("120")
    assert page.evaluate(f"{PANEL}.figure.model.renderers.at(-1).data_source.data.text") == ["heater on", "heater off"]
    assert page.evaluate(f"{PANEL}.figure.model.below[0].axis_label") == "time in s, from the start of the run"
    assert page.evaluate(DRAWN, 0)[:121] == [0] + [1, 0] * 60
    picture(sheet, "run")
    page.get_by_label("colour of red").fill("#aa3377")
    page.wait_for_function(f"{PANEL}.figure.model.renderers[0].glyph.line_color.value === '#aa3377'")
    for _ in range(6):
        press(page, "+")
    assert len(page.evaluate(DRAWN, 0)) < 5
    # A window of a run begins as just that.
    sheet.run(2, "labkit.open_run(run.path)[5:9].plot()")
    shown = "[...document.querySelectorAll('.labkit-scope')].at(-1).labkit?.figure?.range"
    page.wait_for_function(f"String({shown}?.map(Math.round)) === '5,9'")


@pytest.mark.parametrize("edges", [2_000_000, pytest.param(100_000_000, marks=pytest.mark.soak)])
def test_a_long_run_opens_whole_and_zooms_to_single_edges(sheet, tmp_path, edges):
    make = f"from pathlib import Path; from recorder import make_run; make_run(Path({str(tmp_path)!r}), {edges})"
    subprocess.run([sys.executable, "-c", make], cwd=ROOT / "benchmarks", check=True)
    page = sheet.page
    sheet.run(1, f"labkit.open_run({str(tmp_path / f'run-{edges}.labrun')!r}).plot()")
    still(page)
    counts = [sheet.measured(f"ch{number}", "edges") for number in range(8)]
    expect(counts[0]).to_have_text(re.compile(r"\d \d{3}$"))
    assert sum(int(count.inner_text().replace(" ", "")) for count in counts) == edges
    while not page.evaluate(f"{PANEL}.el.dataset.shown").endswith("points"):
        press(page, "+")
    for _ in range(5):
        press(page, "+")
    begin, end = page.evaluate(f"{PANEL}.sight")
    drawn = [page.evaluate(DRAWN, lane) for lane in range(8)]
    # A few hundred microseconds of 200,000 edges a second: each is there, one by one, and told of.
    assert end - begin < 2e6
    assert 1 < sum(len(levels) - 1 for levels in drawn) < 4000
    notes = page.evaluate(f"{PANEL}.figure.model.renderers.slice(0, 8).flatMap(each => each.data_source.data.note)")
    assert any(re.match(r"ch\d: high at [\d. ]+ s, for [\d.]+ µs", note) for note in notes)


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
