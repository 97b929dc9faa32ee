"""Panels of things that are switched: LEDs, with and without brightness."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from gpiozero import LED, PWMLED

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel

__all__ = ["LEDPanel", "PWMLEDPanel"]

_LIT = "#ef4444"


class LEDPanel(Panel):
    """On, off and blink."""

    def controls(self) -> list[widgets.Widget]:
        self.power = widgets.ToggleButton(description="Off", tooltip="Switch the LED", icon="power-off")
        self.on_time = _seconds("on")
        self.off_time = _seconds("off")
        self.blink = widgets.Button(description="Blink", tooltip="Blink until switched", icon="repeat")
        for control in (self.power, self.blink):
            control.layout.width = "96px"
        self.on_user(self.power, self._switch)
        self.blink.on_click(self._blink)
        return [self.power, self.blink, self.on_time, self.off_time]

    def show(self) -> None:
        value = float(self.device.value)
        self.light(value, _LIT)
        self.state.value = f"<span>{'on' if value else 'off'}</span>"
        self.power.value = bool(value)
        self.power.description = "On" if value else "Off"

    def _switch(self, on: bool) -> None:
        (self.device.on if on else self.device.off)()
        self.say(".on()" if on else ".off()")

    def _blink(self, _button: Any) -> None:
        if self.device.closed:
            return
        self.device.blink(self.on_time.value, self.off_time.value)
        self.say(f".blink(on_time={self.on_time.value:g}, off_time={self.off_time.value:g})")


class PWMLEDPanel(LEDPanel):
    """On, off, blink and brightness."""

    def controls(self) -> list[widgets.Widget]:
        self.brightness = widgets.FloatSlider(
            min=0, max=1, step=0.01, description="brightness", readout_format=".2f", continuous_update=True
        )
        self.brightness.layout.width = "300px"
        self.on_user(self.brightness, self._dim)
        return [*super().controls(), self.brightness]

    def show(self) -> None:
        super().show()
        value = float(self.device.value)
        self.brightness.value = value
        self.state.value = f"<span>{value:.0%}</span>"

    def _dim(self, value: float) -> None:
        self.device.value = value
        self.say(f".value = {value:g}")


@make_panel.register
def _(device: LED, bench: Bench) -> Panel:
    return LEDPanel(bench, device)


@make_panel.register
def _(device: PWMLED, bench: Bench) -> Panel:
    return PWMLEDPanel(bench, device)


def _seconds(what: str) -> widgets.BoundedFloatText:
    box = widgets.BoundedFloatText(value=0.5, min=0.01, max=60, step=0.1, description=f"{what} (s)")
    box.style.description_width = "44px"
    box.layout.width = "110px"
    return box
