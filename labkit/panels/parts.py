"""Controls of simulated parts beside the panel of the device they are wired to: distance, light, position."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from labkit.handles import Handle, handles
from labkit.panels.controls import button, number, slider, switch

if TYPE_CHECKING:
    from labkit.panels.base import Panel

__all__ = ["handle_of", "part_controls", "part_of", "push_buttons", "use"]


def part_of(panel: Panel, having: str) -> Any:
    """The simulated part on one of a panel's pins that can do or tell `having`; None where none can."""
    found = (panel.part(pin) for pin in sorted(panel._pins))
    return next((part for part in found if hasattr(part, having)), None)


def handle_of(panel: Panel, kind: str) -> Handle | None:
    """The first handle of a kind, such as "hold", on the simulated parts of a panel's pins."""
    found = (handle for pin in sorted(panel._pins) for handle in handles(panel.part(pin)))
    return next((handle for handle in found if handle.kind == kind), None)


def part_controls(panel: Panel, part: Any, *quantities: str) -> list[widgets.Widget]:
    """A labelled control for each quantity that the part has; it sets the part, and shows what code set."""
    found = {handle.name: handle for handle in handles(part)}
    made = [PartControl(panel, found[quantity]) for quantity in quantities if quantity in found]
    panel._part_controls += made
    return [control.widget for control in made]


def push_buttons(panel: Panel, part: Any, icons: tuple[str, ...]) -> list[widgets.Widget]:
    """A button for each thing that can be done to the part at once."""
    pushes = [handle for handle in handles(part) if handle.kind == "push"]
    made: list[widgets.Widget] = []
    for handle, icon in zip(pushes, icons, strict=False):
        made.append(button(handle.label, handle.tip, icon))
        panel.on_click(made[-1], partial(use, panel, handle, True))
    return made


def use(panel: Panel, handle: Handle, value: Any) -> None:
    """Do it, and show the line of code that does the same."""
    handle.use(value)
    panel.show_code(handle.code(value))


class PartControl:
    """One settable quantity of one part."""

    def __init__(self, panel: Panel, handle: Handle) -> None:
        self._panel = panel
        self._handle = handle
        self.widget = self._widget()
        panel.on_user(self.widget, self._set)

    def show(self) -> None:
        """Take over what the part has now."""
        value = self._handle.value
        if value is not None:
            self.widget.value = value

    def _widget(self) -> Any:
        handle = self._handle
        if handle.kind == "switch":
            return switch(handle.label, handle.tip)
        label = f"simulated {handle.label}"
        if handle.span is None:
            return number(label + (f" ({handle.unit})" if handle.unit else ""))
        return slider(label, *handle.span, unit=handle.unit, tip=handle.tip)

    def _set(self, value: Any) -> None:
        # A slider in the browser rounds to its steps, and says so though nobody moved it.
        if value != self._handle.value:
            use(self._panel, self._handle, value)
