"""STOP where a person looks for it: at the top of the page, above the panels, above the header."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

STOP, RESUME = "Stop: switch every output off", "Resume: let outputs switch again"


def page_stop(sheet):
    return sheet.page.locator("#jp-top-panel .labkit-page-stop")


def overlaps(one, other):
    apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    return not apart and one["height"] > 0 and other["height"] > 0


def test_the_page_has_one_stop_button_that_works_while_a_cell_runs(sheet):
    sheet.run(1, "red = LED(17)\nbench")
    sheet.run(2, "bench.panels()")
    stop = page_stop(sheet)
    expect(stop).to_have_count(1)
    sheet.start(3, "red.on()\ntime.sleep(600)")
    expect(sheet.pin("GPIO17")).to_have_attribute("data-level", "1")
    sheet.screenshot("stop-in-page")
    stop.get_by_role("button", name=STOP).click()
    expect(sheet.pin("GPIO17")).to_have_attribute("data-level", "0")
    bars = sheet.page.locator(".labkit-stop-bar")
    expect(bars).to_have_count(3)
    for index in range(3):
        expect(bars.nth(index)).to_have_attribute("data-stopped", "true")
        expect(bars.nth(index).get_by_role("status")).to_contain_text("by the STOP button")
    assert sheet.prompt(3).inner_text().strip() == "[*]:"
    sheet.screenshot("stopped-in-page")
    # By the keyboard: the button is in the tab order, right before Resume.
    stop.get_by_role("button", name=STOP).focus()
    sheet.page.keyboard.press("Tab")
    expect(stop.get_by_role("button", name=RESUME)).to_be_focused()
    sheet.page.keyboard.press("Enter")
    expect(bars.first).to_have_attribute("data-stopped", "false")
    sheet.interrupt(3)


@pytest.mark.parametrize("width", [1280, 760])
def test_it_covers_nothing_and_stays_in_sight(sheet, width):
    sheet.run(1, "red = LED(17)\nred")
    sheet.run(2, "from IPython.display import HTML\nHTML('<div style=height:3000px>long</div>')")
    sheet.page.set_viewport_size({"width": width, "height": 700})
    sheet.page.locator(".jp-WindowedPanel-outer").evaluate("each => each.scrollTo(0, 2500)")
    stop = page_stop(sheet).get_by_role("button", name=STOP)
    stop.click()
    expect(page_stop(sheet).get_by_role("button", name=RESUME)).to_be_visible()
    box = page_stop(sheet).bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= width
    items = sheet.page.locator("#jp-top-panel .lm-MenuBar-item:visible").all()
    assert len(items) > 4
    assert not any(overlaps(box, item.bounding_box()) for item in items)
    assert box["y"] + box["height"] <= sheet.page.locator("#jp-main-content-panel").bounding_box()["y"]
    sheet.page.screenshot(path=f"screenshots/stop-{width}.png")


def test_it_goes_with_its_bench_and_with_its_kernel(sheet):
    sheet.run(1, "red = LED(17)\nred")
    expect(page_stop(sheet)).to_have_count(1)
    sheet.run(2, "bench.close()")
    expect(page_stop(sheet)).to_have_count(0)
    sheet.run(3, "bench = labkit.bench('simulated')\nbench")
    expect(page_stop(sheet)).to_have_count(1)
    sheet.menu("Kernel", "Restart Kernel…")
    sheet.confirm()
    expect(page_stop(sheet)).to_have_count(0)
    sheet.wait_until_ready()
