"""The circuit of each lesson as a picture: `python tests/lessons/pictures.py docs/images/lessons`, to be looked at."""

from __future__ import annotations

import ast
import io
import shutil
import sys
import tempfile
from pathlib import Path

from lesson import LESSONS, Lesson
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import labkit
from labkit import parts

WIDTH_PX = 760


def circuit_of(lesson: Lesson) -> labkit.circuits.circuit.Circuit:
    """What the lesson's second cell declares."""
    assigned = ast.parse(lesson.code_cells[1].source).body[0]
    assert isinstance(assigned, ast.Assign)
    declared = compile(ast.Expression(assigned.value), lesson.name, "eval")
    return eval(declared, {"labkit": labkit, "parts": parts})


def render(page: Page, svg: str, file: Path) -> None:
    """The document as a browser shows it on paper."""
    page.set_content(f'<body style="margin:8px;background:#fff"><div style="width:{WIDTH_PX}px">{svg}</div>')
    shot = page.locator("svg").first.screenshot()
    # A drawing of a few dozen colours: a third of the bytes.
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(64).save(file, optimize=True)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    bench = labkit.bench("simulated")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", f"--disk-cache-dir={profile}"]
        )
        page = browser.new_page(viewport={"width": WIDTH_PX + 40, "height": 800}, color_scheme="light")
        for lesson in LESSONS:
            circuit = circuit_of(lesson)
            render(page, circuit.svg(), folder / f"{lesson.name}.png")
            print(f"{lesson.name}: {circuit.lint().rules or 'nothing to find fault with'}")
        browser.close()
    bench.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/lessons"))
