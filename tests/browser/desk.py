"""What a person has before them: JupyterLab in a page, and the notebook that is open in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

__all__ = ["Desk", "Notebook"]

STARTED_MS = 15_000

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
# A traceback as much as what was written to stderr.
ERROR = '[data-mime-type="application/vnd.jupyter.stderr"]'
API = """async ([method, path, content]) => {
    const xsrf = document.cookie.match(/_xsrf=([^;]+)/)?.[1] ?? '';
    const base = JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl;
    const reply = await fetch(`${base}api/${path}`, {
        method, headers: {'X-XSRFToken': xsrf, 'Content-Type': 'application/json'},
        body: content && JSON.stringify(content)});
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
    return reply.status === 204 ? null : reply.json() }"""
CONNECTED = """async path => {
    const base = JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl;
    const sessions = await (await fetch(`${base}api/sessions`)).json();
    return sessions.some(({path: its, kernel}) =>
        its === path && kernel.connections > 0 && kernel.execution_state === 'idle') }"""

LEVELS = """name => {
    const { strip, setup } = document.querySelector('.labkit-scope').labkit;
    const { low, high } = strip.lanes[setup.lanes.findIndex(lane => lane.name === name)];
    const levels = [];
    for (let column = strip.first; column < strip.end; column++) {
        const place = column % strip.size, level = low[place];
        // A column with an edge in it has both levels.
        if (level === high[place] && level !== levels.at(-1)) levels.push(level);
    }
    return levels }"""


class Notebook:
    """The notebook that is open in a page."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.path = path

    def menu(self, name: str, entry: str) -> None:
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menuitem", name=entry).first.click()

    def confirm(self) -> None:
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def wait_until_ready(self) -> None:
        """Until its kernel idles and the page is connected to it.

        The page's own indicator says "idle" before there is any kernel, and what is run then is not run at all.
        """
        self.page.wait_for_function(CONNECTED, arg=self.path, polling=100)
        expect(self.page.locator(".jp-Toolbar-kernelName").first).to_contain_text("Python 3")
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        expect(self.page.locator(".jp-Notebook-ExecutionIndicator").first).to_have_attribute("data-status", "idle")

    def make_room(self) -> None:
        """A page as tall as a lesson: JupyterLab keeps cells out of the page while they are out of sight."""
        self.page.set_viewport_size({"width": 1280, "height": 9000})

    def open_cells(self) -> list[int]:
        """Which code cells show their code: one that is folded up has no number, either."""
        folded = self.code_cells.evaluate_all(
            "cells => cells.map(cell => !!cell.querySelector('.jp-Cell-inputWrapper .jp-Placeholder'))"
        )
        return [place for place, is_folded in enumerate(folded) if not is_folded]

    def cells_tagged(self, tag: str) -> list[int]:
        """The places of such cells among the code cells, as the file has them."""
        cells = [cell for cell in self.saved()["cells"] if cell["cell_type"] == "code"]
        return [place for place, cell in enumerate(cells) if tag in cell["metadata"].get("tags", ())]

    def place_of(self, words: str) -> int:
        """The place of the one code cell with these words in it."""
        cells = [cell for cell in self.saved()["cells"] if cell["cell_type"] == "code"]
        (place,) = (place for place, cell in enumerate(cells) if words in cell["source"])
        return place

    def saved(self) -> Any:
        """The notebook as its file has it."""
        return self.page.evaluate(API, ["GET", f"contents/{self.path}", None])["content"]

    def answer(self, check: str) -> Any:
        """What that check said."""
        return self.page.locator(f'.labkit-check[data-check="{check}"]')

    @property
    def code_cells(self) -> Any:
        return self.page.locator(".jp-CodeCell")

    def prompt(self, index: int) -> Any:
        return self.code_cells.nth(index).locator(".jp-InputPrompt")

    def count(self, index: int) -> int:
        """How often the kernel had run something when it ran this cell; 0 before."""
        number = re.search(r"\d+", self.prompt(index).inner_text())
        return int(number.group()) if number else 0

    def run_all(self) -> None:
        self._mark_outputs()
        self.menu("Run", "Run All Cells")
        self._wait_until_run()

    def restart_and_run_all(self) -> None:
        self._mark_outputs()
        self.menu("Kernel", "Restart Kernel and Run All Cells")
        self.confirm()
        self._wait_until_run()

    def start(self, index: int, source: str | None = None) -> None:
        """Run a cell, with another source where one is given, and don't wait for its end.

        Once more where nothing came of it: a key is lost when what has the focus is drawn anew at that moment.
        """
        before = self.prompt(index).inner_text()
        self._press_run(index, source)
        try:
            expect(self.prompt(index)).not_to_have_text(before, timeout=STARTED_MS)
        except AssertionError:
            self._press_run(index, source)

    def _press_run(self, index: int, source: str | None) -> None:
        if source is None:
            self.prompt(index).click()
        else:
            self.code_cells.nth(index).locator(".cm-content").click()
            self.page.keyboard.press("Control+a")
            # As one paste: typing would indent and close brackets.
            self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")

    def run(self, index: int, source: str | None = None) -> None:
        """Run a cell and wait for its end."""
        before = self.count(index)
        self.start(index, source)
        expect(self.prompt(index)).not_to_have_text(re.compile(rf"\[({before}|\*)\]|\[ \]"))
        self.wait_until_idle()

    def interrupt(self, index: int) -> None:
        """End what `start` began."""
        self.menu("Kernel", "Interrupt Kernel")
        expect(self.code_cells.nth(index).locator(ERROR)).to_contain_text("KeyboardInterrupt")
        self.wait_until_idle()

    def save(self) -> None:
        """Save it, and wait until it is saved: closed before, JupyterLab asks."""
        self.menu("File", "Save Notebook")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)

    def errors(self) -> list[str]:
        return self.page.locator(ERROR).all_inner_texts()

    def pin(self, name: str) -> Any:
        return self.page.locator(f'.labkit-header [data-pin="{name}"]')

    def panel(self, name: str) -> Any:
        return self.page.locator(".jp-Notebook .labkit-panel", has=self.page.get_by_text(name, exact=True))

    def lane(self, channel: str) -> list[float]:
        """The levels that the live plot has of a channel, oldest first."""
        return self.page.evaluate(LEVELS, channel)

    def expect_lane(self, channel: str, *levels: float) -> None:
        """Wait until these are the newest that the live plot has of a channel."""
        newest = f"JSON.stringify(({LEVELS})(name).slice(-levels.length))"
        self.page.wait_for_function(
            f"([name, levels]) => {newest} === JSON.stringify(levels)", arg=[channel, list(levels)]
        )

    def measured(self, channel: str, what: str) -> Any:
        """What the first plot says of a channel: "edges", "duty", …"""
        return self.page.locator(f'.labkit-channel[data-channel="{channel}"] [data-of="{what}"]').first

    def use_theme(self, name: str) -> None:
        """ "Light" or "Dark"."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.keyboard.type(f"Use Theme: JupyterLab {name}")
        self.page.keyboard.press("Enter")
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", str(name == "Light").lower())
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def picture_of(self, name: str, selector: str) -> None:
        """Of one thing in the page."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.locator(selector).last.screenshot(path=SCREENSHOTS / f"{name}.png")

    def picture(self, name: str, first: str, last: str) -> None:
        """What the README shows: the lesson between two headings."""
        heading = self.page.locator(".jp-RenderedMarkdown h2")
        top, bottom = (heading.filter(has_text=text).bounding_box() for text in (first, last))
        clip = {"x": top["x"] - 66, "y": top["y"] - 10, "width": 920, "height": bottom["y"] - top["y"] - 10}
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", clip=clip)

    def _mark_outputs(self) -> None:
        """So that what is shown now is not taken for what comes."""
        self.page.evaluate("document.querySelectorAll('.jp-OutputArea-output').forEach(each => each.dataset.old = 1)")

    def _wait_until_run(self) -> None:
        expect(self.page.locator(".jp-OutputArea-output[data-old]")).to_have_count(0)
        for index in self.open_cells():
            expect(self.prompt(index)).to_have_text(re.compile(r"\[\d+\]"))
        self.wait_until_idle()


class Desk:
    """JupyterLab in one page, logged in, for all tests of one file: a page and a kernel take seconds to start."""

    def __init__(self, page: Page, address: str, password: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", self._note)
        page.goto(address)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#jupyter-config-data")).to_be_attached()
        self._origin = page.evaluate(
            "location.origin + JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl"
        )

    def api(self, method: str, path: str, content: Any = None) -> Any:
        """Ask the server, as the page does."""
        return self.page.evaluate(API, [method, path, content])

    def set(self, plugin: str, settings: str) -> None:
        """JupyterLab's own settings of one of its plugins, as JSON; for pages that are opened then."""
        self.api("PUT", f"../lab/api/settings/{plugin}", {"raw": settings})

    def open(self, path: str) -> Notebook:
        """A notebook in a kernel of its own, and no other."""
        for session in self.api("GET", "sessions"):
            self.api("DELETE", f"sessions/{session['id']}")
        self.page.goto(f"{self._origin}lab/workspaces/{Path(path).stem}/tree/{path}")
        opened = Notebook(self.page, path)
        expect(opened.code_cells.first).to_be_visible()
        opened.wait_until_ready()
        return opened

    def copy(self, path: str) -> str:
        """A copy of a notebook, beside it; what that is called."""
        content = self.api("GET", f"contents/{path}")["content"]
        self.api("PUT", f"contents/scratch-{path}", {"type": "notebook", "format": "json", "content": content})
        return f"scratch-{path}"

    def write(self, path: str, *sources: str) -> None:
        """A notebook of these cells."""
        cells = [
            {"id": f"c{index}", "cell_type": "code", "source": source, "metadata": {}, "outputs": []}
            | {"execution_count": None}
            for index, source in enumerate(sources)
        ]
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        content = {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
        self.api("PUT", f"contents/{path}", {"type": "notebook", "format": "json", "content": content})

    def _note(self, error: Any) -> None:
        # Our front ends are loaded from blobs. JupyterLab's own code complains of requests that a restart cuts off.
        if "blob:" in (error.stack or ""):
            self.complaints.append(f"{error}\n{error.stack}")
