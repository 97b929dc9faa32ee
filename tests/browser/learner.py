"""Somebody who works through a lesson: cell by cell from the top, doing what the text asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from desk import Desk, Notebook
from playwright.sync_api import expect

__all__ = ["Learner"]

LONGEST_MS = 200_000  # an experiment takes two minutes
STATE = """([part, least, most]) => {
    const text = document.querySelector(`.labkit-circuit .lk-state[data-part="${part}"]`)?.textContent ?? '';
    const number = parseFloat(text);
    return number >= least && number <= most }"""


class Learner:
    """At a copy of a lesson: JupyterLab saves what is open, and a lesson's own file has no outputs.

    Args:
        desk: Where.
        lesson: The file's name.
    """

    def __init__(self, desk: Desk, lesson: str) -> None:
        self._desk = desk
        self._copy = f"scratch-{lesson}"
        found = desk.api("GET", f"contents/{lesson}")
        content = {"type": "notebook", "format": "json", "content": found["content"]}
        desk.api("PUT", f"contents/{self._copy}", content)
        self.cells = [cell for cell in found["content"]["cells"] if cell["cell_type"] == "code"]
        self.notebook: Notebook = desk.open(self._copy)
        self.notebook.make_room()
        self.page = desk.page
        self._next = 0

    def close(self) -> None:
        """Leave nothing behind."""
        self._desk.api("DELETE", f"contents/{self._copy}")

    def work_to(self, words: str) -> None:
        """Run every cell above the one with these words in it.

        Exercises are run as they are handed out, and checked; then answered with their solution, and checked again.
        """
        while self._next < len(self.cells) and words not in self.cells[self._next]["source"]:
            self._work()

    def work_to_end(self) -> None:
        """Run all that is left."""
        while self._next < len(self.cells):
            self._work()
        assert self.notebook.errors() == []

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Run the next cell, and do something while it runs."""
        place, self._next = self._next, self._next + 1
        before = self.notebook.count(place)
        self.notebook.start(place)
        meanwhile()
        expect(self.notebook.prompt(place)).not_to_have_text(
            re.compile(rf"\[({before}|\*)\]|\[ \]"), timeout=LONGEST_MS
        )
        self.notebook.wait_until_idle()

    def output(self) -> Any:
        """Of the cell that was run last, or runs."""
        return self.notebook.code_cells.nth(self._next - 1).locator(".jp-OutputArea").first

    def sees(self, words: str) -> None:
        """Wait for these words in the output of the cell that runs now."""
        running = self.notebook.code_cells.nth(self._next - 1).locator(".jp-OutputArea")
        expect(running.first).to_contain_text(words, timeout=LONGEST_MS)

    @property
    def picture(self) -> Any:
        """The wiring picture."""
        return self.page.locator(".labkit-circuit").first

    def slide(self, quantity: str, part: str, value: float) -> None:
        """Move a slider below the picture."""
        self.picture.get_by_role("slider", name=f"{quantity} of {part}").fill(str(value))

    def glows(self, part: str, is_on: bool = True) -> None:
        """Wait until the LED in the picture glows, or does not."""
        glow = self.picture.locator(f'svg [data-piece="{part}"] .lk-glow')
        (expect(glow).not_to_have_css if is_on else expect(glow).to_have_css)("opacity", "0", timeout=LONGEST_MS)

    def reads(self, part: str, least: float, most: float) -> None:
        """Wait until the number beside a part in the picture lies between the two; however short that is."""
        self.page.wait_for_function(STATE, arg=[part, least, most], polling=30, timeout=LONGEST_MS)

    def work_to_cell(self, source: str) -> None:
        """Run every cell above the one that is just that."""
        while self.cells[self._next]["source"] != source:
            self._work()

    def _work(self) -> None:
        tags = self.cells[self._next]["metadata"].get("tags", [])
        if "solution" in tags:
            self._next += 1  # folded up
        elif "check" in tags:
            self._answer()
        else:
            self.run()

    def _answer(self) -> None:
        check, exercise, solution = self._next, self._next - 1, self._next + 1
        name = re.search(r'"([^"]+)"', self.cells[check]["source"])[1]
        self.notebook.run(check)
        expect(self.notebook.answer(name)).to_have_attribute("data-state", "failed")
        self.notebook.run(exercise, self.cells[solution]["source"])
        self.notebook.run(check)
        expect(self.notebook.answer(name)).to_have_attribute("data-state", "passed")
        self._next += 1
