"""Much at once: two pages that drive one device beside a cell, a hundred devices, a callback that fails very often."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from desk import Notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

# Each click as soon as the one before was shown; the page's own count of them is what was clicked.
CLICKS = """async (count) => {
    const panel = document.querySelector('.labkit-panel');
    const toggle = [...panel.querySelectorAll('button')].find((each) => each.textContent.trim() === 'Toggle');
    for (let click = 0; click < count; click++) {
        toggle.click();
        await new Promise((resolve) => setTimeout(resolve, 5 * Math.random())); } }"""
# All within one turn of the page: the kernel has taken none of them when the last is sent.
PRESSES = """(button, count) => {
    const key = (kind) => button.dispatchEvent(new KeyboardEvent(kind, { key: "Enter", bubbles: true }));
    button.focus();
    for (let press = 0; press < count; press++) { key("keydown"); key("keyup"); } }"""
ROBOT = """robot, ways = Robot(Motor(4, 5), Motor(6, 12)), []
def forward(*speed, drive=robot.forward):
    ways.append(1)
    drive(*speed)
robot.forward = forward
robot"""
CELL = """def hurry():
    for _ in range(400):
        red.toggle()
red, toggles, failed = LED(17), [], []
bench.tap.subscribe(lambda edge: toggles.append(edge.level))
red"""
HUNDRED = """leds = [LED(pin) for pin in (4, 5, 6, 12, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27)]
inputs = [Button(2), Button(3)]
channels = [MCP3008(channel) for channel in range(8)]
days = [TimeOfDay(datetime.time(hour % 24), datetime.time(23, 59)) for hour in range(73)]
# Without a pin of their own they are known by their variables.
globals().update({f"shared{number}": each for number, each in enumerate(channels + days)})
print(len(leds + inputs + channels + days))
bench.panels()"""
FAILING = """def failing():
    calls.append(1)
    raise ValueError(f"call {len(calls)}")
calls, go = [], Button(2)
go.when_pressed = failing
def bounce():
    part, end = bench.parts[2], time.monotonic() + 3
    while time.monotonic() < end:
        part.hold(); part.release()
        time.sleep(0.001)
go"""


@pytest.fixture
def second(sheet: Notebook) -> Iterator[Notebook]:
    """The same notebook and kernel in another page."""
    page = sheet.page.context.new_page()
    page.goto(sheet.page.url.replace("/workspaces/", "/workspaces/second-"))
    opened = Notebook(page, sheet.path)
    opened.wait_until_ready()
    yield opened
    page.close()


def test_two_pages_and_a_cell_that_switch_one_device_lose_nothing_and_agree(sheet, second):
    sheet.run(1, CELL)
    second.run(2, "red")
    panels = [sheet.panel("red").first, second.panel("red").first]
    for panel in panels:
        expect(panel).to_be_visible()
    sheet.start(3, "hurry()\nwhile len(toggles) < 475: time.sleep(0.01)\nred.toggle()")
    # Both at once: neither waits for the other, or for the cell.
    pages = [sheet.page, second.page]
    for page, count in zip(pages, (40, 35), strict=True):
        page.evaluate(f"window.clicking = ({CLICKS})({count})")
    for page in pages:
        page.evaluate("() => window.clicking")
    sheet.wait_until_idle()
    # Each toggle was a turn of its own: what one read nobody changed before it wrote.
    sheet.run(3, "len(toggles), all(a != b for a, b in zip(toggles, toggles[1:])), red.value")
    expect(sheet.code_cells.nth(3)).to_contain_text("(476, True, 0)")
    for panel in panels:
        expect(panel.locator(".labkit-lamp")).to_have_attribute("data-level", "0")
        expect(panel.get_by_role("alert")).to_have_count(0)
    second.panel("red").first.get_by_role("button", name="On", exact=True).click()
    for panel in panels:
        expect(panel.locator(".labkit-lamp")).to_have_attribute("data-level", "1")


def test_presses_that_come_faster_than_the_kernel_takes_them_all_count(sheet):
    sheet.run(1, "go = Button(2)\ngo")
    panel = sheet.panel("go").first
    panel.locator(".labkit-hold").evaluate(PRESSES, 20)
    expect(panel.locator(".labkit-count")).to_have_attribute("data-presses", "20")
    expect(panel.locator(".labkit-hold")).to_have_attribute("aria-pressed", "false")
    sheet.run(1, ROBOT)
    sheet.panel("robot").first.locator('.labkit-keys [data-name="forward"]').evaluate(PRESSES, 20)
    sheet.run(2, "len(ways), *robot.value")
    expect(sheet.code_cells.nth(2)).to_contain_text("(20, 0.0, 0.0)")


def test_a_view_whose_cell_ran_again_in_another_page_says_so(sheet, second):
    for page in (sheet, second, sheet):
        page.run(1, "red = LED(17)\nred")
        expect(page.panel("red").first).to_be_visible()
    shown = second.code_cells.nth(1)
    expect(shown.locator(".labkit-word")).to_have_text("This view was closed: run its cell again for a new one.")
    expect(shown.locator(".labkit-still")).to_contain_text("red LED · GPIO17")
    second.run(1, "red = LED(17)\nred")
    second.panel("red").first.get_by_role("button", name="On", exact=True).click()
    expect(second.panel("red").first.locator(".labkit-lamp")).to_have_attribute("data-level", "1")
    assert sheet.errors() == second.errors() == []


def test_a_column_of_a_hundred_devices_opens_and_works(sheet):
    sheet.start(1, "import datetime\n" + HUNDRED)
    panels = sheet.page.locator(".labkit-panels > .labkit-panel")
    expect(panels).to_have_count(100, timeout=180_000)
    sheet.wait_until_idle()
    assert sheet.errors() == []
    expect(sheet.code_cells.nth(1)).to_contain_text("100")
    red = panels.filter(has_text="GPIO4 ").first
    red.get_by_role("button", name="On", exact=True).click()
    expect(red.locator(".labkit-lamp").first).to_have_attribute("data-level", "1")
    sheet.screenshot("hundred")
    sheet.run(2, "for each in leds: each.on()")
    expect(panels.locator('.labkit-lamp[data-level="1"]')).not_to_have_count(16)


def test_a_callback_that_fails_at_a_kilohertz_is_counted_where_its_device_is_shown(sheet):
    sheet.run(1, FAILING)
    sheet.run(2, "bounce()\nlen(calls)")
    calls = int(sheet.code_cells.nth(2).locator(".jp-OutputArea-output").last.inner_text())
    assert calls > 300
    panel = sheet.panel("go").first
    failure = panel.locator(".labkit-failure")
    expect(failure).to_have_attribute("data-count", str(calls))
    # Described some times a second, counted each time.
    expect(failure).to_contain_text(re.compile(rf"{calls} times.*ValueError: call \d+"))
    sheet.run(3, "len(bench.log), bench.log[-1].repeats")
    expect(sheet.code_cells.nth(3)).to_contain_text(f"(1, {calls})")
    sheet.screenshot("failing")
