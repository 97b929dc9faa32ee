"""While a cell runs: what a thread switches is seen, and STOP stops."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

# The header is made by the very cell that is busy: ipykernel routes its messages to that cell's shell.
OPEN = """
import threading, time
bench.close()
bench = labkit.bench("simulated")
red = LED(17)
display(bench)
threading.Timer(0, lambda: red.blink(0.3, 0.3)).start()
"""
BUSY = {
    "asleep": "time.sleep(10)",
    "in a loop": "end = time.monotonic() + 10\nwhile time.monotonic() < end:\n    sum(range(100))",
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
    type_into(notebook, last, OPEN + BUSY[busy])
    prompt = notebook.code_cells.nth(last).locator(".jp-InputPrompt")
    notebook.page.keyboard.press("Control+Enter")
    expect(prompt).to_have_text("[*]:")

    output = notebook.code_cells.nth(last)
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
    notebook.screenshot(f"stopped-while-{busy.replace(' ', '-')}")
    resume.click()
    expect(bar).to_have_attribute("data-stopped", "false")
    expect(resume).to_be_hidden()
    assert prompt.inner_text().strip() == "[*]:"

    expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
    assert notebook.errors() == []


def test_a_header_that_the_busy_cell_made_answers_its_first_click(notebook):
    notebook.run_all()
    last = notebook.code_cells.count() - 1
    # Nothing changes after the header was sent: no later message can show the way to another shell.
    quiet = OPEN.replace("threading.Timer(0, lambda: red.blink(0.3, 0.3)).start()", "time.sleep(10)")
    type_into(notebook, last, quiet.replace("display(bench)", "red.on()\ntime.sleep(1)\ndisplay(bench)"))
    prompt, output = (
        notebook.code_cells.nth(last).locator(part) for part in (".jp-InputPrompt", ".jp-Cell-outputArea")
    )
    notebook.page.keyboard.press("Control+Enter")
    expect(output.locator('.labkit-header [data-pin="GPIO17"]')).to_have_attribute("data-level", "1")
    output.get_by_role("button", name="Stop: switch every output off").click()
    expect(output.locator('.labkit-header [data-pin="GPIO17"]')).to_have_attribute("data-level", "0")
    assert prompt.inner_text().strip() == "[*]:"
    expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
