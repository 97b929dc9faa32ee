"""Panels of things that are sensed: lines, motion, light, distance, and knobs that turn."""

from __future__ import annotations

from collections.abc import Iterable

import ipywidgets as widgets
from gpiozero import DistanceSensor, LightSensor, LineSensor, MotionSensor, RotaryEncoder, SmoothedInputDevice

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import button, number
from labkit.panels.drawing import COLOURS, gauge
from labkit.panels.parts import part_controls, part_of, push_buttons

__all__ = ["DistancePanel", "EncoderPanel", "LightPanel", "LinePanel", "MotionPanel", "SmoothedPanel"]


class SmoothedPanel(Panel):
    """An input averaged over its last readings: the average against its threshold."""

    period = 0.2  # the average goes on changing after the pin did

    def controls(self) -> list[widgets.Widget]:
        self.meter = widgets.HTML()
        self.threshold = number("threshold", step=0.05)
        self.on_user(self.threshold, self._set_threshold)
        return [self.meter, self.threshold, *part_controls(self, part_of(self, "settable"), *self.quantities)]

    quantities: tuple[str, ...] = ("is_on",)
    """Of the simulated part."""

    def show(self) -> None:
        # Asked for its value, a device waits until it has a full queue of readings.
        if not (self.device.partial or self.device._queue.full.is_set()):
            self.light(0)
            self.tell("collecting its first readings")
            return
        value = float(self.device.value)
        self.threshold.value = round(self.device.threshold, 4)
        self.meter.value = gauge(value, 0, 1, mark=self.device.threshold)
        self.light(self.is_on())
        self.tell(self.reading(value), f"the average of {self.device.queue_len} readings")

    def is_on(self) -> bool:
        """Whether what it looks for is there."""
        return bool(self.device.is_active)

    def reading(self, value: float) -> str:
        """What the value means."""
        return f"{'active' if self.device.is_active else 'inactive'} · average {value:.2f}"

    def _set_threshold(self, value: float) -> None:
        self.device.threshold = value
        self.say(f".threshold = {value:g}")


class LinePanel(SmoothedPanel):
    """Line or none under the sensor."""

    reads = ".line_detected"

    quantities = ("over_line",)

    def is_on(self) -> bool:
        return bool(self.device.line_detected)

    def reading(self, value: float) -> str:
        return f"{'line' if self.device.line_detected else 'no line'} · average {value:.2f}"


class MotionPanel(SmoothedPanel):
    """Motion or none, and on simulated pins somebody who walks by."""

    reads = ".motion_detected"

    def controls(self) -> list[widgets.Widget]:
        found = super().controls()
        return [*found, *push_buttons(self, part_of(self, "move"), ("male",))]

    def reading(self, value: float) -> str:
        return f"{'motion' if self.device.motion_detected else 'no motion'} · average {value:.2f}"


class LightPanel(SmoothedPanel):
    """Light or dark, by how fast a capacitor charges."""

    reads = ".light_detected"

    quantities = ("lux",)

    def watched(self) -> Iterable[str]:
        return ()  # every reading moves its pin

    def reading(self, value: float) -> str:
        return f"{'light' if self.device.light_detected else 'dark'} · {value:.0%} of the brightest"


class DistancePanel(SmoothedPanel):
    """The distance in metres, and its threshold."""

    reads = ".distance"

    quantities = ("distance",)

    def controls(self) -> list[widgets.Widget]:
        found = super().controls()
        self.threshold.label = "threshold (m)"
        return found

    def watched(self) -> Iterable[str]:
        return ()  # every reading moves its pins

    def show(self) -> None:
        super().show()
        if not self.device.closed:
            self.threshold.value = round(self.device.threshold_distance, 4)

    def reading(self, value: float) -> str:
        far = " or more" if value >= 1 else ""
        where = "in range" if self.device.in_range else "out of range"
        return f"{100 * self.device.distance:.1f} cm{far} of {self.device.max_distance:g} m · {where}"

    def _set_threshold(self, value: float) -> None:
        if not 0 <= value <= self.device.max_distance:
            raise ValueError(f"the threshold must lie between 0 and {self.device.max_distance:g} m, not at {value:g} m")
        self.device.threshold_distance = value
        self.say(f".threshold_distance = {value:g}")


class EncoderPanel(Panel):
    """Steps, where they lie between the ends, reset, and on simulated pins the knob."""

    period = 0.25  # code may set the steps
    reads = ".steps"

    def controls(self) -> list[widgets.Widget]:
        self.meter = widgets.HTML()
        self.reset = button("Reset", "Call this place 0", "undo")
        self.on_click(self.reset, self._reset)
        self.turns = push_buttons(self, part_of(self, "rotate"), ("rotate-left", "rotate-right"))
        return [self.meter, *self.turns, self.reset]

    def show(self) -> None:
        steps, most = self.device.steps, self.device.max_steps
        self.light(bool(self.device.is_active), COLOURS["blue"])
        self.tell(f"{steps:+d} steps" + (f" of ±{most}" if most else "") + f" · value {self.device.value:+.2f}")
        self.meter.value = gauge(steps, -most, most, "steps") if most else ""

    def _reset(self) -> None:
        self.device.steps = 0
        self.say(".steps = 0")
        self.refresh()


@make_panel.register
def _(device: SmoothedInputDevice, bench: Bench) -> Panel:
    return SmoothedPanel(bench, device)


@make_panel.register
def _(device: LineSensor, bench: Bench) -> Panel:
    return LinePanel(bench, device)


@make_panel.register
def _(device: MotionSensor, bench: Bench) -> Panel:
    return MotionPanel(bench, device)


@make_panel.register
def _(device: LightSensor, bench: Bench) -> Panel:
    return LightPanel(bench, device)


@make_panel.register
def _(device: DistanceSensor, bench: Bench) -> Panel:
    return DistancePanel(bench, device)


@make_panel.register
def _(device: RotaryEncoder, bench: Bench) -> Panel:
    return EncoderPanel(bench, device)
