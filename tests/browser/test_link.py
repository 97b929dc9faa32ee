"""The link in a real page: by the server's extension over wss, and without it by the widget's comm."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

BUSY = {"asleep": "time.sleep(600)", "in a loop": "while True:\n    sum(range(100))"}
# Widgets that this kernel answers after the cell only, as in front ends without subshells.
NO_SUBSHELLS = "import labkit.header\nlabkit.header.serve_while_busy = lambda widget: None\n"
BENCH = "import labkit\nbench = labkit.bench('simulated')\nbench"
LINK = "[...(window.__labkitLink?.links.values() ?? [])][0]"
STOP, RESUME = "Stop: switch every output off", "Resume: let outputs switch again"


def wait_for_way(page, way: str) -> None:
    page.wait_for_function(f"way => {LINK}?.way === way", arg=way)


def stop_bar(sheet, index):
    return sheet.code_cells.nth(index).locator(".labkit-stop-bar")


@pytest.mark.parametrize("busy", BUSY)
def test_stop_works_in_a_busy_cell_even_without_subshells(sheet, busy):
    sheet.run(1, NO_SUBSHELLS + "red = LED(17)\nbench")
    wait_for_way(sheet.page, "socket")
    assert sheet.page.evaluate(f"{LINK}.socket.url").startswith("wss://localhost:")
    sheet.start(2, f"red.on()\n{BUSY[busy]}")
    expect(sheet.pin("GPIO17")).to_have_attribute("data-level", "1")
    bar = stop_bar(sheet, 1)
    bar.get_by_role("button", name=STOP).click()
    expect(bar).to_have_attribute("data-stopped", "true")
    expect(sheet.pin("GPIO17")).to_have_attribute("data-level", "0")
    expect(bar.get_by_role("status")).to_contain_text("by the STOP button")
    assert sheet.prompt(2).inner_text().strip() == "[*]:"
    sheet.interrupt(2)


def test_views_share_a_socket_and_it_comes_back_after_a_cut(sheet):
    sheet.run(1, "bench")
    sheet.run(2, "bench")
    wait_for_way(sheet.page, "socket")
    # Two views, and the STOP button at the top of the page.
    assert sheet.page.evaluate(f"{LINK}.ends.size") == 3
    sheet.page.evaluate(f"window.cut = {LINK}; cut.first = cut.socket; cut.socket.close()")
    sheet.page.wait_for_function("cut.isUp && cut.socket !== cut.first")
    stop_bar(sheet, 2).get_by_role("button", name=STOP).click()
    for index in (1, 2):
        expect(stop_bar(sheet, index)).to_have_attribute("data-stopped", "true")


@pytest.fixture
def own(desk):
    """A notebook of its own: `own(source)` opens it."""
    path = "scratch-link-own.ipynb"

    def open_it(source):
        desk.write(path, source)
        return desk.open(path)

    yield open_it
    desk.api("DELETE", f"contents/{path}")


def test_it_comes_back_when_a_restarted_kernel_has_a_bench_again(own):
    notebook = own(BENCH)
    notebook.run_all()
    wait_for_way(notebook.page, "socket")
    notebook.page.evaluate(f"window.first = {LINK}.socket")
    notebook.restart_and_run_all()
    notebook.page.wait_for_function(f"{LINK}.isUp && first.readyState === WebSocket.CLOSED")
    stop_bar(notebook, 0).get_by_role("button", name=STOP).click()
    expect(stop_bar(notebook, 0)).to_have_attribute("data-stopped", "true")


def test_where_the_server_has_no_extension_the_comm_is_the_way(desk, own):
    desk.page.route(re.compile(r"/labkit(\?|$)"), lambda route: route.fulfill(status=404))
    notebook = own(BENCH)
    notebook.run_all()
    bar = stop_bar(notebook, 0)
    bar.get_by_role("button", name=STOP).click()
    expect(bar).to_have_attribute("data-stopped", "true")
    bar.get_by_role("button", name=RESUME).click()
    expect(bar).to_have_attribute("data-stopped", "false")
    assert notebook.page.evaluate(f"{LINK}.way + {LINK}.socket") == "commnull"
