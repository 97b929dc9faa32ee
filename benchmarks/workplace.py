"""A JupyterLab and a Chromium for benchmarks: with labkit's server extension, or stock."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from desk import Desk, Notebook  # noqa: E402 - beside the browser tests, which use it too

__all__ = ["Workplace", "chromium", "open_workplace"]

TOKEN = "benchmark"
FAR = 60.0
expect.set_options(timeout=1000 * FAR)


class Workplace:
    """One server with one notebook in one page.

    Attributes:
        desk: JupyterLab in its page.
        notebook: The notebook of empty cells that is open in it.
        server: The server's process; kernels are its children.
    """

    def __init__(self, process: subprocess.Popen[bytes], browser: Browser, port: int) -> None:
        self.server = psutil.Process(process.pid)
        page = browser.new_context(viewport={"width": 1280, "height": 2700}).new_page()
        self.desk = Desk(page, f"http://127.0.0.1:{port}/lab", TOKEN)
        self.notebook = self._open()

    @property
    def page(self) -> Any:
        return self.desk.page

    @property
    def kernel(self) -> psutil.Process:
        """The notebook's kernel."""
        (found,) = [child for child in self.server.children() if "ipykernel_launcher" in " ".join(child.cmdline())]
        return found

    def heap_bytes(self) -> int:
        """What JavaScript holds in the page, rubbish collected."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        used = session.send("Runtime.getHeapUsage")["usedSize"]
        session.detach()
        return int(used)

    def _open(self) -> Notebook:
        self.desk.write("benchmark.ipynb", *[""] * 4)
        return self.desk.open("benchmark.ipynb")


@contextmanager
def chromium() -> Iterator[tuple[Browser, psutil.Process]]:
    """A headless Chromium, and the process whose descendants are all of it."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with sync_playwright() as playwright:
        # Pages that are not in front must not be throttled: two are compared.
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-renderer-backgrounding", "--disable-background-timer-throttling"],
        )
        started = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
        (root,) = [child for child in started if "--headless" in " ".join(child.cmdline()) and not _is_helper(child)]
        yield browser, root
        browser.close()


@contextmanager
def open_workplace(browser: Browser, folder: Path, with_extension: bool) -> Iterator[Workplace]:
    """Start a server of its own in a folder, log in and open an empty notebook."""
    folder.mkdir(parents=True)
    for name in ("notebooks", "run"):
        (folder / name).mkdir(mode=0o700)
    quiet = folder / "config/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
            "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
            "--PasswordIdentityProvider.allow_password_change=False",
            f"--ServerApp.root_dir={folder / 'notebooks'}",
            f"--ServerApp.jpserver_extensions={{'labkit.extension': {with_extension}}}",
        ],
        env=os.environ | {
            "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data"),
        },
        stdout=subprocess.DEVNULL, stderr=(folder / "log").open("wb"),
    )  # fmt: skip
    try:
        _wait_for(port, process, folder / "log")
        yield Workplace(process, browser, port)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + FAR
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _is_helper(process: psutil.Process) -> bool:
    return any(part.startswith("--type=") for part in process.cmdline())
