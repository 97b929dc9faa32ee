"""What callbacks print and raise, as a person sees it: at the device's panel and in the log, under no cell."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

CALLBACKS = """go, red = Button(2), LED(17)
def pressed():
    print('pressed', go.pin)
    if red.value: 1 / 0
go.when_pressed = pressed
display(go)
bench.log"""


def press(sheet):
    button = sheet.panel("go").first.locator(".labkit-hold")
    button.press("Enter")
    return button


def test_a_callback_speaks_at_its_panel_and_in_the_log_and_under_no_cell(sheet):
    sheet.run(1, CALLBACKS)
    sheet.run(2, "print('of this cell')")
    log, panel = sheet.code_cells.nth(1).locator(".labkit-log"), sheet.panel("go").first
    press(sheet)
    expect(log.locator(".labkit-log-entry")).to_have_count(1)
    expect(log.locator(".labkit-log-entry .labkit-log-text")).to_have_text("pressed GPIO2")
    expect(log.locator(".labkit-log-entry .labkit-log-source")).to_have_text("go")
    expect(panel.locator(".labkit-printed")).to_contain_text("pressed GPIO2")

    sheet.run(3, "red.on()")
    for count in (1, 2):
        press(sheet)
        expect(panel.locator(".labkit-failure")).to_have_attribute("data-count", str(count))
    expect(panel.locator(".labkit-failure")).to_contain_text("ZeroDivisionError: division by zero")
    expect(panel.locator(".labkit-failure")).to_contain_text("line 4: if red.value: 1 / 0")
    # The second time is told as "again".
    error = log.locator('[data-kind="error"]').first
    error.locator("summary").click()
    expect(error).to_contain_text("in pressed")
    sheet.screenshot("callback-failed")
    # Whatever was pressed where: the cells have their own output and no other.
    expect(sheet.code_cells.nth(2).locator(".jp-Cell-outputArea")).to_have_text("of this cell")
    expect(sheet.code_cells.nth(3).locator(".jp-OutputArea-output")).to_have_count(0)
    assert sheet.errors() == []

    panel.get_by_role("button", name="Seen").click()
    expect(panel.locator(".labkit-failure")).to_have_count(0)
    expect(log.locator('[data-kind="error"]')).not_to_have_count(0)
    log.get_by_role("button", name="Clear").click()
    expect(log.locator(".labkit-log-entry")).to_have_count(0)


def test_the_log_follows_the_newest_line_until_somebody_reads_further_up(sheet):
    sheet.run(
        1, "go = Button(2)\ngo.when_pressed = lambda: print('\\n'.join(f'line {n}' for n in range(100)))\nbench.log"
    )
    log = sheet.page.locator(".labkit-log")
    lines = log.locator(".labkit-log-lines")
    sheet.run(2, "bench.parts[2].hold(); bench.parts[2].release()")
    expect(log).to_have_attribute("data-lines", "100")
    expect(lines.get_by_text("line 99")).to_be_in_viewport()
    lines.evaluate("each => each.scrollTo(0, 0)")
    expect(log.get_by_role("button", name="▼ Newest")).to_be_visible()
    sheet.run(2, "bench.parts[2].hold(); bench.parts[2].release()")
    expect(log).to_have_attribute("data-lines", "200")
    assert lines.evaluate("each => each.scrollTop") == 0
    log.get_by_role("button", name="▼ Newest").click()
    expect(lines.get_by_text("line 99").last).to_be_in_viewport()

    sheet.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log.get_by_role("button", name="Copy").click()
    expect(log.get_by_role("button", name="Copied")).to_be_visible()
    copied = sheet.page.evaluate("navigator.clipboard.readText()")
    assert len(copied.splitlines()) == 200
    assert copied.splitlines()[-1].endswith(" s  go: line 99")


def test_a_flood_is_cut_short_on_the_page_and_ends_with_the_newest_line(sheet):
    sheet.run(
        1, "go = Button(2)\nnumber = iter(range(10**6))\ngo.when_pressed = lambda: print(next(number))\nbench.panels()"
    )
    log = sheet.page.locator(".labkit-log")
    log.get_by_role("button", name="Log").press("Enter")
    sheet.run(2, "for _ in range(6_000): bench.parts[2].hold(); bench.parts[2].release()")
    expect(log.locator(".labkit-log-text").last).to_have_text("5999")
    assert log.locator(".labkit-log-entry").count() <= 2_000
    expect(log.locator(".labkit-log-gap").first).to_contain_text("came too fast to show")
    sheet.run(3, "assert (len(bench.log), bench.log.dropped) == (2_000, 4_000)")
    assert sheet.errors() == []
