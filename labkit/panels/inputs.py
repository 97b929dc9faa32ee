"""Panels of pins that are read: bare inputs and buttons."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as widgets
from gpiozero import Button, DigitalInputDevice, GPIODevice, InputDevice

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import HoldButton
from labkit.panels.drawing import COLOURS, text
from labkit.panels.parts import handle_of, part_controls, part_of, use

__all__ = ["ButtonPanel", "HoldButton", "InputPanel", "PinPanel"]

NS_PER_S = 1e9
PULLS = {"up": "pulled up", "down": "pulled down", "floating": "no pull"}


class PinPanel(Panel):
    """A bare pin: its level, function and pull."""

    def controls(self) -> list[widgets.Widget]:
        return part_controls(self, part_of(self, "settable"), "is_on")

    def show(self) -> None:
        pin = self.device.pin
        self.light(bool(self.device.is_active))
        self.tell(f"{'high' if pin.state else 'low'} · {pin.function} · {PULLS.get(pin.pull, pin.pull)}")


class InputPanel(PinPanel):
    """Active or not, at which level, and on simulated pins a switch to flip."""

    def show(self) -> None:
        super().show()
        pin = self.device.pin
        state = "active" if self.device.is_active else "inactive"
        self.tell(f"{state} · pin {'high' if pin.state else 'low'}, {PULLS.get(pin.pull, pin.pull)}")


class ButtonPanel(Panel):
    """Pressed, held or not, how often and how long, and on simulated pins a button to press."""

    period = 0.25  # a button becomes held without its pin changing
    reads = ".is_pressed"

    def controls(self) -> list[widgets.Widget]:
        self._presses = 0
        self._was_pressed = not self.device.closed and bool(self.device.is_pressed)
        self._down_ns: int | None = None
        self._lasted = ""
        self._uncount = self.bench.tap.subscribe(self._count)
        self.count = widgets.HTML()
        contact = handle_of(self, "hold")
        if contact is None:
            return [self.count, *part_controls(self, part_of(self, "settable"), "is_on")]
        self.press = HoldButton(label="Press")
        self.on_user(self.press, partial(use, self, contact), "held")
        return [self.press, self.count]

    def show(self) -> None:
        pressed = bool(self.device.is_pressed)
        self.light(pressed, COLOURS["yellow"])
        for_s, held = self.device.active_time, " and held" if self.device.is_held else ""
        since = f" for {for_s:.1f} s" if for_s is not None else ""
        self.tell(f"pressed{held}{since}" if pressed else "released", f"held after {self.device.hold_time:g} s")
        presses = self._presses
        self.count.value = (
            f'<span class="labkit-count" data-presses="{presses}">{presses} × pressed</span>{text(self._lasted)}'
        )

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
            self._down_ns = edge.timestamp_ns
        elif self._was_pressed and not pressed and self._down_ns is not None:
            self._lasted = f" · last for {(edge.timestamp_ns - self._down_ns) / NS_PER_S:.2f} s"
        self._was_pressed = pressed


@make_panel.register
def _(device: GPIODevice, bench: Bench) -> Panel:
    return PinPanel(bench, device)


@make_panel.register(InputDevice)
@make_panel.register(DigitalInputDevice)
def _(device: InputDevice, bench: Bench) -> Panel:
    return InputPanel(bench, device)


@make_panel.register
def _(device: Button, bench: Bench) -> Panel:
    return ButtonPanel(bench, device)
