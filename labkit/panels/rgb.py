"""The panel of a light that mixes red, green and blue."""

from __future__ import annotations

import ipywidgets as widgets
from colorzero import Color
from gpiozero import PWMLED, RGBLED

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import ColourBox, button, checked_seconds, seconds, together

__all__ = ["RGBLEDPanel"]


class RGBLEDPanel(Panel):
    """A colour to pick, blink and pulse in it."""

    def controls(self) -> list[widgets.Widget]:
        self.picker = ColourBox()
        self._picked_last = self.picker.value
        self.on = button("On", "White, at full brightness")
        self.off = button("Off", "Switch it off, and end blinking")
        self.toggle = button("Toggle", "Each colour to what it lacks now")
        self.on_time = seconds("on")
        self.off_time = seconds("off")
        self.blink = button("Blink", "Blink in the colour that is picked", "repeat")
        self.pulse = button("Pulse", "Fade in and out in the colour that is picked", "heartbeat")
        self.on_user(self.picker, self._pick)
        self.on_click(self.on, lambda: self._switch(on=True))
        self.on_click(self.off, lambda: self._switch(on=False))
        self.on_click(self.toggle, self._toggle)
        self.on_click(self.blink, lambda: self._alternate("blink", "on_time", "off_time"))
        self.on_click(self.pulse, lambda: self._alternate("pulse", "fade_in_time", "fade_out_time"))
        fading = [self.pulse] if self._is_dimmable else []
        return [self.picker, self.on, self.off, self.toggle, self.blink, *fading, together(self.on_time, self.off_time)]

    def show(self) -> None:
        value = tuple(float(part) for part in self.device.value)
        # What was picked stays while it is off, to blink or switch on in.
        if any(value):
            self._picked_last = _hex(value)
        self.picker.value = self._picked_last
        brightest = max(value)
        self.light(brightest, _hex(tuple(part / brightest for part in value)) if brightest else "#ffffff")
        self.tell(", ".join(f"{name} {part:.0%}" for name, part in zip(("red", "green", "blue"), value, strict=True)))

    @property
    def _is_dimmable(self) -> bool:
        return all(isinstance(led, PWMLED) for led in self.device._leds)

    def _picked(self) -> tuple[float, ...]:
        # The box takes names of colours as well.
        parts = tuple(round(float(part), 3) for part in Color(self.picker.value))
        # Without PWM each of the three is on or off.
        return parts if self._is_dimmable else tuple(float(round(part)) for part in parts)

    def _pick(self, _: str) -> None:
        self.device.value = picked = self._picked()
        self._picked_last = _hex(picked)
        self.say(f".value = ({_listed(picked)})")

    def _switch(self, *, on: bool) -> None:
        (self.device.on if on else self.device.off)()
        self.say(".on()" if on else ".off()")

    def _toggle(self) -> None:
        self.device.toggle()
        self.say(".toggle()")

    def _alternate(self, verb: str, first: str, second: str) -> None:
        times = checked_seconds(on_time=self.on_time, off_time=self.off_time)
        picked = self._picked() if any(self._picked()) else (1.0, 1.0, 1.0)
        getattr(self.device, verb)(times["on_time"], times["off_time"], on_color=picked)
        self.say(f".{verb}({first}={times['on_time']:g}, {second}={times['off_time']:g}, on_color=({_listed(picked)}))")


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def _listed(parts: tuple[float, ...]) -> str:
    return ", ".join(f"{part:g}" for part in parts)


@make_panel.register
def _(device: RGBLED, bench: Bench) -> Panel:
    return RGBLEDPanel(bench, device)
