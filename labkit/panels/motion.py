"""Panels of things that move: motors and servos."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import AngularServo, Motor, PhaseEnableMotor, PWMOutputDevice, Servo
from gpiozero.tools import sin_values

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import button, slider
from labkit.panels.drawing import COLOURS, dial
from labkit.panels.parts import part_of

__all__ = ["AngularServoPanel", "MotorPanel", "ServoPanel"]


class MotorPanel(Panel):
    """Speed either way, forward, backward, reverse and coast; simulated: how fast it turns."""

    period = 0.25  # a motor goes on turning after its pins have changed

    def controls(self) -> list[widgets.Widget]:
        self.speed = slider("speed", -1, 1, 0.01 if self._has_speeds else 1, value=0)
        self.forward = button("Forward", "At the speed beside, or full speed", "arrow-up")
        self.backward = button("Backward", "At the speed beside, or full speed", "arrow-down")
        self.reverse = button("Reverse", "The other way, at the same speed", "exchange")
        self.coast = button("Coast", "No current: it runs out", "stop")
        self.on_user(self.speed, self._set_speed)
        self.on_click(self.forward, lambda: self._drive("forward"))
        self.on_click(self.backward, lambda: self._drive("backward"))
        self.on_click(self.reverse, lambda: self._call("reverse"))
        self.on_click(self.coast, lambda: self._call("stop"))
        return [self.forward, self.backward, self.reverse, self.coast, self.speed]

    def show(self) -> None:
        value = float(self.device.value)
        way = "forward" if value > 0 else "backward" if value < 0 else "coasts"
        part = part_of(self, "rpm")
        turning = "" if part is None else f" · {round(part.rpm)} turns/min"
        self.light(abs(value), COLOURS["blue"])
        self.tell((f"{way} {abs(value):.0%}" if value else way) + turning)
        self.speed.value = value

    @property
    def _has_speeds(self) -> bool:
        pieces = () if self.device.closed else self.device.all
        return any(isinstance(piece, PWMOutputDevice) for piece in pieces)

    def _set_speed(self, value: float) -> None:
        self.device.value = value
        self.say(f".value = {value:g}")

    def _drive(self, way: str) -> None:
        speed = abs(self.speed.value) or 1.0
        getattr(self.device, way)(speed)
        self.say(f".{way}({speed:g})")

    def _call(self, verb: str) -> None:
        getattr(self.device, verb)()
        self.say(f".{verb}()")


class ServoPanel(Panel):
    """Position, its ends and middle, sweep and detach."""

    def controls(self) -> list[widgets.Widget]:
        self.arm = widgets.HTML()
        self.position = slider("position", -1, 1, value=0)
        self.sweep = button("Sweep", "To and fro until it is sent somewhere", "repeat")
        self.on_user(self.position, lambda value: self.send("value", value))
        self.on_click(self.sweep, self._sweep)
        ends = [
            ("min", "One end"),
            ("mid", "The middle"),
            ("max", "The other end"),
            ("detach", "No pulses: it is free"),
        ]
        self.verbs = {verb: button(verb.capitalize(), says) for verb, says in ends}
        for verb, made in self.verbs.items():
            self.on_click(made, lambda verb=verb: self._call(verb))  # type: ignore[misc]
        return [self.arm, *self.verbs.values(), self.sweep, self.position]

    def show(self) -> None:
        value = self.device.value
        self.light(value is not None, COLOURS["blue"])
        if value is None:
            self.tell("detached: no pulses")
            self.arm.value = dial(None, "detached")
            return
        self.position.value = float(value)
        self.arm.value = dial((float(value) + 1) / 2, self.reading())
        self.tell(f"{self.reading()} · {1000 * self.device.pulse_width:.2f} ms pulses", "position and pulse width")

    def reading(self) -> str:
        """Where it is sent, in words."""
        return f"{self.device.value:+.2f}"

    def send(self, attribute: str, value: float) -> None:
        """Send it somewhere, and end a sweep."""
        self.device.source = None
        setattr(self.device, attribute, value)
        self.say(f".{attribute} = {value:g}")

    def _call(self, verb: str) -> None:
        self.device.source = None
        getattr(self.device, verb)()
        self.say(f".{verb}()")

    def _sweep(self) -> None:
        self.device.source = sin_values()
        self.show_code(f"from gpiozero.tools import sin_values; {self.expression}.source = sin_values()")


class AngularServoPanel(ServoPanel):
    """The same in degrees."""

    reads = ".angle"

    def controls(self) -> list[widgets.Widget]:
        found = super().controls()
        closed = self.device.closed
        ends = (-90.0, 90.0) if closed else (self.device.min_angle, self.device.max_angle)
        self.angle = slider("angle", min(ends), max(ends), 1, unit="°", value=sum(ends) / 2)
        self.on_user(self.angle, lambda angle: self.send("angle", angle))
        return [*found[:-1], self.angle]

    def show(self) -> None:
        super().show()
        if self.device.angle is not None:
            self.angle.value = self.device.angle

    def reading(self) -> str:
        return f"{self.device.angle:.0f}°"


@make_panel.register(Motor)
@make_panel.register(PhaseEnableMotor)
def _(device: Motor, bench: Bench) -> Panel:
    return MotorPanel(bench, device)


@make_panel.register
def _(device: Servo, bench: Bench) -> Panel:
    return ServoPanel(bench, device)


@make_panel.register
def _(device: AngularServo, bench: Bench) -> Panel:
    return AngularServoPanel(bench, device)
