"""Controls of simulated parts beside the panel of the device they are wired to: distance, light, position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from labkit.panels.controls import slider, switch

if TYPE_CHECKING:
    from labkit.panels.base import Panel

__all__ = ["part_controls", "part_of", "part_place"]

# From, to, step: what the sliders of quantities span, in their own units.
SPANS = {
    "distance": (0.02, 4.0, 0.01),
    "lux": (0.0, 2000.0, 1.0),
    "position": (0.0, 1.0, 0.01),
    "volts": (0.0, 3.3, 0.01),
    "temperature": (-40.0, 125.0, 0.5),
    "cpu_temperature": (0.0, 110.0, 0.5),
    "disk_used": (0.0, 1.0, 0.01),
    "load": (0.0, 8.0, 0.1),
}
SWITCHES = {"over_line": "Over the line", "is_on": "Switch"}


def part_of(panel: Panel, having: str) -> Any:
    """The simulated part on one of a panel's pins that can do or tell `having`; None where none can."""
    found = (panel.part(pin) for pin in sorted(panel._pins))
    return next((part for part in found if hasattr(part, having)), None)


def part_place(part: Any) -> str:
    """How code reaches a part: `bench.parts[17]`, or by name where it sits on no pin."""
    numbers = list(part.pins.values())
    return f"bench.parts[{numbers[0] if numbers else repr(part.name)}]"


def part_controls(panel: Panel, part: Any, *quantities: str) -> list[widgets.Widget]:
    """A labelled control for each quantity that the part has; it sets the part, and shows what code set."""
    if part is None:
        return []
    made = [PartControl(panel, part, quantity) for quantity in quantities if quantity in part.settable]
    panel._part_controls += made
    return [control.widget for control in made]


class PartControl:
    """One settable quantity of one part."""

    def __init__(self, panel: Panel, part: Any, quantity: str) -> None:
        self._panel = panel
        self._part = part
        self._quantity = quantity
        self.widget = self._widget(part.settable[quantity])
        panel.on_user(self.widget, self._set)

    def show(self) -> None:
        """Take over what the part has now."""
        value = getattr(self._part, self._quantity)
        if isinstance(value, tuple):
            value = value[0]
        if value is not None:
            self.widget.value = value

    def _widget(self, unit: str) -> Any:
        label = SWITCHES.get(self._quantity)
        if label is not None:
            return switch(label, f"The simulated part's own: {part_place(self._part)}.{self._quantity}")
        label = f"simulated {self._quantity.replace('_', ' ')}" + (f" ({unit})" if unit else "")
        low, high, step = SPANS[self._quantity]
        made = slider(label, low, high, step, ".0f" if step >= 1 else ".2f")
        made.layout.width = "420px"
        return made

    def _set(self, value: Any) -> None:
        # A slider in the browser rounds to its steps, and says so though nobody moved it.
        if value == getattr(self._part, self._quantity):
            return
        self._part.set(self._quantity, value)
        self._panel.show_code(f"{part_place(self._part)}.{self._quantity} = {_short(value)}")


def _short(value: Any) -> str:
    return str(value) if isinstance(value, bool) else f"{value:g}"
