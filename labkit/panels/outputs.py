"""Panels of things that are switched: LEDs, with and without brightness."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import LED, PWMLED

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel

__all__ = ["LEDPanel", "PWMLEDPanel"]

_LIT = "#ef4444"


class LEDPanel(Panel):
    """On, off and blink."""

    def controls(self) -> list[widgets.Widget]:
        # Two buttons and no toggle: while it blinks, each must do what it says at any moment.
        self.on = widgets.Button(description="On", tooltip="Switch it on, and end blinking")
        self.off = widgets.Button(description="Off", tooltip="Switch it off, and end blinking")
        self.on_time = _seconds("on")
        self.off_time = _seconds("off")
        self.blink = widgets.Button(description="Blink", tooltip="Blink until switched", icon="repeat")
        for control in (self.on, self.off, self.blink):
            control.layout.width = "84px"
        self.on_click(self.on, lambda: self._switch(on=True))
        self.on_click(self.off, lambda: self._switch(on=False))
        self.on_click(self.blink, self._blink)
        return [self.on, self.off, self.blink, self.on_time, self.off_time]

    def show(self) -> None:
        value = float(self.device.value)
        self.light(value, _LIT)
        self.state.value = f"<span>{'on' if value else 'off'}</span>"
        self.on.button_style = "success" if value else ""

    def _switch(self, *, on: bool) -> None:
        (self.device.on if on else self.device.off)()
        self.say(".on()" if on else ".off()")

    def _blink(self) -> None:
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
