"""The panel of a robot: a pad that drives for as long as it is held."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import PWMOutputDevice, Robot

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.composites import CompositePanel
from labkit.panels.controls import HoldKeys, button, slider
from labkit.panels.drawing import COLOURS

__all__ = ["RobotPanel"]

PAD = [
    {
        "name": name,
        "label": label,
        "title": f"Drive {name} while held",
        "key": key,
        "row": row,
        "column": f"{column} / span 2",
        "look": "",
    }
    for name, label, key, row, column in (
        ("forward", "▲", "ArrowUp", 1, 3),
        ("left", "◀", "ArrowLeft", 2, 1),
        ("right", "▶", "ArrowRight", 2, 5),
        ("backward", "▼", "ArrowDown", 3, 3),
    )
]
# What the signs of the left and the right motor amount to.
WAYS = {(1, 1): "forward", (-1, -1): "backward", (-1, 1): "left", (1, -1): "right", (0, 0): "stands"}


class RobotPanel(CompositePanel):
    """A drive pad, its speed, and both motors."""

    def controls(self) -> list[widgets.Widget]:
        self.pad = HoldKeys(label="Drive pad: the arrow keys drive it", places=PAD)
        self.speed = slider("speed", 0, 1, 0.01 if self._has_speeds else 1, value=1)
        self.stop = button("Stop", "Both motors off", "stop")
        self.reverse = button("Reverse", "The other way, at the same speeds", "exchange")
        self.on_user(self.pad, self._drive, "held")
        self.on_click(self.stop, lambda: self._call("stop"))
        self.on_click(self.reverse, lambda: self._call("reverse"))
        return [self.pad, self.stop, self.reverse, self.speed]

    def show(self) -> None:
        super().show()
        left, right = (float(value) for value in self.device.value)
        way = WAYS.get((_sign(left), _sign(right)), "curves")
        self.light(max(abs(left), abs(right)), COLOURS["blue"])
        self.pad.lit = [way] if way in {key["name"] for key in PAD} else []
        self.tell(f"{way} · left {left:+.0%}, right {right:+.0%}")

    @property
    def _has_speeds(self) -> bool:
        motors = () if self.device.closed else self.device.all
        return any(isinstance(piece, PWMOutputDevice) for motor in motors for piece in motor.all)

    def _drive(self, way: str) -> None:
        if not way:
            self._call("stop")
            return
        getattr(self.device, way)(self.speed.value)
        self.say(f".{way}({self.speed.value:g})")

    def _call(self, verb: str) -> None:
        getattr(self.device, verb)()
        self.say(f".{verb}()")


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


@make_panel.register
def _(device: Robot, bench: Bench) -> Panel:
    return RobotPanel(bench, device)
