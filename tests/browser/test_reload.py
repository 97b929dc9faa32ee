"""What becomes of views when their page is loaded again, and when their kernel is not the one that made them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

VIEWS = """red = LED(17)
wired = labkit.circuit(led=labkit.parts.Led(17))
display(red, bench, bench.panels(), bench.log, bench.scope(red), wired)
run = bench.record('reloaded', folder=folder)"""
COUNT = 7
FOLDER = "import tempfile\nfolder = tempfile.mkdtemp()"
WORD, STILL = ".labkit-word", ".labkit-still"
STOP = "Stop: switch every output off"
AGAIN = re.compile("kernel .*: run this cell again")


def outputs(sheet):
    return sheet.code_cells.nth(1).locator(".jp-OutputArea-output")


def load_again(sheet):
    sheet.save()
    sheet.page.reload()
    expect(outputs(sheet)).to_have_count(COUNT)


def expect_live(sheet):
    """Every view of the second cell is there, and its controls work."""
    expect(outputs(sheet).locator(f"{WORD}, {STILL}")).to_have_count(0)
    for view in (
        ".labkit-panel",
        ".labkit-board",
        ".labkit-panels",
        ".labkit-log",
        ".labkit-scope",
        ".labkit-circuit",
        ".labkit-progress",
    ):
        expect(outputs(sheet).locator(view).first).to_be_visible()
    sheet.panel("red").first.get_by_role("button", name="On", exact=True).click()
    expect(sheet.pin("GPIO17")).to_have_attribute("data-level", "1")
    sheet.panel("red").first.get_by_role("button", name="Off", exact=True).click()
    expect(sheet.pin("GPIO17")).to_have_attribute("data-level", "0")


def expect_stills(sheet, words):
    """Each view of the second cell has its still and those words; nothing bare is left."""
    expect(outputs(sheet).locator(STILL)).to_have_count(COUNT)
    expect(outputs(sheet).locator(WORD)).to_have_text([words] * COUNT)
    for index, still in enumerate(
        ("LED · GPIO17", "Raspberry Pi 4B", "red", "Log", "Plot: red", "circuit", "reloaded")
    ):
        expect(outputs(sheet).nth(index)).to_contain_text(still)
    drawing = outputs(sheet).nth(5).get_by_role("img", name="The wiring picture of the circuit")
    assert drawing.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    expect(sheet.page.get_by_text("model not found")).to_have_count(0)


@pytest.fixture
def views(sheet):
    sheet.run(2, FOLDER)
    sheet.run(1, VIEWS)
    assert sheet.errors() == []
    return sheet


def test_with_a_living_kernel_they_come_back_live(views):
    load_again(views)
    views.wait_until_ready()
    expect_live(views)


def test_while_a_cell_runs_they_say_so_and_stop_is_there(views):
    views.start(2, "red.on()\ntime.sleep(600)")
    expect(views.pin("GPIO17")).to_have_attribute("data-level", "1")
    load_again(views)
    expect_stills(views, re.compile("The kernel is busy: this view comes back when its cell ends"))
    views.screenshot("reloaded-while-busy")
    stop = views.page.locator("#jp-top-panel .labkit-page-stop")
    stop.get_by_role("button", name=STOP).click()
    expect(stop.locator(".labkit-stop-bar")).to_have_attribute("data-stopped", "true")
    # The page that was loaded anew does not know of the cell, and can interrupt it all the same.
    views.menu("Kernel", "Interrupt Kernel")
    expect(views.pin("GPIO17")).to_have_attribute("data-level", "0")
    expect(stop).to_have_count(1)
    stop.get_by_role("button", name="Resume: let outputs switch again").click()
    views.wait_until_ready()
    expect_live(views)


def test_a_kernel_restarted_under_open_views_greys_them_out_and_new_ones_work(views):
    views.menu("Kernel", "Restart Kernel…")
    views.confirm()
    expect(outputs(views).locator(WORD)).to_have_text(["The kernel was restarted: run this cell again."] * COUNT)
    expect(views.page.locator(".labkit-out-of-date")).to_have_count(COUNT)
    views.screenshot("restarted")
    views.wait_until_ready()
    for index in (0, 2, 1):
        views.run(index)
    expect_live(views)
    # Nothing of the old ones is left: one socket, one STOP button at the top, as many ends as there are views.
    links = "[...window.__labkitLink.links.values()]"
    assert views.page.evaluate(f"{links}.length") == 1
    ends = views.page.evaluate(f"{links}[0].ends.size")
    assert views.page.locator(".labkit-page-stop").count() == 1
    views.run(1)
    expect_live(views)
    assert views.page.evaluate(f"{links}[0].ends.size") == ends


def test_a_killed_kernel_greys_them_out_and_after_a_reload_stills_are_there(views):
    views.start(3, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    expect(outputs(views).locator(WORD)).to_have_text([re.compile("The kernel was restarted")] * COUNT)
    if views.page.locator(".jp-Dialog").count():
        views.confirm()
    load_again(views)
    views.wait_until_ready()
    expect_stills(views, AGAIN)
    views.screenshot("stills")
    views.use_theme("Dark")
    views.screenshot("stills-dark")
    views.use_theme("Light")


def test_without_a_kernel_and_in_somebody_elses_hands_the_stills_are_there(views, desk):
    views.save()
    views.menu("Kernel", "Shut Down Kernel")
    expect(outputs(views).locator(WORD)).to_have_text([re.compile("The kernel ended")] * COUNT)
    # A file that came from elsewhere is not trusted: no widget is tried, and no script of it runs.
    content = desk.api("GET", f"contents/{views.path}")["content"]
    assert all("<script" not in str(cell["outputs"]) for cell in content["cells"])
    content["cells"][1]["outputs"][0]["data"]["text/html"] += "<script>window.ran = true</script>"
    for cell in content["cells"]:
        cell["metadata"].pop("trusted", None)
    desk.api("PUT", "contents/scratch-elsewhere.ipynb", {"type": "notebook", "format": "json", "content": content})
    opened = desk.open("scratch-elsewhere.ipynb")
    expect(outputs(opened)).to_have_count(COUNT)
    expect(outputs(opened).first).to_contain_text("LED · GPIO17 · simulated: off")
    expect(outputs(opened).first.get_by_text("Run the cell again to have it live")).to_be_visible()
    expect(opened.page.locator(f"{WORD}, {STILL}")).to_have_count(0)
    expect(opened.page.get_by_text("model not found")).to_have_count(0)
    assert not opened.page.evaluate("window.ran")
    opened.screenshot("untrusted")
    desk.api("DELETE", "contents/scratch-elsewhere.ipynb")
