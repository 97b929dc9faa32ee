"""What tests look at in a scope that is shown in a page."""

from __future__ import annotations

from pathlib import Path

SCOPE = "red, go, pot = LED(17), Button(2), MCP3008(0)\ns = bench.scope(red, go, pot, window=5)\ns"
WAVE = """stop = threading.Event()
def wave():
    while not stop.wait(0.05): red.toggle()
threading.Thread(target=wave, daemon=True).start()"""
PANEL = "document.querySelector('.labkit-scope')?.labkit"
# The levels of the line that Bokeh draws of a lane, without what repeats.
DRAWN = f"""lane => {{
    const {{ figure, layout }} = {PANEL}, {{ data }} = figure.model.renderers[lane].data_source;
    const place = layout.lanes[lane], levels = [...data.y].map(y => (y - place.bottom) / place.size);
    return levels.filter((level, i) => level !== levels[i - 1]) }}"""


def live(page):
    page.wait_for_function(f"{PANEL}?.pictures > 5")


def still(page):
    """Until a window that stands still is drawn."""
    page.wait_for_function(f"{PANEL}?.el.dataset.shown")


def press(page, key):
    """A key in the figure, and the window that it leads to."""
    shown = page.evaluate(f"{PANEL}.el.dataset.shown")
    page.locator(".labkit-figure").focus()
    page.keyboard.press(key)
    page.wait_for_function(f"shown => {PANEL}.el.dataset.shown !== shown", arg=shown)


def button(notebook, name):
    return notebook.page.locator(".labkit-scope").get_by_role("button", name=name, exact=True)


def picture(notebook, name):
    notebook.page.locator(".labkit-scope").first.screenshot(
        path=Path(__file__).parents[2] / "screenshots" / f"scope-{name}.png"
    )
