"""Panels of things that are sensed: buttons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets
from gpiozero import Button

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel

__all__ = ["ButtonPanel", "HoldButton"]


class HoldButton(anywidget.AnyWidget):
    """A push button that knows down from up: by mouse, touch or the space bar."""

    _esm = Path(__file__).parent.parent / "static" / "hold_button.js"
    held = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode("Press").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)


class ButtonPanel(Panel):
    """Pressed or not, how often, and on simulated pins a button to press."""

    def controls(self) -> list[widgets.Widget]:
        self._presses = 0
        self._was_pressed = not self.device.closed and bool(self.device.is_pressed)
        self._uncount = self.bench.tap.subscribe(self._count)
        self.count = widgets.HTML()
        if not self.bench.board.simulated:
            return [self.count]
        self.press = HoldButton(label="Press")
        self.on_user(self.press, self._hold, "held")
        return [self.press, self.count]

    def show(self) -> None:
        pressed = bool(self.device.is_pressed)
        self.light(pressed, "#eab308")
        self.state.value = f"<span>{'pressed' if pressed else 'released'}</span>"
        presses = self._presses
        self.count.value = f'<span class="labkit-count" data-presses="{presses}">{presses} × pressed</span>'

    def _count(self, edge: Any) -> None:
        if edge.pin not in self._pins:
            return
        if self.device.closed:
            self._uncount()
            return
        # From the edge's own level: by now the button may be up again.
        pressed = bool(self.device._state_to_value(edge.level))
        if pressed and not self._was_pressed:
            self._presses += 1
        self._was_pressed = pressed

    def _hold(self, held: bool) -> None:
        (pin,) = self._pins
        part = self.bench.part(pin)
        (part.hold if held else part.release)()
        self.show_code(f"bench.parts[{pin.removeprefix('GPIO')}].{'hold' if held else 'release'}()")


@make_panel.register
def _(device: Button, bench: Bench) -> Panel:
    return ButtonPanel(bench, device)
