"""While a cell runs: what a thread switches is seen, and STOP stops."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

BUSY = {
    "asleep": "import time, threading\nthreading.Timer(0, lambda: red.blink(0.3, 0.3)).start()\ntime.sleep(10)",
    "in a loop": (
        "import time, threading\nthreading.Timer(0, lambda: red.blink(0.3, 0.3)).start()\n"
        "end = time.monotonic() + 10\nwhile time.monotonic() < end:\n    sum(range(100))"
    ),
}


def type_into(notebook, index: int, source: str) -> None:
    """Replace a cell's source: as one paste, for typing would indent and close brackets."""
    editor = notebook.code_cells.nth(index).locator(".cm-content")
    editor.click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(source)


@pytest.mark.parametrize("busy", BUSY)
def test_a_busy_cell_neither_hides_pins_nor_keeps_stop_waiting(notebook, busy):
    notebook.run_all()
    last = notebook.code_cells.count() - 1
    type_into(notebook, last, BUSY[busy])
    prompt = notebook.code_cells.nth(last).locator(".jp-InputPrompt")
    notebook.page.keyboard.press("Control+Enter")
    expect(prompt).to_have_text("[*]:")

    pin, bar = notebook.pin("GPIO17"), notebook.page.locator(".labkit-stop-bar").first
    for level in ("1", "0", "1"):
        expect(pin).to_have_attribute("data-level", level)
    bar.get_by_role("button", name="Stop: switch every output off").press("Enter")
    expect(bar).to_have_attribute("data-stopped", "true")
    expect(pin).to_have_attribute("data-level", "0")
    expect(bar.get_by_role("status")).to_contain_text("by the STOP button")
    resume = bar.get_by_role("button", name="Resume: let outputs switch again")
    # All of it came while the cell was still running.
    assert prompt.inner_text().strip() == "[*]:"
    notebook.screenshot(f"stopped-while-{busy.replace(' ', '-')}")
    resume.click()
    expect(bar).to_have_attribute("data-stopped", "false")
    expect(resume).to_be_hidden()
    assert prompt.inner_text().strip() == "[*]:"

    expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
    assert notebook.errors() == []
