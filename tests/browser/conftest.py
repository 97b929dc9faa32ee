"""The lab as a person has it: `python3 setup lab`, a real Chromium, the real login form."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Tall enough for a whole lesson: JupyterLab keeps cells out of the page while they are out of sight.
VIEWPORT = {"width": 1280, "height": 2700}

expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    if not Path(CHROMIUM).exists():
        missing = "These tests need a browser: sudo apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(f"{missing}; in CI they must not be skipped")
        pytest.skip(missing)
    return CHROMIUM


@dataclass
class Lab:
    """A running `python3 setup lab`."""

    process: subprocess.Popen[str]
    address: str
    password: str

    @property
    def port(self) -> int:
        return int(self.address.split(":")[2].split("/")[0])


def start_lab(home: Path) -> Lab:
    """Start the lab in an empty home and wait for its last line."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # The system's Python, as a person starts it; not the one of the virtual environment.
    python = getattr(sys, "_base_executable", sys.executable)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GPIOZERO_", "XDG_", "VIRTUAL_"))}
    process = subprocess.Popen(
        [python, "setup", "lab", "--generate", "--no-browser", "--port", str(port)],
        cwd=ROOT, env={**kept, "HOME": str(home)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops" in line:
            break
    address = re.search(r"https://localhost:\d+/\S+", said)
    password = re.search(r"Password: +(\S+)", said)
    assert address, said
    assert password, said
    return Lab(process, address.group(), password.group(1))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    started = start_lab(tmp_path_factory.mktemp("home"))
    yield started
    started.process.send_signal(signal.SIGINT)
    started.process.communicate(timeout=30)


# By module: while Playwright runs, its event loop occupies the thread, and other tests have loops of their own.
@pytest.fixture(scope="module")
def browser(lab: Lab, chromium: str) -> Iterator[Browser]:
    # Chromium takes this very key and no other: a self-made certificate authority is not in its store.
    pem = ssl.get_server_certificate(("localhost", lab.port))
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    pin = base64.b64encode(digest).decode()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=[f"--ignore-certificate-errors-spki-list={pin}", "--no-sandbox"]
        )
        yield started
        started.close()


class Notebook:
    """One lesson, open in JupyterLab."""

    def __init__(self, page: Page, screenshots: Path) -> None:
        self.page = page
        self._screenshots = screenshots

    def menu(self, name: str, entry: str) -> None:
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menuitem", name=entry).first.click()

    def confirm(self) -> None:
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def wait_until_idle(self) -> None:
        expect(self.page.locator(".jp-Notebook-ExecutionIndicator").first).to_have_attribute("data-status", "idle")

    @property
    def code_cells(self) -> Any:
        return self.page.locator(".jp-CodeCell")

    def count(self, index: int) -> int:
        """How often the kernel had run something when it ran this cell; 0 before."""
        prompt = self.code_cells.nth(index).locator(".jp-InputPrompt").inner_text()
        number = re.search(r"\d+", prompt)
        return int(number.group()) if number else 0

    def run_all(self) -> None:
        self.menu("Run", "Run All Cells")
        self.wait_until_run()

    def wait_until_run(self) -> None:
        for index in range(self.code_cells.count()):
            expect(self.code_cells.nth(index).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"))
        self.wait_until_idle()

    def rerun(self, index: int) -> None:
        before = self.count(index)
        self.code_cells.nth(index).locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Control+Enter")
        prompt = self.code_cells.nth(index).locator(".jp-InputPrompt")
        expect(prompt).not_to_have_text(re.compile(rf"\[({before}|\*)\]|\[ \]"))
        self.wait_until_idle()

    def errors(self) -> list[str]:
        return self.page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()

    def pin(self, name: str) -> Any:
        return self.page.locator(f'.labkit-header [data-pin="{name}"]')

    def panel(self, name: str) -> Any:
        return self.page.locator(".labkit-panel", has=self.page.get_by_text(name, exact=True))

    def lane(self, lane: int) -> list[float]:
        """The levels that the plot draws in a lane, oldest first; the last one is drawn up to now."""
        return self.page.evaluate(
            """lane => Bokeh.documents.flatMap(doc => {
                 const source = doc.get_model_by_name(`lane ${lane}`);
                 return source ? [...source.data.level].slice(0, -1) : [] })""",
            lane,
        )

    def screenshot(self, name: str) -> None:
        self._screenshots.mkdir(exist_ok=True)
        self.page.screenshot(path=self._screenshots / f"{name}.png")

    def picture(self, name: str, first: str, last: str) -> None:
        """What the README shows: the lesson between two headings."""
        heading = self.page.locator(".jp-RenderedMarkdown h2")
        top, bottom = (heading.filter(has_text=text).bounding_box() for text in (first, last))
        clip = {"x": top["x"] - 66, "y": top["y"] - 10, "width": 920, "height": bottom["y"] - top["y"] - 10}
        self.page.screenshot(path=self._screenshots / f"{name}.png", clip=clip)


def complain(page: Page, error: Any) -> None:
    # Our front ends are loaded from blobs. JupyterLab's own code complains of requests that a restart cuts off.
    if "blob:" in (error.stack or ""):
        page.labkit_complaints.append(f"{error}\n{error.stack}")


@pytest.fixture
def page(lab: Lab, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=VIEWPORT)
    opened = context.new_page()
    opened.labkit_complaints = []
    opened.on("pageerror", lambda error: complain(opened, error))
    yield opened
    context.close()
    assert opened.labkit_complaints == []


@pytest.fixture
def open_lesson(lab: Lab, page: Page) -> Callable[[], Notebook]:
    """Opens the first lesson through the login form, its kernel perhaps still starting."""

    def open_it() -> Notebook:
        page.goto(lab.address)
        page.get_by_label("Password").fill(lab.password)
        page.get_by_role("button", name="Log in").click()
        lesson = Notebook(page, ROOT / "screenshots")
        expect(lesson.code_cells).to_have_count(6)
        return lesson

    return open_it


@pytest.fixture
def notebook(open_lesson: Callable[[], Notebook]) -> Notebook:
    """The first lesson, with a kernel of its own."""
    opened = open_lesson()
    opened.wait_until_idle()
    opened.menu("Kernel", "Restart Kernel and Clear Outputs")
    opened.confirm()
    opened.wait_until_idle()
    return opened
