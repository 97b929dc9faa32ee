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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from desk import Desk, Notebook
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).parents[2]
LESSON = "01_blink.ipynb"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Tall enough for a whole lesson: JupyterLab keeps cells out of the page while they are out of sight.
VIEWPORT = {"width": 1280, "height": 2700}

FRESH = """import threading, time
import labkit, gpiozero
from gpiozero import *
labkit.bench().close()
bench = labkit.bench("simulated");"""

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


def trusting(lab: Lab) -> str:
    """Chromium's switch to take this lab's key and no other: a self-made certificate authority is not in its store."""
    pem = ssl.get_server_certificate(("localhost", lab.port))
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}"


# By module: while Playwright runs, its event loop occupies the thread, and other tests have loops of their own.
@pytest.fixture(scope="module")
def browser(lab: Lab, chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=[trusting(lab), "--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def desk(lab: Lab, browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport=VIEWPORT)
    yield Desk(context.new_page(), lab.address, lab.password)
    context.close()


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """A front end of ours that throws fails the test."""
    yield
    if "desk" in request.fixturenames:
        found, request.getfixturevalue("desk").complaints = request.getfixturevalue("desk").complaints, []
        assert found == []


@pytest.fixture(scope="module")
def lesson(desk: Desk) -> Iterator[Notebook]:
    """A copy of the first lesson: JupyterLab saves what is open, and the lesson's own file has no outputs."""
    copy = desk.copy(LESSON)
    yield desk.open(copy)
    desk.api("DELETE", f"contents/{copy}")


@pytest.fixture(scope="module")
def scratch(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    path = f"scratch-{Path(request.path).stem}.ipynb"
    desk.write(path, "", "", "", "")
    yield desk.open(path)
    desk.api("DELETE", f"contents/{path}")


@pytest.fixture
def sheet(scratch: Notebook) -> Notebook:
    """An empty notebook, but for one cell that imports, with a new simulated bench as `bench`."""
    scratch.menu("Edit", "Clear Outputs of All Cells")
    scratch.run(0, FRESH)
    assert scratch.errors() == []
    return scratch
