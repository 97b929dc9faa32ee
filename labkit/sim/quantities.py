"""Times and quantities as people write them: "1.5 s", "200 ms", "30 cm", "70 %", or plain numbers."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["nanoseconds", "quantity", "seconds", "time_text"]

NS_PER_S = 1_000_000_000
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
ONE = re.compile(rf"\s*({NUMBER})\s*([^\s\d.+-]*)\s*")

SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
UNITS: dict[str, dict[str, float]] = {
    "m": {"m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0},
    "mm": {"mm": 1.0, "cm": 10.0, "m": 1000.0},
    "s": SECONDS,
    "V": {"V": 1.0, "mV": 1e-3},
    "mA": {"mA": 1.0, "A": 1000.0, "µA": 1e-3},
    "°C": {"°C": 1.0, "C": 1.0},
    "lx": {"lx": 1.0, "lux": 1.0, "klx": 1000.0},
    "Hz": {"Hz": 1.0, "kHz": 1000.0, "MHz": 1e6},
    "Ω": {"Ω": 1.0, "ohm": 1.0, "kΩ": 1000.0, "kohm": 1000.0, "MΩ": 1e6},
    "°": {"°": 1.0, "deg": 1.0},
    "": {"%": 0.01},
}


def seconds(value: Any) -> float:
    """A time: a number of seconds, or text such as "1.5 s", "200 ms", "2m", "1h 30m".

    Raises:
        ValueError: It is neither, or it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is no time: {EXAMPLES}")
    total = value if not isinstance(value, str) else _added_up(value)
    if not 0 <= total < float("inf"):
        raise ValueError(f"{value!r} is no time: it must be 0 or more, and finite")
    return float(total)


EXAMPLES = 'write "1.5 s", "200 ms", "2m" (minutes), "1h 30m", or a number of seconds'


def _added_up(text: str) -> float:
    total, end = 0.0, 0
    pieces = list(ONE.finditer(text))
    for piece in pieces:
        number, unit = piece.groups()
        alone = len(pieces) == 1 and not unit
        if piece.start() != end or not (unit in SECONDS or alone):
            break
        total, end = total + float(number) * SECONDS.get(unit, 1.0), piece.end()
    if not pieces or end != len(text):
        raise ValueError(f"{text!r} is no time: {EXAMPLES}")
    return total


def nanoseconds(value: Any) -> int:
    """The same, in whole nanoseconds."""
    return round(seconds(value) * NS_PER_S)


def time_text(timestamp_ns: int) -> str:
    """A time for a reader: "1.5 s"."""
    return f"{timestamp_ns / NS_PER_S:.9f}".rstrip("0").rstrip(".") + " s"


def quantity(value: Any, unit: str) -> Any:
    """A value in its quantity's own unit; text with a unit of the same kind is converted.

    Values that are not text are taken as they are; where the quantity has no unit, so is text,
    except a percentage.

    Raises:
        ValueError: The unit is not one of the quantity's.
    """
    if not isinstance(value, str):
        return value
    known = UNITS.get(unit, {unit: 1.0})
    match = ONE.fullmatch(value)
    if match is not None and (match[2] in known or not match[2]):
        return float(match[1]) * known.get(match[2], 1.0)
    if not unit:
        return value
    units = ", ".join(known)
    raise ValueError(f"{value!r} does not fit: write a number, or one with {units} behind it")
