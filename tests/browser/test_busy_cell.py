"""While a cell runs: what a thread switches is seen, and STOP stops."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

# The header is made by the very cell that is busy: ipykernel routes its messages to that cell's shell.
OPEN = """red = LED(17)
display(bench)
threading.Timer(0, lambda: red.blink(0.3, 0.3)).start()
"""
BUSY = {
    "asleep": "time.sleep(600)",
    "in a loop": "while True:\n    sum(range(100))",
}


@pytest.mark.parametrize("busy", BUSY)
def test_a_busy_cell_neither_hides_pins_nor_keeps_stop_waiting(sheet, busy):
    sheet.start(1, OPEN + BUSY[busy])
    prompt, output = sheet.prompt(1), sheet.code_cells.nth(1)
    expect(prompt).to_have_text("[*]:")
    pin, bar = output.locator('.labkit-header [data-pin="GPIO17"]'), output.locator(".labkit-stop-bar")
    for level in ("1", "0", "1"):
        expect(pin).to_have_attribute("data-level", level)
    bar.get_by_role("button", name="Stop: switch every output off").press("Enter")
    expect(bar).to_have_attribute("data-stopped", "true")
    expect(pin).to_have_attribute("data-level", "0")
    expect(bar.get_by_role("status")).to_contain_text("by the STOP button")
    resume = bar.get_by_role("button", name="Resume: let outputs switch again")
    # All of it came while the cell was still running.
    assert prompt.inner_text().strip() == "[*]:"
    sheet.screenshot(f"stopped-while-{busy.replace(' ', '-')}")
    resume.click()
    expect(bar).to_have_attribute("data-stopped", "false")
    expect(resume).to_be_hidden()
    assert prompt.inner_text().strip() == "[*]:"
    sheet.interrupt(1)


def test_a_header_that_the_busy_cell_made_answers_its_first_click(sheet):
    # Nothing changes after the header was sent: no later message can show the way to another shell.
    sheet.start(1, "red = LED(17)\nred.on()\ntime.sleep(1)\ndisplay(bench)\ntime.sleep(600)")
    prompt, output = sheet.prompt(1), sheet.code_cells.nth(1).locator(".jp-Cell-outputArea")
    expect(output.locator('.labkit-header [data-pin="GPIO17"]')).to_have_attribute("data-level", "1")
    output.get_by_role("button", name="Stop: switch every output off").click()
    expect(output.locator('.labkit-header [data-pin="GPIO17"]')).to_have_attribute("data-level", "0")
    assert prompt.inner_text().strip() == "[*]:"
    sheet.interrupt(1)
