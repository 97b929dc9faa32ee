"""What a page drives stops when the page is gone, and only then: in a real browser, behind a wire that can be cut."""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import VIEWPORT, Lab, trusting
from desk import Desk, Notebook
from playwright.sync_api import Browser, Page, expect, sync_playwright
from wire import Wire

# What the kernel tells, and when: the levels of the motor's pins, and words of its own.
DRIVEN = """import os
told = os.open({told!r}, os.O_WRONLY)
def tell(line):
    os.write(told, f"{{line}}\\n".encode())
bench.tap.subscribe(lambda edge: edge.pin in ("GPIO5", "GPIO6") and tell(f"{{edge.pin}} {{edge.level:g}}"))
motor = Motor(5, 6)
motor"""
# Longer than any heartbeat: by then a page that counts as gone has been found out.
LATER = "threading.Timer(3, lambda: tell(f'later {motor.value:g}')).start()"
BUSY = "end = time.monotonic() + {seconds}\nwhile time.monotonic() < end:\n    sum(range(100))\ntell('over')"
WHY = "Stopped: the page that drove it was gone for 2 s. To drive it again, use its controls."
UP = "[...(window.__labkitLink?.links.values() ?? [])].some((link) => link.way === 'socket')"


@pytest.fixture(scope="module")
def wire(lab_itself: Lab) -> Iterator[Wire]:
    made = Wire(lab_itself.port)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lab_itself(lab: Lab) -> Lab:
    return lab


@pytest.fixture(scope="module")
def behind(lab_itself: Lab, wire: Wire) -> Lab:
    """The lab as seen from behind the wire."""
    return replace(lab_itself, address=lab_itself.address.replace(f":{lab_itself.port}/", f":{wire.port}/"))


@pytest.fixture(scope="module")
def browser(behind: Lab, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Started by hand: in pages that Playwright opens itself no tab ever counts as hidden."""
    profile = tmp_path_factory.mktemp("profile")
    width, height = VIEWPORT["width"], VIEWPORT["height"]
    started = subprocess.Popen(
        [
            chromium, "--headless=new", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={profile}",
            f"--window-size={width},{height}", "--no-first-run", trusting(behind), "about:blank",
        ],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = next(found[1] for line in started.stderr if (found := re.search(r"listening on (ws://\S+)", line)))
    with sync_playwright() as playwright:
        yield playwright.chromium.connect_over_cdp(address, no_defaults=True)
    started.kill()
    started.wait()
    started.stderr.close()


@pytest.fixture(scope="module")
def desk(behind: Lab, browser: Browser) -> Desk:
    return Desk(browser.contexts[0].pages[0], behind.address, behind.password)


class Witness:
    """What the kernel tells about its motor, by a pipe: past the browser, the server and the wire."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._read = b""

    def wait_for(self, line: str) -> list[str]:
        """The lines up to that one, which it is waited for."""
        wanted = f"{line}\n".encode()
        while wanted not in self._read:
            assert select.select([self._pipe], [], [], 30)[0], f"{line!r} never came; {self._read}"
            self._read += os.read(self._pipe, 4096)
        before, _, self._read = self._read.partition(wanted)
        return [*before.decode().splitlines(), line]


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "told")


@pytest.fixture
def motor(sheet: Notebook, witness: Witness) -> Notebook:
    """A notebook whose second cell shows the panel of a motor, which stands."""
    sheet.run(1, DRIVEN.format(told=str(witness.path)))
    sheet.page.wait_for_function(UP)
    return sheet


def click(notebook: Notebook, name: str) -> None:
    notebook.panel("motor").first.locator(".jupyter-button", has_text=name).click()


def other_page(page: Page) -> Page:
    opened = page.context.new_page()
    opened.bring_to_front()
    page.wait_for_function("document.visibilityState === 'hidden'", polling=50)
    return opened


def test_a_hidden_tab_drives_on(motor, witness):
    click(motor, "Forward")
    witness.wait_for("GPIO5 1")
    motor.start(2, LATER)
    other = other_page(motor.page)
    assert witness.wait_for("later 1") == ["later 1"]
    other.close()


def test_a_page_whose_kernel_is_busy_drives_on(motor, witness):
    click(motor, "Forward")
    witness.wait_for("GPIO5 1")
    motor.run(2, BUSY.format(seconds=3))
    assert witness.wait_for("over") == ["over"]


def test_a_page_that_is_cut_off_drives_no_more_and_what_it_sent_meanwhile_drives_nothing(motor, witness, wire):
    click(motor, "Forward")
    witness.wait_for("GPIO5 1")
    # The cell is busy for all of it.
    motor.start(2, BUSY.format(seconds=600))
    wire.cut()
    try:
        witness.wait_for("GPIO5 0")
        click(motor, "Backward")
    finally:
        wire.mend()
    panel = motor.panel("motor").first
    expect(panel.locator(".labkit-heartbeat")).to_have_text(WHY)
    expect(panel.get_by_role("alert").filter(has_text="GPIO6 stays off")).to_contain_text("Use its controls once more")
    motor.screenshot("heartbeat")
    motor.page.wait_for_function(UP)
    click(motor, "Forward")
    assert witness.wait_for("GPIO5 1") == ["GPIO5 1"]
    expect(panel.locator(".labkit-heartbeat")).to_have_text("")
    assert motor.prompt(2).inner_text().strip() == "[*]:"
    motor.interrupt(2)


@pytest.fixture
def second(motor: Notebook) -> Iterator[Notebook]:
    """The same notebook and kernel in a second page, which is not there yet."""
    page = motor.page.context.new_page()
    yield Notebook(page, motor.path)
    page.close()


def show_motor_in(second: Notebook, motor: Notebook, source: str = "motor") -> None:
    second.page.goto(motor.page.url.replace("/workspaces/", "/workspaces/second-"))
    second.wait_until_ready()
    second.run(2, source)


def test_a_page_that_is_closed_drives_no_more(motor, second, witness):
    show_motor_in(second, motor, "bench.heartbeat(motor, 0.5)\nmotor")
    second.page.wait_for_function(UP)
    click(second, "Forward")
    witness.wait_for("GPIO5 1")
    second.page.close()
    assert witness.wait_for("GPIO5 0") == ["GPIO5 0"]
    expect(motor.panel("motor").first.locator(".labkit-heartbeat")).to_have_text(WHY.replace("2 s", "0.5 s"))


def test_without_the_servers_extension_the_kernel_asks_the_page_itself(motor, second, witness, wire):
    second.page.route(re.compile(r"/labkit(\?|$)"), lambda route: route.fulfill(status=404))
    show_motor_in(second, motor)
    click(second, "Forward")
    witness.wait_for("GPIO5 1")
    second.start(3, LATER)
    assert witness.wait_for("later 1") == ["later 1"]
    assert not second.page.evaluate(UP)
    wire.cut()
    try:
        assert witness.wait_for("GPIO5 0") == ["GPIO5 0"]
    finally:
        wire.mend()
