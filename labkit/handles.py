"""What a person can do to a simulated part: quantities to set, levers to flip, buttons to hold, knobs to turn.

Panels and header show the same handles. A part needs to know nothing of them: its `settable` quantities and
its verbs are enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Handle", "handles", "part_place"]

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
    "drag": (0.0, 1.0, 0.01),
}
SWITCHES = {"over_line": "Over the line", "is_on": "Switch"}
# How true to life a part is; what a lesson sets once, and nobody by hand.
NATURE = {"bounces", "within", "noise", "reference", "hold", "time"}
EMPTY = {"distance"}
"""None means that nothing is there; of any other quantity, that it follows the part's surroundings."""


@dataclass(frozen=True)
class Handle:
    """One thing to do to one part. Callable from any thread.

    Attributes:
        part: The part.
        name: The quantity's name, or the verb's; unique among the part's handles.
        kind: `"slider"`, `"number"` (no bounds known), `"switch"`, `"hold"` (for as long as it is held) or
            `"push"` (done at once).
        label: For people.
        tip: What it does, in a sentence.
        unit: Of a quantity; empty where it has none.
        span: Of a slider: from, to, step.
    """

    part: Any
    name: str
    kind: str
    label: str
    tip: str
    use: Callable[[Any], Any]
    """Set the quantity, or hold (True) and release (False); a push takes whatever it is given."""
    said: Callable[[Any], str]
    read: Callable[[], Any] | None = None
    unit: str = ""
    span: tuple[float, float, float] | None = None

    @property
    def value(self) -> Any:
        """What it is at now: a number, or whether it is on; None where it has no state."""
        value = None if self.read is None else self.read()
        return value[0] if isinstance(value, tuple) else value

    def code(self, value: Any) -> str:
        """The line of code that does the same."""
        return part_place(self.part) + self.said(value)


def part_place(part: Any) -> str:
    """How code reaches a part: `bench.parts[17]`, or by name where it sits on no pin."""
    numbers = list(part.pins.values())
    return f"bench.parts[{numbers[0] if numbers else repr(part.name)}]"


def handles(part: Any) -> list[Handle]:
    """Everything a person can do to a part, the verbs first; nothing for what only shows."""
    if part is None:
        return []
    found = [_quantity(part, name, unit) for name, unit in part.settable.items() if name not in NATURE]
    return [*_verbs(part), *(handle for handle in found if handle is not None)]


def _verbs(part: Any) -> list[Handle]:
    if callable(getattr(part, "hold", None)) and callable(getattr(part, "release", None)):
        return [
            Handle(
                part, "hold", "hold", "Press", "Hold the simulated button down",
                use=lambda held: (part.hold if held else part.release)(),
                said=lambda held: ".hold()" if held else ".release()",
                read=lambda: part.is_pressed,
            )
        ]  # fmt: skip
    if callable(getattr(part, "move", None)):
        tip = "Something warm moves in front of the simulated sensor"
        return [Handle(part, "move", "push", "Walk by", tip, lambda _: part.move(), lambda _: ".move()")]
    if callable(getattr(part, "rotate", None)):
        return [_turn(part, -1, "−1", "counter-clockwise"), _turn(part, 1, "+1", "clockwise")]
    return []


def _turn(part: Any, steps: int, label: str, way: str) -> Handle:
    tip = f"Turn the simulated knob one step {way}"
    return Handle(
        part, f"rotate {label}", "push", label, tip, lambda _: part.rotate(steps), lambda _: f".rotate({steps})"
    )


def _quantity(part: Any, name: str, unit: str) -> Handle | None:
    value = getattr(part, name)
    if value is None and name not in EMPTY:
        return None
    label = name.replace("_", " ")
    kind = "slider" if name in SPANS else "number"
    if name in SWITCHES or isinstance(value, bool):
        kind, label = "switch", SWITCHES.get(name, label)
    elif kind == "number" and not isinstance(value, int | float):
        return None
    return Handle(
        part, name, kind, label, f"The simulated part's own: {part_place(part)}.{name}",
        use=lambda value: part.set(name, value),
        said=lambda value: f".{name} = {value if isinstance(value, bool) else format(value, 'g')}",
        read=lambda: getattr(part, name), unit=unit, span=SPANS.get(name),
    )  # fmt: skip
