"""In a front end without subshells a control that has to wait for the cell says so, and is served afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from desk import Desk, Notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

SETTINGS = "@jupyterlab/apputils-extension:kernels-settings"
BUSY = "while not threading.Event().wait(0.01):\n    pass"
WAITS = re.compile(r"Waits for the running cell \[\d+\], and is done then\. STOP works now\.")


@pytest.fixture(scope="module")
def scratch(desk: Desk) -> Iterator[Notebook]:
    """A notebook in a JupyterLab that sends all of a widget's messages to the kernel's own shell, as older ones do."""
    desk.set(SETTINGS, '{"commsOverSubshells": "disabled"}')
    desk.write("scratch-waiting.ipynb", "", "", "", "")
    yield desk.open("scratch-waiting.ipynb")
    desk.api("DELETE", "contents/scratch-waiting.ipynb")
    desk.set(SETTINGS, "{}")


@pytest.fixture
def busy(sheet: Notebook) -> Notebook:
    """A panel, the header and a recording's line, while a cell runs."""
    sheet.run(1, "import tempfile\nred = LED(17)\nred")
    sheet.run(2, "display(bench)\nrun = bench.record('waits', folder=tempfile.mkdtemp())")
    sheet.page.wait_for_function("[...window.__labkitLink.links.values()].some((link) => link.way === 'socket')")
    sheet.start(3, BUSY)
    expect(sheet.prompt(3)).to_have_text("[*]:")
    return sheet


def test_controls_that_wait_say_so_and_are_served_when_the_cell_ends(busy):
    red, header = busy.panel("red").first, busy.page.locator(".labkit-header")
    progress = busy.page.locator(".labkit-progress")
    red.get_by_role("button", name="On", exact=True).click()
    expect(red.locator(".labkit-waiting")).to_have_text(WAITS)
    header.locator('[data-pin="GPIO5"]').click()
    expect(header.locator(".labkit-waiting")).to_have_text(WAITS)
    progress.get_by_role("button", name="Stop").click()
    expect(progress.locator(".labkit-waiting")).to_have_text(WAITS)
    expect(busy.pin("GPIO17")).to_have_attribute("data-level", "0")
    busy.screenshot("waiting")
    busy.interrupt(3)
    expect(busy.pin("GPIO17")).to_have_attribute("data-level", "1")
    expect(busy.pin("GPIO5")).to_have_attribute("data-level", "1")
    expect(progress).to_contain_text("the Stop button")
    for frame in (red, header, progress):
        expect(frame.locator(".labkit-waiting")).to_be_hidden()
    expect(red.locator(".labkit-code")).to_have_text("red.on()")


def test_stop_does_not_wait_and_what_waited_is_refused_then(busy):
    red = busy.panel("red").first
    red.get_by_role("button", name="On", exact=True).click()
    expect(red.locator(".labkit-waiting")).to_have_text(WAITS)
    stop = busy.page.locator("#jp-top-panel .labkit-page-stop")
    stop.get_by_role("button", name="Stop: switch every output off").click()
    expect(stop.locator(".labkit-stop-bar")).to_have_attribute("data-stopped", "true")
    assert busy.prompt(3).inner_text().strip() == "[*]:"
    busy.interrupt(3)
    expect(red.get_by_role("alert").filter(has_text="stopped")).to_be_visible()
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "0")
    stop.get_by_role("button", name="Resume: let outputs switch again").click()


def test_what_is_served_at_once_says_nothing(sheet):
    sheet.run(1, "red = LED(17)\nred")
    red = sheet.panel("red").first
    # Any word would be kept here, however short.
    red.locator(".labkit-waiting").evaluate(
        "words => { window.said = [];"
        " new MutationObserver(() => said.push(words.textContent)).observe(words, { childList: true }) }"
    )
    sheet.page.evaluate(
        "() => { window.pings = 0; const send = WebSocket.prototype.send; WebSocket.prototype.send = function (data) {"
        " const text = typeof data === 'string' ? data : new TextDecoder().decode(data);"
        " if (text.includes('\"ping\"')) pings++; return send.call(this, data) } }"
    )
    for name in ("On", "Off", "Toggle"):
        red.get_by_role("button", name=name, exact=True).click()
    expect(red.locator(".labkit-lamp")).to_have_attribute("data-level", "1")
    sheet.page.wait_for_function("pings > 0")
    sheet.run(2, "1 + 1")
    assert [each for each in sheet.page.evaluate("said") if each] == []
