"""Debian's Chromium and Firefox as a person has them: a profile of their own, and an authority that was imported.

Both take the same calls. Firefox is driven over its own WebDriver BiDi, which needs no driver and no patched build.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import websocket
from playwright.sync_api import Error, Page, sync_playwright

__all__ = ["BROWSERS", "CONNECTED", "Refused", "Visitor", "missing", "visiting"]

PATIENCE = 60.0
BROWSERS = ("chromium", "firefox")

# The page's own indicator says "idle" before there is any kernel.
CONNECTED = """fetch('/api/sessions').then(reply => reply.json()).then(sessions => sessions.some(
    ({kernel}) => kernel.connections > 0 && kernel.execution_state === 'idle'))"""

# A fresh profile that calls nobody and opens nothing by itself.
_QUIET = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.server": "",
}


class Refused(Exception):
    """The browser showed a warning, or no page at all, in place of what was asked for."""


class Visitor(Protocol):
    """A person in front of a browser."""

    def open(self, address: str) -> None:
        """Go to an address; `Refused` where that needs more than going there."""

    def evaluate(self, script: str) -> Any:
        """What an expression in the page gives, waited for if it is a promise; plain values only."""

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""

    def click(self, selector: str) -> None:
        """Click on what is there, once it is."""

    def screenshot(self, path: Path) -> None:
        """Keep what is seen now."""


def wait_for(visitor: Visitor, script: str, seconds: float = PATIENCE) -> None:
    """Until an expression in the page is true. A page that is just being left has no answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if visitor.evaluate(script):
                return
        except (Error, RuntimeError):
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"It never became true: {script}")
        time.sleep(0.1)


def missing() -> str | None:
    """What has to be installed for these tests, as a sentence."""
    wanted = {"chromium": "chromium", "firefox-esr": "firefox-esr", "certutil": "libnss3-tools"}
    absent = [package for program, package in wanted.items() if shutil.which(program) is None]
    return f"These tests need more browsers: sudo apt install {' '.join(absent)}" if absent else None


@contextmanager
def visiting(browser: str, folder: Path, authority: Path, names: list[str]) -> Iterator[Visitor]:
    """A browser that trusts an authority, on a machine where `names` lead to loopback."""
    if browser == "chromium":
        store = folder / ".pki" / "nssdb"
        _trust(store, authority)
        with _chromium(folder, names) as visitor:
            yield visitor
    else:
        store = folder / "profile"
        _trust(store, authority)
        with _firefox(store, folder, names) as visitor:
            yield visitor


def _trust(store: Path, authority: Path) -> None:
    """What docs/setup.md has a person do."""
    store.mkdir(parents=True)
    certutil = ["certutil", "-d", f"sql:{store}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "labkit", "-i", str(authority)], check=True)


@contextmanager
def _chromium(home: Path, names: list[str]) -> Iterator[Visitor]:
    rules = ", ".join(f"MAP {name} 127.0.0.1" for name in names)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", f"--host-resolver-rules={rules}"],
            env={**os.environ, "HOME": str(home)},
        )
        yield _Chromium(started.new_context(viewport={"width": 1280, "height": 800}).new_page())
        started.close()


class _Chromium:
    def __init__(self, page: Page) -> None:
        self._page = page

    def open(self, address: str) -> None:
        try:
            self._page.goto(address, wait_until="load")
        except Error as error:
            # The browser's own page about it comes a moment later, and would interrupt where we go next.
            refused, self._page = self._page, self._page.context.new_page()
            refused.close()
            raise Refused(str(error).splitlines()[0]) from error

    def evaluate(self, script: str) -> Any:
        return self._page.evaluate(script)

    def fill(self, selector: str, text: str) -> None:
        self._page.locator(selector).fill(text)

    def click(self, selector: str) -> None:
        self._page.locator(selector).first.click()

    def screenshot(self, path: Path) -> None:
        self._page.screenshot(path=path)


@contextmanager
def _firefox(profile: Path, home: Path, names: list[str]) -> Iterator[Visitor]:
    settings = {**_QUIET, "network.dns.localDomains": ",".join(names)}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items()]
    (profile / "user.js").write_text("".join(lines))
    process = subprocess.Popen(
        ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"],
        env={**os.environ, "HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        visitor = _Firefox(_where(process))
        yield visitor
        visitor.close()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def _where(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "WebDriver BiDi listening on" in line:
            return line.split()[-1]
    raise RuntimeError(f"Firefox did not start: {said}")


class _Firefox:
    """One tab, over https://w3c.github.io/webdriver-bidi/."""

    def __init__(self, address: str) -> None:
        self._channel = websocket.create_connection(f"{address}/session", suppress_origin=True, timeout=PATIENCE)
        self._numbers = itertools.count(1)
        self._call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": False}})
        self._tab = self._call("browsingContext.getTree")["contexts"][0]["context"]
        self._call("browsingContext.setViewport", context=self._tab, viewport={"width": 1280, "height": 800})

    def open(self, address: str) -> None:
        try:
            self._call("browsingContext.navigate", context=self._tab, url=address, wait="complete")
        except RuntimeError as error:
            raise Refused(str(error)) from error
        if (shown := self.evaluate("document.documentURI")).startswith("about:"):
            raise Refused(shown)

    def evaluate(self, script: str) -> Any:
        target = {"context": self._tab}
        plain = f"(async () => JSON.stringify(await ({script})))()"
        found = self._call("script.evaluate", expression=plain, target=target, awaitPromise=True)
        if found["type"] != "success":
            raise RuntimeError(found["exceptionDetails"]["text"])
        value = found["result"].get("value")
        return None if value is None else json.loads(value)

    def fill(self, selector: str, text: str) -> None:
        self.click(selector)
        self._press(*text)

    def click(self, selector: str) -> None:
        place = f"document.querySelector({json.dumps(selector)})?.getBoundingClientRect().toJSON()"
        wait_for(self, f"({place} ?? {{width: 0}}).width > 0")
        box = self.evaluate(place)
        at = {"x": round(box["x"] + box["width"] / 2), "y": round(box["y"] + box["height"] / 2)}
        button = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._act("pointer", [{"type": "pointerMove", **at}, *button])

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("browsingContext.captureScreenshot", context=self._tab)["data"]))

    def close(self) -> None:
        """Leave the browser alone; it goes on without."""
        self._channel.close()

    def _press(self, *keys: str) -> None:
        self._act("key", [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")])

    def _act(self, device: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": device, "id": device, "actions": actions}
        self._call("input.performActions", context=self._tab, actions=[source])

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._channel.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            reply = json.loads(self._channel.recv())
            if reply.get("id") == number:
                if reply["type"] == "error":
                    raise RuntimeError(f"{method}: {reply['error']}: {reply['message']}")
                found: dict[str, Any] = reply["result"]
                return found
