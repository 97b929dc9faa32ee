"""How the parts of a circuit look at present: from the simulated parts, or on real pins from the pins' levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.parts.base import Declared
from labkit.parts.lights import Led, RgbLed, SevenSegment
from labkit.parts.movers import Buzzer

__all__ = ["by_levels", "by_part"]

Look = dict[str, Any]
SHOWN_AS_THEY_ARE = (
    "is_pressed", "is_on", "is_high", "over_line", "brightness", "angle", "rpm", "tone_hz",
    "lux", "distance", "temperature", "volts", "position",
)  # fmt: skip
PLACES = 3
"""Nobody sees more, and what only trembles beyond needs no message."""


def by_part(part: Any) -> Look:
    """What a simulated part does and is set to, as far as a picture can show it."""
    told = {**part.settable, **part.readable}
    look: Look = {name: _rounded(getattr(part, name)) for name in SHOWN_AS_THEY_ARE if name in told}
    if "bead" in part.readable:
        look["temperature"] = _rounded(part.bead)
    if "color" in part.readable:
        look["color"] = [_rounded(share) for share in part.color]
    if hasattr(part, "characters"):
        look["segments"] = ["".join(sorted(lit - {"dp"})) + ("." if "dp" in lit else "") for lit in part.characters]
    return look


def by_levels(part: Declared, levels: Mapping[str, float]) -> Look:
    """What a real part does, as far as the levels of its pins tell; nothing for sensors, which tell only those."""
    show = SHOWN.get(type(part))
    return show(part, levels) if show is not None else {}


def _light(part: Any, level: float | None) -> float:
    if level is None:
        return 0.0
    return _rounded(level if part.active_high else 1 - level)  # type: ignore[no-any-return]


def _display(part: SevenSegment, levels: Mapping[str, float]) -> Look:
    if part.digits:
        return {}  # the characters take turns, faster than anybody looks
    lit = {segment for segment, pin in part.segments.items() if _light(part, levels.get(pin)) > 0}
    return {"segments": ["".join(sorted(lit - {"dp"})) + ("." if "dp" in lit else "")]}


def _rounded(value: Any) -> Any:
    return round(value, PLACES) if isinstance(value, float) else value


SHOWN: dict[type[Declared], Callable[[Any, Mapping[str, float]], Look]] = {
    Led: lambda part, levels: {"brightness": _light(part, levels.get(part.pin))},
    RgbLed: lambda part, levels: {
        "color": [_light(part, levels.get(pin)) for pin in (part.red, part.green, part.blue)]
    },
    Buzzer: lambda part, levels: {"tone_hz": 1.0 if levels.get(part.pin) else 0.0},
    SevenSegment: _display,
}
