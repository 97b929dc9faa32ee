"""A trigger's settings, as a notebook or a page gives them, and as pages are told of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from labkit.scope.conditions import Condition, Crossing, Level, Pattern, Pulse
from labkit.scope.trigger import MODES, Mode, Trigger

__all__ = ["KINDS", "TriggerSettings"]

NS_PER_S = 1_000_000_000
SLOPES, SIDES, PULSES = ("rising", "falling", "either"), ("above", "below"), ("high pulse", "low pulse")
KINDS = (*SLOPES, *SIDES, *PULSES, "pattern")


@dataclass(frozen=True)
class TriggerSettings:
    """See `Scope.trigger`. Channels by name; times in seconds.

    Raises:
        ValueError: They contradict each other, or are none.
    """

    channel: str = ""
    how: str = "rising"
    wanted: Mapping[str, bool] = field(default_factory=dict)
    level: float = 0.5
    shorter: float | None = None
    longer: float | None = None
    mode: str = "auto"
    pre: float = 0.2

    def __post_init__(self) -> None:
        if self.how not in KINDS:
            raise ValueError(f"A trigger is {', '.join(KINDS)}, not {self.how!r}.")
        if self.mode not in MODES:
            raise ValueError(f"A trigger's mode is {', '.join(MODES)}, not {self.mode!r}.")
        if not 0 <= self.pre <= 1:
            raise ValueError(f"pre={self.pre!r}: the part of the window before the event is 0.0 to 1.0.")
        if not math.isfinite(self.level):
            raise ValueError(f"level={self.level!r} is no level.")
        if self.how == "pattern" and not self.wanted:
            raise ValueError("A pattern needs channels with their levels, such as {red: 1, go: 0}.")
        for name, limit in (("shorter", self.shorter), ("longer", self.longer)):
            if limit is not None and not (math.isfinite(limit) and limit > 0):
                raise ValueError(f"{name}={limit!r}: a pulse is shorter or longer than some seconds, more than 0.")
            if limit is not None and self.how not in PULSES:
                raise ValueError(f'{name}= is of pulses: how="high pulse", or "low pulse".')
        if self.how in PULSES and self.shorter is None and self.longer is None:
            raise ValueError("A pulse is shorter=, or longer= than some seconds, or both.")
        if self.shorter is not None and self.longer is not None and self.longer >= self.shorter:
            raise ValueError(f"No pulse is longer than {self.longer:g} s and shorter than {self.shorter:g} s.")

    @classmethod
    def told(cls, message: Mapping[str, Any]) -> TriggerSettings:
        """As a page sends them."""
        if not isinstance(message, Mapping):
            raise TypeError(f"{message!r} are no settings of a trigger")
        number = {name: float(message[name]) for name in ("level", "pre") if message.get(name) is not None}
        limits = {name: float(message[name]) for name in ("shorter", "longer") if message.get(name)}
        wanted = {str(name): bool(level) for name, level in dict(message.get("wanted") or {}).items()}
        how, mode = str(message.get("how", "rising")), str(message.get("mode", "auto"))
        limits = limits if how in PULSES else {}
        return cls(str(message.get("channel", "")), how, wanted, mode=mode, **number, **limits)

    @property
    def channels(self) -> Sequence[str]:
        """What it looks at."""
        return tuple(self.wanted) if self.how == "pattern" else (self.channel,)

    def tell(self) -> dict[str, Any]:
        """For a page."""
        return asdict(self)

    def trigger(self, key_of: Callable[[str], str]) -> Trigger:
        """The trigger itself; channels are known by their keys there."""
        return Trigger(self._condition(key_of), cast(Mode, self.mode), self.pre)

    def _condition(self, key_of: Callable[[str], str]) -> Condition:
        if self.how == "pattern":
            return Pattern({key_of(name): level for name, level in self.wanted.items()}, self.level)
        key = key_of(self.channel)
        if self.how in SLOPES:
            return Crossing(key, cast(Any, self.how), self.level)
        if self.how in SIDES:
            return Level(key, cast(Any, self.how), self.level)
        shorter = math.inf if self.shorter is None else self.shorter * NS_PER_S
        return Pulse(key, cast(Any, self.how.split()[0]), shorter, (self.longer or 0) * NS_PER_S, self.level)
