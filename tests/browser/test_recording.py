"""The line that tells how a recording goes on: live, also while a cell runs; its Stop button; the table of runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

RECORD = """import tempfile
folder = tempfile.mkdtemp()
red, pot = LED(17), MCP3008(0)
run = bench.record("heating", red, pot, rate=200, folder=folder)
"""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_line_counts_while_a_cell_is_busy_and_its_button_ends_the_recording(sheet, theme):
    sheet.use_theme(theme)
    sheet.start(1, RECORD + "while True: red.toggle(); time.sleep(0.01)")
    output, prompt = sheet.code_cells.nth(1).locator(".jp-Cell-outputArea"), sheet.prompt(1)
    line = output.locator(".labkit-progress")
    expect(line.get_by_role("status")).to_have_text("● recording heating")
    figures = line.get_by_role("timer")
    counted = r"[\d.]+ s · [1-9][\d,]* edges · [1-9][\d,]* samples · [\d.]+ k?B · [1-9][\d,]* edges/s"
    expect(figures).to_have_text(re.compile(counted))
    before = figures.inner_text()
    expect(figures).not_to_have_text(before)
    assert prompt.inner_text().strip() == "[*]:"
    sheet.screenshot(f"recording-{theme.lower()}")
    line.get_by_role("button", name="Stop").click()
    expect(line.get_by_role("status")).to_have_text("■ heating: stopped by the Stop button")
    expect(line.get_by_role("button")).to_be_hidden()
    # All of it came while the cell was still running.
    assert prompt.inner_text().strip() == "[*]:"
    sheet.interrupt(1)
    sheet.run(2, "labkit.runs(folder)")
    table = sheet.code_cells.nth(2).locator("table.labkit-table")
    expect(table).to_contain_text("heating")
    expect(table).to_contain_text("red, pot")
    expect(table).to_contain_text("stopped by the Stop button")
    sheet.run(3, "run")
    expect(sheet.code_cells.nth(3).locator("table.labkit-table")).to_contain_text("samples at 200 Hz")
    sheet.screenshot(f"runs-{theme.lower()}")
    sheet.use_theme("Light")


def test_running_the_cell_again_leaves_one_line(sheet):
    for _ in range(2):
        sheet.run(1, RECORD)
    lines = sheet.code_cells.nth(1).locator(".labkit-progress")
    expect(lines).to_have_count(1)
    expect(lines.get_by_role("status")).to_have_text("● recording heating")
    sheet.run(2, "len(bench._viewing._kept)")
    # The recording and its line.
    expect(sheet.code_cells.nth(2).locator(".jp-OutputArea-output")).to_have_text("2")
    sheet.run(3, "_ = run.stop()")
    expect(lines.get_by_role("status")).to_contain_text("■ heating: stopped by cell [")


def test_a_recording_that_fails_says_so_in_its_line(sheet):
    sheet.run(1, RECORD)
    sheet.run(2, "import os; os.close(run._recorder._disk._log._file); red.on()")
    alert = sheet.code_cells.nth(1).locator(".labkit-progress").get_by_role("alert")
    expect(alert).to_contain_text("can't be written any more")
