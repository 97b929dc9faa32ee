"""How traces are spoken of: levels, spans of time, numbers and names, for a reader."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

__all__ = ["lights", "listed", "nth", "should", "span", "state", "times_in_words", "verb"]


def state(level: float) -> str:
    return "on" if level == 1 else "off" if not level else f"at {level:.0%}"


def verb(level: float) -> str:
    return "come on" if level == 1 else "go off" if not level else f"go to {level:.0%}"


def span(seconds: float) -> str:
    """Seconds for a reader: as many digits as say something."""
    if 0 < abs(seconds) < 0.1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"


def nth(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def times_in_words(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def lights(on: Iterable[str], of: Collection[str] = ()) -> str:
    """Which are on; of a single one, whether it is."""
    names = sorted(on)
    if not names and len(of) == 1:
        return f"{next(iter(of))} is off"
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} on" if names else "nothing is on"


def should(on: Iterable[str], of: Collection[str] = ()) -> str:
    """Which should be on; of a single one, whether it should."""
    names = sorted(on)
    if not names:
        return f"{next(iter(of))} should be off" if len(of) == 1 else "nothing should be on"
    return f"{listed(names)} should be on"


def listed(names: Sequence[Any]) -> str:
    return str(names[0]) if len(names) == 1 else f"{', '.join(map(str, names[:-1]))} and {names[-1]}"
