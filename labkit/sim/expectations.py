"""What a scenario expects of a pin or a part, and when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from labkit.errors import ScenarioError
from labkit.sim.quantities import quantity, time_text
from labkit.sim.stage import Target

__all__ = ["COUNTS", "LEVELS", "Expectation", "Failure", "Mode", "in_unit", "matches", "text_of"]

Mode = Literal["at", "within", "during"]
COUNTS = ("edges", "rising", "falling")
LEVELS = ("high", "duty")


@dataclass(frozen=True)
class Failure:
    """An expectation that was not met.

    Attributes:
        place: Where it stands: the scenario's file and line.
        message: What was expected, and what happened when.
        at_ns: When that was clear, in nanoseconds of the scenario.
    """

    place: str
    message: str
    at_ns: int

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True)
class Expectation:
    """What should be seen.

    Attributes:
        target: A pin, a part or a device.
        wanted: Values by name: `high`, `duty`, `edges`, `rising`, `falling`, or a reading of the part.
            A list of two numbers is a range, both ends included.
        mode: "at" the window's start; at some instant "within" it; all the time "during" it.
        start_ns, end_ns: The window; both ends belong to it.
        place: Where it stands.
    """

    target: Target
    wanted: Mapping[str, Any]
    mode: Mode
    start_ns: int
    end_ns: int
    place: str = ""

    def __post_init__(self) -> None:
        if not self.wanted:
            raise ScenarioError(f"expect needs something to look for: {', '.join(LEVELS + COUNTS)}, or a reading")
        if self.end_ns < self.start_ns:
            raise ScenarioError("the window ends before it starts")
        counted = [name for name in self.wanted if name in COUNTS]
        if counted and len(counted) < len(self.wanted):
            raise ScenarioError(f"expect {counted[0]} on its own: levels and readings belong to another expect")
        for name in counted:
            want = self.wanted[name]
            if isinstance(want, bool) or not (isinstance(want, int) or _is_range(want)):
                raise ScenarioError(f"{name} is a number, or two for a range, not {want!r}")
        if counted and self.mode != "within":
            raise ScenarioError(f"{counted[0]} are counted within a window: write within=(from, to)")

    @property
    def counts(self) -> bool:
        """It is about numbers of edges."""
        return any(name in COUNTS for name in self.wanted)

    @property
    def what(self) -> str:
        """In words: "led17 brightness 0.5 to 1 within 2 s to 3 s"."""
        subject = f"GPIO{self.target}" if isinstance(self.target, int) else self.target
        wants = " and ".join(_wish(name, value) for name, value in self.wanted.items())
        if self.mode == "at":
            return f"{subject} {wants} at {time_text(self.start_ns)}"
        return f"{subject} {wants} {self.mode} {time_text(self.start_ns)} to {time_text(self.end_ns)}"


def in_unit(want: Any, unit: str) -> Any:
    """What is wanted, or each number of a range or list, in the reading's own unit."""
    return [quantity(one, unit) for one in want] if isinstance(want, list | tuple) else quantity(want, unit)


def matches(actual: Any, want: Any) -> bool:
    """Equality; a list of two numbers is a range for a number, and floats may differ by a millionth."""
    if isinstance(want, bool) or isinstance(actual, bool):
        return bool(bool(actual) == want)
    if isinstance(actual, int | float):
        if _is_range(want):
            return bool(want[0] <= actual <= want[1])
        if not isinstance(want, int | float):
            return False
        return math.isclose(actual, want, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(actual, list | tuple) and isinstance(want, list | tuple):
        return len(actual) == len(want) and all(map(matches, actual, want))
    return bool(actual == want)


def _wish(name: str, value: Any) -> str:
    if name == "high":
        return "high" if value else "low"
    if name in COUNTS:
        return f"with {text_of(value)} {name}"
    return f"{name} {text_of(value)}"


def _is_range(value: Any) -> bool:
    """Two numbers."""
    pair = isinstance(value, list | tuple) and len(value) == 2
    return pair and all(isinstance(one, int | float) for one in value)


def text_of(value: Any) -> str:
    """A value or a range, for a reader."""
    if _is_range(value):
        return f"{value[0]:g} to {value[1]:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)
