"""Widgets as panels use them: each has a label for eyes and screen readers, and works from the keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

__all__ = [
    "HoldButton",
    "HoldKeys",
    "button",
    "checked_seconds",
    "entry",
    "inside",
    "number",
    "seconds",
    "slider",
    "switch",
]

STATIC = Path(__file__).parent.parent / "static"


class HoldButton(anywidget.AnyWidget):
    """A push button that knows down from up: by mouse, touch or the space bar."""

    _esm = STATIC / "hold_button.js"
    held = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode("Press").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class HoldKeys(anywidget.AnyWidget):
    """Keys of which one at a time is held: a keyboard to play, a pad to drive by.

    Traits:
        places: What there is: `{"name", "label", "title", "key", "row", "column", "dark", "width"}`; `key` is
            the computer keyboard's, while one of them has the focus; the width is in pixels.
        held: The name of the one that is held; empty when none is.
        lit: The names of those that show as in use, whoever did it.
    """

    _esm = STATIC / "hold_keys.js"
    places: Any = traitlets.List().tag(sync=True)
    label = traitlets.Unicode("Keys").tag(sync=True)
    held = traitlets.Unicode("").tag(sync=True)
    lit: Any = traitlets.List().tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


def button(label: str, tooltip: str, icon: str = "") -> Any:
    made = widgets.Button(description=label, tooltip=tooltip, icon=icon)
    made.layout.width = "auto"
    made.layout.min_width = "72px"
    return made


def switch(label: str, tooltip: str) -> Any:
    """A button that stays down."""
    made = widgets.ToggleButton(description=label, tooltip=tooltip)
    made.layout.width = "auto"
    return made


def slider(label: str, low: float, high: float, step: float = 0.01, form: str = ".2f") -> Any:
    """Sends the newest value only, however fast the hand is: the browser waits for each to be taken."""
    made = widgets.FloatSlider(
        min=low, max=high, step=step, value=low, description=label, readout_format=form, continuous_update=True
    )
    made.style.description_width = "initial"
    made.layout.width = "300px"
    return made


def number(label: str, value: float = 0.0, step: float = 0.1) -> Any:
    """Takes any number: what the device refuses, the panel explains."""
    made = widgets.FloatText(value=value, step=step, description=label)
    made.style.description_width = "initial"
    made.layout.width = f"{7 * len(label) + 84}px"
    return made


def seconds(what: str, value: float = 0.5) -> Any:
    return number(f"{what} (s)", value)


def entry(label: str, placeholder: str, width: str = "190px") -> Any:
    """A line of text, taken when it is finished."""
    made = widgets.Text(description=label, placeholder=placeholder, continuous_update=False)
    made.style.description_width = "initial"
    made.layout.width = width
    return made


def checked_seconds(**boxes: Any) -> Mapping[str, float]:
    """The boxes' times by name.

    Raises:
        ValueError: One is negative; the sentence says which.
    """
    for box in boxes.values():
        if not 0 <= box.value < float("inf"):
            raise ValueError(f"{box.description} must be 0 or more, not {box.value:g}")
    return {name: box.value for name, box in boxes.items()}


def inside(*boxes: widgets.Widget) -> Iterator[widgets.Widget]:
    """The boxes and everything in them, but not what is in the panels among them."""
    for box in boxes:
        yield box
        if "labkit-panel" not in getattr(box, "_dom_classes", ()):
            yield from inside(*getattr(box, "children", ()))
