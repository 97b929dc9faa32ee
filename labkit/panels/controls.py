"""Widgets as panels use them: each has a label for eyes and screen readers, and works from the keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from labkit.frontend import front_end
from labkit.panels.hand import ByHand, Held

__all__ = [
    "CodeLine",
    "ColourBox",
    "Entry",
    "HoldButton",
    "HoldKeys",
    "Number",
    "Slider",
    "Switch",
    "button",
    "checked_seconds",
    "entry",
    "inside",
    "number",
    "seconds",
    "slider",
    "switch",
    "together",
]


class CodeLine(anywidget.AnyWidget):
    """A line of code to read and to copy; in every panel one, which brings the panels' styles along."""

    _esm = front_end("code_line.js")
    _css = front_end("panel.css")
    value = traitlets.Unicode("").tag(sync=True)


class Slider(ByHand, anywidget.AnyWidget):
    """A number to slide to between two ends, or to type, also beyond them: what the device refuses, the panel explains.

    Sends the newest value only, however fast the hand is: the browser waits for each to be taken.
    """

    _esm = front_end("slider.js")
    value = traitlets.Float(0.0).tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(0.01).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    tip = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class Switch(ByHand, anywidget.AnyWidget):
    """Stays as it was put: on or off.

    Traits:
        unfolds: On shows something more.
    """

    _esm = front_end("switch.js")
    value = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    tip = traitlets.Unicode("").tag(sync=True)
    unfolds = traitlets.Bool(False).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class ColourBox(ByHand, anywidget.AnyWidget):
    """A colour to pick or to type, as `#ff8000` or by its name; what is no colour, the panel explains."""

    _esm = front_end("colour.js")
    value = traitlets.Unicode("#000000").tag(sync=True)
    label = traitlets.Unicode("colour").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class HoldButton(Held, anywidget.AnyWidget):
    """A push button that knows down from up: by mouse, touch or the space bar."""

    _esm = front_end("hold_button.js")
    held = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode("Press").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class HoldKeys(Held, anywidget.AnyWidget):
    """Keys of which one at a time is held: a keyboard to play, a pad to drive by.

    Traits:
        places: What there is: `{"name", "label", "title", "key", "row", "column", "look"}`; `key` is the computer
            keyboard's, while one of them has the focus; row and column are those of a CSS grid, whose columns are
            half a piano's key wide; the look is "white" or "black", as of a piano, or "" for a button.
        held: The name of the one that is held; empty when none is.
        lit: The names of those that show as in use, whoever did it.
    """

    _esm = front_end("hold_keys.js")
    places: Any = traitlets.List().tag(sync=True)
    label = traitlets.Unicode("Keys").tag(sync=True)
    held = traitlets.Unicode("").tag(sync=True)
    lit: Any = traitlets.List().tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class Entry(ByHand, anywidget.AnyWidget):
    """A box for a line of text, taken when it is finished: at Enter, or when the focus goes."""

    _esm = front_end("entry.js")
    kind = traitlets.Unicode("text").tag(sync=True)
    value: Any = traitlets.Unicode("").tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    placeholder = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class Number(Entry):
    """The same for any number: what the device refuses, the panel explains."""

    kind = traitlets.Unicode("number").tag(sync=True)
    value: Any = traitlets.Float(0.0).tag(sync=True)
    step = traitlets.Float(0.1).tag(sync=True)


def button(label: str, tooltip: str, icon: str = "") -> Any:
    made = widgets.Button(description=label, tooltip=tooltip, icon=icon)
    made.layout.width = "auto"
    made.layout.min_width = "64px"
    return made


def switch(label: str, tip: str) -> Switch:
    return Switch(label=label, tip=tip)


def slider(label: str, low: float, high: float, step: float = 0.01, **others: Any) -> Slider:
    """At its low end, where `value` does not say otherwise."""
    return Slider(**{"min": low, "max": high, "step": step, "value": low, "label": label, **others})


def number(label: str, value: float = 0.0, step: float = 0.1) -> Number:
    """The step is that of its arrow keys."""
    return Number(label=label, value=value, step=step)


def seconds(what: str, value: float = 0.5) -> Number:
    return number(f"{what} (s)", value)


def together(*boxes: widgets.Widget) -> Any:
    """Side by side, also where a line ends between them and others."""
    made = widgets.HBox(boxes)
    made.add_class("labkit-together")
    return made


def entry(label: str, placeholder: str) -> Entry:
    return Entry(label=label, placeholder=placeholder)


def checked_seconds(**boxes: Any) -> Mapping[str, float]:
    """The boxes' times by name.

    Raises:
        ValueError: One is negative; the sentence says which.
    """
    for box in boxes.values():
        if not 0 <= box.value < float("inf"):
            raise ValueError(f"{box.label} must be 0 or more, not {box.value:g}")
    return {name: box.value for name, box in boxes.items()}


def inside(*boxes: widgets.Widget) -> Iterator[widgets.Widget]:
    """The boxes and everything in them, but not what is in the panels among them."""
    for box in boxes:
        yield box
        if "labkit-panel" not in getattr(box, "_dom_classes", ()):
            yield from inside(*getattr(box, "children", ()))
