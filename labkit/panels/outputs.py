"""Panels of things that are switched: outputs, LEDs with and without brightness, sockets."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import PWMLED, DigitalOutputDevice, Energenie, OutputDevice, PWMOutputDevice

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import button, checked_seconds, seconds, slider, together
from labkit.panels.drawing import COLOURS

__all__ = ["EnergeniePanel", "LEDPanel", "OutputPanel", "PWMLEDPanel"]


class OutputPanel(Panel):
    """On, off and the other way round."""

    def controls(self) -> list[widgets.Widget]:
        # Two buttons and no toggle alone: while it blinks, each must do what it says at any moment.
        self.on = button("On", "Switch it on, and end blinking")
        self.off = button("Off", "Switch it off, and end blinking")
        self.toggle = button("Toggle", "Switch it the other way")
        self.on_click(self.on, lambda: self.switch(on=True))
        self.on_click(self.off, lambda: self.switch(on=False))
        self.on_click(self.toggle, self._toggle)
        return [self.on, self.off, self.toggle]

    def show(self) -> None:
        value = float(self.device.value)
        self.light(value, self.colour)
        self.tell("on" if value else "off")
        self.on.button_style = "success" if value else ""

    @property
    def colour(self) -> str:
        """Of its light, by the name it has in its board; red where that tells none."""
        return COLOURS.get(self.expression.rpartition(".")[2], COLOURS["red"])

    def switch(self, *, on: bool) -> None:
        (self.device.on if on else self.device.off)()
        self.say(".on()" if on else ".off()")

    def _toggle(self) -> None:
        self.device.toggle()
        self.say(".toggle()")


class LEDPanel(OutputPanel):
    """On, off and blink."""

    def controls(self) -> list[widgets.Widget]:
        self.on_time = seconds("on")
        self.off_time = seconds("off")
        self.blink = button("Blink", "Blink until switched", "repeat")
        self.on_click(self.blink, self._blink)
        return [*super().controls(), self.blink, together(self.on_time, self.off_time)]

    def _blink(self) -> None:
        times = checked_seconds(on_time=self.on_time, off_time=self.off_time)
        self.device.blink(**times)
        self.say(f".blink(on_time={times['on_time']:g}, off_time={times['off_time']:g})")


class PWMLEDPanel(LEDPanel):
    """On, off, blink, pulse and brightness."""

    def controls(self) -> list[widgets.Widget]:
        self.brightness = slider("brightness", 0, 1)
        self.pulse = button("Pulse", "Fade in and out until switched, in the times beside", "heartbeat")
        self.on_user(self.brightness, self._dim)
        self.on_click(self.pulse, self._pulse)
        *switches, times = super().controls()
        return [*switches, self.pulse, times, self.brightness]

    def show(self) -> None:
        super().show()
        value = float(self.device.value)
        self.brightness.value = value
        frequency = self.device.frequency
        self.tell(f"{value:.0%}" + (f" at {frequency:g} Hz" if frequency else ""), "duty cycle and frequency")

    def _dim(self, value: float) -> None:
        self.device.value = value
        self.say(f".value = {value:g}")

    def _pulse(self) -> None:
        times = checked_seconds(on_time=self.on_time, off_time=self.off_time)
        self.device.pulse(times["on_time"], times["off_time"])
        self.say(f".pulse(fade_in_time={times['on_time']:g}, fade_out_time={times['off_time']:g})")


class EnergeniePanel(OutputPanel):
    """A mains socket; it never answers, so the panel shows what it was told last."""

    period = 1.0

    def controls(self) -> list[widgets.Widget]:
        return super().controls()[:2]

    def show(self) -> None:
        told = self.device.value
        self.light(bool(told), COLOURS["amber"])
        state = "not told anything yet" if told is None else f"told to be {'on' if told else 'off'}"
        self.tell(f"socket {self.device.socket}: {state}", "The socket does not answer")
        self.on.button_style = "success" if told else ""


@make_panel.register
def _(device: OutputDevice, bench: Bench) -> Panel:
    return OutputPanel(bench, device)


@make_panel.register
def _(device: DigitalOutputDevice, bench: Bench) -> Panel:
    return LEDPanel(bench, device)


@make_panel.register(PWMOutputDevice)
@make_panel.register(PWMLED)
def _(device: PWMOutputDevice, bench: Bench) -> Panel:
    return PWMLEDPanel(bench, device)


@make_panel.register
def _(device: Energenie, bench: Bench) -> Panel:
    return EnergeniePanel(bench, device)
